/**
 * Object identifiers of the tables that devices serve over SNMP, their indices, and the numbers by which they name states.
 *
 * Where a table's own index is not fixed by its RFC, or is a vendor's, the one decided here is written with the table.
 */

/** SNMPv2-MIB system group (RFC 3418 §2), scalars without the `.0`. */
export const SYSTEM = {
  descr: '1.3.6.1.2.1.1.1',
  objectId: '1.3.6.1.2.1.1.2',
  upTime: '1.3.6.1.2.1.1.3',
  contact: '1.3.6.1.2.1.1.4',
  name: '1.3.6.1.2.1.1.5',
  location: '1.3.6.1.2.1.1.6',
  services: '1.3.6.1.2.1.1.7',
} as const;

/** IF-MIB ifTable (RFC 2863 §6); index is ifIndex. Tunnel interfaces have rows too. */
export const IF_TABLE = {
  index: '1.3.6.1.2.1.2.2.1.1',
  descr: '1.3.6.1.2.1.2.2.1.2',
  type: '1.3.6.1.2.1.2.2.1.3',
  mtu: '1.3.6.1.2.1.2.2.1.4',
  speed: '1.3.6.1.2.1.2.2.1.5',
  admin: '1.3.6.1.2.1.2.2.1.7',
  oper: '1.3.6.1.2.1.2.2.1.8',
  /** sysUpTime when `oper` last changed. */
  lastChange: '1.3.6.1.2.1.2.2.1.9',
  inOctets32: '1.3.6.1.2.1.2.2.1.10',
  inErrors: '1.3.6.1.2.1.2.2.1.14',
  outOctets32: '1.3.6.1.2.1.2.2.1.16',
  outDiscards: '1.3.6.1.2.1.2.2.1.19',
} as const;

/** IF-MIB ifXTable (RFC 2863 §6), same index. */
export const IF_X_TABLE = {
  name: '1.3.6.1.2.1.31.1.1.1.1',
  inOctets: '1.3.6.1.2.1.31.1.1.1.6',
  outOctets: '1.3.6.1.2.1.31.1.1.1.10',
  highSpeed: '1.3.6.1.2.1.31.1.1.1.15',
  alias: '1.3.6.1.2.1.31.1.1.1.18',
} as const;

export const INTERFACES = { ...IF_TABLE, ...IF_X_TABLE } as const;

/** IP-MIB ipNetToPhysicalTable (RFC 4293 §5); index is ifIndex, address type 1 (IPv4), length 4, address. */
export const NEIGHBORS = {
  physical: '1.3.6.1.2.1.4.35.1.4',
  type: '1.3.6.1.2.1.4.35.1.6',
  state: '1.3.6.1.2.1.4.35.1.7',
} as const;

/**
 * IP-FORWARD-MIB inetCidrRouteTable (RFC 4292 §6). Index: type 1, length 4, prefix, prefix length, policy, next-hop type,
 * next hop with its length. Decided here: the policy is zeroDotZero and the number of the VRF, so that tables do not mix;
 * a route without next-hop address (connected, discard) has next-hop type 0 and length 0.
 */
export const ROUTES = {
  interface: '1.3.6.1.2.1.4.24.7.1.7',
  type: '1.3.6.1.2.1.4.24.7.1.8',
  protocol: '1.3.6.1.2.1.4.24.7.1.9',
  nextHopAs: '1.3.6.1.2.1.4.24.7.1.11',
} as const;

/** OSPF-MIB ospfNbrTable (RFC 4750 §4); index is the neighbour's address and 0 (it has an address). */
export const OSPF = {
  address: '1.3.6.1.2.1.14.10.1.1',
  routerId: '1.3.6.1.2.1.14.10.1.3',
  state: '1.3.6.1.2.1.14.10.1.6',
} as const;

/** BGP4-MIB bgpPeerTable (RFC 4273 §3); index is the address of the peer. */
export const BGP = {
  state: '1.3.6.1.2.1.15.3.1.2',
  remoteAddress: '1.3.6.1.2.1.15.3.1.7',
  remoteAs: '1.3.6.1.2.1.15.3.1.9',
  /** Two octets: error code and subcode of RFC 4271 §4.5. */
  lastError: '1.3.6.1.2.1.15.3.1.14',
  /** Seconds in state established; 0 if it never was. */
  establishedTime: '1.3.6.1.2.1.15.3.1.16',
} as const;

/** VRRP-MIB vrrpOperTable (RFC 2787 §3); index is ifIndex and virtual router id. */
export const VRRP = { state: '1.3.6.1.2.1.68.1.3.1.3', masterAddress: '1.3.6.1.2.1.68.1.3.1.7' } as const;

/** HOST-RESOURCES-MIB hrStorageTable (RFC 2790 §4.2); index 1 is the memory. */
export const STORAGE = {
  type: '1.3.6.1.2.1.25.2.3.1.2',
  descr: '1.3.6.1.2.1.25.2.3.1.3',
  unit: '1.3.6.1.2.1.25.2.3.1.4',
  size: '1.3.6.1.2.1.25.2.3.1.5',
  used: '1.3.6.1.2.1.25.2.3.1.6',
} as const;
/** hrStorageRam, the type of a storage that is memory. */
export const STORAGE_RAM = '1.3.6.1.2.1.25.2.1.2';

/** HOST-RESOURCES-MIB hrProcessorTable (RFC 2790 §4.2); index 1 is the processor. */
export const PROCESSOR = { load: '1.3.6.1.2.1.25.3.3.1.2' } as const;

/** HOST-RESOURCES-MIB hrSWRunTable and hrSWRunPerfTable (RFC 2790 §4.2); index is the place in the list of processes, from 1. */
export const PROCESSES = {
  name: '1.3.6.1.2.1.25.4.2.1.2',
  status: '1.3.6.1.2.1.25.4.2.1.7',
  memoryKb: '1.3.6.1.2.1.25.5.1.1.2',
} as const;

/** ENTITY-SENSOR-MIB entPhySensorTable (RFC 3433 §3); index 1 is the chassis. */
export const SENSORS = { status: '1.3.6.1.2.1.99.1.1.1.5' } as const;

/** Vendor table of BFD sessions in tunnels. Index, decided here: the overlay address of the far end. */
export const BFD = {
  state: '1.3.6.1.4.1.41916.6.1.1.1.10',
  txInterval: '1.3.6.1.4.1.41916.6.1.1.1.12',
  transitions: '1.3.6.1.4.1.41916.6.1.1.1.14',
} as const;

/** Vendor table of tunnel quality, same index; whole percent and milliseconds. */
export const APP_ROUTE = {
  loss: '1.3.6.1.4.1.41916.9.2.1.9',
  latency: '1.3.6.1.4.1.41916.9.2.1.10',
  jitter: '1.3.6.1.4.1.41916.9.2.1.12',
} as const;

/** Vendor table of IPsec counters of tunnels, same index. */
export const IPSEC = {
  replayDrops: '1.3.6.1.4.1.42359.2.2.1.2.1.9.1.1.12',
  authDrops: '1.3.6.1.4.1.42359.2.2.1.2.1.9.1.1.13',
  noSaDrops: '1.3.6.1.4.1.42359.2.2.1.2.1.9.1.1.21',
  rekeys: '1.3.6.1.4.1.42359.2.2.1.2.1.9.1.1.41',
  disconnects: '1.3.6.1.4.1.42359.2.2.1.2.1.9.1.1.42',
} as const;

/** Vendor table of SLA violations. Index, decided here: application as length and characters, class and colour as below. */
export const SLA = { violations: '1.3.6.1.4.1.42359.2.2.1.2.1.10.2.1.7' } as const;

export const SLA_CLASSES = { voice: 1, video: 2, critical: 3, bulk: 4 } as const;
export const COLORS = { mpls: 1, 'biz-internet': 2, lte: 3 } as const;

/** ifAdminStatus and ifOperStatus (RFC 2863 §6). */
export const PORT_STATES = { up: 1, down: 2 } as const;
/** IANAifType: what kinds of ports there are here. */
export const PORT_TYPES = { ethernet: 6, tunnel: 131, cellular: 243 } as const;
/** bgpPeerState (RFC 4273 §3). */
export const BGP_STATES = { idle: 1, connect: 2, active: 3, opensent: 4, openconfirm: 5, established: 6 } as const;
/** ospfNbrState (RFC 4750 §4). */
export const OSPF_STATES = { init: 3, exstart: 5, full: 8 } as const;
/** vrrpOperState (RFC 2787 §3). */
export const VRRP_STATES = { initialize: 1, backup: 2, master: 3 } as const;
/** IANAbfdSessStateTC (RFC 7330). */
export const BFD_STATES = { down: 2, up: 4 } as const;
/** IANAipRouteProtocol (RFC 4292 §6): `connected` is local, `static` is netmgmt. */
export const ROUTE_PROTOCOLS = { connected: 2, static: 3, ospf: 13, bgp: 14 } as const;
/** inetCidrRouteType (RFC 4292 §6). */
export const ROUTE_TYPES = { local: 3, remote: 4, blackhole: 5 } as const;
/** ipNetToPhysicalState (RFC 4293 §5). */
export const NEIGHBOR_STATES = { reachable: 1, incomplete: 7 } as const;
/** hrSWRunStatus (RFC 2790 §4.2): a process that should run and does not is `invalid`, which means not loaded. */
export const PROCESS_STATES = { running: 1, stopped: 4 } as const;
/** EntitySensorStatus (RFC 3433 §3). Decided here: a warning is `unavailable`, a failure `nonoperational`. */
export const SENSOR_STATES = { ok: 1, warning: 2, failed: 3 } as const;

/** The word for a number of a table above; undefined for a number that means nothing. */
export function wordOf<Word extends string>(states: Readonly<Record<Word, number>>, number: number): Word | undefined {
  return (Object.keys(states) as Word[]).find((word) => states[word] === number);
}
