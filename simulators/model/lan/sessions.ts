/** Sessions through a device's firewall and ports taken out of its pools: of ordinary people, and of what hosts add. */
import type { NatPool } from '../../../protocols/device/config.ts';
import type { Traffic } from '../condition.ts';
import type { Host, HostKind } from '../network.ts';
import { applicationByName, demandAt } from '../traffic/applications.ts';
import { servingPort } from '../traffic/demand.ts';
import { hostsOfSite } from '../traffic/site-hosts.ts';
import { conditionsOf, type DeviceNode, type Tenant, tenantOf, type World } from '../world.ts';
import { trafficPasses } from './edge-filter.ts';

/** Sessions that a person, or a thing, holds open in the busiest hour, and begins a second. */
const HELD: Readonly<Partial<Record<HostKind, number>>> = { pc: 25, guest: 30, camera: 4, printer: 1, server: 10 };
const BEGUN_PER_SECOND: Readonly<Partial<Record<HostKind, number>>> = { pc: 0.2, guest: 0.3, camera: 0.02 };
/** Share of a guest's sessions that go to the one most popular destination. */
const POPULAR = 0.4;
/** Seconds that a half-open session is kept (RFC 4987 §3.2 speaks of some 30 to 75). */
const HALF_OPEN_SECONDS = 30;
/** Seconds that a translated port stays taken after its flow began (RFC 4787 §4.3, two minutes at least). */
const MAPPING_SECONDS = 120;
/** Half-open sessions at any time that nobody means ill with. */
const USUAL_HALF_OPEN = 3;

export interface Sessions {
  readonly open: number;
  readonly halfOpen: number;
  readonly newPerSecond: number;
}

const people = (host: Host): number => Math.max(1, host.users);

/** Traffic that hosts add from now on or since some time, with its host. */
function* addedTraffic(world: World, hosts: readonly Host[]): Iterable<readonly [Host, Traffic]> {
  for (const host of hosts) {
    for (const { traffic } of conditionsOf(world, 'host-sends', `${host.tenant}/${host.name}`)) {
      if (traffic.since <= world.now && trafficPasses(world, host, traffic)) yield [host, traffic];
    }
  }
}

/** Sessions a second that a pattern opens, and whether they stay half open. */
function rateOf(traffic: Traffic): { readonly perSecond: number; readonly half: boolean } {
  switch (traffic.pattern) {
    case 'many-sessions':
      return { perSecond: traffic.perSecond, half: false };
    case 'syn-flood':
    case 'scan':
      return { perSecond: traffic.perSecond, half: true };
    default:
      return { perSecond: 0, half: false };
  }
}

/** When a pattern has as many sessions open in these firewalls as it will ever have; 0 when it opens none. */
export function filledAt(traffic: Traffic, firewalls: readonly DeviceNode[]): number {
  if (rateOf(traffic).perSecond === 0) return 0;
  return traffic.since + 1_000 * Math.max(0, ...firewalls.map((node) => node.config.firewall?.idleSeconds ?? 0));
}

const servesHost = (world: World, node: DeviceNode, host: Host): boolean =>
  servingPort(world, node, host.vrf) !== undefined;

/** What passes the firewall of an edge from its own site. */
function ofSite(world: World, node: DeviceNode): Sessions {
  const hosts = hostsOfSite(tenantOf(world, node.ref.tenant), node.config.site).filter((host) =>
    servesHost(world, node, host),
  );
  const idle = node.config.firewall?.idleSeconds ?? 0;
  const busy = demandAt('people', world.now);
  let [open, halfOpen, newPerSecond] = [0, USUAL_HALF_OPEN * busy, 0];
  for (const host of hosts) {
    open += people(host) * (HELD[host.kind] ?? 0) * busy;
    newPerSecond += people(host) * (BEGUN_PER_SECOND[host.kind] ?? 0) * busy;
  }
  for (const [, traffic] of addedTraffic(world, hosts)) {
    const { perSecond, half } = rateOf(traffic);
    const seconds = (world.now - traffic.since) / 1_000;
    newPerSecond += perSecond;
    if (half) halfOpen += perSecond * Math.min(HALF_OPEN_SECONDS, seconds);
    open += perSecond * Math.min(half ? HALF_OPEN_SECONDS : idle, seconds);
  }
  return { open, halfOpen, newPerSecond };
}

const KEPT = new WeakMap<Tenant, { readonly version: number; readonly at: number; readonly sum: Sessions }>();
const INSTANT_MS = 1_000;

/** What passes a hub: what its own site has, and what branches send to the servers behind it. */
function ofBranches(world: World, tenant: Tenant): Sessions {
  const kept = KEPT.get(tenant);
  if (kept?.version === tenant.rateVersion && Math.abs(world.now - kept.at) < INSTANT_MS) return kept.sum;
  let [open, halfOpen, newPerSecond] = [0, 0, 0];
  for (const node of tenant.nodes) {
    if (node.config.role !== 'edge' || node.config.firewall === undefined) continue;
    const own = ofSite(world, node);
    open += own.open / 2;
    halfOpen += own.halfOpen;
    newPerSecond += own.newPerSecond / 2;
  }
  const sum = { open, halfOpen, newPerSecond };
  KEPT.set(tenant, { version: tenant.rateVersion, at: world.now, sum });
  return sum;
}

/** Sessions through the firewall of a device now, as many as would like to be open. */
export function wantedSessions(world: World, node: DeviceNode): Sessions {
  const own = ofSite(world, node);
  if (node.config.role !== 'hub') return own;
  // The server VRF of the first hub is where all branches go.
  const tenant = tenantOf(world, node.ref.tenant);
  const serves = hostsOfSite(tenant, node.config.site).some((host) => host.services.some((one) => one.name === 'erp'));
  if (!serves) return own;
  const others = ofBranches(world, tenant);
  return {
    open: own.open + others.open,
    halfOpen: own.halfOpen + others.halfOpen,
    newPerSecond: own.newPerSecond + others.newPerSecond,
  };
}

export const poolSize = (pool: NatPool): number => pool.addresses * pool.portsPerAddress;

/** Source ports of a pool that are taken, for the one destination that most flows go to: no more than it has. */
export const takenPorts = (world: World, node: DeviceNode, pool: NatPool): number =>
  Math.min(poolSize(pool), wantedPorts(world, node, pool));

/** As many ports as flows would like to have. */
function wantedPorts(world: World, node: DeviceNode, pool: NatPool): number {
  const rules = node.config.breakouts.filter((one) => one.nat === pool.name);
  const vrfs = new Set(rules.map((one) => one.vrf));
  const hosts = hostsOfSite(tenantOf(world, node.ref.tenant), node.config.site).filter(
    (host) => vrfs.has(host.vrf) && servesHost(world, node, host),
  );
  const busy = demandAt('people', world.now);
  const usual = hosts.reduce((sum, host) => sum + people(host) * (HELD[host.kind] ?? 0) * POPULAR * busy, 0);
  let added = 0;
  for (const [, traffic] of addedTraffic(world, hosts)) {
    if (traffic.pattern !== 'many-sessions' || !leavesBy(world, rules, traffic.destination)) continue;
    added += traffic.perSecond * Math.min(MAPPING_SECONDS, (world.now - traffic.since) / 1_000);
  }
  // Mappings that were thrown away come back as people begin anew.
  const drained = (world.now - (node.poolsChanged.get(pool.name) ?? 0)) / 1_000;
  const share = drained >= MAPPING_SECONDS ? 1 : drained / MAPPING_SECONDS;
  return Math.floor((usual + added) * share);
}

/** Of the sessions that are asked for at a device, the part that its firewall, and the pool if one is named, take. */
export function admittedShare(world: World, node: DeviceNode, poolName: string | undefined): number {
  const { firewall, nat } = node.config;
  const pool = nat.find((one) => one.name === poolName);
  const table = firewall === undefined ? 1 : firewall.maxSessions / wantedSessions(world, node).open;
  return Math.min(1, table, pool === undefined ? 1 : poolSize(pool) / wantedPorts(world, node, pool));
}

/** True for a destination on the internet that the rules of a pool let out. */
function leavesBy(world: World, rules: DeviceNode['config']['breakouts'], destination: string): boolean {
  const name = world.externals.get(destination)?.name;
  return (
    name !== undefined && rules.some((one) => one.application === undefined || nameOfService(one.application) === name)
  );
}

function nameOfService(application: string): string | undefined {
  const destination = applicationByName(application)?.destination;
  return destination !== undefined && 'external' in destination ? destination.external : undefined;
}
