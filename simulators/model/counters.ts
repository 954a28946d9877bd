/** Counters: octets of ports and hits of access-list entries, from elapsed time and demand instead of from ticks. */
import type { AccessListEntry } from '../../protocols/device/config.ts';
import type { AccessListCounter } from '../../protocols/device/state.ts';
import { BFD_PACKET, BGP_PACKET, matchEntry, type Packet } from './access-list.ts';
import { noise } from './seeded-noise.ts';
import { BGP_PACKETS_PER_SECOND } from './timing.ts';
import { type DeviceNode, type PortCell, powered, tenantOf, type World } from './world.ts';

interface Demand {
  readonly packet: Packet;
  readonly perSecond: number;
}

/** New flows a second that people and things behind a port start. */
function lanDemand(world: World, node: DeviceNode, vrf: number): readonly Demand[] {
  if (vrf !== 10) return [{ packet: { protocol: 'udp', port: 53 }, perSecond: 0.2 }];
  let users = 0;
  const services: Demand[] = [];
  for (const host of tenantOf(world, node.ref.tenant).hosts.values()) {
    if (host.site === node.config.site && host.vrf === vrf) users += host.users;
    for (const { port } of host.services) {
      const protocol = port === 53 ? 'udp' : 'tcp';
      services.push({ packet: { protocol, destination: host.address, port }, perSecond: 0.05 });
    }
  }
  return services.map((demand) => ({ ...demand, perSecond: demand.perSecond * users }));
}

function demandOn(world: World, node: DeviceNode, list: string): readonly Demand[] {
  const { config } = node;
  const demand = config.interfaces
    .filter((port) => port.accessListIn === list)
    .flatMap((port) => lanDemand(world, node, port.vrf));
  if (config.controlPlaneAcl !== list) return demand;
  const hellos = config.tunnels.flatMap((tunnel) => {
    const bfd = config.bfd.find((one) => one.color === tunnel.color);
    return bfd === undefined || tunnel.color === 'lte' ? [] : [1000 / bfd.txIntervalMs];
  });
  const neighbors = config.bgp?.neighbors.length ?? 0;
  return [
    ...demand,
    { packet: BGP_PACKET, perSecond: neighbors * BGP_PACKETS_PER_SECOND },
    { packet: BFD_PACKET, perSecond: hellos.reduce((sum, rate) => sum + rate, 0) },
    { packet: { protocol: 'icmp' }, perSecond: 0.1 },
  ];
}

const hitKey = (list: string, entry: string): string => `${list}|${entry}`;

/** Hits now of every entry of every list. */
export function readHits(world: World, node: DeviceNode): readonly AccessListCounter[] {
  return node.config.accessLists.flatMap(({ name: list, entries }) => {
    const rates = new Map<AccessListEntry, number>();
    for (const { packet, perSecond } of powered(world, node) ? demandOn(world, node, list) : []) {
      const entry = matchEntry(node.config, list, packet);
      if (entry !== undefined) rates.set(entry, (rates.get(entry) ?? 0) + perSecond);
    }
    return entries.map((entry) => {
      const held = node.hits.get(hitKey(list, entry.name));
      const since = held?.since ?? node.bootedAt;
      const risen = (rates.get(entry) ?? 0) * Math.max(0, (world.now - since) / 1000);
      return { list, entry: entry.name, hits: Math.floor((held?.counted ?? 0) + risen) };
    });
  });
}

/** Freezes the hits so far before the lists change; entries that appear later start at zero. */
export function foldHits(world: World, node: DeviceNode): void {
  const hits = readHits(world, node);
  node.hits.clear();
  for (const { list, entry, hits: counted } of hits) node.hits.set(hitKey(list, entry), { counted, since: world.now });
}

/** Starts the counters of entries that have just been committed, and forgets those of entries that are gone. */
export function startHits(world: World, node: DeviceNode): void {
  const present = new Set<string>();
  for (const { name: list, entries } of node.config.accessLists) {
    for (const { name } of entries) {
      present.add(hitKey(list, name));
      if (!node.hits.has(hitKey(list, name))) node.hits.set(hitKey(list, name), { counted: 0, since: world.now });
    }
  }
  for (const key of node.hits.keys()) if (!present.has(key)) node.hits.delete(key);
}

/** Counts packets of a probe against the entry that they met. */
export function countHits(node: DeviceNode, list: string, entry: string, packets: number): void {
  const held = node.hits.get(hitKey(list, entry)) ?? { counted: 0, since: node.bootedAt };
  node.hits.set(hitKey(list, entry), { ...held, counted: held.counted + packets });
}

/** Octets since boot in one direction: a steady rate of 1–10 % of the line while the port is up. */
export function readOctets(world: World, port: PortCell, speedBps: number, direction: 'in' | 'out'): number {
  const seconds = port.upSeconds + (port.value === 'up' ? Math.max(0, world.now - port.since) / 1000 : 0);
  const share = 0.01 + 0.09 * noise(world.seed, 'octets', port.node.key, port.name, direction);
  return Math.floor((seconds * speedBps * share) / 8);
}
