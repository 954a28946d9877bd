/** What a device says about its site: leases, neighbours on the LAN, translations, firewall sessions. */
import type { ArpState, DhcpState, FirewallState, NatState } from '../../../protocols/device/state.ts';
import { addressOfHost, hostState } from '../lan/host-state.ts';
import { leaseOf } from '../lan/lease.ts';
import { poolSize, takenPorts, wantedSessions } from '../lan/sessions.ts';
import { readMeter } from '../meters.ts';
import type { Host } from '../network.ts';
import { noise } from '../seeded-noise.ts';
import { hostsOfSite } from '../traffic/site-hosts.ts';
import { conditionsOf, type DeviceNode, tenantOf, type World } from '../world.ts';

const hostsAt = (world: World, node: DeviceNode, vrf: number): readonly Host[] =>
  hostsOfSite(tenantOf(world, node.ref.tenant), node.config.site).filter((host) => host.vrf === vrf);

/** A host stands for as many clients as people. */
const clients = (host: Host): number => Math.max(1, host.users);

export const readDhcp = (world: World, node: DeviceNode): readonly DhcpState[] =>
  node.config.dhcp.map((scope) => ({
    scope: scope.name,
    vrf: scope.vrf,
    leases: hostsAt(world, node, scope.vrf)
      .filter((host) => !host.fixed && leaseOf(world, host)?.from === scope.name)
      .reduce((sum, host) => sum + clients(host), 0),
    discovers: readMeter(world, node, `discovers|${scope.name}`),
    offers: readMeter(world, node, `offers|${scope.name}`),
  }));

/** A locally administered address (IEEE 802, second bit of the first octet) that is the host's for ever. */
export function macOf(world: World, host: Pick<Host, 'tenant' | 'name'>): string {
  const octet = (at: number): string =>
    Math.floor(256 * noise(world.seed, 'mac', host.tenant, host.name, at))
      .toString(16)
      .padStart(2, '0');
  return ['02', ...[1, 2, 3, 4, 5].map(octet)].join(':');
}

/** The neighbours of a device's LAN ports, and gateways that clients ask for in vain. */
export function readArp(world: World, node: DeviceNode): readonly ArpState[] {
  return node.config.interfaces.flatMap((port): readonly ArpState[] => {
    if (port.color !== undefined || node.ports.get(port.name)?.value !== 'up') return [];
    const hosts = hostsAt(world, node, port.vrf);
    const own = new Set(gatewaysOf(node, port.name));
    const entries = new Map<string, ArpState>();
    const add = (address: string, mac: string): void => {
      entries.set(`${address}|${mac}`, { interface: port.name, address, mac });
    };
    const forged = hosts.flatMap((host) =>
      conditionsOf(world, 'forged-arp', `${host.tenant}/${host.name}`).map(({ addresses }) => ({ host, addresses })),
    );
    for (const host of hosts) {
      const state = hostState(world, host);
      if (!state.online) continue;
      const liar = forged.find((one) => one.host !== host && one.addresses.includes(host.address))?.host;
      add(addressOfHost(world, host), macOf(world, liar ?? host));
      if (state.gateway !== '' && !own.has(state.gateway) && !hosts.some((one) => one.address === state.gateway)) {
        add(state.gateway, '');
      }
    }
    for (const { host, addresses } of forged) {
      for (const address of addresses) if (own.has(address)) add(address, macOf(world, host));
    }
    return [...entries.values()];
  });
}

const gatewaysOf = (node: DeviceNode, port: string): readonly string[] => [
  ...node.config.interfaces.flatMap((one) => (one.name === port ? (one.ipv4?.address ?? []) : [])),
  ...node.config.vrrp.flatMap((one) => (one.interface === port ? one.virtualAddress : [])),
];

export const readNat = (world: World, node: DeviceNode): readonly NatState[] =>
  node.config.nat.map((pool) => ({
    pool: pool.name,
    used: takenPorts(world, node, pool),
    size: poolSize(pool),
  }));

export function readFirewall(world: World, node: DeviceNode): FirewallState | undefined {
  const { firewall } = node.config;
  if (firewall === undefined) return undefined;
  const { open, halfOpen, newPerSecond } = wantedSessions(world, node);
  return {
    sessions: Math.min(firewall.maxSessions, Math.floor(open)),
    maxSessions: firewall.maxSessions,
    halfOpen: Math.floor(halfOpen),
    newPerSecond: Math.round(10 * newPerSecond) / 10,
  };
}
