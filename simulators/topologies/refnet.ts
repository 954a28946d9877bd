/**
 * The reference network: two hubs, N branches, two providers and a cellular one, controllers, hosts. Sizes differ in
 * the number of branches only and names stay, so that a story resolves at any size.
 */
import type { Color } from '../../protocols/device/config.ts';
import type { LanRouter, Topology } from '../model/network.ts';
import {
  HUB_HOSTS,
  hubWanAddress,
  lanNetwork,
  MAX_BRANCHES,
  overlayPair,
  PUBLIC_RESOLVER,
  type Site,
  siteOf,
  systemAddress,
  wanAddress,
} from './addressing.ts';
import { buildTopology, type Side, type Transport, type TunnelEnd } from './blueprint.ts';
import { branchHosts, EXTERNALS, hubHosts, secondHubHosts } from './hosts.ts';

/** Branches of each size by name. */
export const REFNET_SIZES = { s: 2, m: 4, l: 8, xl: 1000 } as const;

export interface RefnetOptions {
  readonly tenant: string;
  /** 1 to 9,900. */
  readonly branches: number;
  readonly seed: number | string;
  /** Position of the tenant in its installation: keeps WAN addresses of tenants apart. */
  readonly tenantIndex: number;
}

/** What a hub needs for one branch of the busiest hour with room to spare, on either colour, bits a second. */
const HUB_BPS_PER_BRANCH = 50_000_000;
const GIGABIT = 1_000_000_000;

/** Provider core, port, one-way delay and contracted rates of each colour; a hub buys whole gigabits for its branches. */
function transportsFor(branches: number): ReadonlyMap<Color, Transport> {
  const hubBps = GIGABIT * Math.ceil((HUB_BPS_PER_BRANCH * branches) / GIGABIT);
  return new Map([
    ['mpls', { provider: 'isp1_core', port: 'ge0/0', onewayMs: 20, branchBps: 50_000_000, hubBps }],
    ['biz-internet', { provider: 'isp2_core', port: 'ge0/1', onewayMs: 20, branchBps: 200_000_000, hubBps }],
    ['lte', { provider: 'isp3_core', port: 'cell0', onewayMs: 35, branchBps: 20_000_000, hubBps: 20_000_000 }],
  ]);
}

const CONTROLLERS = ['director', 'ctrl1', 'ctrl2', 'orch1'] as const;
/** Sites with a cellular last resort, and the site with two edges. */
const LTE_SITES: ReadonlySet<number> = new Set([3, 4]);
const DUAL_EDGE_SITE = 4;
const HUBS = ['hub1_edge', 'hub2_edge'] as const;

/** Builds one tenant's network; the same options give the same topology. Throws `RangeError` for an impossible size. */
export function refnet(options: RefnetOptions): Topology {
  const { tenant, branches, tenantIndex } = options;
  const seed = String(options.seed);
  if (!Number.isInteger(branches) || branches < 1 || branches > MAX_BRANCHES)
    throw new RangeError(`branches: 1 to ${MAX_BRANCHES}`);
  const hubs = [hubSide(1, tenantIndex), hubSide(2, tenantIndex)] as const;
  const edges = Array.from({ length: branches }, (_, at) => branchSides(tenant, tenantIndex, at + 1));
  return buildTopology({
    tenant,
    seed,
    transports: transportsFor(branches),
    sides: [...hubs, ...edges.flat()],
    tunnels: [...hubTunnels(...hubs), ...edges.flatMap((sides, at) => edgeTunnels(hubs, sides, at + 1))],
    summary: '10.0.0.0/8',
    services: {
      resolver: HUB_HOSTS.dns1,
      publicResolver: PUBLIC_RESOLVER,
      dhcp: HUB_HOSTS.dhcp,
      ntp: HUB_HOSTS.ntp,
    },
    hosts: [
      ...hubHosts(tenant, hubs[0]),
      ...secondHubHosts(tenant, hubs[1]),
      ...edges.flatMap(([first]) => (first === undefined ? [] : branchHosts(tenant, first, seed))),
    ],
    externals: EXTERNALS,
    controllers: CONTROLLERS.map((device, at) => ({
      device,
      wan: wanAddress(tenantIndex, 0, at),
      systemIp: systemAddress(0, at + 1),
    })),
  });
}

function side(
  site: Site,
  place: number,
  tenantIndex: number,
  colors: readonly Color[],
  rest: Pick<Side, 'device' | 'role' | 'asn' | 'paired' | 'routers'>,
): Side {
  const { id, number } = site;
  const wan = (slot: number) =>
    number === undefined ? hubWanAddress(tenantIndex, id, slot) : wanAddress(tenantIndex, number, slot);
  return {
    siteId: site.id,
    site: site.name,
    place,
    systemIp: systemAddress(site.id, place),
    wan: new Map(colors.map((color, at) => [color, wan(4 * place + at)])),
    lan: (vrf, last) => lanNetwork(site, vrf, last),
    prefers: rest.role === 'edge' ? [HUBS[0]] : [],
    ...rest,
  };
}

const hubSide = (number: 1 | 2, tenantIndex: number): Side =>
  side({ id: 100 * number, name: `hub${number}` }, 0, tenantIndex, ['mpls', 'biz-internet'], {
    device: HUBS[number - 1] ?? '',
    role: 'hub',
    asn: number === 1 ? 65000 : 65010,
    paired: false,
    routers: [],
  });

function branchSides(tenant: string, tenantIndex: number, number: number): readonly Side[] {
  const site = siteOf(number);
  // 65000+N up to nine branches; then 65010 would be hub2's, so 32-bit private numbers (RFC 6996).
  const asn = number < 10 ? 65000 + number : 4_200_000_000 + number;
  const colors = ['mpls', 'biz-internet'] as const;
  const lte = LTE_SITES.has(number) ? (['lte'] as const) : [];
  const device = `${site.name}_edge`;
  const dual = number === DUAL_EDGE_SITE;
  const routers = dual ? [coreRouter(tenant, site, device)] : [];
  const rest = (name: string) => ({ device: name, role: 'edge', asn, paired: dual, routers }) as const;
  const first = side(site, 0, tenantIndex, [...colors, ...lte], rest(device));
  return dual ? [first, side(site, 1, tenantIndex, colors, rest(`${device}_b`))] : [first];
}

/** The router behind the edges of the site with two of them: two subnets that only OSPF tells of. */
function coreRouter(tenant: string, site: Site, device: string): LanRouter {
  const address = lanNetwork(site, 10, 254);
  return {
    tenant,
    name: `${site.name}_core`,
    site: site.name,
    device,
    interface: 'ge0/2',
    address,
    routerId: address,
    area: '0.0.0.0',
    subnets: [`${lanNetwork(site, 11, 0)}/24`, `${lanNetwork(site, 12, 0)}/24`],
  };
}

type Tunnel = readonly [TunnelEnd, TunnelEnd];

function join(a: Side, aColor: Color, b: Side, bColor: Color, [near, far]: readonly [string, string]): Tunnel {
  return [
    { side: a, color: aColor, address: near },
    { side: b, color: bColor, address: far },
  ];
}

const hubTunnels = (hub1: Side, hub2: Side): readonly Tunnel[] => [
  join(hub1, 'mpls', hub2, 'mpls', overlayPair(0, 0)),
  join(hub1, 'biz-internet', hub2, 'biz-internet', overlayPair(0, 1)),
];

/** Each edge to each hub on each colour; cellular to hub1. */
function edgeTunnels(hubs: readonly [Side, Side], sides: readonly Side[], number: number): readonly Tunnel[] {
  return sides.flatMap((edge) => {
    const block = 8 * edge.place;
    const primary = hubs.flatMap((hub, h) =>
      (['mpls', 'biz-internet'] as const).map((color, c) =>
        join(edge, color, hub, color, overlayPair(number, block + 2 * h + c)),
      ),
    );
    if (!edge.wan.has('lte')) return primary;
    return [...primary, join(edge, 'lte', hubs[0], 'biz-internet', overlayPair(number, block + 4))];
  });
}
