/**
 * Routes: what each device has in its tables, per VRF, computed when asked for and kept until something changes.
 *
 * Branches tell hubs their own prefixes. A hub tells branches its own, those of other hubs, and of what branches told it
 * only prefixes longer than a LAN: LANs are found by the summary, which keeps the tables of a thousand branches short
 * (aggregation with suppressed components, RFC 4271 §9.2.2.2). Hubs tell each other everything they heard from branches,
 * so that a branch which lost one hub is still reached through the other. Whoever `exports` all tells all it heard.
 */
import type { Color } from '../../protocols/device/config.ts';
import { formatPrefix, type Prefix, parsePrefix, prefixContains, prefixCovers } from './address.ts';
import { routersAt } from './layers/ospf.ts';
import { type DeviceNode, farEnd, type Route, type SessionCell, type Tenant, tenantOf, type World } from './world.ts';

/** A prefix as a device tells it. */
export interface Origin {
  readonly prefix: string;
  /** VRF that it is told in. */
  readonly vrf: number;
  /** VRF that packets to it continue in at whoever tells it. */
  readonly home: number;
  readonly originAs: number;
  /** Devices that have told it, the originator included. */
  readonly hops: number;
}

/** Components up to this length are left to the summary. */
const LAN_LENGTH = 24;

/** VRFs of a device that import a route of `vrf`: leaks let LANs pass, and nothing longer. */
const importersOf = (node: DeviceNode, vrf: number, length: number): readonly number[] => [
  vrf,
  ...(length > LAN_LENGTH ? [] : node.config.vrfLeaks.filter((leak) => leak.from === vrf).map((leak) => leak.to)),
];

/** Administrative distance in the usual order; within BGP the neighbour's local preference decides first. */
const DISTANCE = { connected: 0, static: 1, bgp: 20, ospf: 110 } as const;
const COLOR_RANK: Readonly<Record<Color, number>> = { mpls: 0, 'biz-internet': 1, lte: 2 };

const keyOf = ({ vrf, prefix }: { readonly vrf: number; readonly prefix: string }): string => `${vrf}|${prefix}`;

/** The prefixes a device originates now: those of its `networks` that it has a subnet or a route for, and their leaks. */
export function originatedBy(world: World, node: DeviceNode): readonly Origin[] {
  const version = tenantOf(world, node.ref.tenant).originVersion;
  if (node.originated?.version === version) return node.originated.prefixes;
  const own = localRoutes(world, node).filter((route) => route.vrf !== 0);
  const originAs = node.config.bgp?.localAs ?? 0;
  const found = new Map<string, Origin>();
  const leaked: Origin[] = [];
  for (const network of node.config.bgp?.networks ?? []) {
    const parsed = parsePrefix(network);
    if (parsed === undefined) continue;
    const prefix = formatPrefix(parsed);
    // A subnet also vouches for its parts; other routes only for exactly themselves.
    const vouching = own.filter((route) =>
      route.protocol === 'connected' ? prefixCovers(route.parsed, parsed) : route.prefix === prefix,
    );
    for (const home of new Set(vouching.map((route) => route.vrf))) {
      for (const vrf of importersOf(node, home, parsed.length)) {
        const origin = { prefix, vrf, home, originAs, hops: 1 };
        if (vrf === home) found.set(keyOf(origin), origin);
        else leaked.push(origin);
      }
    }
  }
  for (const origin of leaked) if (!found.has(keyOf(origin))) found.set(keyOf(origin), origin);
  const prefixes = [...found.values()];
  node.originated = { version, prefixes };
  return prefixes;
}

const isHub = (node: DeviceNode): boolean => node.config.role === 'hub';

/** What `speaker` passes on of what it heard: told in the VRF that it holds the route in. */
const passOn = ({ prefix, vrf, originAs, hops }: Origin): Origin => ({
  prefix,
  vrf,
  home: vrf,
  originAs,
  hops: hops + 1,
});

/** What a device has heard and passes on, with the neighbour that told it; kept until a route may have changed. */
export interface Hearsay {
  readonly peer: DeviceNode;
  readonly origin: Origin;
}

/** What `speaker` tells `listener`. */
export function advertisedBy(world: World, speaker: DeviceNode, listener: DeviceNode): readonly Origin[] {
  const own = originatedBy(world, speaker);
  if (!isHub(speaker) && !tellsAll(speaker)) return own;
  const told = new Map(own.map((origin) => [keyOf(origin), origin]));
  for (const { peer, origin } of hearsayFor(world, speaker, isHub(listener))) {
    const key = keyOf(origin);
    if (peer !== listener && !told.has(key)) told.set(key, origin);
  }
  return [...told.values()];
}

/**
 * No more prefixes than this can `speaker` tell `listener` with the configurations that there are, whatever ports and
 * neighbours do: what a limit need not be held against one by one.
 */
export function advertisedAtMost(world: World, speaker: DeviceNode, listener: DeviceNode): number {
  const own = originatesAtMost(speaker);
  if (!isHub(speaker) && !tellsAll(speaker)) return own;
  const { all, long, ofHubs } = boundOrigins(tenantOf(world, speaker.ref.tenant));
  return tellsAll(speaker) || isHub(listener) ? own + all : own + ofHubs + long;
}

const tellsAll = (node: DeviceNode): boolean => node.config.bgp?.exports === 'all';

/** Each network at each port of a LAN, at each route, and in each VRF that imports from there. */
function originatesAtMost({ config }: DeviceNode): number {
  let homes = config.vrfLeaks.length;
  for (const { vrf } of config.interfaces) if (vrf !== 0) homes += 1;
  for (const { vrf } of config.staticRoutes) if (vrf !== 0) homes += 1;
  return homes * (config.bgp?.networks.length ?? 0);
}

function boundOrigins(tenant: Tenant): NonNullable<Tenant['originBound']> {
  const version = tenant.originVersion;
  if (tenant.originBound?.version === version) return tenant.originBound;
  const bound = { version, all: 0, long: 0, ofHubs: 0 };
  for (const node of tenant.nodes) {
    const most = originatesAtMost(node);
    bound.all += most;
    if (isHub(node)) bound.ofHubs += most;
    else if (node.config.bgp?.networks.some(isLongPrefix) === true) bound.long += most;
  }
  tenant.originBound = bound;
  return bound;
}

const isLongPrefix = (prefix: string): boolean => Number(prefix.split('/')[1] ?? 32) > LAN_LENGTH;
const isLong = (origin: Origin): boolean => isLongPrefix(origin.prefix);

/** What `speaker` passes on to hubs, or to edges. */
function hearsayFor(world: World, speaker: DeviceNode, toHub: boolean): readonly Hearsay[] {
  const version = tenantOf(world, speaker.ref.tenant).routeVersion;
  if (speaker.hearsay?.version !== version) {
    speaker.hearsay = { version, toHubs: hearAll(world, speaker, true), toEdges: hearAll(world, speaker, false) };
  }
  return toHub ? speaker.hearsay.toHubs : speaker.hearsay.toEdges;
}

function hearAll(world: World, speaker: DeviceNode, toHub: boolean): readonly Hearsay[] {
  const heard: Hearsay[] = [];
  const peers = new Set<DeviceNode>();
  for (const session of speaker.sessions.values()) {
    const peer = session.value === 'established' ? peerOf(session) : undefined;
    // Both colours tell the same.
    if (peer === undefined || peers.has(peer)) continue;
    peers.add(peer);
    for (const origin of heardFrom(world, peer, speaker, toHub)) heard.push({ peer, origin: passOn(origin) });
  }
  return heard;
}

/** Of what `peer` tells `speaker`, that which goes on to hubs, or to edges. */
function heardFrom(world: World, peer: DeviceNode, speaker: DeviceNode, toHub: boolean): readonly Origin[] {
  const direct = originatedBy(world, peer);
  // What a hub passes on never depends on what another device passes on: no tale goes in circles.
  if (!isHub(speaker)) return isHub(peer) ? direct : [];
  const all = tellsAll(speaker);
  if (isHub(peer)) return toHub && !all ? [] : direct;
  return toHub || all ? direct : direct.filter(isLong);
}

function peerOf(session: SessionCell): DeviceNode | undefined {
  const end = session.node.endByRemote.get(session.neighbor.address);
  return end === undefined ? undefined : farEnd(end)?.node;
}

/** Prefixes received on a session; 0 while it is not established. */
export function prefixesReceived(world: World, session: SessionCell): number {
  const peer = session.value === 'established' ? peerOf(session) : undefined;
  return peer === undefined ? 0 : advertisedBy(world, peer, session.node).length;
}

function localRoutes(world: World, node: DeviceNode): readonly Route[] {
  const connected = node.config.interfaces.flatMap((port): readonly Route[] => {
    if (port.ipv4 === undefined || node.ports.get(port.name)?.value !== 'up') return [];
    const parsed = parsePrefix(`${port.ipv4.address}/${port.ipv4.prefixLength}`);
    if (parsed === undefined) return [];
    return [localRoute(parsed, port.vrf, 'connected', 'connected', port.name)];
  });
  const fixed = node.config.staticRoutes.flatMap((route): readonly Route[] => {
    const parsed = parsePrefix(route.prefix);
    if (parsed === undefined) return [];
    const port = route.nextHop === 'discard' ? 'discard' : (node.endByRemote.get(route.nextHop)?.name ?? 'static');
    return [localRoute(parsed, route.vrf, 'static', route.nextHop, port)];
  });
  return [...connected, ...fixed, ...ospfRoutes(world, node)];
}

const localRoute = (
  parsed: Prefix,
  vrf: number,
  protocol: 'connected' | 'static' | 'ospf',
  nextHop: string,
  port: string,
): Route => ({ prefix: formatPrefix(parsed), parsed, protocol, nextHop, vrf, originVrf: vrf, interface: port });

/** Subnets behind the routers of the LAN that an adjacency is full with. */
function ospfRoutes(world: World, node: DeviceNode): readonly Route[] {
  return [...node.ospf.values()].flatMap((cell) => {
    if (cell.value !== 'full') return [];
    const vrf = node.config.interfaces.find((port) => port.name === cell.name)?.vrf ?? 0;
    return routersAt(world, node, cell.name).flatMap((router) =>
      router.subnets.flatMap((subnet) => {
        const parsed = parsePrefix(subnet);
        return parsed === undefined ? [] : [localRoute(parsed, vrf, 'ospf', router.address, cell.name)];
      }),
    );
  });
}

/** Best routes of a device over all its VRFs, sorted by VRF and prefix. */
export function routesOf(world: World, node: DeviceNode): readonly Route[] {
  const version = tenantOf(world, node.ref.tenant).routeVersion;
  if (node.routes?.version === version) return node.routes.table;
  const best = new Map<string, { readonly route: Route; readonly rank: readonly number[] }>();
  const present = new Set([...node.config.interfaces, ...node.config.staticRoutes].map((one) => one.vrf));
  const offer = (route: Route, rank: readonly number[]): void => {
    if (!present.has(route.vrf)) return;
    const key = `${route.vrf}|${route.prefix}`;
    const held = best.get(key);
    if (held === undefined || compareRanks(rank, held.rank) < 0) best.set(key, { route, rank });
  };
  for (const route of localRoutes(world, node)) {
    const vrfs = route.nextHop === 'discard' ? [route.vrf] : importersOf(node, route.vrf, route.parsed.length);
    for (const vrf of vrfs) offer(vrf === route.vrf ? route : { ...route, vrf }, [DISTANCE[route.protocol]]);
  }
  for (const session of node.sessions.values()) offerHeard(world, session, offer);
  const table = [...best.values()]
    .map((entry) => entry.route)
    .sort((a, b) => a.vrf - b.vrf || a.parsed.network - b.parsed.network || a.parsed.length - b.parsed.length);
  node.routes = { version, table };
  return table;
}

function offerHeard(world: World, session: SessionCell, offer: (route: Route, rank: readonly number[]) => void): void {
  const end = session.node.endByRemote.get(session.neighbor.address);
  const peer = session.value === 'established' ? peerOf(session) : undefined;
  if (peer === undefined || end === undefined) return;
  for (const origin of advertisedBy(world, peer, session.node)) {
    const parsed = parsePrefix(origin.prefix);
    // A prefix of its own comes back: the AS path has its own number (RFC 4271 §9.1.2).
    if (parsed === undefined || origin.originAs === session.node.config.bgp?.localAs) continue;
    const rank = [DISTANCE.bgp, -session.neighbor.localPreference, origin.hops, COLOR_RANK[end.tunnel.color]];
    const { prefix, home: originVrf, originAs } = origin;
    const nextHop = session.neighbor.address;
    for (const vrf of importersOf(session.node, origin.vrf, parsed.length))
      offer({ prefix, parsed, protocol: 'bgp', nextHop, originVrf, originAs, interface: end.name, vrf }, rank);
  }
}

/** Lexicographic; the first offer wins a tie, and sessions are kept in the order of the configuration. */
function compareRanks(a: readonly number[], b: readonly number[]): number {
  for (let at = 0; at < Math.max(a.length, b.length); at += 1) {
    const difference = (a[at] ?? 0) - (b[at] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** Longest match for an address (a number) in one VRF. */
export function lookUpRoute(world: World, node: DeviceNode, vrf: number, address: number): Route | undefined {
  let found: Route | undefined;
  for (const route of routesOf(world, node)) {
    if (route.vrf !== vrf || !prefixContains(route.parsed, address)) continue;
    if (found === undefined || route.parsed.length > found.parsed.length) found = route;
  }
  return found;
}
