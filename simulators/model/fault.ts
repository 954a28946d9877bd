/** What a fault is to the model: something that changes causes (a configuration, a cable, power) and can be taken back. */
import type { DeviceConfig } from '../../protocols/device/config.ts';
import type { ResourceKind } from '../../protocols/device/names.ts';
import type { NetworkEvent } from '../../protocols/device/state.ts';
import type { Condition } from './condition.ts';
import type { DeviceRef, Topology } from './network.ts';

/** The part of the world a fault may touch. */
export interface FaultGround {
  config(ref: DeviceRef): DeviceConfig;
  /** What the network was built from: circuits, hosts, LAN routers, externals. */
  readonly topology: Topology;
  /** Virtual epoch milliseconds. */
  now(): number;
  /** Commits `edit` of the running configuration; nothing is committed when it returns undefined. The user is `netops`. */
  commit(ref: DeviceRef, edit: (running: DeviceConfig) => DeviceConfig | undefined, user?: string): void;
  /** The director's own record of what the device should run follows too: a change that is meant to stay. */
  intend(ref: DeviceRef, edit: (intended: DeviceConfig) => DeviceConfig): void;
  /** Makes a physical condition hold until the returned function is called. */
  impose(condition: Condition): () => void;
  /** Runs `run` at a virtual time, unless the returned function is called before. */
  schedule(at: number, run: () => void): () => void;
  /** Somebody logs in to a device, or tries to; it is announced and recorded. */
  login(ref: DeviceRef, user: string, source: string, result: 'ok' | 'failed'): void;
  /** A device announces something that follows from no state, such as a restart that was asked for. */
  announce(ref: DeviceRef, event: Pick<NetworkEvent, 'name' | 'resource' | 'severity' | 'detail'>): void;
  /** Reproducible variation in [0, 1). */
  fraction(...parts: readonly (string | number)[]): number;
}

/** A resource name resolved against the topology. `device` is the one the fault sits on. */
export interface FaultPlace {
  readonly tenant: string;
  readonly resource: string;
  readonly kind: ResourceKind;
  readonly device?: DeviceRef;
  readonly interface?: string;
  readonly provider?: string;
  readonly host?: string;
  /** Names of the tunnel ends on `device` that it stands for: one, or all to a site (`tun-br1`). */
  readonly tunnels?: readonly string[];
  /** The far device of a tunnel or session. */
  readonly peer?: string;
  /** Name of a policy on `device`: `qos-wan`, `bfd-mpls`, `overlay-in`, `approute-erp`. */
  readonly policy?: string;
}

export interface FaultType {
  readonly type: string;
  readonly kinds: readonly ResourceKind[];
  /** One sentence: what is really broken. */
  readonly mechanism: string;
  /** Set on entries that are no fault but must be told from one. */
  readonly condition?: true;
  /** True when the resource can bear it; its kind is already checked. */
  fits(place: FaultPlace, ground: FaultGround): boolean;
  /** True when it can be more or less bad: then `intensity` of a request is allowed. */
  readonly graded?: true;
  /** Breaks the cause and returns what mends it. `degree` is 1 for the catalogue's figure, or its multiple. */
  apply(ground: FaultGround, place: FaultPlace, degree: number): () => void;
}
