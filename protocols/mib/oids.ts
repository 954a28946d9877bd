/** Object identifiers of the tables that devices serve over SNMP, and the numbers by which they name states. */

/** SNMPv2-MIB (RFC 3418), scalars without the `.0`. */
export const SYSTEM = {
  descr: '1.3.6.1.2.1.1.1',
  objectId: '1.3.6.1.2.1.1.2',
  upTime: '1.3.6.1.2.1.1.3',
  name: '1.3.6.1.2.1.1.5',
  location: '1.3.6.1.2.1.1.6',
} as const;

/** IF-MIB ifTable and ifXTable (RFC 2863 §6); index is ifIndex. */
export const INTERFACES = {
  descr: '1.3.6.1.2.1.2.2.1.2',
  mtu: '1.3.6.1.2.1.2.2.1.4',
  speed: '1.3.6.1.2.1.2.2.1.5',
  admin: '1.3.6.1.2.1.2.2.1.7',
  oper: '1.3.6.1.2.1.2.2.1.8',
  /** sysUpTime when `oper` last changed. */
  lastChange: '1.3.6.1.2.1.2.2.1.9',
  inErrors: '1.3.6.1.2.1.2.2.1.14',
  outDiscards: '1.3.6.1.2.1.2.2.1.19',
  name: '1.3.6.1.2.1.31.1.1.1.1',
  inOctets: '1.3.6.1.2.1.31.1.1.1.6',
  outOctets: '1.3.6.1.2.1.31.1.1.1.10',
  highSpeed: '1.3.6.1.2.1.31.1.1.1.15',
  alias: '1.3.6.1.2.1.31.1.1.1.18',
} as const;

/** BGP4-MIB bgpPeerTable (RFC 4273 §3); index is the address of the peer. */
export const BGP = {
  state: '1.3.6.1.2.1.15.3.1.2',
  remoteAddress: '1.3.6.1.2.1.15.3.1.7',
  /** Two octets: error code and subcode of RFC 4271 §4.5. */
  lastError: '1.3.6.1.2.1.15.3.1.14',
  /** Seconds in state established; 0 if it never was. */
  establishedTime: '1.3.6.1.2.1.15.3.1.16',
} as const;

/** VRRP-MIB vrrpOperTable (RFC 2787 §3); index is ifIndex and virtual router id. */
export const VRRP = { state: '1.3.6.1.2.1.68.1.3.1.3' } as const;

/** Vendor table of BFD sessions in tunnels; index is the overlay address of the far end. */
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

/** ifAdminStatus and ifOperStatus (RFC 2863 §6). */
export const PORT_STATES = { up: 1, down: 2 } as const;
/** bgpPeerState (RFC 4273 §3). */
export const BGP_STATES = { idle: 1, connect: 2, active: 3, opensent: 4, openconfirm: 5, established: 6 } as const;
/** vrrpOperState (RFC 2787 §3). */
export const VRRP_STATES = { initialize: 1, backup: 2, master: 3 } as const;
/** IANAbfdSessStateTC (RFC 7330). */
export const BFD_STATES = { down: 2, up: 4 } as const;

/** The word for a number of a table above; undefined for a number that means nothing. */
export function wordOf<Word extends string>(states: Readonly<Record<Word, number>>, number: number): Word | undefined {
  return (Object.keys(states) as Word[]).find((word) => states[word] === number);
}
