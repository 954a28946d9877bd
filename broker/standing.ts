/** The standing of a device, as ports: what was learnt of it by certification, and why it is left alone. */
import type { Ladder } from './contract.ts';

/** What a device was seen to do, which may be less than it promises; learnt by a certification. */
export interface DeviceCertificate {
  readonly tenant: string;
  readonly device: string;
  readonly certifiedAt: string;
  readonly certifiedBy: string;
  readonly intent: string;
  /** Host key of the device that was looked at: another one is another device. */
  readonly hostKey: string;
  /** The highest rung of which everything was seen to work. */
  readonly ladder: Ladder;
  /** NETCONF base versions of its hello. */
  readonly base: readonly ('1.0' | '1.1')[];
  readonly quirks: DeviceQuirks;
  /** Notification streams (RFC 5277 §3.2), and whether they can be replayed. */
  readonly streams: readonly { readonly name: string; readonly replay: boolean }[];
}

/** Promised by the hello: the first five. Seen: the rest; absent when there was nothing to see it by. */
export interface DeviceQuirks {
  readonly candidate: boolean;
  readonly confirmedCommit: boolean;
  readonly writableRunning: boolean;
  readonly rollbackOnError: boolean;
  readonly validate: boolean;
  /** A second session is refused while the first holds the lock. */
  readonly locks?: boolean;
  /** A validated candidate is still there for the commit; netconfd forgets it, and says ok. */
  readonly keepsValidatedCandidate?: boolean;
  readonly revertsOnCancel?: boolean;
  readonly revertsOnTimeout?: boolean;
  /** A confirmed commit without persist-id ends with its session. */
  readonly revertsOnSessionLoss?: boolean;
  /** Bytes of the largest chunk that was seen to be taken (RFC 6242 §4.2). */
  readonly maxChunk?: number;
}

export interface Certificates {
  /** The latest counts. */
  put(certificate: DeviceCertificate): Promise<void>;
  get(tenant: string, device: string): Promise<DeviceCertificate | undefined>;
}

/** A wrong SSH key, a wrong TLS certificate, a change that the device kept, a change of which nobody knows. */
export type QuarantineReason = 'host-key' | 'certificate' | 'rollback-failed' | 'outcome-unknown';

/** Why a device is left alone. */
export interface QuarantineEntry {
  readonly tenant: string;
  readonly device: string;
  readonly reason: QuarantineReason;
  readonly detail: string;
  readonly since: string;
  readonly intent?: string;
  /** Digest of the pinned identity that was not shown. */
  readonly pin?: string;
}

/** Keeps one entry a device and reason; writes resolve when durable. */
export interface QuarantineStore {
  /** The first of a reason stays. */
  put(entry: QuarantineEntry): Promise<void>;
  remove(tenant: string, device: string, reason: QuarantineReason): Promise<void>;
  list(): Promise<readonly QuarantineEntry[]>;
}

/** Devices that take no change, and with a wrong identity no session, until a human releases them. */
export interface Quarantine {
  of(tenant: string, device: string): readonly QuarantineEntry[];
  /** Holds from the moment of the call; resolves when durable and in the log. */
  enter(entry: Omit<QuarantineEntry, 'since'>): Promise<void>;
  /** Ends it, for one reason or all; resolves with what was ended. The log says who and why. */
  leave(
    tenant: string,
    device: string,
    by: { readonly human?: string; readonly session?: string; readonly why: string },
    reason?: QuarantineReason,
  ): Promise<readonly QuarantineEntry[]>;
}
