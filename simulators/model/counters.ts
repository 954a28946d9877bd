/** Hits of access-list entries, from what knocks on them a second instead of from ticks. */
import type { AccessListCounter } from '../../protocols/device/state.ts';
import { BFD_PACKET, BGP_PACKET, matchEntry, type Packet } from './access-list.ts';
import { countMeter, dropMeters, readMeter } from './meters.ts';
import { BGP_PACKETS_PER_SECOND } from './timing.ts';
import { APPLICATIONS, demandAt } from './traffic/applications.ts';
import { externalByName, hostOfService, hostsOfSite } from './traffic/site-hosts.ts';
import { type DeviceNode, tenantOf, type World } from './world.ts';

interface Demand {
  readonly packet: Packet;
  readonly perSecond: number;
}

/** Sessions a second that one person starts in the busiest hour, of each application. */
const SESSIONS = 0.05;
/** The same of a thing. */
const REPORTS = 0.02;

/** New sessions a second that people and things behind a port of a VRF start. */
function lanDemand(world: World, node: DeviceNode, vrf: number, at: number): readonly Demand[] {
  const tenant = tenantOf(world, node.ref.tenant);
  const hosts = hostsOfSite(tenant, node.config.site).filter((host) => host.vrf === vrf);
  return APPLICATIONS.flatMap(({ users, destination, protocol, port, profile }) => {
    let perSecond = 0;
    for (const host of hosts) {
      if (users.includes(host.kind)) perSecond += host.users > 0 ? SESSIONS * host.users : REPORTS;
    }
    if (perSecond === 0) return [];
    const address =
      'external' in destination
        ? externalByName(world, destination.external)?.address
        : hostOfService(tenant, destination.service)?.address;
    const packet = { protocol, port, ...(address === undefined ? {} : { destination: address }) };
    return [{ packet, perSecond: perSecond * demandAt(profile, at) }];
  });
}

function demandOn(world: World, node: DeviceNode, list: string, at: number): readonly Demand[] {
  const { config } = node;
  const demand = config.interfaces
    .filter((port) => port.accessListIn === list && port.color === undefined)
    .flatMap((port) => lanDemand(world, node, port.vrf, at));
  if (config.controlPlaneAcl !== list) return demand;
  let hellos = 0;
  for (const { tunnel } of node.ends.values()) {
    const bfd = config.bfd.find((one) => one.color === tunnel.color);
    if (bfd !== undefined && tunnel.color !== 'lte') hellos += 1000 / bfd.txIntervalMs;
  }
  const neighbors = config.bgp?.neighbors.length ?? 0;
  return [
    ...demand,
    { packet: BGP_PACKET, perSecond: neighbors * BGP_PACKETS_PER_SECOND },
    { packet: BFD_PACKET, perSecond: hellos },
    { packet: { protocol: 'icmp' }, perSecond: 0.1 },
  ];
}

const HITS = 'hits|';
const hitKey = (list: string, entry: string): string => `${HITS}${list}|${entry}`;

/** Hits of access-list entries: the first entry that each packet of the demand meets. */
export function* countAccessListHits(world: World, node: DeviceNode, at: number): Iterable<readonly [string, number]> {
  for (const { name: list } of node.config.accessLists) {
    for (const { packet, perSecond } of demandOn(world, node, list, at)) {
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
