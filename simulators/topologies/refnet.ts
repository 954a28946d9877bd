/**
 * The reference network: two hubs, N branches, two providers and a cellular one, controllers, hosts. Sizes differ in
 * the number of branches only and names stay, so that a story resolves at any size.
 */
import { groupBy } from '../model/group-by.ts';
import type { Circuit, Host, Topology } from '../model/network.ts';
import { noise } from '../model/seeded-noise.ts';
import { lanNetwork, overlayPair, type Site, siteOf, systemAddress, wanAddress } from './addressing.ts';
import { deviceConfig, identityKeyOf, PROVIDERS, type Side, type TunnelPlan } from './device-config.ts';

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
  const edges = Array.from({ length: branches }, (_, at) => branchSides(at + 1)).flat();
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
      ...hubHosts(tenant, hubs),
      ...edges.flatMap((side) => (side.second ? [] : branchHosts(tenant, side, seed))),
    ],
  };
}

/** Several tenants on the same provider cores. */
export function mergeTopologies(topologies: readonly Topology[]): Topology {
  return {
    providers: [...new Set(topologies.flatMap((one) => one.providers))],
    devices: topologies.flatMap((one) => one.devices),
    circuits: topologies.flatMap((one) => one.circuits),
    hosts: topologies.flatMap((one) => one.hosts),
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

function branchSides(number: number): readonly Side[] {
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
  return [
    { ...first, paired: true },
    { ...second, paired: true },
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
      },
    ],
    accessLists: [],
    tunnels: [],
    ipsec: { identityKey, peers: [], rekeySeconds: 3600 },
    bfd: [],
    staticRoutes: [],
    vrrp: [],
    controllers: [],
  } as const;
}

function hubHosts(tenant: string, hubs: readonly Side[]): readonly Host[] {
  const [hub1, hub2] = hubs;
  if (hub1 === undefined || hub2 === undefined) return [];
  const host = (hub: Side, name: string, last: number, services: Host['services']): Host => ({
    tenant,
    name,
    site: hub.site.name,
    vrf: 20,
    address: lanNetwork(hub.site, 20, last),
    services,
    users: 0,
  });
  return [
    host(hub1, 'hub1_srv1', 10, [{ name: 'erp', port: 443 }]),
    host(hub1, 'hub1_dns', 53, [{ name: 'dns', port: 53 }]),
    host(hub1, 'hub1_voice', 60, [{ name: 'sip', port: 5060 }]),
    host(hub2, 'hub2_dns', 53, [{ name: 'dns', port: 53 }]),
  ];
}

function branchHosts(tenant: string, side: Side, seed: string): readonly Host[] {
  const { site } = side;
  const users = (name: string): number => 5 + Math.floor(26 * noise(seed, 'users', tenant, site.name, name));
  const host = (name: string, vrf: number, last: number, count = 0): Host => ({
    tenant,
    name: `${site.name}_${name}`,
    site: site.name,
    vrf,
    address: lanNetwork(site, vrf, last),
    services: [],
    users: count,
  });
  return [
    host('corp_pc1', 10, 11, users('corp_pc1')),
    host('corp_pc2', 10, 12, users('corp_pc2')),
    host('corp_printer1', 10, 30),
    host('iot_cam1', 30, 11),
    host('guest1', 40, 11),
  ];
}
