/**
 * The network model as its users see it: a pure, deterministic SD-WAN on a virtual clock.
 *
 * One interface, four uses: the simulated network, the broker's rehearsals, the diagnosis codebook and the replays.
 */
import type { Color, DeviceConfig } from '../../protocols/device/config.ts';
import type { DeviceState, NetworkEvent, ProbeResult } from '../../protocols/device/state.ts';

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
  /** TCP ports it listens on, e.g. 443 for the ERP. */
  readonly services: readonly { readonly name: string; readonly port: number }[];
  /** How many people it stands for in a blast radius (0 for servers and things). */
  readonly users: number;
}

/** Everything a network is built from; refnet, a YAML file or the broker's observations produce one. */
export interface Topology {
  readonly providers: readonly string[];
  readonly devices: readonly (DeviceRef & { readonly config: DeviceConfig })[];
  readonly circuits: readonly Circuit[];
  readonly hosts: readonly Host[];
}

/** A fault to inject: `type` and `resource` (tenant-relative name) as in the catalogue. */
export interface FaultRequest {
  readonly tenant: string;
  readonly type: string;
  readonly resource: string;
  /** Virtual epoch milliseconds; now when absent. */
  readonly startAt?: number;
  readonly endAt?: number;
}

export interface ActiveFault extends FaultRequest {
  readonly id: string;
}

export interface ProbeRequest {
  readonly kind: 'icmp' | 'tcp';
  /** VRF the probe starts in; 0 sends it over the underlay. */
  readonly vrf: number;
  /** Address, or interface whose address is the source. */
  readonly source?: string;
  readonly destination: string;
  readonly port?: number;
  readonly count?: number;
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
  /** False when the device has no power or no management path: its protocol servers must then be silent. */
  reachable(ref: DeviceRef): boolean;
  probe(ref: DeviceRef, request: ProbeRequest): ProbeResult;

  /** Events of a tenant with `seq` greater than `after`, oldest first, at most `limit`. */
  events(tenant: string, after: number, limit: number): readonly NetworkEvent[];
  /** Calls back for each event as it happens; returns a function that ends the subscription. */
  subscribe(listener: (tenant: string, event: NetworkEvent) => void): () => void;

  /** Throws `ModelError` for an unknown type, an unknown resource or a kind the fault cannot sit on. */
  inject(fault: FaultRequest): string;
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
