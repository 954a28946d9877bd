/** What every edge and hub of the reference network is given beside its ports and tunnels: queues, translation, leases, firewall. */
import type { DeviceConfig, DhcpScope, FirewallConfig, NatPool, QosPolicy } from '../../protocols/device/config.ts';

import type { Blueprint, Side } from './blueprint.ts';

/** UDP port of control connections, as public SD-WAN documentation names it. */
export const CONTROL_PORT = 12_346;

/** Queues of a WAN port. Code points by RFC 4594 §2.3; shares add up to 100. */
export const WAN_QOS: QosPolicy = {
  name: 'qos-wan',
  classes: [
    { class: 'control', dscp: [48, 56], bandwidthPct: 5, priority: true },
    { class: 'voice', dscp: [46], bandwidthPct: 20, priority: true },
    { class: 'video', dscp: [34, 36, 38], bandwidthPct: 20, priority: false },
    { class: 'critical', dscp: [26, 28, 30], bandwidthPct: 30, priority: false },
    { class: 'bulk', dscp: [8, 10, 12, 14], bandwidthPct: 10, priority: false },
    { class: 'best-effort', dscp: [0], bandwidthPct: 15, priority: false },
  ],
};

/** Ports above the well-known ones (RFC 6056 §3.2). */
const DYNAMIC_PORTS = 64_512;
/** Customers among whom the branches' provider divides the ports of one address (RFC 7422 §2). */
const SHARED_BY = 8;

/** A pool of a branch: its block of the address that its provider shares out. */
const pool = (name: string): NatPool => ({ name, addresses: 1, portsPerAddress: DYNAMIC_PORTS / SHARED_BY });

/** Leases in seconds by VRF: people half a working day, guests an hour, things a day. */
const LEASE_SECONDS: Readonly<Record<number, number>> = { 10: 14_400, 30: 86_400, 40: 3_600 };

function scope({ lan }: Side, name: string, vrf: number, resolver: string): DhcpScope {
  return {
    name,
    vrf,
    prefix: `${lan(vrf, 0)}/24`,
    router: lan(vrf, 1),
    resolvers: [resolver],
    leaseSeconds: LEASE_SECONDS[vrf] ?? 14_400,
  };
}

type CommonPolicy = Pick<DeviceConfig, 'qos' | 'ntpServers' | 'appRoutes' | 'slaClasses' | 'accounts'>;
type OwnPolicy = Pick<DeviceConfig, 'nat' | 'breakouts' | 'firewall' | 'dhcp' | 'vrfLeaks'>;

/** Accounts of people and of their tools; the secrets are kept elsewhere. */
export const ACCOUNTS = [
  { name: 'netops', role: 'admin' },
  { name: 'wayleave', role: 'operator' },
  { name: 'poller', role: 'monitor' },
] as const;

const WAN_POLICIES = [WAN_QOS];

/** What edges and hubs have alike. */
export const commonPolicy = ({ services }: Blueprint): CommonPolicy => ({
  qos: WAN_POLICIES,
  ntpServers: [services.ntp],
  appRoutes: [],
  slaClasses: [],
  accounts: ACCOUNTS,
});

/** Guests, the office suite and the cameras' vendor leave at the branch; all else goes through a hub. */
export const branchPolicy = (side: Side, { services }: Blueprint): OwnPolicy => ({
  nat: BRANCH_POOLS,
  breakouts: side.wan.has('biz-internet') ? BRANCH_BREAKOUTS : [],
  firewall: BRANCH_FIREWALL,
  // Leases of things come from a server at hub1, by relay.
  dhcp: [scope(side, 'corp', 10, services.resolver), scope(side, 'guest', 40, services.publicResolver)],
  vrfLeaks: [],
});

// What all branches have alike is one object of all.
const BRANCH_POOLS: readonly NatPool[] = [pool('guest'), pool('m365'), pool('iot')];
const BRANCH_BREAKOUTS: DeviceConfig['breakouts'] = [
  { name: 'guest', vrf: 40, color: 'biz-internet', nat: 'guest' },
  { name: 'm365', vrf: 10, application: 'm365', color: 'biz-internet', nat: 'm365' },
  { name: 'iot', vrf: 30, color: 'biz-internet', nat: 'iot' },
];
const baseRule = { name: 'sig-base', pattern: '^(?:GET|POST|HEAD) /' } as const;
const BRANCH_FIREWALL: FirewallConfig = {
  ...{ maxSessions: 50_000, halfOpenLimit: 500, idleSeconds: 300 },
  inspection: [baseRule],
};

/** A hub is bought for what its sites do at the busiest hour, three times over. */
const SESSIONS_PER_SITE = 3_000;
const HALF_OPEN_PER_SITE = 15;

/** People at the branches work with what stands in the server VRF of the hubs: each imports the other's routes there. */
export const hubPolicy = ({ sides }: Blueprint): OwnPolicy => ({
  nat: [{ name: 'internet', addresses: 1, portsPerAddress: DYNAMIC_PORTS }],
  breakouts: [{ name: 'internet', vrf: 10, color: 'biz-internet', nat: 'internet' }],
  firewall: {
    maxSessions: Math.max(1_000_000, SESSIONS_PER_SITE * sides.length),
    halfOpenLimit: Math.max(5_000, HALF_OPEN_PER_SITE * sides.length),
    idleSeconds: 300,
    inspection: [baseRule],
  },
  dhcp: [],
  vrfLeaks: [
    { name: 'vrf-leak-corp-server', from: 20, to: 10 },
    { name: 'vrf-leak-corp-server', from: 10, to: 20 },
  ],
});

/** What a controller has of it: nothing but its accounts; the director also holds what all edges are told. */
export const controllerPolicy = (director: boolean): CommonPolicy & OwnPolicy & Pick<DeviceConfig, 'appRoutePoll'> => ({
  qos: [],
  nat: [],
  breakouts: [],
  dhcp: [],
  ntpServers: [],
  vrfLeaks: [],
  accounts: ACCOUNTS,
  appRoutes: director ? APP_ROUTES : [],
  slaClasses: director ? SLA_CLASSES : [],
  ...(director ? { appRoutePoll: { intervalSeconds: 600, multiplier: 6 } } : {}),
});

const APP_ROUTES: DeviceConfig['appRoutes'] = [
  { name: 'voice', application: 'voice', slaClass: 'voice', colors: ['mpls', 'biz-internet'], strict: false },
  { name: 'video', application: 'video', slaClass: 'video', colors: ['mpls', 'biz-internet'], strict: false },
  { name: 'erp', application: 'erp', slaClass: 'critical', colors: ['mpls', 'biz-internet'], strict: false },
  { name: 'backup', application: 'backup', slaClass: 'bulk', colors: ['biz-internet', 'mpls'], strict: false },
];

const SLA_CLASSES: DeviceConfig['slaClasses'] = [
  { name: 'voice', lossPct: 1, latencyMs: 150, jitterMs: 30 },
  { name: 'video', lossPct: 1, latencyMs: 200, jitterMs: 50 },
  { name: 'critical', lossPct: 2, latencyMs: 300, jitterMs: 100 },
  { name: 'bulk', lossPct: 5, latencyMs: 500 },
];
