/**
 * The shared vocabulary of Wayleave: what an agent may say to the broker and what the broker answers.
 *
 * Every other folder speaks in these types. They are plain, readonly data: they cross process boundaries as JSON.
 * Over 300 lines because it is one vocabulary, read as one page.
 * Terms follow XACML 3.0 (decision, obligation, advice), RFC 9315 (intent) and RFC 6241 (datastores).
 */

/** The seven roles a human can hold in a tenant (provider roles span tenants by explicit switch). */
export const ROLES = [
  'provider-admin',
  'provider-operator',
  'tenant-admin',
  'tenant-operator',
  'security-analyst',
  'auditor',
  'break-glass',
] as const;
export type Role = (typeof ROLES)[number];

/** The agents that may be granted tools. A human who calls a tool without an agent has no `agent` in the subject. */
export const AGENTS = [
  'router',
  'troubleshooter',
  'health-monitor',
  'threat-watcher',
  'experience-optimizer',
  'compliance-auditor',
] as const;
export type AgentName = (typeof AGENTS)[number];

/** The domains of the broker's MCP servers; each is an audience of its own (a token for one is worthless at another). */
export const DOMAINS = ['inventory', 'diagnostics', 'wan', 'security', 'experience', 'compliance'] as const;
export type Domain = (typeof DOMAINS)[number];

/** What a tool does to the network: `probe` sends active test traffic; `contain` always carries an end time. */
export type Effect = 'read' | 'probe' | 'change' | 'contain';

export const SEVERITIES = ['critical', 'major', 'minor', 'warning', 'info', 'cleared'] as const;
export type Severity = (typeof SEVERITIES)[number];

/** JSON, as far as RFC 8785 canonicalisation covers it (finite numbers only). */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** Who asks, and for whom: everything here comes from a verified token and the user directory, never from a request body. */
export interface Subject {
  /** Human the call is made for, e.g. `operator@acme`. */
  readonly human: string;
  /** The human's roles now (looked up at each call, not read from the token). */
  readonly roles: readonly Role[];
  readonly tenant: string;
  /** Login session, `ses_…`; ending it makes the next call fail. */
  readonly session: string;
  /** Acting agent; absent when the human calls with a client of his own. */
  readonly agent?: AgentName;
  /** Digest of the agent's launched code, prompts, model and tool manifest. */
  readonly agentDigest?: string;
  /** Which language model the agent was launched with: none, one in the own network, or one elsewhere. */
  readonly model?: 'none' | 'local' | 'external';
  /** Present when the subject may read and probe, but not change: `unbound` (a token without a key), `schedule` (no human is there). */
  readonly lookOnly?: 'unbound' | 'schedule';
  /** When this login last proved a second factor (ISO-8601 UTC); absent when it never did. */
  readonly steppedUpAt?: string;
  /** Delegation chain, outermost actor first, e.g. `['troubleshooter', 'operator@acme']` (RFC 8693 §4.1 `act`). */
  readonly chain: readonly string[];
}

/**
 * How a device can be changed, best first: `confirmed` takes an unconfirmed change back by itself (RFC 6241 §8.4);
 * `candidate` takes a change whole or not at all, and keeps it (§8.3); `running` is edited directly (§8.2).
 */
export const LADDER = ['confirmed', 'candidate', 'running'] as const;
export type Ladder = (typeof LADDER)[number];

/** What an intent points at: device names of the tenant, resolved once and frozen. Never empty. */
export interface Target {
  readonly devices: readonly string[];
}

/**
 * What a caller sends for every tool (the MCP tool arguments have exactly this shape).
 * Unknown keys are refused at every level.
 */
export interface CallArguments {
  /** Device names, tenant-relative (`br2_edge`); required by tools whose `targets` is not `none`. */
  readonly target?: { readonly devices: readonly string[] };
  /** The tool's own input, validated by its zod schema. */
  readonly input: { readonly [key: string]: Json };
  /** Use case: an incident (`inc_…`), a schedule (`sch_…`) or a chat turn (`chat:…`). */
  readonly purpose: string;
  /** Ids of evidence records that support the call. */
  readonly evidence?: readonly string[];
  /** Caller's idempotency key (`int_…`). The same key with other content is a conflict, never a second execution. */
  readonly intent?: string;
}

/** A proposal, resolved and frozen. `digest` is SHA-256 over the RFC 8785 form of all other fields. */
export interface Intent {
  readonly id: string;
  readonly tool: string;
  readonly domain: Domain;
  readonly effect: Effect;
  readonly tenant: string;
  readonly target: Target;
  readonly input: { readonly [key: string]: Json };
  readonly purpose: string;
  readonly evidence: readonly string[];
  readonly expiresAt: string;
  readonly digest: string;
}

/** A duty that comes with a permit. The broker denies when it meets a kind it does not know. */
export type Obligation =
  | { readonly kind: 'require-approval'; readonly count: number; readonly role: Role }
  | { readonly kind: 'rehearse' }
  | { readonly kind: 'confirmed-commit'; readonly seconds: number }
  | { readonly kind: 'change-window'; readonly name: string }
  | { readonly kind: 'limit'; readonly devices: number }
  | { readonly kind: 'step-up' }
  | { readonly kind: 'redact'; readonly fields: readonly string[] }
  | { readonly kind: 'notify'; readonly channel: string };

export interface Decision {
  readonly id: string;
  readonly effect: 'permit' | 'deny';
  /** Ids (`@id`) of the policies that determined the effect. */
  readonly policies: readonly string[];
  /** `@because` texts of those policies, or the evaluation error that denied. */
  readonly reasons: readonly string[];
  readonly obligations: readonly Obligation[];
  readonly advice: readonly string[];
  /** Revision (digest) of the policy bundle under which this was decided. */
  readonly revision: string;
  /** Denied only because nothing permits it: no policy forbids it, and nothing went wrong. */
  readonly byDefault?: true;
  /** What policies that are only observed would have made of it, where that differs. */
  readonly observed?: readonly ObservedVerdict[];
}

/** The verdict there would have been, had this policy decided as well. */
export interface ObservedVerdict {
  readonly policy: string;
  readonly effect: Decision['effect'];
  readonly obligations: readonly string[];
}

/** What a containment does at a device until its end. Addresses are dotted quads, `destination` also a prefix (`a.b.c.d/n`). */
export type Measure =
  | {
      readonly kind: 'deny-traffic';
      readonly source?: string;
      readonly destination?: string;
      readonly destinationPort?: number;
    }
  | { readonly kind: 'disable-account'; readonly account: string };

/** One protocol action that a tool's `plan` compiles to: declarative, pure, shown to the approver. */
export type Operation =
  | { readonly protocol: 'netconf'; readonly kind: 'get'; readonly device: string; readonly filter: string }
  | {
      readonly protocol: 'netconf';
      readonly kind: 'get-config';
      readonly device: string;
      readonly source: 'running' | 'candidate';
      readonly filter: string;
    }
  /** `config` is the child of RFC 6241 §7.2 `<config>`; executed as the confirmed-commit transaction. */
  | { readonly protocol: 'netconf'; readonly kind: 'edit-config'; readonly device: string; readonly config: string }
  /** Puts whole top-level sections back to the form that the controller answers at `path`; compiled to an edit in the rehearsal. */
  | {
      readonly protocol: 'netconf';
      readonly kind: 'restore-config';
      readonly device: string;
      readonly path: string;
      readonly sections: readonly string[];
    }
  /** Puts a measure in place; compiled in the rehearsal to an edit, and to what takes just that back. */
  | { readonly protocol: 'netconf'; readonly kind: 'contain'; readonly device: string; readonly measure: Measure }
  /** A custom RPC of the device, e.g. `<ping xmlns="urn:wayleave:sdwan">…`. */
  | { readonly protocol: 'netconf'; readonly kind: 'rpc'; readonly device: string; readonly request: string }
  /** Walk of table columns; `columns` are dotted OIDs without the index. */
  | { readonly protocol: 'snmp'; readonly kind: 'walk'; readonly device: string; readonly columns: readonly string[] }
  | { readonly protocol: 'snmp'; readonly kind: 'get'; readonly device: string; readonly oids: readonly string[] }
  /** GET at the controller that manages `device` (the device itself is passed by the tool in `query`). */
  | {
      readonly protocol: 'rest';
      readonly kind: 'get';
      readonly device: string;
      readonly path: string;
      readonly query: { readonly [name: string]: string };
    }
  /** A question to the broker's own records (inventory, changes, incidents), or of kind `upstream` to another MCP server; touches no device. */
  | { readonly protocol: 'records'; readonly kind: string; readonly query: { readonly [name: string]: Json } };

/** One varbind as the guarded SNMP driver returns it: names, types and ranges are already checked. */
export interface Varbind {
  readonly oid: string;
  readonly type: 'integer' | 'string' | 'oid' | 'ip' | 'counter32' | 'gauge32' | 'timeticks' | 'counter64';
  /** Integers as number, 64-bit counters as decimal string, octet strings as text (or `0x…` when not printable). */
  readonly value: number | string;
}

/** The reply to one operation, in the order of the plan. `collectedAt` is the broker's clock. */
export type OperationReply = {
  readonly operation: Operation;
  readonly collectedAt: string;
} & (
  | { readonly ok: true; readonly protocol: 'netconf'; readonly xml: string }
  | { readonly ok: true; readonly protocol: 'snmp'; readonly varbinds: readonly Varbind[] }
  | { readonly ok: true; readonly protocol: 'rest' | 'records'; readonly json: Json }
  | { readonly ok: false; readonly error: { readonly code: string; readonly message: string } }
);

/** One observation before it is stored: what a tool's `read` makes of the replies. */
export interface Observation {
  /** Tenant-relative resource name, e.g. `tunnel/br2_edge:mpls--hub1_edge:mpls` (see protocols/device/names.ts). */
  readonly resource: string;
  /** Signal of the catalogue (`bgp.state`, `if.oper`, …) or `config`, `device`, `change`, … for records. */
  readonly signal: string;
  /** Device data is kept as a string, number or boolean: never as an object that could be revived. */
  readonly value: string | number | boolean;
  /** When the device says it was so (ISO-8601 UTC). */
  readonly observedAt: string;
  /** E.g. `snmp:br2_edge`, `netconf:br2_edge`, `rest:director`, `records`. */
  readonly source: string;
}

/** A stored observation. Every claim of an agent cites such ids; a claim whose ids do not resolve is not shown. */
export interface Evidence extends Observation {
  readonly id: string;
  readonly tenant: string;
  readonly collectedAt: string;
  /** Intent that collected it. */
  readonly intent: string;
}

/** How much of the network a change can hurt, as the rehearsal computed it. */
export interface BlastRadius {
  readonly devices: readonly string[];
  readonly sites: readonly string[];
  readonly users: number;
  readonly applications: readonly string[];
}

export interface Invariant {
  readonly name: string;
  readonly holds: boolean;
  readonly detail: string;
  /** What becomes of a change that breaks it: denied, or approved by so many people at least, who see it. */
  readonly breaks: 'deny' | { readonly approvals: number };
}

/** The predicted effect of a change on the model of the network. */
export interface Rehearsal {
  /** What the model says will differ afterwards, one line each (`session/bgp/… bgp.state idle → established`). */
  readonly predicted: readonly string[];
  readonly invariants: readonly Invariant[];
  readonly blastRadius: BlastRadius;
  readonly verdict: 'pass' | 'fail';
}

/** How right the rehearsal was, as read from the touched devices after the change. */
export interface Prediction {
  /** Tunnels, sessions and ports that were held against what had been predicted. */
  readonly compared: number;
  readonly wrong: number;
  /** Some of those that came otherwise. */
  readonly lines: readonly string[];
}

/** A parameter that text of a device, a log or a ticket flowed into, and records with that text. */
export interface Taint {
  readonly parameter: string;
  readonly evidence: readonly string[];
}

/** What the broker does by itself at the end of a containment. */
export interface Reversal {
  /** So long after it was put in place. */
  readonly afterSeconds: number;
  /** What is then taken back, a sentence each. */
  readonly does: readonly string[];
}

/** A human's yes or no to one exact change. Single use; bound to digest, policy revision, and device state + diff. */
export interface Approval {
  readonly id: string;
  readonly intent: Intent;
  readonly requester: Subject;
  readonly decision: Decision;
  readonly rehearsal?: Rehearsal;
  /** Unified diff of the running configuration, exactly as shown to the approver. */
  readonly diff: string;
  /** SHA-256 over running configuration of the touched subtrees, named operational leaves and `diff`. */
  readonly stateHash: string;
  /** Parameters with text that the requester did not think up; absent when there are none. */
  readonly taint?: readonly Taint[];
  /** Of a containment: when and how it is taken back. */
  readonly reversal?: Reversal;
  readonly status: 'pending' | 'approved' | 'rejected' | 'expired' | 'consumed' | 'void';
  readonly needed: { readonly count: number; readonly role: Role };
  readonly votes: readonly Vote[];
  readonly createdAt: string;
  readonly expiresAt: string;
}

export interface Vote {
  readonly human: string;
  readonly verdict: 'approve' | 'reject';
  readonly reason: string;
  readonly at: string;
  /** Index of the vote in the audit log, without which it does not count. */
  readonly entry: number;
}

/** The steps of a change transaction (DESIGN §4.9; RFC 6241 §7.1, §8.3, §8.4), in order. */
export const TRANSACTION_STEPS = [
  'prepare', // pre-image and inverse edit stored durably
  'lock',
  'edit',
  'validate',
  'commit-confirmed',
  'read-back', // running, on a second session
  'verify',
  'confirm',
  'unlock',
  'rollback', // only when something above failed
] as const;
export type TransactionStep = (typeof TRANSACTION_STEPS)[number];

/** Progress of one step, streamed to people and kept in the receipt. */
export interface StepRecord {
  readonly device: string;
  readonly step: TransactionStep;
  readonly ok: boolean;
  readonly detail: string;
  readonly at: string;
}

export type Outcome = 'succeeded' | 'failed' | 'reverted' | 'unknown';

/** The end of a change on one of its devices. */
export interface DeviceOutcome {
  readonly device: string;
  readonly outcome: Outcome;
  readonly detail: string;
  /** Canonical text of the running configuration before and, when it could be read, after. */
  readonly before: string;
  readonly after?: string;
}

/** The broker's final word on an intent; also the content of its last audit entry. */
export interface Receipt {
  readonly intent: Intent;
  readonly decision: Decision;
  readonly rehearsal?: Rehearsal;
  readonly approvals: readonly Vote[];
  readonly operations: readonly Operation[];
  readonly steps: readonly StepRecord[];
  /** What each device came to, in the order of the targets; one that no wave reached is missing, and was not touched. */
  readonly devices: readonly DeviceOutcome[];
  /** Of changes that stand. */
  readonly prediction?: Prediction;
  readonly outcome: Outcome;
  readonly detail: string;
  readonly auditIndex: number;
}

/** What the broker answers to a call. */
export type Answer =
  | {
      readonly status: 'done';
      readonly intent: string;
      readonly evidence: readonly Evidence[];
      readonly receipt?: Receipt;
    }
  | { readonly status: 'pending'; readonly intent: string; readonly approval: string; readonly summary: ChangeSummary };

/** What a requester may see of a change that waits for people. */
export interface ChangeSummary {
  readonly decision: Decision;
  readonly diff: string;
  readonly rehearsal?: Rehearsal;
  readonly taint?: readonly Taint[];
  readonly reversal?: Reversal;
  readonly needed: { readonly count: number; readonly role: Role };
  readonly expiresAt: string;
}

export type IncidentState = 'open' | 'acknowledged' | 'resolved' | 'closed';

/** What somebody found out about an incident: a claim, whose statements cite records of the tenant that resolve. */
export interface IncidentFinding {
  /** Agent, or human with a client of their own. */
  readonly by: string;
  readonly at: string;
  /** Empty when only symptoms are known. `percent` is how sure it is, 0 to 100: policies read whole numbers only. */
  readonly rootCauses: readonly {
    readonly resource: string;
    readonly faultType: string;
    readonly percent: number;
  }[];
  readonly because: readonly { readonly text: string; readonly evidence: readonly string[] }[];
  readonly ruledOut: readonly {
    readonly faultType: string;
    readonly because: string;
    readonly evidence: readonly string[];
  }[];
  /** What could not be read, in words. */
  readonly unread: readonly string[];
}

/** What was written into an incident after it was opened. */
export interface IncidentNote {
  readonly at: string;
  readonly who: string;
  /** The state that it was set to. */
  readonly state: IncidentState;
  readonly text: string;
}

/** A record of the broker; agents open one through a tool. */
export interface Incident {
  readonly id: string;
  readonly tenant: string;
  readonly title: string;
  readonly severity: Severity;
  readonly state: IncidentState;
  readonly resources: readonly string[];
  readonly openedBy: string;
  /** Human who opened or acknowledged it; a change needs one, or independent evidence. */
  readonly acknowledgedBy?: string;
  readonly openedAt: string;
  readonly updatedAt: string;
  readonly evidence: readonly string[];
  /** The latest. */
  readonly finding?: IncidentFinding;
  /** The latest hundred, oldest first. */
  readonly notes?: readonly IncidentNote[];
}

/** One tool as `tools/list` shows it to a subject. */
export interface ToolListing {
  readonly name: string;
  readonly domain: Domain;
  readonly effect: Effect;
  readonly description: string;
  readonly inputSchema: Json;
}

/**
 * What a caller presents: an access token and the proof that it may use it. `DPoP`: RFC 9449; `HTTPSig`: RFC 9421 under
 * the key of a token exchange; `Bearer`: no proof, which is good for looking only. `url` is as the server knows itself,
 * without query and fragment (with its query when signed).
 */
export type Credential =
  | {
      readonly scheme: 'DPoP';
      readonly token: string;
      /** Compact JWS of the DPoP header. */
      readonly proof: string;
      readonly method: string;
      readonly url: string;
      /** Where the request came from, for counting refusals; never for deciding. */
      readonly source?: string;
      /** SHA-256 of the certificate that the caller's connection showed, base64url (RFC 8705 §3.1 `x5t#S256`). */
      readonly certificate?: string;
    }
  | {
      readonly scheme: 'HTTPSig';
      readonly token: string;
      readonly fields: {
        readonly 'Content-Digest': string;
        readonly 'Signature-Input': string;
        readonly Signature: string;
      };
      readonly method: string;
      readonly url: string;
      /** The body as it came, as text. */
      readonly content: string;
      readonly source?: string;
      readonly certificate?: string;
    }
  | { readonly scheme: 'Bearer'; readonly token: string; readonly source?: string };

/** The broker's front: the only door to a device. Both methods fail closed with `WayleaveError`. */
export interface Broker {
  /** Tools of a domain that this subject may use; filtered by the same decision as calls. */
  listTools(credential: Credential, domain: Domain): Promise<readonly ToolListing[]>;
  /** Runs the whole pipeline for one call. `args` is untrusted and must have the form of `CallArguments`. */
  call(credential: Credential, domain: Domain, tool: string, args: unknown): Promise<Answer>;
}
