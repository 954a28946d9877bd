/** Builds the network model from what was observed, with or without a change, and reads what it predicts. */
import type { DeviceConfig } from '../../protocols/device/config.ts';
import { bgpSessionName } from '../../protocols/device/names.ts';
import type { RouteState } from '../../protocols/device/state.ts';
import { createNetwork } from '../../simulators/model/create-network.ts';
import type { Network, Topology } from '../../simulators/model/network.ts';
import type { Trace } from '../containment/containment.ts';
import type { InventoryTopology } from '../ports.ts';
import type { ObservedDevice } from './observe.ts';
import { describePath, type SteeredPath, steerApplications } from './steer.ts';

export interface RehearsalInput {
  readonly tenant: string;
  readonly observed: readonly ObservedDevice[];
  readonly topology: InventoryTopology;
  /** Configurations with the change applied, of the devices that it touches. */
  readonly changed: ReadonlyMap<string, DeviceConfig>;
  /** What the controller intends for devices that are put back to it: not new to the tenant, though the device lost it. */
  readonly intended?: ReadonlyMap<string, DeviceConfig>;
  /** What contains a threat now, and stays until its end. */
  readonly contained?: readonly Trace[];
}

/** What the model says of every device. */
export interface View {
  /** Resource and signal → value, for people. */
  readonly lines: ReadonlyMap<string, string>;
  readonly reachable: ReadonlySet<string>;
  /** Users who reach a service: `br2_edge → hub1_srv1:443`. */
  readonly served: ReadonlySet<string>;
  /** Tunnels that are up, and neighbours to which BGP is established, per device. */
  readonly tunnels: ReadonlyMap<string, ReadonlySet<string>>;
  readonly sessions: ReadonlyMap<string, ReadonlySet<string>>;
  /** The path of each application from each edge: `br3_edge erp`. */
  readonly steered: ReadonlyMap<string, SteeredPath>;
  /** Tables of routes, per device. */
  readonly routes: ReadonlyMap<string, readonly RouteState[]>;
}

/** The VRF of the users. */
const CORP_VRF = 10;

/** The network with the configurations of `changed`, and as it was observed elsewhere. */
export function predict(input: RehearsalInput, changed: RehearsalInput['changed']): View {
  const { tenant, observed, topology } = input;
  const known = observed.flatMap(({ name, running }) =>
    running === undefined ? [] : [{ tenant, device: name, config: changed.get(name) ?? running.config }],
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
      // What a host is changes nothing that a rehearsal looks at.
      hosts: topology.hosts.map((host) => ({ tenant, kind: 'server', fixed: true, ...host })),
      lanRouters: [],
      externals: [],
    },
    // What was seen down stays down.
    conditions: observed.flatMap(({ name, portsDown }) =>
      portsDown.map((port) => ({ kind: 'no-carrier' as const, tenant, device: name, interface: port })),
    ),
  });
  const view = describe(network, input);
  const steered = steerApplications(
    observed,
    new Map(known.map(({ device, config }) => [device, config])),
    view.tunnels,
  );
  const paths = [...steered].map(([name, path]) => [`node/${name} path`, describePath(path)] as const);
  return { ...view, steered, lines: new Map([...view.lines, ...paths]) };
}

function describe(network: Network, input: RehearsalInput): Omit<View, 'steered'> {
  const view = {
    lines: new Map<string, string>(),
    reachable: new Set<string>(),
    served: new Set<string>(),
    tunnels: new Map<string, ReadonlySet<string>>(),
    sessions: new Map<string, ReadonlySet<string>>(),
    routes: new Map<string, readonly RouteState[]>(),
  };
  const { lines } = view;
  const services = input.topology.hosts.flatMap((host) =>
    host.services.map(({ port }) => ({ name: `${host.name}:${port}`, address: host.address, port })),
  );
  for (const { device } of network.devices()) {
    const ref = { tenant: input.tenant, device };
    if (network.reachable(ref)) view.reachable.add(device);
    const { bgp, tunnels, interfaces, routes } = network.state(ref);
    view.routes.set(device, routes);
    for (const { peer, neighbor, state } of bgp)
      lines.set(`${bgpSessionName(device, peer)} ${neighbor} bgp.state`, state);
    for (const { tunnel, bfd } of tunnels) lines.set(`tunnel/${tunnel} bfd.state`, bfd);
    for (const { name, oper } of interfaces) lines.set(`interface/${device}/${name} if.oper`, oper);
    view.tunnels.set(device, new Set(tunnels.flatMap((one) => (one.bfd === 'up' ? [one.tunnel] : []))));
    view.sessions.set(device, new Set(bgp.flatMap((one) => (one.state === 'established' ? [one.neighbor] : []))));
    if (!network.config(ref).interfaces.some((port) => port.vrf === CORP_VRF)) continue;
    for (const { name, address, port } of services) {
      const { result } = network.probe(ref, { kind: 'tcp', vrf: CORP_VRF, destination: address, port });
      lines.set(`node/${device} → ${name}`, result);
      if (result === 'ok') view.served.add(`${device} → ${name}`);
    }
  }
  return view;
}
