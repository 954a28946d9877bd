/** What a device reports about itself (operational state, RFC 8342) and what a controller knows of its devices, as types. */
import type { Color } from './config.ts';

export interface DeviceState {
  readonly hostname: string;
  readonly system: SystemState;
  readonly interfaces: readonly InterfaceState[];
  readonly tunnels: readonly TunnelState[];
  readonly bgp: readonly BgpState[];
  readonly routes: readonly RouteState[];
  readonly accessLists: readonly AccessListCounter[];
  readonly vrrp: readonly VrrpState[];
  readonly cellular: readonly CellularState[];
  readonly control: readonly ControlState[];
  readonly commits: readonly CommitRecord[];
}

export interface SystemState {
  /** Milliseconds since boot. */
  readonly uptimeMs: number;
  readonly cpuPct: number;
  readonly memoryPct: number;
  /** Signed offset of the device clock from true time. */
  readonly clockOffsetMs: number;
  readonly certificateDays: number;
  readonly processes: readonly { readonly name: string; readonly running: boolean }[];
  readonly firewallSessionPct: number;
}

export interface InterfaceState {
  readonly name: string;
  /** ifIndex (RFC 2863), stable over the life of the device. */
  readonly index: number;
  readonly description: string;
  readonly admin: 'up' | 'down';
  readonly oper: 'up' | 'down';
  /** Epoch milliseconds of the last change of `oper`. */
  readonly lastChange: number;
  readonly mtu: number;
  readonly speedBps: number;
  readonly inOctets: number;
  readonly outOctets: number;
  readonly inErrors: number;
  readonly outDiscards: number;
  readonly address?: string;
  readonly vrf: number;
  readonly color?: Color;
}

export interface TunnelState {
  /** Canonical resource name without the kind, branch first: `br2_edge:mpls--hub1_edge:mpls`. */
  readonly tunnel: string;
  readonly interface: string;
  readonly color: Color;
  readonly peer: string;
  readonly peerColor: Color;
  readonly bfd: 'up' | 'down';
  /** Why BFD is down (RFC 5880 §4.1 diagnostics as words). */
  readonly bfdDiagnostic: 'none' | 'detection-time-expired' | 'neighbor-down' | 'admin-down';
  readonly bfdTransitions: number;
  /** Epoch milliseconds of the last change of `bfd`. */
  readonly bfdSince: number;
  readonly txIntervalMs: number;
  readonly multiplier: number;
  readonly ipsec: 'established' | 'no-handshake' | 'down';
  /** Loss in the receive direction, percent. */
  readonly lossPct: number;
  /** Round-trip time. */
  readonly latencyMs: number;
  readonly jitterMs: number;
}

/** RFC 4271 §8.2.2. */
export type BgpFsm = 'idle' | 'connect' | 'active' | 'opensent' | 'openconfirm' | 'established';

export interface BgpState {
  readonly neighbor: string;
  readonly peer: string;
  readonly localAs: number;
  readonly remoteAs: number;
  readonly state: BgpFsm;
  /** Last NOTIFICATION sent or received (RFC 4271 §4.5), 0/0 when none. */
  readonly lastErrorCode: number;
  readonly lastErrorSubcode: number;
  readonly prefixesReceived: number;
  readonly since: number;
}

export interface RouteState {
  readonly vrf: number;
  readonly prefix: string;
  readonly protocol: 'connected' | 'static' | 'bgp';
  /** Overlay address of the next hop, `connected` or `discard`. */
  readonly nextHop: string;
  /** Interface or tunnel interface the route leaves by. */
  readonly interface: string;
}

export interface AccessListCounter {
  readonly list: string;
  readonly entry: string;
  readonly hits: number;
}

export interface VrrpState {
  readonly interface: string;
  readonly group: number;
  readonly virtualAddress: string;
  readonly state: 'initialize' | 'backup' | 'master';
  readonly since: number;
}

export interface CellularState {
  readonly interface: string;
  readonly registered: boolean;
  readonly attached: boolean;
  readonly signalDbm: number;
}

export interface ControlState {
  readonly controller: string;
  readonly color: Color;
  readonly state: 'up' | 'down';
  /** Why it is down: `none`, `timeout`, `certificate`, `clock`. */
  readonly reason: string;
  readonly since: number;
}

export interface CommitRecord {
  readonly id: number;
  readonly at: number;
  readonly user: string;
}

/** An event as a device or controller announces it; `name` is the catalogue's signal name (`trap.bfd_state`, …). */
export interface NetworkEvent {
  readonly seq: number;
  readonly at: number;
  readonly name: string;
  readonly device: string;
  /** Tenant-relative resource name. */
  readonly resource: string;
  readonly severity: 'critical' | 'major' | 'minor' | 'warning' | 'info' | 'cleared';
  readonly detail: string;
}

/** What an active probe (RPC `ping` or `tcp-connect`) answers. */
export interface ProbeResult {
  readonly sent: number;
  readonly received: number;
  readonly rttMs: number;
  /** `ok`, `timeout`, `refused`, `unreachable`. */
  readonly result: 'ok' | 'timeout' | 'refused' | 'unreachable';
}
