/** The ports of the broker: what its pipeline needs from storage, policy, identity and time, as interfaces. Adapters live in their own folders; `apps/compose.ts` wires them. */
import type {
  Approval,
  Decision,
  Domain,
  Effect,
  Evidence,
  Incident,
  Intent,
  Json,
  Ladder,
  Receipt,
  StepRecord,
  Subject,
} from './contract.ts';

/** Injected time; never `Date.now()` in the pipeline. */
export interface Clock {
  /** Epoch milliseconds. */
  now(): number;
}

/** Injected randomness for ids and keys: `id('int')` → `int_…` (128 bit, base32 lower case). */
export interface Ids {
  id(prefix: string): string;
}

/** What happened, for whom, under which policy. `content` is plain JSON; secrets are hashed before they come here. */
export interface AuditEntry {
  readonly at: string;
  readonly tenant: string;
  /** `call.received`, `decision`, `approval.requested`, `approval.vote`, `change.step`, `outcome`, `login`, `start`, … */
  readonly kind: string;
  readonly human?: string;
  readonly session?: string;
  readonly agent?: string;
  readonly tool?: string;
  readonly intent?: string;
  readonly content: { readonly [key: string]: Json };
}

export interface StoredAuditEntry extends AuditEntry {
  readonly index: number;
}

/** A signed checkpoint and hashes (base64) that prove something of its tree. */
export interface ConsistencyProof {
  readonly checkpoint: string;
  readonly hashes: readonly string[];
}

/** RFC 6962 §2.1.1 audit path, with the entry exactly as it was hashed. */
export interface InclusionProof extends ConsistencyProof {
  readonly index: number;
  readonly entry: string;
}

export interface AuditKeys {
  readonly first: string;
  readonly inForce: string;
  /** Signed notes, oldest first. */
  readonly handovers: readonly string[];
}

/** Append-only, RFC 6962 Merkle tree, C2SP signed checkpoints; what `append` acknowledged is durable. */
export interface AuditLog {
  /** Resolves with the index after the entry is durable and covered by a signed checkpoint. */
  append(entry: AuditEntry): Promise<number>;
  size(): number;
  /** Entries `from` (inclusive) onwards, at most `limit`. */
  entries(from: number, limit: number): Promise<readonly StoredAuditEntry[]>;
  /** Latest signed note (C2SP tlog-checkpoint). */
  checkpoint(): string;
  /** Everything an offline verifier needs, as NDJSON lines: checkpoint, public keys, entries. */
  export(tenant?: string): AsyncIterable<string>;
  /** That entry `index` is in the tree of the latest checkpoint; undefined when there is none. */
  prove(index: number): Promise<InclusionProof | undefined>;
  /** That the tree of the latest checkpoint continues the tree of `old`, which must not be larger (`RangeError`). */
  proveConsistency(old: number): Promise<ConsistencyProof>;
  /** Verifier keys: the one to trust, the one in force, and the checkpoints by which each named the next. */
  keys(): AuditKeys;
  /** Takes over what other brokers wrote, after verifying it; at once where nobody else writes. */
  refresh(): Promise<void>;
  close(): Promise<void>;
}

/** What the policy decides on. All of it comes from verified sources. */
/** A domain of the broker's own tools, or all that others offer. */
export type PolicyDomain = Domain | 'upstream';

export interface DecisionRequest {
  /** `listing` asks only whether a tool may be shown: nothing is done on the answer, and one evaluator gives it. */
  readonly asks?: 'call' | 'listing';
  readonly subject: Subject;
  readonly tool: {
    readonly name: string;
    readonly domain: PolicyDomain;
    readonly effect: Effect;
    /** The action that policies know it by; absent: its name. */
    readonly action?: string;
  };
  readonly tenant: string;
  /** Facts about the targets, from the inventory. */
  readonly targets: readonly {
    readonly device: string;
    readonly role: string;
    readonly site: string;
    /** Absent: never certified, and changed as `confirmed` or not at all. */
    readonly ladder?: Ladder;
    /** How much hangs on the site; absent: `normal`. */
    readonly criticality?: 'low' | 'normal' | 'critical';
  }[];
  readonly input: { readonly [key: string]: Json };
  readonly purpose: {
    readonly id: string;
    readonly kind: 'incident' | 'schedule' | 'chat' | 'none';
    readonly open: boolean;
  };
  /** Epoch milliseconds. */
  readonly now: number;
  /** Session risk, 0–100. */
  readonly risk: number;
  /** Names of the parameters that untrusted text (a device's, a log's, a ticket's) flowed into. */
  readonly taint?: readonly string[];
  /** Names of the change windows that are open now for all targets. */
  readonly windows?: readonly string[];
  /** What does not fit the behaviour profile of the agent and its purpose: `tool`, `device`, `rate`, `hour`. */
  readonly unusual?: readonly string[];
}

/** The PDP (XACML 3.0). Any error inside is a deny with the reason; it never throws and never permits by default. */
export interface DecisionPoint {
  decide(request: DecisionRequest): Promise<Decision>;
  revision(): string;
  close(): Promise<void>;
}

/** The inventory's knowledge of a device; `tenant` + `name` is the key. */
export interface InventoryDevice {
  readonly tenant: string;
  readonly name: string;
  readonly role: 'edge' | 'hub' | 'controller';
  readonly site: string;
  readonly systemIp: string;
  readonly asn?: number;
  /** How much hangs on its site; absent: `normal`. */
  readonly criticality?: 'low' | 'normal' | 'critical';
  /** From its certificate; a device without one is changed as `confirmed` or not at all. */
  readonly ladder?: Ladder;
}

/** What the inventory knows besides devices: enough to name resources and to build the rehearsal's topology. */
export interface InventoryTopology {
  readonly circuits: readonly {
    readonly device: string;
    readonly interface: string;
    readonly color: string;
    readonly provider: string;
    /** WAN address of the port. */
    readonly address?: string;
    readonly onewayMs: number;
    readonly capacityBps: number;
  }[];
  readonly hosts: readonly {
    readonly name: string;
    readonly site: string;
    readonly vrf: number;
    readonly address: string;
    /** `dnsName` is the name that clients look up. */
    readonly services: readonly { readonly name: string; readonly port: number; readonly dnsName?: string }[];
    readonly users: number;
  }[];
  /** WAN and overlay addresses of the tenant's devices: where a probe may go besides the hosts. */
  readonly addresses: readonly string[];
}

export interface Inventory {
  topology(tenant: string): Promise<InventoryTopology>;
  devices(tenant: string): Promise<readonly InventoryDevice[]>;
  device(tenant: string, name: string): Promise<InventoryDevice | undefined>;
}

export type IntentState = 'received' | 'denied' | 'pending-approval' | 'executing' | 'done';

/** A change transaction as it is kept for crash recovery: stored before the first write to the device. */
export interface TransactionRecord {
  readonly intent: string;
  readonly tenant: string;
  readonly device: string;
  /** 128-bit random, RFC 6241 §8.4.5. */
  readonly persistId: string;
  /** Edit that was sent, and the canonical text of the running configuration before it. */
  readonly edit: string;
  readonly before: string;
  readonly beforeHash: string;
  /** Edit that puts the pre-image back: the last resort when a device does not roll back by itself. */
  readonly inverse: string;
  /** The rung on which it is executed; absent: `confirmed`. */
  readonly ladder?: Ladder;
  /** Expected canonical text of the running configuration after the edit. */
  readonly expected: string;
  readonly steps: readonly StepRecord[];
  readonly state: 'open' | 'closed';
}

/**
 * Durable life of intents: idempotency, receipts and unfinished transactions. Writes resolve when durable. Whoever writes of
 * devices holds their leases (`broker/execution/leases.ts`); when another broker has taken one since, writes reject with
 * `UNAVAILABLE`, so that of several brokers one acts on a device.
 */
export interface Journal {
  /** Rejects when another broker has taken a device's lease: asked before a device is touched on what was read here. */
  demandLease(tenant: string, devices: readonly string[]): Promise<void>;
  /** Registers the intent, or returns what is known under its id. A known id with another digest is a conflict. */
  begin(
    intent: Intent,
    subject: Subject,
  ): Promise<{ readonly known: boolean; readonly state: IntentState; readonly receipt?: Receipt }>;
  setState(intent: Intent, state: IntentState): Promise<void>;
  finish(intent: string, receipt: Receipt): Promise<void>;
  find(
    tenant: string,
    intent: string,
  ): Promise<
    | { readonly intent: Intent; readonly subject: Subject; readonly state: IntentState; readonly receipt?: Receipt }
    | undefined
  >;
  openTransaction(record: TransactionRecord): Promise<void>;
  recordStep(of: Pick<TransactionRecord, 'intent' | 'tenant'>, step: StepRecord): Promise<void>;
  /** Closes the transaction of the intent on one device: its end is known and written down. */
  closeTransaction(of: Pick<TransactionRecord, 'intent' | 'tenant' | 'device'>): Promise<void>;
  unfinished(): Promise<readonly TransactionRecord[]>;
  /** Intents in state `executing` without a receipt, with or without an open transaction. */
  executing(): Promise<readonly { readonly tenant: string; readonly intent: string }[]>;
  /** Finished changes of the tenant and for whom they were made, the latest first, at most `limit`. */
  changes(tenant: string, limit: number): Promise<readonly { readonly receipt: Receipt; readonly subject: Subject }[]>;
}

/** A human must look at a device now. */
export interface Page {
  readonly code: 'OUTCOME_UNKNOWN' | 'ROLLBACK_FAILED';
  readonly tenant: string;
  readonly intent: string;
  readonly device: string;
  /** What is known; no device text beyond that of a `DriverError`. */
  readonly detail: string;
}

/** Reaches whoever is on call. It may fail: what it was for is in the log all the same. */
export interface Pager {
  page(page: Page): Promise<void>;
}

export interface Approvals {
  create(approval: Approval): Promise<void>;
  get(tenant: string, id: string): Promise<Approval | undefined>;
  findByIntent(tenant: string, intent: string): Promise<Approval | undefined>;
  list(tenant: string, status?: Approval['status']): Promise<readonly Approval[]>;
  /** Those of all tenants that wait for votes. */
  pending(): Promise<readonly Approval[]>;
  /** Replaces the record if its status is still `expected`, and nothing in it differs from `before`, when given; false when somebody was faster. */
  update(approval: Approval, expected: Approval['status'], before?: Approval): Promise<boolean>;
}

export interface EvidenceStore {
  put(records: readonly Evidence[]): Promise<void>;
  /** Only records of the tenant; missing ids are left out. */
  get(tenant: string, ids: readonly string[]): Promise<readonly Evidence[]>;
  /** Course of what is watched over time (`stores/samples.ts`) at the devices: the oldest first, evenly thinned. */
  history(tenant: string, devices: readonly string[], signals: readonly string[]): Promise<readonly Evidence[]>;
}

export interface Incidents {
  put(incident: Incident): Promise<void>;
  get(tenant: string, id: string): Promise<Incident | undefined>;
  list(tenant: string, state?: Incident['state']): Promise<readonly Incident[]>;
}

/** A login session; ended or unknown sessions authenticate nobody. */
export interface Session {
  readonly id: string;
  readonly human: string;
  readonly tenant: string;
  readonly createdAt: string;
  /** When it last proved a second factor. */
  readonly steppedUpAt?: string;
  /** How the person proved who they are (RFC 8176); absent when an external issuer knows. */
  readonly amr?: readonly string[];
  readonly endedAt?: string;
  /** Of somebody of the provider who went to another tenant: the login that they came with, and end with. */
  readonly from?: string;
}

export interface Sessions {
  put(session: Session): Promise<void>;
  get(id: string): Promise<Session | undefined>;
  list(tenant: string): Promise<readonly Session[]>;
}
