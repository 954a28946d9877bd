/** The configuration of an edge or a hub of a blueprint. */
import { hash } from 'node:crypto';
import type { BfdConfig, Color, DeviceConfig, InterfaceConfig } from '../../protocols/device/config.ts';
import type { Blueprint, Side, TunnelEnd } from './blueprint.ts';
import { branchPolicy, CONTROL_PORT, commonPolicy, hubPolicy, WAN_QOS } from './site-policy.ts';

/** 32 bytes out of the seed, as base64: a public identity key that is the same at every run. */
export const identityKeyOf = (seed: string, tenant: string, device: string): string =>
  hash('sha256', `identity|${seed}|${tenant}|${device}`, 'base64');

/** Limits that catch a leak: a branch originates a handful, the hubs exchange everything. */
const MAX_PREFIXES = { fromBranch: 20, fromHub: 100, betweenHubs: 100_000 } as const;
/** Lifetimes of the child SA and of the IKE SA in seconds: an hour and a day, as common defaults are. */
const CHILD_SA_SECONDS = 3_600;
const IKE_SA_SECONDS = 86_400;

// What all devices have alike is one object of all: nobody changes a configuration in place.
const CONTROLLERS = ['ctrl1', 'ctrl2'];
const ACCESS_LISTS: DeviceConfig['accessLists'] = ['acl-lan-in', 'acl-control-in'].map((name) => ({
  name,
  entries: [{ name: 'e10', action: 'permit', protocol: 'any' }],
}));
const NONE: readonly never[] = [];
const BFD: Readonly<Record<Color, BfdConfig>> = {
  mpls: { color: 'mpls', txIntervalMs: 1000, multiplier: 7 },
  'biz-internet': { color: 'biz-internet', txIntervalMs: 1000, multiplier: 7 },
  lte: { color: 'lte', txIntervalMs: 1000, multiplier: 7 },
};

/** Both ends of a tunnel, seen from one of them. */
interface Plan {
  readonly local: TunnelEnd;
  readonly remote: TunnelEnd;
}

/** Configuration of `side` with its tunnel ends; `keyOf` gives anybody's public identity key. */
export function deviceConfig(
  side: Side,
  plans: readonly Plan[],
  blueprint: Blueprint,
  keyOf: (device: string) => string,
): DeviceConfig {
  const hub = side.role === 'hub';
  const peers = [...new Set(plans.map((plan) => plan.remote.side.device))];
  return {
    hostname: side.device,
    role: side.role,
    siteId: side.siteId,
    site: side.site,
    systemIp: side.systemIp,
    interfaces: [...wanPorts(side, blueprint), ...lanPorts(side, blueprint)],
    accessLists: ACCESS_LISTS,
    controlPlaneAcl: 'acl-control-in',
    tunnels: plans.map(({ local, remote }) => ({
      name: `tun-${local.color}-${remote.side.device}${local.color === remote.color ? '' : `-${remote.color}`}`,
      color: local.color,
      peer: remote.side.device,
      peerColor: remote.color,
      localAddress: local.address,
      remoteAddress: remote.address,
      selectors: NONE,
      proposal: 'aes256gcm-sha384-ecp384',
      lifetimeSeconds: CHILD_SA_SECONDS,
      replayWindow: 512,
    })),
    ipsec: {
      identityKey: keyOf(side.device),
      peers: peers.map((peer) => ({ peer, key: keyOf(peer) })),
      rekeySeconds: IKE_SA_SECONDS,
    },
    bfd: [...side.wan.keys()].map((color) => BFD[color]),
    bgp: {
      localAs: side.asn,
      networks: [...originated(side), ...(hub ? [blueprint.summary] : [])],
      exports: 'own',
      neighbors: plans.map(({ remote }) => ({
        address: remote.address,
        peer: remote.side.device,
        remoteAs: remote.side.asn,
        maxPrefixes: limitFor(hub, remote.side.role === 'hub'),
        localPreference: preferenceFor(side, remote.side),
      })),
    },
    // The summary that branches follow to each other; a hub drops what no branch has announced.
    staticRoutes: hub ? [10, 20, 30].map((vrf) => ({ vrf, prefix: blueprint.summary, nextHop: 'discard' })) : [],
    vrrp: side.paired ? lanPorts(side, blueprint).map((port) => virtualRouter(side, port)) : [],
    controllers: CONTROLLERS,
    controlPort: CONTROL_PORT,
    ospf: side.routers.map((router) => ({ interface: router.interface, area: router.area })),
    ...commonPolicy(blueprint),
    ...(hub ? hubPolicy(blueprint) : branchPolicy(side, blueprint)),
  };
}

const originated = ({ role, lan, routers }: Side): readonly string[] => [
  ...(role === 'hub' ? [10, 20] : [10, 30]).map((vrf) => `${lan(vrf, 0)}/24`),
  ...routers.flatMap((router) => router.subnets),
];

function limitFor(hub: boolean, peerIsHub: boolean): number {
  if (hub && peerIsHub) return MAX_PREFIXES.betweenHubs;
  return peerIsHub ? MAX_PREFIXES.fromHub : MAX_PREFIXES.fromBranch;
}

/** Branches have their order of hubs; a hub prefers what it hears from a branch itself to what another hub heard. */
function preferenceFor(side: Side, peer: Side): number {
  if (side.role === 'hub') return peer.role === 'hub' ? 100 : 200;
  const place = side.prefers.indexOf(peer.device);
  return place < 0 ? 100 : 100 * (side.prefers.length + 1 - place);
}

const virtualRouter = ({ place, lan }: Side, { name, vrf }: InterfaceConfig) => ({
  interface: name,
  group: vrf,
  virtualAddress: lan(vrf, 1),
  priority: place === 0 ? 110 : 100,
});

const wanPorts = (side: Side, { transports }: Blueprint): readonly InterfaceConfig[] =>
  [...side.wan].map(([color, ipv4]) => ({
    name: transports.get(color)?.port ?? color,
    description: `${color} circuit ${side.site}`,
    enabled: true,
    mtu: 1500,
    ipv4,
    vrf: 0,
    color,
    qosPolicy: WAN_QOS.name,
    dhcpHelpers: NONE,
  }));

function lanPorts(side: Side, { services }: Blueprint): readonly InterfaceConfig[] {
  const host = side.paired ? 2 + side.place : 1;
  const port = (
    name: string,
    vrf: number,
    description: string,
    rest: Pick<InterfaceConfig, 'accessListIn'> & Partial<Pick<InterfaceConfig, 'dhcpHelpers'>> = {},
  ): InterfaceConfig => ({
    name,
    description,
    enabled: true,
    mtu: 1500,
    ipv4: { address: side.lan(vrf, host), prefixLength: 24 },
    vrf,
    dhcpHelpers: NONE,
    ...rest,
  });
  return [
    port('ge0/2', 10, 'corp LAN', { accessListIn: 'acl-lan-in' }),
    side.role === 'hub' ? port('ge0/3', 20, 'servers') : port('ge0/3', 30, 'iot LAN', { dhcpHelpers: [services.dhcp] }),
    port('ge0/4', 40, 'guest LAN'),
  ];
}
