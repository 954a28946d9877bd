/** Hits of access-list entries, from what knocks on them a second instead of from ticks. */
import type { AccessListCounter } from '../../protocols/device/state.ts';
import { BFD_PACKET, BGP_PACKET, matchEntry, type Packet } from './access-list.ts';
import { countMeter, dropMeters, readMeter } from './meters.ts';
import { BGP_PACKETS_PER_SECOND } from './timing.ts';
import { type DeviceNode, tenantOf, type World } from './world.ts';

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

const HITS = 'hits|';
const hitKey = (list: string, entry: string): string => `${HITS}${list}|${entry}`;

/** Hits of access-list entries: the first entry that each packet of the demand meets. */
export function* countAccessListHits(world: World, node: DeviceNode): Iterable<readonly [string, number]> {
  for (const { name: list } of node.config.accessLists) {
    for (const { packet, perSecond } of demandOn(world, node, list)) {
      const entry = matchEntry(node.config, list, packet);
      if (entry !== undefined) yield [hitKey(list, entry.name), perSecond];
    }
  }
}

/** Hits now of every entry of every list. */
export const readHits = (world: World, node: DeviceNode): readonly AccessListCounter[] =>
  node.config.accessLists.flatMap(({ name: list, entries }) =>
    entries.map(({ name: entry }) => ({ list, entry, hits: readMeter(world, node, hitKey(list, entry)) })),
  );

/** Forgets the hits of entries that are gone. */
export function forgetHits(node: DeviceNode): void {
  const present = new Set(
    node.config.accessLists.flatMap(({ name, entries }) => entries.map((entry) => hitKey(name, entry.name))),
  );
  dropMeters(node, (key) => key.startsWith(HITS) && !present.has(key));
}

/** Counts packets of a probe against the entry that they met. */
export const countHits = (world: World, node: DeviceNode, list: string, entry: string, packets: number): void =>
  countMeter(world, node, hitKey(list, entry), packets);
