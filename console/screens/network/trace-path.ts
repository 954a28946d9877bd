/** Follows the routing tables from one device to an address, as a packet would: longest prefix first, hop by hop. Pure but for the tables it is given. */
import type { InventoryView } from '../../api/schema.ts';

export interface Route {
  readonly prefix: string;
  readonly protocol: string;
  readonly nextHop: string;
  readonly port: string;
}

export interface Hop {
  readonly device: string;
  /** The route that was taken there, and the others that are as long: a packet may go by those, too. */
  readonly route?: Route;
  readonly others: number;
  /** The tunnel that leads on, as `tunnel/…`. */
  readonly tunnel?: string;
}

export interface Traced {
  readonly hops: readonly Hop[];
  /** `arrived` where the address is connected; `left` where it leaves the network by a port of its own. */
  readonly end: 'arrived' | 'left' | 'discarded' | 'no-route' | 'loop' | 'silent';
}

/** More hops than any path of an SD-WAN has. */
const MOST_HOPS = 16;

/** `vrf 10 10.100.20.0/24 bgp via 172.30.0.35 tun-mpls-hub1_edge`, as `routes.read` says it. */
export function readRoute(value: string): Route | undefined {
  const [, prefix, protocol, nextHop, port] = /^vrf \d+ (\S+) (\S+) via (\S+) (\S+)$/.exec(value) ?? [];
  return prefix === undefined || protocol === undefined || nextHop === undefined || port === undefined
    ? undefined
    : { prefix, protocol, nextHop, port };
}

const numberOf = (address: string): number =>
  address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0) >>> 0;

function lengthOf(prefix: string, address: string): number {
  const [network = '', bits = '32'] = prefix.split('/');
  const length = Number(bits);
  const mask = length === 0 ? 0 : (0xffffffff << (32 - length)) >>> 0;
  return (numberOf(network) & mask) >>> 0 === (numberOf(address) & mask) >>> 0 ? length : -1;
}

/** The best routes to an address: all of the longest prefix, in the order of the table. */
export function bestRoutes(routes: readonly Route[], address: string): readonly Route[] {
  const fitting = routes.map((route) => ({ route, length: lengthOf(route.prefix, address) }));
  const longest = Math.max(-1, ...fitting.map(({ length }) => length));
  return longest < 0 ? [] : fitting.flatMap(({ route, length }) => (length === longest ? [route] : []));
}

/** `tun-biz-internet-hub1_edge` at `br1_edge`: the peer, and the transport by which it is reached. */
export function readTunnelPort(port: string, { devices }: Pick<InventoryView, 'devices'>) {
  const peer = devices.find(({ name }) => port.startsWith('tun-') && port.endsWith(`-${name}`))?.name;
  return peer === undefined ? undefined : { peer, color: port.slice('tun-'.length, -(peer.length + 1)) };
}

/** `tablesOf` reads the routes of a device in a VRF; undefined when it is silent. */
export async function tracePath(
  inventory: InventoryView,
  from: { readonly device: string; readonly vrf: number },
  address: string,
  tableOf: (device: string, vrf: number) => Promise<readonly Route[] | undefined>,
): Promise<Traced> {
  const hops: Hop[] = [];
  let { device } = from;
  while (hops.length < MOST_HOPS) {
    if (hops.some((hop) => hop.device === device)) return { hops: [...hops, { device, others: 0 }], end: 'loop' };
    const table = await tableOf(device, from.vrf);
    if (table === undefined) return { hops: [...hops, { device, others: 0 }], end: 'silent' };
    const [route, ...others] = bestRoutes(table, address);
    if (route === undefined) return { hops: [...hops, { device, others: 0 }], end: 'no-route' };
    const onward = readTunnelPort(route.port, inventory);
    const tunnel = onward && nameTunnel(device, onward.peer, onward.color);
    hops.push({ device, route, others: others.length, ...(tunnel === undefined ? {} : { tunnel }) });
    if (route.port === 'discard') return { hops, end: 'discarded' };
    if (onward === undefined) return { hops, end: route.protocol === 'connected' ? 'arrived' : 'left' };
    device = onward.peer;
  }
  return { hops, end: 'loop' };
}

/** As the broker names it (docs/signals.md): hubs last, else in the order of names. */
function nameTunnel(a: string, b: string, color: string): string {
  const isHub = (device: string): boolean => device.startsWith('hub');
  const [one, other] = [`${a}:${color}`, `${b}:${color}`];
  const inOrder = isHub(a) === isHub(b) ? one < other : isHub(b);
  return `tunnel/${inOrder ? `${one}--${other}` : `${other}--${one}`}`;
}
