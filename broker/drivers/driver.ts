/** What a device driver is: the one interface behind which NETCONF, SNMP and REST speak to devices. Only `broker/execution` imports this folder. */
import type { Notification } from '../../protocols/netconf/notification.ts';
import type { Json, Ladder, Operation, Varbind } from '../contract.ts';

/** Address and credentials of one device, decrypted for the time of use. Never logged, never leaves the broker. */
export interface DeviceEndpoint {
  readonly tenant: string;
  readonly device: string;
  readonly netconf?: {
    readonly host: string;
    readonly port: number;
    /** Pinned SSH host key, `SHA256:` + base64 as OpenSSH prints it. */
    readonly hostKey: string;
    readonly user: string;
    /** OpenSSH or PEM private key. */
    readonly privateKey: string;
  };
  readonly snmp?: {
    readonly host: string;
    readonly port: number;
    readonly user: string;
    /** USM pass phrases (RFC 3414 §2.6): SHA-256 authentication (RFC 7860), AES-128 privacy (RFC 3826). */
    readonly authPassword: string;
    readonly privPassword: string;
  };
  /** For a device without version 3, where the installation allows it: everything here crosses the network in the clear. */
  readonly snmp2c?: { readonly host: string; readonly port: number; readonly community: string };
  /** Where the device sends traps, syslog and flow records from, and its snmpEngineID in hexadecimal. */
  readonly telemetry?: { readonly host: string; readonly port?: number; readonly engineId?: string };
  /** The controller that answers for the device. */
  readonly rest?: {
    readonly baseUrl: string;
    /** PEM of the only CA that is trusted for it. */
    readonly ca: string;
    readonly user: string;
    readonly password: string;
  };
}

/** Body of a successful reply, by protocol. */
export type ReplyBody =
  | { readonly protocol: 'netconf'; readonly xml: string }
  | { readonly protocol: 'snmp'; readonly varbinds: readonly Varbind[] }
  | { readonly protocol: 'rest'; readonly json: Json };

/** Reads and probes over one protocol. Retries of reads happen above; a driver never repeats a write. */
export interface Driver {
  readonly protocol: 'netconf' | 'snmp' | 'rest';
  /** Runs a read or probe operation; rejects with `DriverError`. */
  run(endpoint: DeviceEndpoint, operation: Operation, signal?: AbortSignal): Promise<ReplyBody>;
  close(): Promise<void>;
}

/** A NETCONF session that may write. Every method maps to one RPC (RFC 6241 §7, §8) and rejects with `DriverError`. */
export interface WriteSession {
  /** Capabilities of the device's hello. */
  readonly capabilities: readonly string[];
  /** The highest rung that the hello promises. */
  readonly ladder: Ladder;
  lockCandidate(): Promise<void>;
  unlockCandidate(): Promise<void>;
  /** XML children of `<data>`. */
  getConfig(source: 'running' | 'candidate', filter: string): Promise<string>;
  /** `<edit-config>` on candidate with error-option rollback-on-error; `config` is the child of `<config>`. */
  editCandidate(config: string): Promise<void>;
  validateCandidate(): Promise<void>;
  /**
   * Begins a confirmed commit, or with `renews` sets the timeout of the one under way anew, counted from now, under the
   * same persist-id (RFC 6241 §8.4.1); it never begins one then. Either puts the candidate into running.
   */
  commitConfirmed(options: {
    readonly timeoutSeconds: number;
    readonly persistId: string;
    readonly renews?: boolean;
  }): Promise<void>;
  confirmCommit(persistId: string): Promise<void>;
  cancelCommit(persistId: string): Promise<void>;
  discardChanges(): Promise<void>;
  /** Rung `candidate`: puts the candidate into running for good. */
  commit(): Promise<void>;
  /** A confirmed commit without persist-id: it ends with this session, whoever ends it (RFC 6241 §8.4.1). */
  commitUntilClosed(timeoutSeconds: number): Promise<void>;
  lockRunning(): Promise<void>;
  unlockRunning(): Promise<void>;
  /** Rung `running`: the edit works at once; rollback-on-error where the device has it, else stop-on-error. */
  editRunning(config: string): Promise<void>;
  /** Warnings since the last call, the first few of them: the rpcs that brought them succeeded. */
  takeWarnings(): readonly string[];
  close(): Promise<void>;
}

export interface WriteDriver extends Driver {
  /** `lowest`: the rung that the caller can still work on; UNSUPPORTED for a device below it, before anything is sent. */
  openWriteSession(endpoint: DeviceEndpoint, signal?: AbortSignal, lowest?: Ladder): Promise<WriteSession>;
}

/** Notifications of one device, as they come (RFC 5277). */
export interface NotificationSession {
  /** Whether what was missed since the given time comes first. */
  readonly replays: boolean;
  /** Resolves when the session is gone, for whatever reason. */
  readonly ended: Promise<void>;
  close(): void;
}

export interface NotificationDriver extends WriteDriver {
  /** `since`: epoch milliseconds of the device's clock. Rejects with `DriverError`; UNSUPPORTED when it sends none. */
  subscribe(
    endpoint: DeviceEndpoint,
    since: number | undefined,
    onNotice: (notice: Notification) => void,
    signal?: AbortSignal,
  ): Promise<NotificationSession>;
}

/** An rpc-error of severity warning: the rpc succeeded; bounded and printable like an error's message. */
export interface DeviceWarning {
  readonly tenant: string;
  readonly device: string;
  /** RFC 6241 §4.3 error-tag. */
  readonly tag: string;
  readonly message: string;
}

export type DriverErrorCode =
  | 'UNREACHABLE' // no connection, nothing was sent
  | 'CIRCUIT_OPEN' // left alone after repeated failures, nothing was sent
  | 'TIMEOUT' // sent, no answer in time: a write's outcome is unknown
  | 'LOST' // connection died after sending: a write's outcome is unknown
  | 'HOST_KEY' // unknown or changed SSH host key or TLS certificate
  | 'AUTHENTICATION'
  | 'RPC_ERROR' // the device said no; `detail` has error-tag and path
  | 'PROTOCOL' // the answer breaks the protocol or a limit
  | 'UNSUPPORTED'; // operation or capability is missing

/** `message` never contains credentials or unbounded device text (at most 200 printable characters of it). */
export class DriverError extends Error {
  override readonly name = 'DriverError';
  readonly code: DriverErrorCode;
  /** RFC 6241 §4.3 error-tag of an `RPC_ERROR`. */
  readonly tag: string | undefined;
  constructor(code: DriverErrorCode, message: string, tag?: string) {
    super(message);
    this.code = code;
    this.tag = tag;
  }
}
