/** Packet filters: which entry of an access list a packet meets first. */
import type { AccessListEntry, DeviceConfig } from '../../protocols/device/config.ts';
import { parseAddress, parsePrefix, prefixContains } from './address.ts';

export interface Packet {
  readonly protocol: 'tcp' | 'udp' | 'icmp' | 'ospf';
  readonly source?: string;
  readonly destination?: string;
  readonly port?: number;
  /** ICMP type and code (RFC 792). */
  readonly icmpType?: number;
  readonly icmpCode?: number;
}

/** BGP (RFC 4271 §8) and BFD single-hop (RFC 5881 §4) as they knock on a device. */
export const BGP_PACKET: Packet = { protocol: 'tcp', port: 179 };
/** Echo request (RFC 792). */
export const ECHO_PACKET: Packet = { protocol: 'icmp', icmpType: 8, icmpCode: 0 };
/** The answer of a router to a packet that is too large and must not be cut (RFC 1191 §4). */
export const FRAG_NEEDED_PACKET: Packet = { protocol: 'icmp', icmpType: 3, icmpCode: 4 };
export const BFD_PACKET: Packet = { protocol: 'udp', port: 3784 };

function addressMatches(filter: string | undefined, address: string | undefined): boolean {
  if (filter === undefined || filter === 'any') return true;
  // An unknown address must not slip past or be caught by a filter that names one.
  if (address === undefined) return false;
  const prefix = parsePrefix(filter);
  const value = parseAddress(address);
  return prefix !== undefined && !Number.isNaN(value) && prefixContains(prefix, value);
}

const entryMatches = (entry: AccessListEntry, packet: Packet): boolean =>
  (entry.protocol === 'any' || entry.protocol === packet.protocol) &&
  (entry.destinationPort === undefined || entry.destinationPort === packet.port) &&
  (entry.icmpType === undefined || entry.icmpType === packet.icmpType) &&
  (entry.icmpCode === undefined || entry.icmpCode === packet.icmpCode) &&
  addressMatches(entry.source, packet.source) &&
  addressMatches(entry.destination, packet.destination);

/** The first entry of the named list that matches; undefined means the implicit permit at the end (or no list). */
export function matchEntry(
  config: DeviceConfig,
  list: string | undefined,
  packet: Packet,
): AccessListEntry | undefined {
  if (list === undefined) return undefined;
  return config.accessLists.find((one) => one.name === list)?.entries.find((entry) => entryMatches(entry, packet));
}

export const permits = (config: DeviceConfig, list: string | undefined, packet: Packet): boolean =>
  matchEntry(config, list, packet)?.action !== 'deny';
