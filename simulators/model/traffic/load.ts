/**
 * How much traffic every port and tunnel of a device carries now, by class and direction: the flows of its own site and
 * of the sites at the other ends of its tunnels, summed up and kept until a rate of the tenant changes.
 */
import type { Color, QosPolicy, TrafficClass } from '../../../protocols/device/config.ts';
import { type DeviceNode, type EndCell, farEnd, portOfColor, tenantOf, type World } from '../world.ts';
import { periodOf } from './applications.ts';
import { BLOCK, isCorrected } from './correction.ts';
import { type SiteFlow, siteFlows } from './demand.ts';
import { chooseBreakout, liveEnds, steer } from './steering.ts';

/** Traffic of one class in one direction. */
export interface ClassLoad {
  bps: number;
  /** The part of it that yields when there is no room. */
  elasticBps: number;
  packets: number;
}
export type ClassLoads = ReadonlyMap<TrafficClass, ClassLoad>;

/** What passes a port or a tunnel a second. */
export interface Load {
  readonly out: ClassLoads;
  readonly in: ClassLoads;
}

export interface NodeLoad {
  /** By port name, LAN ports too (all in one class there). */
  readonly ports: ReadonlyMap<string, Load>;
  readonly tunnels: ReadonlyMap<EndCell, Load>;
}

export const sumOf = (loads: ClassLoads | undefined, part: keyof ClassLoad): number => {
  let sum = 0;
  for (const load of loads?.values() ?? []) sum += load[part];
  return sum;
};

/** Class of a code point where the policy names none for it (RFC 4594 §2.3). */
const USUAL_CLASSES: readonly (readonly [TrafficClass, readonly number[]])[] = [
  ['control', [48, 56]],
  ['voice', [46]],
  ['video', [34, 36, 38]],
  ['critical', [26, 28, 30]],
  ['bulk', [8, 10, 12, 14]],
];

/** The queue that packets with this code point join. */
export function classOf(policy: QosPolicy | undefined, dscp: number): TrafficClass {
  const named = policy?.classes.find((one) => one.dscp.includes(dscp));
  return named?.class ?? USUAL_CLASSES.find(([, points]) => points.includes(dscp))?.[0] ?? 'best-effort';
}

/** Queueing policy of the WAN port of a tunnel end. */
export function policyOfPort(node: DeviceNode, port: string): QosPolicy | undefined {
  const name = node.config.interfaces.find((one) => one.name === port)?.qosPolicy;
  return node.config.qos.find((one) => one.name === name);
}

/** BFD, BGP and management on every tunnel that is up: a second, each way. */
const CONTROL_PACKETS = 3;
const CONTROL_PACKET_BYTES = 120;

const KEPT = new WeakMap<DeviceNode, { readonly key: string; readonly load: NodeLoad }>();

/** The load of a device in the period of `at`. */
export function loadOf(world: World, node: DeviceNode, at: number = world.now): NodeLoad {
  const key = `${stampOf(world, node)}|${periodOf(at)}`;
  const kept = KEPT.get(node);
  if (kept?.key === key) return kept.load;
  const load = addUp(world, node, at);
  KEPT.set(node, { key, load });
  return load;
}

/** Changes when the load may: for an edge with itself and its few neighbours, for a hub with anybody in the tenant. */
function stampOf(world: World, node: DeviceNode): number {
  if (node.config.role !== 'edge') return tenantOf(world, node.ref.tenant).rateVersion;
  let stamp = node.meters.version;
  for (const end of node.ends.values()) stamp += farEnd(end)?.node.meters.version ?? 0;
  return stamp;
}

interface OpenLoad {
  readonly out: Map<TrafficClass, ClassLoad>;
  readonly in: Map<TrafficClass, ClassLoad>;
}
type Packets = Pick<SiteFlow, 'dscp' | 'elastic' | 'packetBytes'>;

/** The load of one device while it is being added up; ports and policies are looked up once. */
class Sums {
  readonly ports = new Map<string, OpenLoad>();
  readonly tunnels = new Map<EndCell, OpenLoad>();
  readonly #world: World;
  readonly #node: DeviceNode;
  readonly #portOf = new Map<Color, string | undefined>();
  readonly #policies = new Map<string, QosPolicy | undefined>();

  constructor(world: World, node: DeviceNode) {
    this.#world = world;
    this.#node = node;
  }

  /** Packets through a tunnel end of this device: on the tunnel and on its port. */
  tunnel(end: EndCell, packets: Packets, outBps: number, inBps: number): void {
    const { color, dscpRewrite } = end.tunnel;
    if (!this.#portOf.has(color)) this.#portOf.set(color, portOfColor(this.#node, color)?.name);
    const port = this.#portOf.get(color);
    if (port === undefined) return;
    const kind = classOf(this.#policy(port), dscpRewrite ?? packets.dscp);
    const [outWithParity, inWithParity] = [
      outBps * this.#withParity(end, kind),
      inBps * this.#withParity(farEnd(end), kind),
    ];
    for (const load of [open(this.tunnels, end), open(this.ports, port)]) {
      add(load.out, kind, packets, outWithParity);
      add(load.in, kind, packets, inWithParity);
    }
  }

  /** Packets that leave by this end for each that was to leave. */
  #withParity(end: EndCell | undefined, kind: TrafficClass): number {
    return end !== undefined && isCorrected(this.#world, end, kind) ? 1 + 1 / BLOCK : 1;
  }

  port(name: string, packets: Packets, outBps: number, inBps: number): void {
    const kind = classOf(this.#policy(name), packets.dscp);
    const load = open(this.ports, name);
    add(load.out, kind, packets, outBps);
    add(load.in, kind, packets, inBps);
  }

  #policy(port: string): QosPolicy | undefined {
    if (!this.#policies.has(port)) this.#policies.set(port, policyOfPort(this.#node, port));
    return this.#policies.get(port);
  }
}

function open<Key>(loads: Map<Key, OpenLoad>, key: Key): OpenLoad {
  const known = loads.get(key);
  if (known !== undefined) return known;
  const load = { out: new Map<TrafficClass, ClassLoad>(), in: new Map<TrafficClass, ClassLoad>() };
  loads.set(key, load);
  return load;
}

function add(loads: Map<TrafficClass, ClassLoad>, kind: TrafficClass, packets: Packets, bps: number): void {
  if (bps <= 0) return;
  let held = loads.get(kind);
  if (held === undefined) {
    held = { bps: 0, elasticBps: 0, packets: 0 };
    loads.set(kind, held);
  }
  held.bps += bps;
  if (packets.elastic) held.elasticBps += bps;
  held.packets += bps / (8 * packets.packetBytes);
}

function addUp(world: World, node: DeviceNode, at: number): NodeLoad {
  const sums = new Sums(world, node);
  for (const flow of siteFlows(world, node, at)) {
    sums.port(flow.lanPort, flow, flow.downBps, flow.upBps);
    if (flow.end === undefined) sums.port(flow.port, flow, flow.upBps, flow.downBps);
    else {
      const back = wayBack(world, flow, flow.end);
      sums.tunnel(flow.end, flow, flow.upBps, back === flow.end ? flow.downBps : 0);
      if (back !== undefined && back !== flow.end) sums.tunnel(back, flow, 0, flow.downBps);
    }
  }
  const neighbours = new Set<DeviceNode>();
  const hello = { dscp: 48, elastic: false, packetBytes: CONTROL_PACKET_BYTES };
  const helloBps = 8 * CONTROL_PACKET_BYTES * CONTROL_PACKETS;
  for (const end of node.ends.values()) {
    if (end.value === 'up') sums.tunnel(end, hello, helloBps, helloBps);
    const far = farEnd(end);
    if (far !== undefined) neighbours.add(far.node);
  }
  for (const neighbour of neighbours) {
    for (const flow of siteFlows(world, neighbour, at)) addHeard(world, node, flow, sums);
  }
  return sums;
}

/** The end that answers arrive by: the destination's site sends them straight, whatever way the questions took. */
function wayBack(world: World, flow: SiteFlow, end: EndCell): EndCell | undefined {
  const far = farEnd(end)?.node;
  if (flow.to === undefined || far?.config.site === flow.to) return end;
  const tenant = tenantOf(world, end.node.ref.tenant);
  const peer = tenant.sites.get(flow.to)?.[0]?.ref.device ?? '';
  return steer(world, liveEnds(end.node, peer), flow.application);
}

/** A neighbour's flow, where it passes here: as the first device behind its tunnel, or as the one after that. */
function addHeard(world: World, node: DeviceNode, flow: SiteFlow, sums: Sums): void {
  const near = flow.end === undefined ? undefined : farEnd(flow.end);
  if (near === undefined) return;
  const { site } = node.config;
  if (near.node === node) {
    sums.tunnel(near, flow, flow.to === undefined || flow.to === site ? flow.downBps : 0, flow.upBps);
    if (flow.to === site) {
      const lan = node.config.interfaces.find((port) => port.color === undefined && port.vrf === SERVER_VRF);
      if (lan !== undefined) sums.port(lan.name, flow, flow.upBps, flow.downBps);
    } else if (flow.to === undefined) {
      const way = chooseBreakout(world, node, CORP_VRF, flow.application);
      if (way !== undefined) sums.port(way.port, flow, flow.upBps, flow.downBps);
    } else {
      const onward = transit(world, node, flow.to);
      if (onward !== undefined) sums.tunnel(onward, flow, flow.upBps, 0);
    }
    return;
  }
  if (flow.to !== site || near.node.config.role !== 'hub' || node.config.role !== 'hub') return;
  const onward = transit(world, near.node, site);
  const arrival = onward === undefined ? undefined : farEnd(onward);
  if (arrival?.node !== node) return;
  sums.tunnel(arrival, flow, 0, flow.upBps);
  // The answer goes straight back: this hub prefers the branch's own announcement.
  const back = steer(world, liveEnds(node, flow.end?.node.ref.device ?? ''), flow.application);
  if (back !== undefined) sums.tunnel(back, flow, flow.downBps, 0);
}

const SERVER_VRF = 20;
const CORP_VRF = 10;

/** The tunnel from a hub towards another site. */
function transit(world: World, hub: DeviceNode, site: string): EndCell | undefined {
  const peer = tenantOf(world, hub.ref.tenant).sites.get(site)?.[0]?.ref.device;
  return peer === undefined ? undefined : steer(world, liveEnds(hub, peer), undefined);
}
