/**
 * Who sends how much which way: the demand of a site's hosts at an hour of the week, laid on the tunnels and breakouts
 * that its edge would use now.
 *
 * A circuit is bought for its site, so demand is a share of the site's contracts, split over applications. All of it
 * follows from the edge, its sessions and the director: other branches change nothing, so the result is kept until one
 * of those changes.
 */
import { permits } from '../access-list.ts';
import type { Traffic } from '../condition.ts';
import { addressOfHost } from '../lan/host-state.ts';
import type { Host, HostKind } from '../network.ts';
import { noise } from '../seeded-noise.ts';
import {
  conditionsOf,
  type DeviceNode,
  type EndCell,
  holds,
  type PortCell,
  portOfColor,
  tenantOf,
  type World,
} from '../world.ts';
import { APPLICATIONS, type Application, demandAt, periodOf } from './applications.ts';
import { externalByName, hostOfService, hostsOfSite } from './site-hosts.ts';
import { chooseBreakout, liveEnds, preferredPeer, steer } from './steering.ts';

/** Traffic of one application, or of one host beyond its ordinary demand, that enters a device from its LAN. */
export interface SiteFlow {
  readonly application: string;
  readonly dscp: number;
  readonly packetBytes: number;
  readonly elastic: boolean;
  readonly upBps: number;
  readonly downBps: number;
  /** LAN port that it comes in by, WAN port that it leaves by. */
  readonly lanPort: string;
  readonly port: string;
  /** Tunnel that it takes; absent on a breakout. */
  readonly end?: EndCell;
  /** Site of the destination; absent on the internet. */
  readonly to?: string;
}

/** An application's flow, with its rates in the busiest hour. */
interface Busiest {
  readonly application: Application;
  readonly way: Way;
  readonly upBps: number;
  readonly downBps: number;
}

/** Flows of the busiest hour, kept until the device changes, and those of the period that was last asked for. */
interface Kept {
  readonly version: number;
  readonly busiest: readonly Busiest[];
  /** Hosts that send beyond their ordinary demand. */
  readonly senders: readonly Host[];
  period: number;
  flows: readonly SiteFlow[];
}
const KEPT = new WeakMap<DeviceNode, Kept>();

/** Flows that start behind this device in the period of `at`. */
export function siteFlows(world: World, node: DeviceNode, at: number): readonly SiteFlow[] {
  if (node.circuits.size === 0) return [];
  const { version } = node.meters;
  let kept = KEPT.get(node);
  if (kept?.version !== version) {
    const busiest = [...ordinary(world, node)];
    kept = { version, busiest, senders: sendersOf(world, node), period: Number.NaN, flows: [] };
    KEPT.set(node, kept);
  }
  const period = periodOf(at);
  if (kept.period !== period) {
    kept.period = period;
    kept.flows = kept.busiest.map(({ application, way, upBps, downBps }) => {
      const { name, profile, dscp, packetBytes, elastic } = application;
      const share = demandAt(profile, at);
      // The way comes last: an engine gives every object that begins with a copy another shape of its own.
      return { application: name, dscp, packetBytes, elastic, upBps: share * upBps, downBps: share * downBps, ...way };
    });
  }
  return kept.senders.length === 0 ? kept.flows : [...kept.flows, ...added(world, node, kept.senders, at)];
}

/** The port by which a device serves a VRF of its site now: up, and the master's where two devices share the LAN. */
export function servingPort(world: World, node: DeviceNode, vrf: number): PortCell | undefined {
  const found = node.config.interfaces.find((port) => port.vrf === vrf && port.color === undefined);
  const port = found === undefined ? undefined : node.ports.get(found.name);
  if (port?.value !== 'up') return undefined;
  const group = node.vrrp.get(port.name);
  if (group !== undefined) return group.value === 'master' ? port : undefined;
  const members = tenantOf(world, node.ref.tenant).sites.get(node.config.site) ?? [node];
  const first = members.find((member) =>
    member.config.interfaces.some(
      (one) => one.vrf === vrf && one.color === undefined && member.ports.get(one.name)?.value === 'up',
    ),
  );
  return first === node ? port : undefined;
}

/** On a metered line people and systems put off what can wait. */
const METERED = 0.15;

function* ordinary(world: World, node: DeviceNode): Iterable<Busiest> {
  const tenant = tenantOf(world, node.ref.tenant);
  const hosts = hostsOfSite(tenant, node.config.site);
  const contracts = [...node.circuits.values()].filter((one) => one.color !== 'lte').map((one) => one.capacityBps);
  if (contracts.length === 0 || hosts.length === 0) return;
  const base = { smallest: Math.min(...contracts), largest: Math.max(...contracts) };
  // Sites are not all alike, and none is planned to be full.
  const size = 0.9 + 0.12 * noise(world.seed, 'demand', tenant.name, node.config.site);
  const ways = new Ways(world, node);
  const vrfs = new Map<HostKind, number>();
  for (const host of hosts) if (!vrfs.has(host.kind)) vrfs.set(host.kind, host.vrf);
  for (const application of APPLICATIONS) {
    const kind = application.users.find((one) => vrfs.has(one));
    const vrf = kind === undefined ? undefined : vrfs.get(kind);
    const goal = vrf === undefined ? undefined : findGoal(world, node, application);
    if (vrf === undefined || goal === undefined || goal.site === node.config.site) continue;
    const way = ways.find(vrf, application.name, goal.site);
    if (way === undefined) continue;
    const thrift = way.end?.tunnel.color === 'lte' ? METERED : 1;
    const rate = base[application.of] * size * thrift;
    yield { application, way, upBps: rate * application.up, downBps: rate * application.down };
  }
}

/** Where an application's service is: its site, none for the internet; undefined when nobody offers it. */
function findGoal(
  world: World,
  node: DeviceNode,
  { destination }: Application,
): { readonly site: string | undefined } | undefined {
  if ('external' in destination) return externalByName(world, destination.external) && { site: undefined };
  const host = hostOfService(tenantOf(world, node.ref.tenant), destination.service);
  return host && { site: host.site };
}

type Way = Pick<SiteFlow, 'lanPort' | 'port' | 'end' | 'to'>;

/** The ways out of a device now; what several applications ask for is looked up once. */
class Ways {
  readonly world: World;
  readonly node: DeviceNode;
  readonly #lanPorts = new Map<number, string | undefined>();
  readonly #live = new Map<string, readonly EndCell[]>();
  readonly #preferred: string | undefined;

  constructor(world: World, node: DeviceNode) {
    this.world = world;
    this.node = node;
    this.#preferred = preferredPeer(node);
  }

  find(vrf: number, application: string | undefined, to: string | undefined): Way | undefined {
    const { world, node } = this;
    if (!this.#lanPorts.has(vrf)) this.#lanPorts.set(vrf, servingPort(world, node, vrf)?.name);
    const lanPort = this.#lanPorts.get(vrf);
    if (lanPort === undefined) return undefined;
    const breakout = to === undefined ? chooseBreakout(world, node, vrf, application) : undefined;
    if (breakout !== undefined) return { lanPort, port: breakout.port };
    // Guests and things have no way but their breakout.
    if (to === undefined && vrf !== CORP_VRF) return undefined;
    const peer = directPeer(world, node, to) ?? this.#preferred;
    const end = peer === undefined ? undefined : steer(world, this.#endsTo(peer), application);
    const port = end && portOfColor(node, end.tunnel.color)?.name;
    return end === undefined || port === undefined
      ? undefined
      : { lanPort, port, end, ...(to === undefined ? {} : { to }) };
  }

  #endsTo(peer: string): readonly EndCell[] {
    const known = this.#live.get(peer) ?? liveEnds(this.node, peer);
    this.#live.set(peer, known);
    return known;
  }
}

const CORP_VRF = 10;

/** A hub sends straight to the site; a branch goes by the hub that it prefers. */
function directPeer(world: World, node: DeviceNode, to: string | undefined): string | undefined {
  if (node.config.role !== 'hub' || to === undefined) return undefined;
  return tenantOf(world, node.ref.tenant).sites.get(to)?.[0]?.ref.device;
}

function sendersOf(world: World, node: DeviceNode): readonly Host[] {
  const tenant = tenantOf(world, node.ref.tenant);
  return hostsOfSite(tenant, node.config.site).filter((host) =>
    holds(world, 'host-sends', `${tenant.name}/${host.name}`),
  );
}

/** What hosts of the site send beyond their ordinary demand. */
function* added(world: World, node: DeviceNode, senders: readonly Host[], at: number): Iterable<SiteFlow> {
  const tenant = tenantOf(world, node.ref.tenant);
  const ways = new Ways(world, node);
  for (const host of senders) {
    for (const { traffic } of conditionsOf(world, 'host-sends', `${tenant.name}/${host.name}`)) {
      const rate = rateOf(traffic, at);
      if (rate === undefined || !isLetIn(world, node, host, rate.destination)) continue;
      const way = wayOf(ways, host, rate.destination);
      if (way === undefined) continue;
      const { packetBytes, elastic, upBps, downBps } = rate;
      yield { application: rate.application, dscp: 0, packetBytes, elastic, upBps, downBps, ...way };
    }
  }
}

/** Whether the access list of the host's port lets it in. */
function isLetIn(world: World, { config }: DeviceNode, host: Host, destination: string): boolean {
  const port = config.interfaces.find((one) => one.vrf === host.vrf && one.color === undefined);
  return permits(config, port?.accessListIn, { protocol: 'tcp', source: addressOfHost(world, host), destination });
}

function wayOf(ways: Ways, host: Host, destination: string): Way | undefined {
  const { world, node } = ways;
  const goal = tenantOf(world, node.ref.tenant).hosts.get(destination);
  if (goal?.site === node.config.site) return undefined;
  return ways.find(host.vrf, applicationTo(world, destination), goal?.site);
}

/** The application that a device takes traffic to this address on the internet for. */
function applicationTo(world: World, destination: string): string | undefined {
  const name = world.externals.get(destination)?.name;
  return APPLICATIONS.find((one) => 'external' in one.destination && one.destination.external === name)?.name;
}

type Rate = Pick<SiteFlow, 'application' | 'packetBytes' | 'elastic' | 'upBps' | 'downBps'> & {
  readonly destination: string;
};

/** SYN, its answer and little else, on the wire. */
const HANDSHAKE_BYTES = 66;
/** A session with a request and an answer in both directions. */
const SESSION_BYTES = 3_000;

/** Rates of patterns that weigh something; a beacon, a scan and printers that look for each other do not. */
function rateOf(traffic: Traffic, at: number): Rate | undefined {
  if (at < traffic.since) return undefined;
  switch (traffic.pattern) {
    case 'bulk':
      return {
        destination: traffic.destination,
        application: 'bulk-transfer',
        packetBytes: 1_400,
        elastic: true,
        upBps: traffic.bps,
        downBps: traffic.bps / 40,
      };
    case 'syn-flood':
      return {
        destination: traffic.destination,
        application: 'unknown',
        packetBytes: HANDSHAKE_BYTES,
        elastic: false,
        upBps: 8 * HANDSHAKE_BYTES * traffic.perSecond,
        downBps: 8 * HANDSHAKE_BYTES * traffic.perSecond,
      };
    case 'many-sessions':
      return {
        destination: traffic.destination,
        application: 'unknown',
        packetBytes: 300,
        elastic: true,
        upBps: 8 * SESSION_BYTES * traffic.perSecond,
        downBps: 8 * SESSION_BYTES * traffic.perSecond,
      };
    case 'download': {
      const ends = traffic.since + (8_000 * traffic.bytes) / traffic.bps;
      if (at >= ends) return undefined;
      return {
        destination: traffic.destination,
        application: 'software-update',
        packetBytes: 1_400,
        elastic: true,
        upBps: traffic.bps / 40,
        downBps: traffic.bps,
      };
    }
    default:
      return undefined;
  }
}
