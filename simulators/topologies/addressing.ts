/** Which addresses a site of the reference network has; stable for a site at every size. */
import { formatAddress, parseAddress } from '../model/address.ts';

export interface Site {
  readonly id: number;
  readonly name: string;
  /** Branch number; absent at hubs. */
  readonly number?: number;
}

/** Branch N is site N below 100; 100 and 200 are the hubs', so from there on site 1000+N. */
export const siteOf = (number: number): Site => ({
  id: number < 100 ? number : 1000 + number,
  name: `br${number}`,
  number,
});

/** Place of a VRF within the four /24 of a branch from 100 on. */
const VRF_PLACE: ReadonlyMap<number, number> = new Map([
  [10, 0],
  [20, 1],
  [30, 2],
  [40, 3],
]);

/** An address in a site's LAN: 10.<site>.<vrf>.<last>, or packed four to a site from branch 100 on. */
export function lanNetwork(site: Site, vrf: number, last: number): string {
  const { number } = site;
  if (number === undefined || number < 100) return `10.${site.id}.${vrf}.${last}`;
  const beyond = number - 100;
  return `10.${101 + Math.floor(beyond / 64)}.${4 * (beyond % 64) + (VRF_PLACE.get(vrf) ?? 0)}.${last}`;
}

/** Hosts in the server VRF of hub1 that others are configured with. */
export const HUB_HOSTS = {
  srv1: '10.100.20.10',
  dns1: '10.100.20.53',
  dns2: '10.200.20.53',
  voice: '10.100.20.60',
  dhcp: '10.100.20.67',
  backup: '10.100.20.80',
  ntp: '10.100.20.123',
  poller: '10.100.20.161',
  scanner: '10.100.20.200',
} as const;

/** Resolver that guests are given: a public one (RFC 5737 documentation address). */
export const PUBLIC_RESOLVER = '203.0.113.53';

/** From here on the LANs would run into the range of the router ids, 10.255.0.0/16. */
export const MAX_BRANCHES = 9_900;

/** Room of a site in the WAN and overlay ranges. Place 0 is the controllers' or the hubs'. */
const SITE_ADDRESSES = 32;
/** Tenants have a /16 each out of the shared address space 100.64.0.0/10 (RFC 6598), and further ones when they are large. */
const SHARED_SPACE = parseAddress('100.64.0.0');
const TENANT_RANGES = 64;
const RANGE_ADDRESSES = 65_536;
const NEXT_RANGE = 8;
/** Branches that fit into one range; the hubs are behind them in the first one. */
const RANGE_SITES = 2000;

/** The device's side of an access circuit: the second address of a /30, whose first is the provider's. */
function addressIn(range: number, room: number, slot: number): { address: string; prefixLength: number } {
  const base = SHARED_SPACE + (range % TENANT_RANGES) * RANGE_ADDRESSES;
  return { address: formatAddress(base + room * SITE_ADDRESSES + 4 * slot + 2), prefixLength: 30 };
}

/** Of branch `number`, or of a controller with 0. */
export function wanAddress(
  tenantIndex: number,
  number: number,
  slot: number,
): { address: string; prefixLength: number } {
  const beyond = number === 0 ? 0 : Math.floor((number - 1) / RANGE_SITES);
  return addressIn(tenantIndex + NEXT_RANGE * beyond, number - beyond * RANGE_SITES, slot);
}

/** Of a hub: behind the last branch of the first range, so that adding branches moves nobody. */
export const hubWanAddress = (tenantIndex: number, siteId: number, slot: number) =>
  addressIn(tenantIndex, RANGE_SITES + siteId / 100, slot);

/** Sites that fit into 172.30.0.0/16. */
const OVERLAY_SITES = 2048;
const OVERLAY = parseAddress('172.30.0.0');
const MORE_OVERLAY = parseAddress('172.16.0.0');

/** Both overlay addresses of a tunnel: a /31 (RFC 3021) out of 172.30.0.0/16, and of 172.16.0.0/13 when that is full. */
export function overlayPair(place: number, slot: number): readonly [string, string] {
  const base = place < OVERLAY_SITES ? place : place - OVERLAY_SITES;
  const range = place < OVERLAY_SITES ? OVERLAY : MORE_OVERLAY;
  const first = range + base * SITE_ADDRESSES + 2 * slot;
  return [formatAddress(first), formatAddress(first + 1)];
}

const ROUTER_IDS = parseAddress('10.255.0.0');

/** Router ids out of 10.255.0.0/16, two to a site. */
export const systemAddress = (siteId: number, which: number): string =>
  formatAddress(ROUTER_IDS + (siteId === 0 ? 0xff00 : 2 * siteId) + which);
