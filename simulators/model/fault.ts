/** What a fault is to the model: something that changes causes (a configuration, a cable, power) and can be taken back. */
import type { DeviceConfig } from '../../protocols/device/config.ts';
import type { ResourceKind } from '../../protocols/device/names.ts';
import type { Condition } from './condition.ts';
import type { DeviceRef } from './network.ts';

/** The part of the world a fault may touch. */
export interface FaultGround {
  config(ref: DeviceRef): DeviceConfig;
  /** Commits `edit` of the running configuration as user `netops`; nothing is committed when it returns undefined. */
  commit(ref: DeviceRef, edit: (running: DeviceConfig) => DeviceConfig | undefined): void;
  /** Makes a physical condition hold until the returned function is called. */
  impose(condition: Condition): () => void;
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
  /** Breaks the cause and returns what mends it. */
  apply(ground: FaultGround, place: FaultPlace): () => void;
}
