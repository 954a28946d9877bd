/** Hits of access-list entries, from what knocks on them a second instead of from ticks. */
import type { Color } from '../../protocols/device/config.ts';
import type { AccessListCounter } from '../../protocols/device/state.ts';
import { BFD_PACKET, BGP_PACKET, ECHO_PACKET, FRAG_NEEDED_PACKET, matchEntry, type Packet } from './access-list.ts';
import { circuitQuality } from './layers/circuit.ts';
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

/** Messages that a packet was too large, while a line of the device takes less than its hosts believe. */
const FRAG_NEEDED_PER_SECOND = 0.5;

function demandOn(world: World, node: DeviceNode, list: string, at: number): readonly Demand[] {
  const { config } = node;
  const filtered = config.interfaces.filter((port) => port.accessListIn === list);
  const lan = filtered.flatMap((port) => (port.color === undefined ? lanDemand(world, node, port.vrf, at) : []));
  const wan = filtered.flatMap((port) => port.color ?? []);
  const hellos = wan.length > 0 ? [{ packet: BFD_PACKET, perSecond: hellosOf(node, wan) }] : [];
  if (config.controlPlaneAcl !== list) return [...lan, ...hellos];
  const colors = config.bfd.map((one) => one.color);
  const narrow = colors.some((color) => circuitQuality(world, node, color).mtu < NORMAL_MTU);
  return [
    ...lan,
    ...hellos,
    { packet: BGP_PACKET, perSecond: (config.bgp?.neighbors.length ?? 0) * BGP_PACKETS_PER_SECOND },
    { packet: BFD_PACKET, perSecond: hellosOf(node, colors) },
    { packet: ECHO_PACKET, perSecond: 0.1 },
    { packet: FRAG_NEEDED_PACKET, perSecond: narrow ? FRAG_NEEDED_PER_SECOND : 0 },
  ];
}

/** BFD packets a second that arrive by the tunnels of these colours; a last resort waits in silence. */
function hellosOf(node: DeviceNode, colors: readonly Color[]): number {
  let hellos = 0;
  for (const { tunnel } of node.ends.values()) {
    const bfd = node.config.bfd.find((one) => one.color === tunnel.color);
    if (bfd !== undefined && tunnel.color !== 'lte' && colors.includes(tunnel.color)) hellos += 1000 / bfd.txIntervalMs;
  }
  return hellos;
}

/** Below this a packet of a host does not fit (Ethernet). */
const NORMAL_MTU = 1500;

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
