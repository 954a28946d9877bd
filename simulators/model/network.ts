/**
 * The network model as its users see it: a pure, deterministic SD-WAN on a virtual clock.
 *
 * One interface, four uses: the simulated network, the broker's rehearsals, the diagnosis codebook and the replays.
 */
import type { Color, DeviceConfig } from '../../protocols/device/config.ts';
import type { FlowRecord } from '../../protocols/device/flow.ts';
import type { HostProcess } from '../../protocols/device/host.ts';
import type { ProbeResult } from '../../protocols/device/probe.ts';
import type { NetworkRecords } from '../../protocols/device/records.ts';
import type { DeviceState, NetworkEvent } from '../../protocols/device/state.ts';

/** A device of one tenant. Provider cores and hosts are not devices: nobody speaks a protocol to them. */
export interface DeviceRef {
  readonly tenant: string;
  readonly device: string;
}

/** An access circuit from a WAN port to a provider core. */
export interface Circuit {
  readonly tenant: string;
  readonly device: string;
  readonly interface: string;
  readonly color: Color;
  readonly provider: string;
  readonly onewayMs: number;
  readonly capacityBps: number;
}

/** An end system behind a LAN port. */
export interface Host {
  readonly tenant: string;
  readonly name: string;
  readonly site: string;
  readonly vrf: number;
  readonly address: string;
  /** Ports it listens on, e.g. 443 for the ERP, and the process behind each. */
  readonly services: readonly { readonly name: string; readonly port: number }[];
  /** What it is: decides which applications it uses and which faults fit it. */
  readonly kind: HostKind;
  /** Hosts on a radio link reach their port through this access point (the name of a host of kind `access-point`). */
  readonly accessPoint?: string;
  /** Address set by hand instead of by DHCP. */
  readonly fixed: boolean;
  /** How many people it stands for in a blast radius (0 for servers and things). */
  readonly users: number;
}

export type HostKind = 'server' | 'pc' | 'camera' | 'printer' | 'guest' | 'access-point' | 'scanner' | 'poller';

/** A router inside a site's LAN that nobody here manages: it speaks OSPF to the edge and owns subnets behind it. */
export interface LanRouter {
  readonly tenant: string;
  readonly name: string;
  readonly site: string;
  /** Port of the edge that it is on. */
  readonly device: string;
  readonly interface: string;
  readonly address: string;
  readonly routerId: string;
  readonly area: string;
  readonly subnets: readonly string[];
}

/** Something on the internet: a SaaS service, a vendor's cloud, an attacker's host. */
export interface ExternalService {
  readonly name: string;
  readonly address: string;
  readonly port: number;
  /** Beyond the provider, there and back. */
  readonly rttMs: number;
}

/** Everything a network is built from; refnet, a YAML file or the broker's observations produce one. */
export interface Topology {
  readonly providers: readonly string[];
  readonly devices: readonly (DeviceRef & { readonly config: DeviceConfig })[];
  readonly circuits: readonly Circuit[];
  readonly hosts: readonly Host[];
  readonly lanRouters: readonly LanRouter[];
  readonly externals: readonly ExternalService[];
}

/** A fault to inject: `type` and `resource` (tenant-relative name) as in the catalogue. */
export interface FaultRequest {
  readonly tenant: string;
  readonly type: string;
  readonly resource: string;
  /** Virtual epoch milliseconds; now when absent. */
  readonly startAt?: number;
  readonly endAt?: number;
  /** How bad, as a multiple of the catalogue's figure: more than 0, at most 10; 1 when absent. Refused where there is no degree. */
  readonly intensity?: number;
}

export interface ActiveFault extends FaultRequest {
  readonly id: string;
}

export interface ProbeRequest {
  readonly kind: 'icmp' | 'tcp' | 'df-size' | 'traceroute' | 'dns' | 'http' | 'throughput' | 'voice';
  /** Host that it starts at, behind the device; absent: the device's own agent behind the port of the VRF. */
  readonly host?: string;
  /** VRF the probe starts in; 0 sends it over the underlay. */
  readonly vrf: number;
  /** Address, or interface whose address is the source. */
  readonly source?: string;
  readonly destination: string;
  readonly port?: number;
  readonly count?: number;
  /** Packet size in bytes, `icmp`. */
  readonly size?: number;
  /** Code point of its packets, 0 when absent. */
  readonly dscp?: number;
  /** `dns`: name to resolve at `destination`. */
  readonly name?: string;
  /** `http`: object to fetch: 10 kB or 10 MB. */
  readonly object?: 'small' | 'large';
}

export interface Network {
  /** Virtual time, epoch milliseconds. */
  now(): number;
  /** Runs every event up to `time`; going back is an error. */
  advanceTo(time: number): void;
  /** Time of the next event already queued, or undefined when nothing will happen by itself. */
  nextEventAt(): number | undefined;

  devices(): readonly DeviceRef[];
  topology(): Topology;
  config(ref: DeviceRef): DeviceConfig;
  /** The configuration the director holds for the device (what it should run). */
  intendedConfig(ref: DeviceRef): DeviceConfig;
  /** Makes `config` the running configuration now, records the commit and announces it. */
  commit(ref: DeviceRef, config: DeviceConfig, user: string): void;

  state(ref: DeviceRef): DeviceState;
  /** One section of the state; what is not asked for is not computed. */
  section<Key extends keyof DeviceState>(ref: DeviceRef, key: Key): DeviceState[Key];
  /** Virtual epoch milliseconds of its last start. */
  bootedAt(ref: DeviceRef): number;
  /** False when the device has no power, or no circuit that carries. */
  alive(ref: DeviceRef): boolean;
  /** False when it is not alive, or when nobody can poll it: its protocol servers must then be silent. */
  reachable(ref: DeviceRef): boolean;
  probe(ref: DeviceRef, request: ProbeRequest): ProbeResult;

  /** What `read` finds in the network as it was at an instant of the last day; it must only read. */
  asOf<T>(at: number, read: () => T): T;
  /**
   * Flows of a tenant that ended in (`after`, `until`], oldest first, at most `limit`; what all devices exported, or the
   * devices `of`. A function of time, kept nowhere.
   */
  flows(tenant: string, after: number, until: number, limit: number, of?: ReadonlySet<string>): readonly FlowRecord[];
  /** What people approved and know, beside the network. */
  records(tenant: string): NetworkRecords;
  /** Processes behind the services of a tenant's hosts, as the agents on them report. */
  hostProcesses(tenant: string): readonly HostProcess[];

  /** Events of a tenant with `seq` greater than `after`, oldest first, at most `limit`. */
  events(tenant: string, after: number, limit: number): readonly NetworkEvent[];
  /** Calls back for each event as it happens; returns a function that ends the subscription. */
  subscribe(listener: (tenant: string, event: NetworkEvent) => void): () => void;

  /** Throws `ModelError` for an unknown type, an unknown resource or a kind the fault cannot sit on. */
  inject(fault: FaultRequest): string;
  /** Resources of a tenant that can bear a fault type. */
  bearers(tenant: string, type: string): readonly string[];
  clear(id: string): void;
  faults(): readonly ActiveFault[];
}

/** A request the model refuses; `code` is stable. */
export class ModelError extends Error {
  override readonly name = 'ModelError';
  readonly code: string;
  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}
