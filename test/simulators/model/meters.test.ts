/** Counters whatever happens: they never fall while a device runs, and agree with the rates that they add up. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ModelNetwork } from '../../../simulators/model/create-network.ts';
import { acme, acmeTopology, START, startNetwork } from './reference.ts';

const DEVICES = ['br1_edge', 'br2_edge', 'hub1_edge', 'hub2_edge'];
const FAULTS = [
  { type: 'link_down', resource: 'interface/br1_edge/ge0/0' },
  { type: 'provider_outage', resource: 'node/isp2_core' },
  { type: 'dscp_remark', resource: 'interface/hub1_edge/tun-br1' },
  { type: 'circuit_saturated_by_host', resource: 'host/br1_corp_pc1' },
  { type: 'bgp_asn_mismatch', resource: 'node/br2_edge' },
  { type: 'approute_pins_bad_path', resource: 'policy/director/approute-erp' },
  { type: 'acl_blocks_app', resource: 'node/br1_edge' },
] as const;

/** Every counter of a device, by name. */
function countersOf(network: ModelNetwork, device: string): ReadonlyMap<string, number> {
  const { interfaces, queues, accessLists } = network.state(acme(device));
  return new Map([
    ...interfaces.flatMap((one) =>
      (['inOctets', 'outOctets', 'inErrors', 'outDiscards'] as const).map(
        (key) => [`${one.name} ${key}`, one[key]] as const,
      ),
    ),
    ...queues.flatMap((one) =>
      (['packets', 'drops'] as const).map((key) => [`${one.interface} ${one.class} ${key}`, one[key]] as const),
    ),
    ...accessLists.map((one) => [`${one.list} ${one.entry}`, one.hits] as const),
  ]);
}

const allCounters = (network: ModelNetwork) => DEVICES.map((device) => countersOf(network, device));

type Step =
  | { readonly kind: 'wait'; readonly ms: number }
  | { readonly kind: 'inject'; readonly which: number }
  | { readonly kind: 'clear' };

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ kind: fc.constant('wait' as const), ms: fc.integer({ min: 0, max: 5_400_000 }) }),
  fc.record({ kind: fc.constant('inject' as const), which: fc.nat(FAULTS.length - 1) }),
  fc.record({ kind: fc.constant('clear' as const) }),
);
const story = fc.array(step, { minLength: 3, maxLength: 10 });

function play(steps: readonly Step[], after: (network: ModelNetwork) => void): ModelNetwork {
  const network = startNetwork(acmeTopology(2));
  for (const one of steps) {
    if (one.kind === 'wait') network.advanceTo(network.now() + one.ms);
    else if (one.kind === 'inject') {
      const fault = FAULTS[one.which];
      if (fault !== undefined) network.inject({ tenant: 'acme', ...fault });
    } else {
      const first = network.faults()[0];
      if (first !== undefined) network.clear(first.id);
    }
    after(network);
  }
  return network;
}

describe('counters', () => {
  it('are whole and never fall, whatever is broken and mended', () => {
    fc.assert(
      fc.property(story, (steps) => {
        let before: readonly ReadonlyMap<string, number>[] = [];
        play(steps, (network) => {
          const now = allCounters(network);
          for (const [at, counters] of now.entries()) {
            for (const [name, value] of counters) {
              expect(Number.isSafeInteger(value)).toBe(true);
              const old = before[at]?.get(name) ?? 0;
              // An entry that was taken out and put back begins again.
              if (!name.includes('deny')) expect(value, `${DEVICES[at]} ${name}`).toBeGreaterThanOrEqual(old);
            }
          }
          before = now;
        });
      }),
      { numRuns: 20 },
    );
  });

  it('are the same however often somebody looks', () => {
    fc.assert(
      fc.property(story, (steps) => {
        const watched = play(steps, (network) => void allCounters(network));
        const unwatched = play(steps, () => undefined);
        expect(allCounters(watched)).toEqual(allCounters(unwatched));
      }),
      { numRuns: 8 },
    );
  });

  it('rise by the rate that the device reports, and start again after a restart', () => {
    const network = startNetwork(acmeTopology(2));
    network.advanceTo(START + 2 * 3_600_000);
    const read = () => network.state(acme('br1_edge')).interfaces.find((one) => one.name === 'ge0/0');
    const [early, rate] = [read()?.inOctets ?? 0, (read()?.inBps ?? 0) / 8];
    network.advanceTo(network.now() + 600_000);
    const risen = ((read()?.inOctets ?? 0) - early) / 600;
    expect(rate).toBeGreaterThan(1_000_000);
    // Reported rates vary by a few percent around what is counted.
    expect(Math.abs(risen / rate - 1)).toBeLessThan(0.05);
    const id = network.inject({ tenant: 'acme', type: 'device_down', resource: 'node/br1_edge' });
    network.advanceTo(network.now() + 60_000);
    network.clear(id);
    network.advanceTo(network.now() + 60_000);
    expect(read()?.inOctets).toBeLessThan(60 * 2 * rate);
    expect(read()?.inOctets).toBeGreaterThan(0);
  });
});
