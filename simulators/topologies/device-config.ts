/** The configuration of an edge or a hub of the reference network. */
import { createHash } from 'node:crypto';
import type { Color, DeviceConfig, InterfaceConfig } from '../../protocols/device/config.ts';
import type { LanRouter } from '../model/network.ts';
import { HUB_HOSTS, lanNetwork, type Site, systemAddress, wanAddress } from './addressing.ts';
import { branchPolicy, CONTROL_PORT, hubPolicy, WAN_QOS } from './site-policy.ts';

/** One edge or hub before it has a configuration. */
export interface Side {
  readonly device: string;
  readonly role: 'edge' | 'hub';
  readonly site: Site;
  readonly asn: number;
  /** True for the second edge of a site. */
  readonly second: boolean;
  /** True when two edges share the site's LAN by VRRP. */
  readonly paired?: boolean;
  readonly colors: readonly Color[];
  /** Routers in the site's LAN that it speaks OSPF with. */
  readonly routers?: readonly LanRouter[];
}

/** One end of a tunnel that is to be configured on `device`. */
export interface TunnelPlan {
  readonly device: string;
  readonly peer: Side;
  readonly local: { readonly color: Color; readonly address: string };
  readonly remote: { readonly color: Color; readonly address: string };
}

/** Provider core, port, one-way delay and contracted rates of each colour. */
export const PROVIDERS: Readonly<
  Record<Color, { core: string; port: string; onewayMs: number; branchBps: number; hubBps: number }>
> = {
  mpls: { core: 'isp1_core', port: 'ge0/0', onewayMs: 20, branchBps: 50_000_000, hubBps: 1_000_000_000 },
  'biz-internet': { core: 'isp2_core', port: 'ge0/1', onewayMs: 20, branchBps: 200_000_000, hubBps: 1_000_000_000 },
  lte: { core: 'isp3_core', port: 'cell0', onewayMs: 35, branchBps: 20_000_000, hubBps: 20_000_000 },
};

/** 32 bytes out of the seed, as base64: a public identity key that is the same at every run. */
export const identityKeyOf = (seed: string, tenant: string, device: string): string =>
  createHash('sha256').update(`identity|${seed}|${tenant}|${device}`).digest('base64');

/** Limits that catch a leak: a branch originates a handful, the hubs exchange everything. */
const MAX_PREFIXES = { fromBranch: 20, fromHub: 100, betweenHubs: 100_000 } as const;

/** Configuration of `side` with the tunnel ends in `plans`; `keyOf` gives anybody's public identity key. */
export function deviceConfig(
  side: Side,
  plans: readonly TunnelPlan[],
  tenantIndex: number,
  keyOf: (device: string) => string,
): DeviceConfig {
  const { site } = side;
  const hub = side.role === 'hub';
  const tunnels = plans.map(({ peer, local, remote }) => ({
    name: `tun-${local.color}-${peer.device}${local.color === remote.color ? '' : `-${remote.color}`}`,
    color: local.color,
    peer: peer.device,
    peerColor: remote.color,
    localAddress: local.address,
    remoteAddress: remote.address,
    selectors: [],
    proposal: 'aes256gcm-sha384-ecp384',
    lifetimeSeconds: CHILD_SA_SECONDS,
    replayWindow: 512,
  }));
  const peers = [...new Set(plans.map((plan) => plan.peer.device))];
  const lan = lanPorts(side);
  return {
    hostname: side.device,
    role: side.role,
    siteId: site.id,
    site: site.name,
    systemIp: systemAddress(site.id, side.second ? 1 : 0),
    interfaces: [...wanPorts(side, tenantIndex), ...lan],
    accessLists: [
      { name: 'acl-lan-in', entries: [{ name: 'e10', action: 'permit', protocol: 'any' }] },
      { name: 'acl-control-in', entries: [{ name: 'e10', action: 'permit', protocol: 'any' }] },
    ],
    controlPlaneAcl: 'acl-control-in',
    tunnels,
    ipsec: {
      identityKey: keyOf(side.device),
      peers: peers.map((peer) => ({ peer, key: keyOf(peer) })),
      rekeySeconds: 86_400,
    },
    bfd: side.colors.map((color) => ({ color, txIntervalMs: 1000, multiplier: 7 })),
    bgp: {
      localAs: side.asn,
      networks: [...originated(side), ...(hub ? ['10.0.0.0/8'] : [])],
      exports: 'own',
      neighbors: plans.map(({ peer, remote }) => ({
        address: remote.address,
        peer: peer.device,
        remoteAs: peer.asn,
        maxPrefixes: limitFor(hub, peer.role === 'hub'),
        localPreference: preferenceFor(hub, peer),
      })),
    },
    // The summary that branches follow to each other; a hub drops what no branch has announced.
    staticRoutes: hub ? [10, 20, 30].map((vrf) => ({ vrf, prefix: '10.0.0.0/8', nextHop: 'discard' })) : [],
    vrrp: side.paired === true ? [virtualRouter(side)] : [],
    controllers: ['ctrl1', 'ctrl2'],
    controlPort: CONTROL_PORT,
    ospf: (side.routers ?? []).map((router) => ({ interface: router.interface, area: router.area })),
    ...(hub ? hubPolicy() : branchPolicy(site)),
  };
}

/** Lifetimes of the child SA and of the IKE SA in seconds: an hour and a day, as common defaults are. */
const CHILD_SA_SECONDS = 3_600;

const originated = ({ role, site, routers = [] }: Side): readonly string[] => [
  ...(role === 'hub' ? [10, 20] : [10, 30]).map((vrf) => `${lanNetwork(site, vrf, 0)}/24`),
  ...routers.flatMap((router) => router.subnets),
];

function limitFor(hub: boolean, peerIsHub: boolean): number {
  if (hub && peerIsHub) return MAX_PREFIXES.betweenHubs;
  return peerIsHub ? MAX_PREFIXES.fromHub : MAX_PREFIXES.fromBranch;
}

/** Branches prefer hub1; a hub prefers what it hears from the branch itself to what the other hub heard. */
function preferenceFor(hub: boolean, peer: Side): number {
  if (hub) return peer.role === 'hub' ? 100 : 200;
  return peer.device === 'hub1_edge' ? 200 : 100;
}

const virtualRouter = ({ site, second }: Side) => ({
  interface: 'ge0/2',
  group: 10,
  virtualAddress: lanNetwork(site, 10, 1),
  priority: second ? 100 : 110,
});

function wanPorts(side: Side, tenantIndex: number): readonly InterfaceConfig[] {
  // Hubs take the places behind the last possible branch, so that adding branches moves nobody.
  const place = side.site.number ?? 2000 + side.site.id / 100;
  return side.colors.map((color, at) => ({
    name: PROVIDERS[color].port,
    description: `${color} circuit ${side.site.name}`,
    enabled: true,
    mtu: 1500,
    ipv4: wanAddress(tenantIndex, place, (side.second ? 4 : 0) + at),
    vrf: 0,
    color,
    qosPolicy: WAN_QOS.name,
    dhcpHelpers: [],
  }));
}

function lanPorts(side: Side): readonly InterfaceConfig[] {
  const { site, role } = side;
  const host = side.paired === true ? (side.second ? 3 : 2) : 1;
  const port = (name: string, vrf: number, description: string): InterfaceConfig => ({
    name,
    description,
    enabled: true,
    mtu: 1500,
    ipv4: { address: lanNetwork(site, vrf, host), prefixLength: 24 },
    vrf,
    dhcpHelpers: [],
  });
  return [
    { ...port('ge0/2', 10, 'corp LAN'), accessListIn: 'acl-lan-in' },
    role === 'hub' ? port('ge0/3', 20, 'servers') : { ...port('ge0/3', 30, 'iot LAN'), dhcpHelpers: [HUB_HOSTS.dhcp] },
    port('ge0/4', 40, 'guest LAN'),
  ];
}
