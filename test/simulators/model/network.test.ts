/** The network as a whole: healthy at start, reproducible, and the same whether it got there by events or was built there. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { DeviceConfig } from '../../../protocols/device/config.ts';
import type { NetworkEvent } from '../../../protocols/device/state.ts';
import { FAULT_TYPES } from '../../../simulators/faults/faults.ts';
import { createNetwork, type ModelNetwork } from '../../../simulators/model/create-network.ts';
import { ModelError } from '../../../simulators/model/network.ts';
import { mergeTopologies } from '../../../simulators/topologies/blueprint.ts';
import { refnet } from '../../../simulators/topologies/refnet.ts';
import { acme, acmeTopology, complaints, ERP, outline, readPlain, routers, START, startNetwork } from './reference.ts';

/** Everything two networks in the same condition must agree on: no counters, no times, nothing that varies. */
function essence(network: ModelNetwork) {
  return network.devices().map((ref) => {
    const state = readPlain(network, ref.device);
    return {
      ...outline(network, ref.device),
      routes: state.routes,
      prefixes: state.bgp.map((one) => one.prefixesReceived),
      bfd: state.tunnels.map((one) => `${one.tunnel} ${one.bfd} ${one.bfdDiagnostic} ${one.ipsec}`),
      control: state.control.map((one) => `${one.controller} ${one.color} ${one.state} ${one.reason}`),
      vrrp: state.vrrp.map((one) => one.state),
      cellular: state.cellular,
      processes: state.system.processes,
      reachable: network.reachable(ref),
      erp: network.probe(ref, ERP).result,
    };
  });
}

const PLACES: Readonly<Record<string, readonly string[]>> = {
  node: ['node/br1_edge', 'node/br2_edge', 'node/br3_edge', 'node/br4_edge', 'node/hub1_edge', 'node/hub2_edge'],
  interface: [
    'interface/br1_edge/ge0/0',
    'interface/br3_edge/ge0/1',
    'interface/br4_edge/ge0/2',
    'interface/hub1_edge/ge0/3',
  ],
  link: [
    'link/br3_edge:ge0/0--isp1_core:br3',
    'link/br4_edge:cell0--isp3_core:br4',
    'link/hub1_edge:ge0/1--isp2_core:hub1',
  ],
  session: ['session/bgp/hub1_edge--br2_edge'],
  host: ['host/hub1_srv1'],
};
const PROVIDERS = ['node/isp1_core', 'node/isp2_core', 'node/isp3_core'];

/** What never comes to rest by itself, or only after a day: flaps, stalls, rekeys, an association that outlives its certificate. */
const RESTLESS: ReadonlySet<string> = new Set([
  ...['link_flap', 'ike_rekey_mismatch', 'bfd_timers_too_aggressive', 'cpu_saturation', 'cert_expired'],
]);

const step = fc.oneof(
  fc.record({
    kind: fc.constant('inject' as const),
    type: fc.constantFrom(...FAULT_TYPES.filter((one) => !RESTLESS.has(one.type))),
    place: fc.nat(100),
  }),
  fc.record({ kind: fc.constant('clear' as const), which: fc.nat(100) }),
  fc.record({ kind: fc.constant('advance' as const), ms: fc.integer({ min: 1, max: 20_000 }) }),
  fc.record({
    kind: fc.constant('commit' as const),
    device: fc.constantFrom('br1_edge', 'br4_edge', 'br4_edge_b', 'hub1_edge'),
    edit: fc.nat(5),
  }),
);

/** Commits that take parts of a configuration away or put them back. */
function edited(running: DeviceConfig, intended: DeviceConfig, edit: number): DeviceConfig {
  switch (edit) {
    case 0:
      return intended;
    case 1:
      return { ...running, tunnels: running.tunnels.slice(1) };
    case 2:
      return { ...running, vrrp: running.vrrp.map((group) => ({ ...group, priority: 220 - group.priority })) };
    case 3:
      return { ...running, controllers: ['ctrl1'] };
    case 4:
      return { ...running, interfaces: running.interfaces.filter((port) => port.name !== 'ge0/2') };
    default: {
      const { bgp } = running;
      return bgp === undefined ? running : { ...running, bgp: { ...bgp, neighbors: bgp.neighbors.slice(1) } };
    }
  }
}

function play(network: ModelNetwork, steps: readonly (typeof step extends fc.Arbitrary<infer S> ? S : never)[]): void {
  for (const one of steps) {
    if (one.kind === 'advance') network.advanceTo(network.now() + one.ms);
    else if (one.kind === 'clear') {
      const active = network.faults();
      const fault = active[one.which % Math.max(1, active.length)];
      if (fault !== undefined) network.clear(fault.id);
    } else if (one.kind === 'commit') {
      const ref = acme(one.device);
      network.commit(ref, edited(network.config(ref), network.intendedConfig(ref), one.edit), 'netops');
    } else {
      const { type, kinds } = one.type;
      const places = type === 'provider_outage' ? PROVIDERS : kinds.flatMap((kind) => PLACES[kind] ?? []);
      const resource = places[one.place % places.length] ?? '';
      try {
        network.inject({ tenant: 'acme', type, resource });
      } catch (error) {
        // A hub bears no leak, a removed port no shutdown: refused, and nothing has changed.
        if (!(error instanceof ModelError)) throw error;
      }
    }
  }
}

describe('network', () => {
  it.each([1, 2, 4, 8, 12])('is healthy at the start with %i branches, and nothing is due', (branches) => {
    const network = startNetwork(acmeTopology(branches));
    for (const device of routers(network)) expect(complaints(network, device)).toEqual([]);
    expect(network.nextEventAt()).toBeUndefined();
    network.advanceTo(START + 86_400_000);
    expect(network.events('acme', 0, 10)).toEqual([]);
    for (const device of routers(network)) expect(complaints(network, device)).toEqual([]);
  });

  it('gives the same bytes for the same seed, and others for another', () => {
    const tell = (seed: number): string => {
      const network = createNetwork({ topology: acmeTopology(4), seed, startAt: START, faults: FAULT_TYPES });
      network.inject({ tenant: 'acme', type: 'device_down', resource: 'node/br4_edge', endAt: START + 200_000 });
      network.inject({ tenant: 'acme', type: 'acl_blocks_app', resource: 'node/br1_edge', startAt: START + 5_000 });
      network.inject({ tenant: 'acme', type: 'provider_outage', resource: 'node/isp2_core', startAt: START + 9_000 });
      network.advanceTo(START + 300_000);
      const states = network.devices().map((ref) => [network.state(ref), network.probe(ref, ERP)]);
      return JSON.stringify([states, network.events('acme', 0, 10_000)]);
    };
    expect(tell(1)).toBe(tell(1));
    expect(tell(1)).not.toBe(tell(2));
  });

  it('settles where a network built in that condition starts', () => {
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 10 }), (steps) => {
        const network = startNetwork(acmeTopology(4));
        play(network, steps);
        network.advanceTo(network.now() + 600_000);
        const fresh = createNetwork({
          topology: network.topology(),
          seed: 7,
          startAt: network.now(),
          conditions: network.conditions(),
        });
        expect(essence(network)).toEqual(essence(fresh));
      }),
      { numRuns: 150, seed: 20_260_302 },
    );
  });

  it('starts converged around what was observed, without any fault list', () => {
    const network = createNetwork({
      topology: acmeTopology(2),
      seed: 1,
      startAt: START,
      conditions: [
        { kind: 'no-carrier', ...acme('br1_edge'), interface: 'ge0/0' },
        { kind: 'no-power', ...acme('hub1_edge') },
      ],
    });
    expect(network.events('acme', 0, 10)).toEqual([]);
    expect(network.reachable(acme('hub1_edge'))).toBe(false);
    const bfd = outline(network, 'br1_edge').bfd;
    expect(Object.entries(bfd).filter(([, state]) => state === 'up')).toEqual([
      ['br1_edge:biz-internet--hub2_edge:biz-internet', 'up'],
    ]);
  });

  it('keeps tenants apart that share a provider', () => {
    const topology = mergeTopologies(
      ['acme', 'globex'].map((tenant, tenantIndex) => refnet({ tenant, branches: 2, seed: 1, tenantIndex })),
    );
    const network = createNetwork({ topology, seed: 1, startAt: START, faults: FAULT_TYPES });
    const heard: [string, NetworkEvent][] = [];
    const end = network.subscribe((tenant, event) => heard.push([tenant, event]));
    network.inject({ tenant: 'acme', type: 'device_down', resource: 'node/br1_edge' });
    network.advanceTo(START + 100_000);
    expect(new Set(heard.map(([tenant]) => tenant))).toEqual(new Set(['acme']));
    expect(network.events('globex', 0, 10)).toEqual([]);
    network.inject({ tenant: 'acme', type: 'provider_outage', resource: 'node/isp1_core' });
    network.advanceTo(START + 110_000);
    expect(network.events('globex', 0, 100).length).toBeGreaterThan(0);
    end();
    const before = heard.length;
    network.advanceTo(START + 200_000);
    expect(heard).toHaveLength(before);
    expect(network.events('acme', 3, 2).map((event) => event.seq)).toEqual([4, 5]);
  });

  it('refuses to go back in time and to speak of devices it does not have', () => {
    const network = startNetwork(acmeTopology(1));
    expect(() => network.advanceTo(START - 1)).toThrow(ModelError);
    expect(() => network.state(acme('br2_edge'))).toThrow(ModelError);
  });
});
