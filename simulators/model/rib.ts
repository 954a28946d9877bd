/**
 * Routes: what each device has in its tables, per VRF, computed when asked for and kept until something changes.
 *
 * A route keeps the VRF of the subnet it was originated from; corp and server VRFs see each other's subnets (the leak).
 * Branches hear what hubs originate; hubs also tell each other what they heard from branches, so that a branch which
 * lost one hub is still reached through the other.
 */
import type { Color } from '../../protocols/device/config.ts';
import { formatPrefix, parsePrefix, prefixContains, prefixCovers } from './address.ts';
import { type DeviceNode, farEnd, type Route, type SessionCell, tenantOf, type World } from './world.ts';

interface Origin {
  readonly prefix: string;
  readonly vrf: number;
}

/** VRFs that import a subnet of `vrf`. */
const LEAKS: ReadonlyMap<number, readonly number[]> = new Map([
  [10, [10, 20]],
  [20, [20, 10]],
]);
const importers = (vrf: number): readonly number[] => LEAKS.get(vrf) ?? [vrf];

/** Administrative distance in the usual order; within BGP the neighbour's local preference decides first. */
const DISTANCE = { connected: 0, static: 1, bgp: 20, ospf: 110 } as const;
const COLOR_RANK: Readonly<Record<Color, number>> = { mpls: 0, 'biz-internet': 1, lte: 2 };

/** The prefixes a device originates now: those of its `networks` that it has a subnet or a static route for. */
export function originatedBy(world: World, node: DeviceNode): readonly Origin[] {
  const version = tenantOf(world, node.ref.tenant).routeVersion;
  if (node.originated?.version === version) return node.originated.prefixes;
  const own = localRoutes(node).filter((route) => route.vrf !== 0);
  const prefixes = (node.config.bgp?.networks ?? []).flatMap((network) => {
    const parsed = parsePrefix(network);
    if (parsed === undefined) return [];
    const prefix = formatPrefix(parsed);
    // A subnet also vouches for its parts; a static route only for exactly itself.
    const vouching = own.filter((route) =>
      route.protocol === 'connected' ? prefixCovers(route.parsed, parsed) : route.prefix === prefix,
    );
    return [...new Set(vouching.map((route) => route.vrf))].map((vrf) => ({ prefix, vrf }));
  });
  node.originated = { version, prefixes };
  return prefixes;
}

const isHub = (node: DeviceNode): boolean => node.config.role === 'hub';

/** What `speaker` tells `listener`. */
export function advertisedBy(world: World, speaker: DeviceNode, listener: DeviceNode): readonly Origin[] {
  const own = originatedBy(world, speaker);
  if (!isHub(speaker) || !isHub(listener)) return own;
  const heard = new Map(own.map((origin) => [`${origin.vrf}|${origin.prefix}`, origin]));
  for (const session of speaker.sessions.values()) {
    const peer = session.value === 'established' ? peerOf(session) : undefined;
    if (peer === undefined || isHub(peer)) continue;
    for (const origin of originatedBy(world, peer)) heard.set(`${origin.vrf}|${origin.prefix}`, origin);
  }
  return [...heard.values()];
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

function localRoutes(node: DeviceNode): readonly Route[] {
  const connected = node.config.interfaces.flatMap((port): readonly Route[] => {
    if (port.ipv4 === undefined || node.ports.get(port.name)?.value !== 'up') return [];
    const parsed = parsePrefix(`${port.ipv4.address}/${port.ipv4.prefixLength}`);
    if (parsed === undefined) return [];
    const route = { prefix: formatPrefix(parsed), parsed, protocol: 'connected', nextHop: 'connected' } as const;
    return [{ ...route, vrf: port.vrf, originVrf: port.vrf, interface: port.name }];
  });
  const fixed = node.config.staticRoutes.flatMap((route): readonly Route[] => {
    const parsed = parsePrefix(route.prefix);
    if (parsed === undefined) return [];
    const port = route.nextHop === 'discard' ? 'discard' : 'static';
    return [
      {
        vrf: route.vrf,
        originVrf: route.vrf,
        prefix: formatPrefix(parsed),
        parsed,
        protocol: 'static',
        nextHop: route.nextHop,
        interface: port,
      },
    ];
  });
  return [...connected, ...fixed];
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
  for (const route of localRoutes(node)) {
    const vrfs = route.protocol === 'connected' ? importers(route.vrf) : [route.vrf];
    for (const vrf of vrfs) offer({ ...route, vrf }, [DISTANCE[route.protocol]]);
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
  const rank = [DISTANCE.bgp, -session.neighbor.localPreference, COLOR_RANK[end.tunnel.color]];
  for (const origin of advertisedBy(world, peer, session.node)) {
    const parsed = parsePrefix(origin.prefix);
    if (parsed === undefined) continue;
    const route = { prefix: origin.prefix, parsed, protocol: 'bgp', nextHop: session.neighbor.address } as const;
    for (const vrf of importers(origin.vrf)) offer({ ...route, vrf, originVrf: origin.vrf, interface: end.name }, rank);
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
