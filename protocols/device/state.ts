/** What a device reports about itself (operational state, RFC 8342) and what a controller knows of its devices, as types. */
import type { Color, SlaClass, TrafficClass } from './config.ts';

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
  readonly omp: readonly OmpState[];
  readonly ospf: readonly OspfState[];
  readonly queues: readonly QueueState[];
  readonly nat: readonly NatState[];
  /** Absent on controllers. */
  readonly firewall?: FirewallState;
  readonly dhcp: readonly DhcpState[];
  readonly arp: readonly ArpState[];
  /** Newest last, at most 100. */
  readonly logins: readonly LoginRecord[];
  readonly slaFailures: readonly SlaFailures[];
  readonly applications: readonly ApplicationState[];
}

export interface SystemState {
  /** Milliseconds since boot. */
  readonly uptimeMs: number;
  readonly cpuPct: number;
  readonly memoryPct: number;
  /** Signed offset of the device clock from true time. */
  readonly clockOffsetMs: number;
  readonly certificateDays: number;
  readonly processes: readonly ProcessState[];
  /** Software that runs, e.g. `20.12.4`. */
  readonly version: string;
  readonly environment: 'ok' | 'warning' | 'failed';
  readonly ntp: readonly { readonly server: string; readonly reachable: boolean; readonly offsetMs: number }[];
}

export interface ProcessState {
  readonly name: string;
  readonly running: boolean;
  readonly memoryKb: number;
  readonly restarts: number;
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
  /** Present rates, bits a second. */
  readonly inBps: number;
  readonly outBps: number;
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
  /** The last whole poll, as statistics show it: means over the poll interval, percent and milliseconds. */
  readonly poll: {
    readonly at: number;
    readonly lossPct: number;
    readonly latencyMs: number;
    readonly jitterMs: number;
  };
  /** Vendor quality of experience out of loss, latency and jitter of the last poll, 0–10. */
  readonly vqoe: number;
  /** Loss from this end to the far end, and back, as ratios 0–1. */
  readonly fwdLoss: number;
  readonly revLoss: number;
  /** Forward error correction: parity packets sent and received, packets rebuilt. */
  readonly fec: { readonly sent: number; readonly received: number; readonly rebuilt: number };
  readonly rekeys: number;
  readonly disconnects: number;
  readonly replayDrops: number;
  readonly authDrops: number;
  readonly noSaDrops: number;
  /** SLA classes that the tunnel meets, judged as the director says. */
  readonly slaClasses: readonly SlaClass[];
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
  readonly protocol: 'connected' | 'static' | 'bgp' | 'ospf';
  /** Overlay address of the next hop, `connected` or `discard`. */
  readonly nextHop: string;
  /** Interface or tunnel interface the route leaves by. */
  readonly interface: string;
  /** AS that originated it, on BGP routes. */
  readonly originAs?: number;
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
  /** Volume of the present billing month. */
  readonly monthBytes: number;
}

export interface ControlState {
  readonly controller: string;
  readonly color: Color;
  readonly state: 'up' | 'down';
  /** Why it is down: `none`, `timeout`, `refused`, `certificate`, `controller-certificate`, `clock`. */
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

/** A peer of the overlay management protocol: controllers, which carry TLOCs, keys and policy. */
export interface OmpState {
  readonly peer: string;
  readonly state: 'up' | 'down' | 'graceful-restart';
  readonly since: number;
}

export interface OspfState {
  readonly interface: string;
  readonly neighbor: string;
  readonly routerId: string;
  readonly area: string;
  /** RFC 2328 §10.1; a neighbour whose dead interval ran out is not listed. */
  readonly state: 'init' | 'exstart' | 'full';
  readonly since: number;
}

/** One queue of a WAN port. */
export interface QueueState {
  readonly interface: string;
  readonly class: TrafficClass;
  readonly packets: number;
  readonly drops: number;
}

export interface NatState {
  readonly pool: string;
  /** Source ports in use and in the pool. */
  readonly used: number;
  readonly size: number;
}

export interface FirewallState {
  readonly sessions: number;
  readonly maxSessions: number;
  readonly halfOpen: number;
  readonly newPerSecond: number;
}

export interface DhcpState {
  readonly scope: string;
  readonly vrf: number;
  readonly leases: number;
  /** Messages since boot (RFC 2131 §3.1). */
  readonly discovers: number;
  readonly offers: number;
}

export interface ArpState {
  readonly interface: string;
  readonly address: string;
  /** Lower-case, colons; empty while unresolved. */
  readonly mac: string;
}

export interface LoginRecord {
  readonly at: number;
  readonly user: string;
  readonly source: string;
  readonly result: 'ok' | 'failed';
}

/** Polls in which tunnels of a colour that the application's rule names missed its class. */
export interface SlaFailures {
  readonly application: string;
  readonly class: SlaClass;
  readonly color: Color;
  readonly failures: number;
}

/** How an application does for the users of this site. */
export interface ApplicationState {
  readonly application: string;
  /** 0–100. */
  readonly score: number;
  /** Transport that its flows take now; absent when they go nowhere. */
  readonly color?: Color;
}
