/**
 * Leases: what DHCP has given each host (RFC 2131). A host renews at half its lease, each at a time of its own; without
 * an answer it keeps what it has until the lease ends, then it helps itself to a link-local address (RFC 3927).
 *
 * A host has a cell only once something about its server has changed; until then it has had its lease for long.
 */
import { interfaceName } from '../../../protocols/device/names.ts';
import type { Layer } from '../layers/layer.ts';
import type { Host } from '../network.ts';
import { noise } from '../seeded-noise.ts';
import { hostOfService, hostsOfSite } from '../traffic/site-hosts.ts';
import {
  announce,
  conditionsOf,
  type DeviceNode,
  holds,
  type LeaseCell,
  powered,
  processRuns,
  tenantOf,
  touch,
  type World,
} from '../world.ts';
import { processOf } from './host-processes.ts';

/** What a server offers. */
export interface Offer {
  readonly router: string;
  readonly resolvers: readonly string[];
  readonly leaseSeconds: number;
  /** Name of the scope, or of the host that offers; for counting. */
  readonly from: string;
}

/** Value of a cell without a lease; any other value is an offer in JSON. */
const NONE = 'none';
/** Leases of things, which a server elsewhere gives by relay. */
const RELAYED_LEASE_SECONDS = 86_400;
/** A client without an address asks again within so long (RFC 2131 §4.1, retransmission up to 64 s). */
const DISCOVER_MS = 15_000;
/** Of the clients that hear two servers, this share takes the nearer one, which is the wrong one. */
const ROGUE_WINS = 0.7;

const hostPlace = (host: Host): string => `${host.tenant}/${host.name}`;

const membersOf = (world: World, host: Host): readonly DeviceNode[] =>
  tenantOf(world, host.tenant).sites.get(host.site) ?? [];

/** The address that a site's edge answers to in a LAN: the virtual one where two edges share it. */
export function gatewayOf(world: World, host: Host): string {
  const members = membersOf(world, host);
  const port = members
    .flatMap((node) => node.config.interfaces)
    .find((one) => one.vrf === host.vrf && one.color === undefined);
  const virtual = members.flatMap((node) => node.config.vrrp).find((one) => one.interface === port?.name);
  return virtual?.virtualAddress ?? port?.ipv4?.address ?? '';
}

/** Resolver that is set by hand, and that relayed leases carry: the first one of the tenant. */
const usualResolvers = (world: World, host: Host): readonly string[] => {
  const resolver = hostOfService(tenantOf(world, host.tenant), 'dns');
  return resolver === undefined ? [] : [resolver.address];
};

/** What a host has that was set up by hand. */
export const fixedOffer = (world: World, host: Host): Offer => ({
  router: gatewayOf(world, host),
  resolvers: usualResolvers(world, host),
  leaseSeconds: 0,
  from: '',
});

/** Before anything on the way to a server has changed every relay gets through. */
const AS_EVER: World['relayReaches'] = () => true;

/** What a client would be offered; undefined when nobody answers. */
function findOffer(world: World, host: Host, reaches: World['relayReaches']): Offer | undefined {
  const proper = properOffer(world, host, reaches);
  const rogue = hostsOfSite(tenantOf(world, host.tenant), host.site)
    .filter((one) => one.vrf === host.vrf && one !== host && !holds(world, 'host-down', hostPlace(one)))
    .flatMap((one) =>
      conditionsOf(world, 'rogue-dhcp', hostPlace(one)).map(({ router }) => ({ router, from: one.name })),
    )[0];
  if (rogue === undefined) return proper;
  if (proper !== undefined && !hearsRogueFirst(world, host, rogue.from)) return proper;
  return { ...rogue, resolvers: proper?.resolvers ?? [], leaseSeconds: proper?.leaseSeconds ?? 3_600 };
}

/** Whether the wrong server is the nearer one for this client: for most, and for one at least. */
function hearsRogueFirst(world: World, host: Host, rogue: string): boolean {
  const dice = (name: string): number => noise(world.seed, 'rogue', name);
  if (dice(host.name) < ROGUE_WINS) return true;
  const clients = hostsOfSite(tenantOf(world, host.tenant), host.site).filter(
    (one) => one.vrf === host.vrf && !one.fixed && one.name !== rogue,
  );
  return clients.every((one) => dice(one.name) >= dice(host.name));
}

function properOffer(world: World, host: Host, reaches: World['relayReaches']): Offer | undefined {
  for (const node of membersOf(world, host)) {
    const port = node.config.interfaces.find((one) => one.vrf === host.vrf && one.color === undefined);
    if (port === undefined || !powered(world, node) || node.ports.get(port.name)?.value !== 'up') continue;
    const scope = node.config.dhcp.find((one) => one.vrf === host.vrf);
    if (scope !== undefined && processRuns(world, node, 'dhcpd')) {
      return { router: scope.router, resolvers: scope.resolvers, leaseSeconds: scope.leaseSeconds, from: scope.name };
    }
    const relayed = port.dhcpHelpers.some(
      (helper) => servesLeases(world, host.tenant, helper) && reaches(node, helper),
    );
    if (relayed) {
      const router = gatewayOf(world, host);
      return { router, resolvers: usualResolvers(world, host), leaseSeconds: RELAYED_LEASE_SECONDS, from: 'relay' };
    }
  }
  return undefined;
}

/** True while a DHCP server listens at this address. */
function servesLeases(world: World, tenant: string, address: string): boolean {
  const host = tenantOf(world, tenant).hosts.get(address);
  const service = host?.services.find((one) => one.name === 'dhcp');
  if (host === undefined || service === undefined || holds(world, 'host-down', hostPlace(host))) return false;
  const process = processOf(service.name);
  return !conditionsOf(world, 'host-process-stopped', hostPlace(host)).some((one) => one.process === process);
}

/** What a host has now: its lease, undefined without one. */
export function leaseOf(world: World, host: Host): Offer | undefined {
  const cell = tenantOf(world, host.tenant).leases.get(host.name);
  if (cell !== undefined) return cell.value === NONE ? undefined : (JSON.parse(cell.value) as Offer);
  // Nothing about its server has changed yet.
  return findOffer(world, host, AS_EVER);
}

/** When a host renewed last, and when it will again, virtual epoch milliseconds. */
function renewals(world: World, host: Host, leaseSeconds: number): { readonly last: number; readonly next: number } {
  const period = leaseSeconds * 500;
  const phase = Math.floor(period * noise(world.seed, 'renewal', host.tenant, host.name));
  const last = Math.floor((world.now - phase) / period) * period + phase;
  return { last, next: last + period };
}

export const leaseLayer: Layer<LeaseCell> = {
  target(world, cell) {
    const { host } = cell;
    const offer = findOffer(world, host, world.relayReaches);
    const value = offer === undefined ? NONE : JSON.stringify(offer);
    if (value === cell.value) return { value, delayMs: 0 };
    if (cell.value === NONE) return { value, delayMs: DISCOVER_MS };
    const held = JSON.parse(cell.value) as Offer;
    const { last, next } = renewals(world, host, held.leaseSeconds);
    // A server that is gone is missed when the lease ends; one that says something else is heard at the next renewal.
    return { value, delayMs: (offer === undefined ? last + held.leaseSeconds * 1_000 : next) - world.now };
  },

  changed(world, cell) {
    const { node, host } = cell;
    const port = node.config.interfaces.find((one) => one.vrf === host.vrf && one.color === undefined)?.name ?? '';
    if (cell.value === NONE) {
      announce(world, node, {
        name: 'trap.dhcp_server',
        resource: interfaceName(node.ref.device, port),
        severity: 'minor',
        detail: `no lease for a client on ${port}: no server answers`,
      });
    }
    tenantOf(world, host.tenant).rateVersion += 1;
  },
};

/** Gives the hosts of a site cells of their own, with what they have now: before something about their server changes. */
export function openLeases(world: World, tenantName: string, site: string): void {
  const tenant = tenantOf(world, tenantName);
  const node = tenant.sites.get(site)?.[0];
  if (node === undefined) return;
  for (const host of hostsOfSite(tenant, site)) {
    if (host.fixed || tenant.leases.has(host.name)) continue;
    const offer = findOffer(world, host, AS_EVER);
    const value = offer === undefined ? NONE : JSON.stringify(offer);
    tenant.leases.set(host.name, { kind: 'lease', node, name: host.name, host, value, since: world.now });
  }
}

/** Marks the leases of a site. */
export function touchLeases(world: World, tenantName: string, site: string): void {
  const tenant = tenantOf(world, tenantName);
  for (const host of hostsOfSite(tenant, site)) touch(world, tenant.leases.get(host.name));
}

/** Sites whose hosts get their leases by way of this device: by its relay, or from a server behind it. */
export function sitesRelayedBy(world: World, { ref, config }: DeviceNode): readonly string[] {
  if (config.role === 'edge') return config.interfaces.some((port) => port.dhcpHelpers.length > 0) ? [config.site] : [];
  return hostsOfSite(tenantOf(world, ref.tenant), config.site).flatMap((host) => sitesServedBy(world, host));
}

/** The way between relays and their server may be another one from now on. */
export function touchRelays(world: World, node: DeviceNode): void {
  for (const site of sitesRelayedBy(world, node)) {
    openLeases(world, node.ref.tenant, site);
    touchLeases(world, node.ref.tenant, site);
  }
}

/** Sites whose hosts get their leases from this host. */
export function sitesServedBy(world: World, host: Host): readonly string[] {
  if (!host.services.some((one) => one.name === 'dhcp')) return [];
  const nodes = tenantOf(world, host.tenant).nodes;
  const served = nodes.filter((node) => node.config.interfaces.some((port) => port.dhcpHelpers.includes(host.address)));
  return [...new Set(served.map((node) => node.config.site))];
}
