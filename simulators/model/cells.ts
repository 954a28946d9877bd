/** Cells: the things of a network that a device notices with delay, and the two ends that make a tunnel. */
import type { BgpNeighbor, Color, SlaClass, TunnelConfig, VrrpConfig } from '../../protocols/device/config.ts';
import type { Host } from './network.ts';
import type { DeviceNode } from './world.ts';

interface CellBase<Kind extends string, Value extends string> {
  readonly kind: Kind;
  readonly node: DeviceNode;
  readonly name: string;
  value: Value;
  /** Epoch milliseconds of the last change of `value`. */
  since: number;
  pending?: { readonly to: string; readonly at: number; readonly cancel: () => void };
}

export interface PortCell extends CellBase<'port', 'up' | 'down'> {
  /** ifIndex, kept for the life of the device. */
  readonly index: number;
}
/** `dormant`: a last-resort tunnel that is not built now. */
export interface EndCell extends CellBase<'end', 'up' | 'down' | 'dormant'> {
  readonly link: Link;
  /** ifIndex of its tunnel interface, above those of all ports. */
  readonly index: number;
  tunnel: TunnelConfig;
  transitions: number;
  /** SLA classes that it did not meet at the last poll: applications of these classes rather go another way. */
  slaMissed: ReadonlySet<SlaClass>;
  /** What was measured lately; absent while the path is as it always is. */
  measured?: Measurements;
  /** Security associations lost since boot. */
  disconnects: number;
  /** Rekeys before the present association or lifetime, and when that began (`since` when absent). */
  rekeysBefore: number;
  keyedAt?: number;
}
/** Up, or why not. `controller-certificate` is the other end's. */
export type ControlValue =
  | 'up'
  | 'timeout'
  | 'refused'
  | 'certificate'
  | 'controller-certificate'
  | 'clock'
  | 'dormant';
export interface ControlCell extends CellBase<'control', ControlValue> {
  readonly controller: string;
  readonly color: Color;
}
/** Established, or why not. */
export type SessionValue =
  | 'established'
  | 'no-path'
  | 'blocked'
  | 'refused'
  | 'stopped'
  | 'bad-peer-as'
  | 'max-prefixes'
  | 'dormant';
export interface SessionCell extends CellBase<'session', SessionValue> {
  neighbor: BgpNeighbor;
}
export interface VrrpCell extends CellBase<'vrrp', 'initialize' | 'backup' | 'master'> {
  group: VrrpConfig;
}
/** Adjacency with the routers of a LAN. */
export interface OspfCell extends CellBase<'ospf', 'down' | 'full'> {}
/** A processor that has more work than time stalls now and then. */
export interface ProcessorCell extends CellBase<'processor', 'steady' | 'strained' | 'stalled'> {}
/** An alarm that a device raises about a port: its bandwidth is used up, or the cloud behind it answers badly. */
export interface AlarmCell extends CellBase<'alarm', 'quiet' | 'raised'> {
  readonly about: 'bandwidth' | 'cloud';
  readonly port: string;
}
/** What a host has from DHCP: an offer in JSON, or `none`. */
export interface LeaseCell extends CellBase<'lease', string> {
  readonly host: Host;
}
/** An alarm of a firewall: about its table of sessions, or about those that stay half open. */
export interface FirewallAlarmCell extends CellBase<'firewall-alarm', 'quiet' | 'raised'> {
  readonly about: 'table' | 'half-open';
}
export type Cell =
  | LeaseCell
  | FirewallAlarmCell
  | PortCell
  | EndCell
  | ControlCell
  | SessionCell
  | VrrpCell
  | OspfCell
  | ProcessorCell
  | AlarmCell
  | RecurrenceCell;

/** Loss in percent towards the end that measures, round trip and its variation in milliseconds. */
export interface Measure {
  readonly lossPct: number;
  readonly latencyMs: number;
  readonly jitterMs: number;
}
/** What probes of a tunnel met since they met anything unusual. */
export interface Measurements {
  /** Oldest first; each holds until the next. Before the first one all was as usual. */
  readonly samples: readonly { readonly at: number; readonly value: Measure }[];
  /** Means of whole polls, newest last, at most as many as an SLA is judged on. */
  readonly polls: readonly (Measure & { readonly at: number })[];
}

/** What interrupts a tunnel again and again: `waiting` for the next time, or `struck` now. */
export interface RecurrenceCell extends CellBase<'recurrence', 'none' | 'waiting' | 'struck'> {
  readonly link: Link;
}

/** Both ends of a tunnel; an end is missing while only one side has it configured. */
export interface Link {
  readonly key: string;
  readonly ends: EndCell[];
  /** Made when something recurs there for the first time. */
  recurrence?: RecurrenceCell;
}
