/** Reads sessions, neighbours, virtual gateways and routes back from the varbinds of a device, which is not trusted. */
import type { BgpFsm, OspfState, RouteState, VrrpState } from '../device/state.ts';
import {
  BGP,
  BGP_STATES,
  NEIGHBORS,
  OSPF,
  OSPF_STATES,
  ROUTE_PROTOCOLS,
  ROUTE_TYPES,
  ROUTES,
  VRRP,
  VRRP_STATES,
} from './oids.ts';
import { defined, isAddress, type MibValue, numberOf, octetsOf, readTable, stateOf } from './read-table.ts';

export interface BgpPeerRow {
  readonly neighbor: string;
  readonly state?: BgpFsm;
  readonly lastErrorCode?: number;
  readonly lastErrorSubcode?: number;
}

export interface OspfNeighborRow {
  readonly neighbor: string;
  readonly state?: OspfState['state'];
}

export interface VrrpGroupRow {
  /** ifIndex of the port. */
  readonly index: number;
  readonly group: number;
  readonly state?: VrrpState['state'];
}

export interface RouteRow {
  readonly vrf: number;
  readonly prefix: string;
  /** Absent on routes without next-hop address. */
  readonly nextHop?: string;
  /** ifIndex of the port that it leaves by. */
  readonly index?: number;
  readonly type?: keyof typeof ROUTE_TYPES;
  readonly protocol?: RouteState['protocol'];
  readonly nextHopAs?: number;
}

export interface NeighborRow {
  /** ifIndex of the port. */
  readonly index: number;
  readonly address: string;
  /** Lower-case, colons; empty while unresolved. */
  readonly mac?: string;
}

export function readBgpPeers(varbinds: readonly MibValue[]): readonly BgpPeerRow[] {
  return readTable(varbinds, BGP).flatMap(({ index, cell }) => {
    if (!isAddress(index)) return [];
    const octets = octetsOf(cell('lastError'));
    const [code, subcode] = octets?.length === 2 ? octets : [];
    return defined({
      neighbor: index,
      state: stateOf(BGP_STATES, cell('state')),
      lastErrorCode: code,
      lastErrorSubcode: subcode,
    });
  });
}

export function readOspfNeighbors(varbinds: readonly MibValue[]): readonly OspfNeighborRow[] {
  return readTable(varbinds, OSPF).flatMap(({ index, cell }) => {
    const neighbor = index.replace(/\.0$/, '');
    return isAddress(neighbor) ? defined({ neighbor, state: stateOf(OSPF_STATES, cell('state')) }) : [];
  });
}

export function readVrrpGroups(varbinds: readonly MibValue[]): readonly VrrpGroupRow[] {
  return readTable(varbinds, VRRP).flatMap(({ index, cell }) => {
    const [, port, group] = /^(\d{1,10})\.(\d{1,3})$/.exec(index) ?? [];
    if (port === undefined) return [];
    return defined({ index: Number(port), group: Number(group), state: stateOf(VRRP_STATES, cell('state')) });
  });
}

/** Index of a route as `ROUTES` says: prefix, its length, VRF, and the next hop or nothing. */
const ROUTE = /^1\.4\.((?:\d+\.){4})(\d+)\.3\.0\.0\.(\d{1,5})\.(?:0\.0|1\.4\.([\d.]+))$/;

export function readForwarding(varbinds: readonly MibValue[]): readonly RouteRow[] {
  return readTable(varbinds, ROUTES).flatMap(({ index, cell }) => {
    const [, network = '', length, vrf, nextHop] = ROUTE.exec(index) ?? [];
    const address = network.slice(0, -1);
    if (!isAddress(address) || Number(length) > 32 || (nextHop !== undefined && !isAddress(nextHop))) return [];
    return defined({
      vrf: Number(vrf),
      prefix: `${address}/${length}`,
      nextHop,
      index: numberOf(cell('interface')),
      type: stateOf(ROUTE_TYPES, cell('type')),
      protocol: stateOf(ROUTE_PROTOCOLS, cell('protocol')),
      nextHopAs: numberOf(cell('nextHopAs')),
    });
  });
}

export function readNeighbors(varbinds: readonly MibValue[]): readonly NeighborRow[] {
  return readTable(varbinds, NEIGHBORS).flatMap(({ index, cell }) => {
    const [, port, address = ''] = /^(\d{1,10})\.1\.4\.([\d.]+)$/.exec(index) ?? [];
    return isAddress(address) ? defined({ index: Number(port), address, mac: macOf(octetsOf(cell('physical'))) }) : [];
  });
}

/** MAC address, `''` while unresolved; undefined when it is none. */
function macOf(octets: readonly number[] | undefined): string | undefined {
  if (octets?.length === 0) return '';
  return octets?.length === 6 ? octets.map((octet) => octet.toString(16).padStart(2, '0')).join(':') : undefined;
}
