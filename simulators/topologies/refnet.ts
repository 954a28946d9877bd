/**
 * The reference network: two hubs, N branches, two providers and a cellular one, controllers, hosts. Sizes differ in
 * the number of branches only and names stay, so that a story resolves at any size.
 */
import { groupBy } from '../model/group-by.ts';
import type { Circuit, LanRouter, Topology } from '../model/network.ts';
import { lanNetwork, overlayPair, type Site, siteOf, systemAddress, wanAddress } from './addressing.ts';
import { deviceConfig, identityKeyOf, PROVIDERS, type Side, type TunnelPlan } from './device-config.ts';
import { branchHosts, EXTERNALS, hubHosts } from './hosts.ts';
import { CONTROL_PORT, controllerPolicy } from './site-policy.ts';

/** Branches of each size by name. */
export const REFNET_SIZES = { s: 2, m: 4, l: 8, xl: 1000 } as const;

export interface RefnetOptions {
  readonly tenant: string;
  /** 1 to 2,000. */
  readonly branches: number;
  readonly seed: number | string;
  /** Position of the tenant in its installation: keeps WAN addresses of tenants apart. */
  readonly tenantIndex: number;
}

const CONTROLLERS = ['director', 'ctrl1', 'ctrl2', 'orch1'] as const;
/** Sites with a cellular last resort, and the site with two edges. */
const LTE_SITES: ReadonlySet<number> = new Set([3, 4]);
const DUAL_EDGE_SITE = 4;

/** Builds one tenant's network; the same options give the same topology. Throws `RangeError` for an impossible size. */
export function refnet(options: RefnetOptions): Topology {
  const { tenant, branches, tenantIndex } = options;
  const seed = String(options.seed);
  if (!Number.isInteger(branches) || branches < 1 || branches > 2000) throw new RangeError('branches: 1 to 2000');
  const hubs = [hubSide(1), hubSide(2)];
  const edges = Array.from({ length: branches }, (_, at) => branchSides(tenant, at + 1)).flat();
  const sides = [...hubs, ...edges];
  const plans = planTunnels(hubs, edges);
  const byDevice = groupBy(plans, (plan) => plan.device);
  const keyOf = (device: string): string => identityKeyOf(seed, tenant, device);
  const devices = sides.map((side) => ({
    tenant,
    device: side.device,
    config: deviceConfig(side, byDevice.get(side.device) ?? [], tenantIndex, keyOf),
  }));
  const controllers = CONTROLLERS.map((device, at) => ({
    tenant,
    device,
    config: controllerConfig(device, at, tenantIndex, keyOf(device)),
  }));
  return {
    providers: Object.values(PROVIDERS).map((provider) => provider.core),
    devices: [...devices, ...controllers],
    circuits: sides.flatMap((side) => circuitsOf(tenant, side)),
    hosts: [
      ...hubs.flatMap((hub) => hubHosts(tenant, hub.site)),
      ...edges.flatMap((side) => (side.second ? [] : branchHosts(tenant, side.site, seed))),
    ],
    lanRouters: edges.flatMap((side) => (side.second ? [] : (side.routers ?? []))),
    externals: EXTERNALS,
  };
}

/** Several tenants on the same provider cores. */
export function mergeTopologies(topologies: readonly Topology[]): Topology {
  return {
    providers: [...new Set(topologies.flatMap((one) => one.providers))],
    devices: topologies.flatMap((one) => one.devices),
    circuits: topologies.flatMap((one) => one.circuits),
    hosts: topologies.flatMap((one) => one.hosts),
    lanRouters: topologies.flatMap((one) => one.lanRouters),
    externals: [...new Map(topologies.flatMap((one) => one.externals).map((one) => [one.address, one])).values()],
  };
}

const hubSide = (number: 1 | 2): Side => ({
  device: `hub${number}_edge`,
  role: 'hub',
  site: { id: 100 * number, name: `hub${number}` },
  asn: number === 1 ? 65000 : 65010,
  second: false,
  colors: ['mpls', 'biz-internet'],
});

function branchSides(tenant: string, number: number): readonly Side[] {
  const site: Site = siteOf(number);
  // 65000+N up to nine branches; then 65010 would be hub2's, so 32-bit private numbers (RFC 6996).
  const asn = number < 10 ? 65000 + number : 4_200_000_000 + number;
  const colors = ['mpls', 'biz-internet'] as const;
  const lte = LTE_SITES.has(number) ? (['lte'] as const) : [];
  const first: Side = {
    device: `${site.name}_edge`,
    role: 'edge',
    site,
    asn,
    second: false,
    colors: [...colors, ...lte],
  };
  if (number !== DUAL_EDGE_SITE) return [{ ...first, paired: false }];
  const second: Side = { ...first, device: `${site.name}_edge_b`, second: true, colors };
  const routers = [coreRouter(tenant, site, first.device)];
  return [
    { ...first, paired: true, routers },
    { ...second, paired: true, routers },
  ];
}

/** Both ends of every tunnel: each edge to each hub on each colour, the hubs to each other, cellular to hub1. */
function planTunnels(hubs: readonly Side[], edges: readonly Side[]): readonly TunnelPlan[] {
  const plans: TunnelPlan[] = [];
  const join = (
    a: Side,
    aColor: Side['colors'][number],
    b: Side,
    bColor: typeof aColor,
    pair: readonly string[],
  ): void => {
    const [near = '', far = ''] = pair;
    const ends = { a: { color: aColor, address: near }, b: { color: bColor, address: far } };
    plans.push({ device: a.device, peer: b, local: ends.a, remote: ends.b });
    plans.push({ device: b.device, peer: a, local: ends.b, remote: ends.a });
  };
  const [hub1, hub2] = hubs;
  if (hub1 === undefined || hub2 === undefined) return plans;
  join(hub1, 'mpls', hub2, 'mpls', overlayPair(0, 0));
  join(hub1, 'biz-internet', hub2, 'biz-internet', overlayPair(0, 1));
  for (const edge of edges) {
    const block = edge.second ? 8 : 0;
    let slot = 0;
    for (const hub of hubs) {
      for (const color of ['mpls', 'biz-internet'] as const) {
        join(edge, color, hub, color, overlayPair(edge.site.number ?? 0, block + slot));
        slot += 1;
      }
    }
    if (edge.colors.includes('lte')) {
      join(edge, 'lte', hub1, 'biz-internet', overlayPair(edge.site.number ?? 0, block + slot));
    }
  }
  return plans;
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

const circuitsOf = (tenant: string, side: Side): readonly Circuit[] =>
  side.colors.map((color) => {
    const { core, port, onewayMs, branchBps, hubBps } = PROVIDERS[color];
    const capacityBps = side.role === 'hub' ? hubBps : branchBps;
    return { tenant, device: side.device, interface: port, color, provider: core, onewayMs, capacityBps };
  });

function controllerConfig(device: string, at: number, tenantIndex: number, identityKey: string) {
  return {
    hostname: device,
    role: 'controller',
    siteId: 0,
    site: 'core',
    systemIp: systemAddress(0, at + 1),
    interfaces: [
      {
        name: 'eth0',
        enabled: true,
        mtu: 1500,
        ipv4: wanAddress(tenantIndex, 0, at),
        vrf: 0,
        description: 'provider network',
        dhcpHelpers: [],
      },
    ],
    accessLists: [],
    tunnels: [],
    ipsec: { identityKey, peers: [], rekeySeconds: 3600 },
    bfd: [],
    staticRoutes: [],
    vrrp: [],
    controllers: [],
    controlPort: CONTROL_PORT,
    ospf: [],
    ...controllerPolicy(device === 'director'),
  } as const;
}
