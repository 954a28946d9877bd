/**
 * Whether a packet reaches its destination and an answer comes back, and what both met on their way: between hosts and
 * agents behind the ports of a VRF, by their edges.
 */
import { ECHO_PACKET, FRAG_NEEDED_PACKET, matchEntry, type Packet, permits } from '../access-list.ts';
import { parseAddress, parsePrefix, prefixContains } from '../address.ts';
import { countHits } from '../counters.ts';
import { firewallAdmits, natAdmits } from '../lan/admission.ts';
import { type HostState, hostState } from '../lan/host-state.ts';
import type { ExternalService, Host } from '../network.ts';
import { classify, servingNode } from '../traffic/app-path.ts';
import { type Arrival, CLEAR_WAY, type Exit, joinWays, type OneWay, travel } from '../traffic/path.ts';
import { conditionsOf, type DeviceNode, powered, tenantOf, type World } from '../world.ts';

/** Who asks whom. */
export interface Ask {
  readonly vrf: number;
  /** Starts at this host; absent: an agent behind the device's port of the VRF. */
  readonly host?: Host;
  /** Source address of an agent, or the port whose address it takes. */
  readonly source?: string;
  readonly destination: string;
  readonly packet: Pick<Packet, 'protocol' | 'port'>;
  readonly dscp: number;
  /** True for what a firewall and a translator must make room for. */
  readonly session: boolean;
  /** Packets to count on the access list that they meet; 0 leaves no trace. */
  readonly count: number;
}

export type Answerer =
  | { readonly kind: 'device'; readonly node: DeviceNode }
  | { readonly kind: 'host'; readonly host: Host }
  | { readonly kind: 'external'; readonly service: ExternalService }
  | { readonly kind: 'provider' };

export type Contact =
  | { readonly result: 'timeout' | 'unreachable'; readonly hops: readonly string[] }
  | {
      readonly result: 'ok';
      readonly there: OneWay;
      readonly back: OneWay;
      /** A packet that is too large vanishes without an answer. */
      readonly mtuSilent: boolean;
      readonly hops: readonly string[];
      readonly answerer: Answerer;
    };

const lost = (hops: readonly string[] = []): Contact => ({ result: 'timeout', hops });
const unreachable = (hops: readonly string[] = []): Contact => ({ result: 'unreachable', hops });

/** Switching and serialisation on a LAN, one way. */
const LAN_MS = 0.5;

/** A stretch between a host and its edge. */
const onLan = (state: HostState | undefined): OneWay => ({
  ...CLEAR_WAY,
  loss: state?.radioLoss ?? 0,
  delayMs: LAN_MS + (state?.radioDelayMs ?? 0),
  jitterMs: (state?.radioDelayMs ?? 0) / 3,
});

/** How a device names itself in a trace; one that answers no ping stays silent. */
const hopName = (node: DeviceNode): string =>
  permits(node.config, node.config.controlPlaneAcl, ECHO_PACKET) ? node.ref.device : '*';

interface Start {
  readonly node: DeviceNode;
  readonly address: string;
  readonly accessListIn: string | undefined;
  readonly subnet: string;
  readonly state: HostState | undefined;
}

function findStart(world: World, device: DeviceNode, ask: Ask): Start | undefined {
  const node = ask.host === undefined ? device : servingNode(world, ask.host);
  if (node === undefined || !powered(world, node)) return undefined;
  const port = node.config.interfaces.find(
    (one) => one.vrf === ask.vrf && one.color === undefined && node.ports.get(one.name)?.value === 'up',
  );
  if (port?.ipv4 === undefined) return undefined;
  const subnet = `${port.ipv4.address}/${port.ipv4.prefixLength}`;
  if (ask.host !== undefined) {
    const state = hostState(world, ask.host);
    return state.online ? { node, address: state.address, accessListIn: port.accessListIn, subnet, state } : undefined;
  }
  // A port as source means that port's address; the probe starts behind the VRF's port either way.
  const named = ask.source ?? '';
  const address = Number.isNaN(parseAddress(named)) ? port.ipv4.address : named;
  return { node, address, accessListIn: port.accessListIn, subnet, state: undefined };
}

const isInside = (subnet: string, address: string): boolean => {
  const prefix = parsePrefix(subnet);
  return prefix !== undefined && prefixContains(prefix, parseAddress(address));
};

/** What the LAN port of a VRF does to packets: a bad cable damages some, a lowered MTU takes smaller ones only. */
function throughPort(world: World, node: DeviceNode, vrf: number): OneWay {
  const port = node.config.interfaces.find((one) => one.vrf === vrf && one.color === undefined);
  if (port === undefined) return CLEAR_WAY;
  const damaged = conditionsOf(world, 'corruption', `${node.key}|${port.name}`);
  return {
    ...CLEAR_WAY,
    loss: 1 - damaged.reduce((kept, { share }) => kept * (1 - share), 1),
    mtu: Math.min(CLEAR_WAY.mtu, port.mtu),
  };
}

/** True when the host's gateway is its edge: the port's own address, or the one that a master answers for. */
function hasGateway(node: DeviceNode, vrf: number, gateway: string): boolean {
  const port = node.config.interfaces.find((one) => one.vrf === vrf && one.color === undefined);
  if (port?.ipv4?.address === gateway) return true;
  return [...node.vrrp.values()].some((cell) => cell.value === 'master' && cell.group.virtualAddress === gateway);
}

/** Follows the packet and its answer. Counts hits where `ask.count` says so, and changes nothing else. */
export function contact(world: World, device: DeviceNode, ask: Ask): Contact {
  const tenant = tenantOf(world, device.ref.tenant);
  const start = findStart(world, device, ask);
  if (start === undefined) return unreachable();
  const { node, state } = start;
  const goal = tenant.hosts.get(ask.destination);
  if (ask.host !== undefined && isInside(start.subnet, ask.destination) && goal !== undefined) {
    // A host that gave itself an address has no neighbours in the LAN's subnet.
    return isInside(start.subnet, start.address) ? withinLan(world, onLan(state), goal) : lost();
  }
  const near = joinWays(onLan(state), throughPort(world, node, ask.vrf));
  if (state !== undefined && !hasGateway(node, ask.vrf, state.gateway)) return lost();

  const packet: Packet = { ...ask.packet, source: start.address, destination: ask.destination };
  const met = matchEntry(node.config, start.accessListIn, packet);
  if (met !== undefined && ask.count > 0) countHits(world, node, start.accessListIn ?? '', met.name, ask.count);
  if (met?.action === 'deny') return lost([hopName(node)]);

  const application = classify(world, tenant.name, ask.destination, ask.packet.port)?.name;
  const kind = { dscp: ask.dscp, ...(application === undefined ? {} : { application }) };
  const there = travel(world, node, ask.vrf, ask.destination, kind);
  const hops = there.hops.map(hopName);
  if (there.end === 'unreachable') return unreachable(hops);
  if (there.end === 'lost') return lost(hops);
  const local = there.end === 'self' && there.node === node;
  if (ask.session && !local && [node, there.node].some((one) => !firewallAdmits(world, one))) return lost(hops);

  const far = answerFrom(world, ask, there, goal);
  if (far === undefined) return lost(hops);
  const home =
    there.end === 'internet'
      ? backFromInternet(world, there, node, start.address, ask.vrf, kind)
      : wayHome(world, there, ask, start, goal, kind);
  if (home === undefined) return lost(hops);
  const passed = [...there.hops, ...home.hops];
  return {
    result: 'ok',
    there: joinWays(joinWays(near, there.way), far.way),
    back: joinWays(joinWays(far.way, home.way), near),
    mtuSilent: there.way.mtuSilent || home.way.mtuSilent || passed.some((one) => hidesFragNeeded(one)),
    hops: far.answerer.kind === 'device' ? hops : [...hops, nameOf(far.answerer)],
    answerer: far.answerer,
  };
}

/** A filter on the device eats the message that a packet was too large, whoever sent it. */
const hidesFragNeeded = ({ config }: DeviceNode): boolean =>
  [config.controlPlaneAcl, ...config.interfaces.map((port) => port.accessListIn)].some(
    (list) => !permits(config, list, FRAG_NEEDED_PACKET),
  );

const nameOf = (answerer: Answerer): string => {
  switch (answerer.kind) {
    case 'host':
      return answerer.host.name;
    case 'external':
      return answerer.service.name;
    case 'device':
      return answerer.node.ref.device;
    default:
      return 'provider';
  }
};

function withinLan(world: World, near: OneWay, goal: Host): Contact {
  const state = hostState(world, goal);
  if (!state.online) return lost();
  const way = joinWays(near, onLan(state));
  return {
    result: 'ok',
    there: way,
    back: way,
    mtuSilent: false,
    hops: [goal.name],
    answerer: { kind: 'host', host: goal },
  };
}

/** Who answers at the end of the way, and the last stretch to it. */
function answerFrom(
  world: World,
  ask: Ask,
  there: Arrival | Exit,
  goal: Host | undefined,
): { readonly answerer: Answerer; readonly way: OneWay } | undefined {
  switch (there.end) {
    case 'self': {
      const packet: Packet = { ...ask.packet, destination: ask.destination };
      if (!permits(there.node.config, there.node.config.controlPlaneAcl, packet)) return undefined;
      return { answerer: { kind: 'device', node: there.node }, way: CLEAR_WAY };
    }
    case 'internet': {
      const admitted = !ask.session || natAdmits(world, there.node, there.pool, ask.destination, ask.packet.port ?? 0);
      return admitted ? { answerer: { kind: 'external', service: there.service }, way: CLEAR_WAY } : undefined;
    }
    case 'delivered': {
      if (goal === undefined) return undefined;
      const state = hostState(world, goal);
      if (!state.online || state.address !== ask.destination) return undefined;
      const way = joinWays(onLan(state), throughPort(world, there.node, goal.vrf));
      return { answerer: { kind: 'host', host: goal }, way };
    }
  }
}

interface Home {
  readonly way: OneWay;
  readonly hops: readonly DeviceNode[];
}

/** The answer of a host or device, by the routing of its own side. */
function wayHome(
  world: World,
  there: Arrival,
  ask: Ask,
  start: Start,
  goal: Host | undefined,
  kind: { readonly dscp: number; readonly application?: string },
): Home | undefined {
  const { node } = there;
  const vrf = goal?.vrf ?? there.vrf;
  if (there.end === 'delivered' && goal !== undefined) {
    if (!hasGateway(node, vrf, hostState(world, goal).gateway)) return undefined;
    const lan = node.config.interfaces.find((one) => one.vrf === vrf && one.color === undefined);
    const answer: Packet = { protocol: ask.packet.protocol, source: ask.destination, destination: start.address };
    if (!permits(node.config, lan?.accessListIn, answer)) return undefined;
  }
  const home = travel(world, node, vrf, start.address, kind);
  return home.end === 'delivered' || home.end === 'self' ? home : undefined;
}

/** From the internet back: by the same translation, then over the overlay when the breakout was at a hub. */
function backFromInternet(
  world: World,
  there: Exit,
  node: DeviceNode,
  address: string,
  vrf: number,
  kind: { readonly dscp: number; readonly application?: string },
): Home | undefined {
  if (there.node === node) return { way: there.wayBack, hops: [node] };
  const home = travel(world, there.node, vrf, address, kind);
  return home.end === 'delivered' || home.end === 'self'
    ? { way: joinWays(there.wayBack, home.way), hops: home.hops }
    : undefined;
}
