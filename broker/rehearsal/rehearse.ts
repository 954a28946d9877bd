/**
 * Rehearses a change: builds the network model twice from what was observed, with and without the change, and compares.
 *
 * The model knows nothing but the observations: it is as right or wrong about a simulated device as about a real one.
 */
import type { DeviceConfig } from '../../protocols/device/config.ts';
import { bgpSessionName } from '../../protocols/device/names.ts';
import { createNetwork } from '../../simulators/model/create-network.ts';
import type { Network, Topology } from '../../simulators/model/network.ts';
import type { BlastRadius, Invariant, Rehearsal } from '../contract.ts';
import type { InventoryTopology } from '../ports.ts';
import type { ObservedDevice } from './observe.ts';

export interface RehearsalInput {
  readonly tenant: string;
  readonly device: string;
  readonly observed: readonly ObservedDevice[];
  readonly topology: InventoryTopology;
  /** Configuration of the device with the change applied. */
  readonly changed: DeviceConfig;
}

/** What one device and its site look like in the model. */
interface View {
  readonly lines: ReadonlyMap<string, string>;
  readonly reachable: ReadonlySet<string>;
  /** Sites whose users reach each service host: `br2 → hub1_srv1`. */
  readonly served: ReadonlySet<string>;
}

export function rehearseChange(input: RehearsalInput): Rehearsal {
  const before = view(input, undefined);
  const after = view(input, input.changed);
  const changed = [...after.lines].filter(([name, value]) => before.lines.get(name) !== value);
  const predicted = changed.map(([name, value]) => `${name}: ${before.lines.get(name) ?? 'absent'} → ${value}`);
  const invariants = checkInvariants(input, before, after);
  return {
    predicted,
    invariants,
    blastRadius: blastRadius(
      input,
      before,
      after,
      changed.map(([name]) => name),
    ),
    verdict: invariants.every((one) => one.holds) ? 'pass' : 'fail',
  };
}

function view(input: RehearsalInput, changed: DeviceConfig | undefined): View {
  const { tenant, observed, topology } = input;
  const known = observed.flatMap(({ name, running }) =>
    running === undefined
      ? []
      : [{ tenant, device: name, config: name === input.device ? (changed ?? running.config) : running.config }],
  );
  const network = createNetwork({
    seed: 0,
    startAt: 0,
    topology: {
      providers: [...new Set(topology.circuits.map((circuit) => circuit.provider))],
      devices: known,
      circuits: topology.circuits
        .filter((circuit) => known.some((one) => one.device === circuit.device))
        .map((circuit) => ({ tenant, ...circuit, color: circuit.color as Topology['circuits'][number]['color'] })),
      hosts: topology.hosts.map((host) => ({ tenant, ...host })),
    },
    // What was seen down stays down.
    conditions: observed.flatMap(({ name, portsDown }) =>
      portsDown.map((port) => ({ kind: 'no-carrier' as const, tenant, device: name, interface: port })),
    ),
  });
  return describe(network, input);
}

function describe(network: Network, input: RehearsalInput): View {
  const lines = new Map<string, string>();
  const reachable = new Set<string>();
  const served = new Set<string>();
  const servers = input.topology.hosts.filter((host) => host.services.length > 0);
  for (const { device } of network.devices()) {
    const ref = { tenant: input.tenant, device };
    if (network.reachable(ref)) reachable.add(device);
    const state = network.state(ref);
    for (const peer of state.bgp)
      lines.set(`${bgpSessionName(device, peer.peer)} ${peer.neighbor} bgp.state`, peer.state);
    for (const tunnel of state.tunnels) lines.set(`tunnel/${tunnel.tunnel} bfd.state`, tunnel.bfd);
    for (const port of state.interfaces) lines.set(`interface/${device}/${port.name} if.oper`, port.oper);
    const vrf = network.config(ref).interfaces.find((port) => port.vrf === 10)?.vrf;
    if (vrf === undefined) continue;
    for (const host of servers) {
      const probe = network.probe(ref, {
        kind: 'tcp',
        vrf,
        destination: host.address,
        port: host.services[0]?.port ?? 0,
      });
      lines.set(`node/${device} → ${host.name}`, probe.result);
      if (probe.result === 'ok') served.add(`${device} → ${host.name}`);
    }
  }
  return { lines, reachable, served };
}

function checkInvariants(input: RehearsalInput, before: View, after: View): readonly Invariant[] {
  const lost = [...before.reachable].filter((device) => !after.reachable.has(device));
  const cut = [...before.served].filter((one) => !after.served.has(one));
  const running = input.observed.find((one) => one.name === input.device)?.running?.config;
  const controlLost = running?.controllers.some((one) => !input.changed.controllers.includes(one)) ?? false;
  const foreign = foreignPrefixes(input);
  return [
    {
      name: 'management-path-kept',
      holds: lost.length === 0 && !controlLost,
      detail:
        lost.length > 0
          ? `${lost.join(', ')} could no longer be managed`
          : controlLost
            ? 'the device would lose a controller'
            : 'every device stays manageable',
    },
    {
      name: 'no-service-cut-off',
      holds: cut.length === 0,
      detail:
        cut.length > 0
          ? `would no longer reach: ${cut.join(', ')}`
          : 'every service that is reached today stays reached',
    },
    {
      name: 'no-foreign-prefix',
      holds: foreign.length === 0,
      detail:
        foreign.length > 0
          ? `would announce prefixes of other sites: ${foreign.join(', ')}`
          : 'only own prefixes are announced',
    },
  ];
}

/** Prefixes that the change would announce although another device of the tenant announces them, or nobody did before. */
function foreignPrefixes(input: RehearsalInput): readonly string[] {
  const own = input.observed.find((one) => one.name === input.device)?.running?.config;
  const had = new Set(own?.bgp?.networks ?? []);
  return (input.changed.bgp?.networks ?? []).filter((prefix) => !had.has(prefix));
}

function blastRadius(input: RehearsalInput, before: View, after: View, changedLines: readonly string[]): BlastRadius {
  const touched = new Set([input.device]);
  for (const { name } of input.observed) {
    if (changedLines.some((line) => line.startsWith(`node/${name} `) || line.startsWith(`interface/${name}/`)))
      touched.add(name);
  }
  const sites = new Set(input.observed.filter((one) => touched.has(one.name)).map((one) => one.site));
  const flips = [...after.served, ...before.served].filter((one) => before.served.has(one) !== after.served.has(one));
  return {
    devices: [...touched].sort(),
    sites: [...sites].sort(),
    users: input.topology.hosts.filter((host) => sites.has(host.site)).reduce((sum, host) => sum + host.users, 0),
    applications: [...new Set(flips.map((one) => one.split(' → ')[1] ?? ''))].sort(),
  };
}
