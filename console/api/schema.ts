/**
 * Types of the HTTP API, made from broker/http/openapi.json by `npm run openapi`; not to be edited.
 * Over 300 lines because it is all of the API.
 */
/** A human's yes or no to one exact change. Single use; bound to digest, policy revision, and device state + diff. */
export type Approval = { readonly id: string; readonly intent: Intent; readonly requester: Subject; readonly decision: Decision; readonly rehearsal?: Rehearsal; /** Unified diff of the running configuration, exactly as shown to the approver. */
readonly diff: string; /** SHA-256 over running configuration of the touched subtrees, named operational leaves and `diff`. */
readonly stateHash: string; /** Parameters with text that the requester did not think up; absent when there are none. */
readonly taint?: readonly (Taint)[]; /** Of a containment: when and how it is taken back. */
readonly reversal?: Reversal; readonly status: "pending" | "approved" | "rejected" | "expired" | "consumed" | "void"; readonly needed: { readonly count: number; readonly role: Role; }; readonly votes: readonly (Vote)[]; readonly createdAt: string; readonly expiresAt: string; };

/** A proposal, resolved and frozen. `digest` is SHA-256 over the RFC 8785 form of all other fields. */
export type Intent = { readonly id: string; readonly tool: string; readonly domain: Domain; readonly effect: Effect; readonly tenant: string; readonly target: Target; readonly input: { readonly [name: string]: Json }; readonly purpose: string; readonly evidence: readonly (string)[]; readonly expiresAt: string; readonly digest: string; };

export type Domain = "inventory" | "diagnostics" | "wan" | "security" | "experience" | "compliance";

/** What a tool does to the network: `probe` sends active test traffic; `contain` always carries an end time. */
export type Effect = "read" | "probe" | "change" | "contain";

/** What an intent points at: device names of the tenant, resolved once and frozen. Never empty. */
export type Target = { readonly devices: readonly (string)[]; };

/** JSON, as far as RFC 8785 canonicalisation covers it (finite numbers only). */
export type Json = (null | boolean | number | string | readonly (Json)[] | { readonly [name: string]: Json });

/** Who asks, and for whom: everything here comes from a verified token and the user directory, never from a request body. */
export type Subject = { /** Human the call is made for, e.g. `operator@acme`. */
readonly human: string; /** The human's roles now (looked up at each call, not read from the token). */
readonly roles: readonly (Role)[]; readonly tenant: string; /** Login session, `ses_…`; ending it makes the next call fail. */
readonly session: string; /** Acting agent; absent when the human calls with a client of his own. */
readonly agent?: AgentName; /** Digest of the agent's launched code, prompts, model and tool manifest. */
readonly agentDigest?: string; /** Which language model the agent was launched with: none, one in the own network, or one elsewhere. */
readonly model?: "none" | "local" | "external"; /** Present when the subject may read and probe, but not change: `unbound` (a token without a key), `schedule` (no human is there). */
readonly lookOnly?: "unbound" | "schedule"; /** When this login last proved a second factor (ISO-8601 UTC); absent when it never did. */
readonly steppedUpAt?: string; /** Delegation chain, outermost actor first, e.g. `['troubleshooter', 'operator@acme']` (RFC 8693 §4.1 `act`). */
readonly chain: readonly (string)[]; };

export type Role = "provider-admin" | "provider-operator" | "tenant-admin" | "tenant-operator" | "security-analyst" | "auditor" | "break-glass";

export type AgentName = "router" | "troubleshooter" | "health-monitor" | "threat-watcher" | "experience-optimizer" | "compliance-auditor";

export type Decision = { readonly id: string; readonly effect: "permit" | "deny"; /** Ids (`@id`) of the policies that determined the effect. */
readonly policies: readonly (string)[]; /** `@because` texts of those policies, or the evaluation error that denied. */
readonly reasons: readonly (string)[]; readonly obligations: readonly (Obligation)[]; readonly advice: readonly (string)[]; /** Revision (digest) of the policy bundle under which this was decided. */
readonly revision: string; /** Denied only because nothing permits it: no policy forbids it, and nothing went wrong. */
readonly byDefault?: true; /** What policies that are only observed would have made of it, where that differs. */
readonly observed?: readonly (ObservedVerdict)[]; };

/** A duty that comes with a permit. The broker denies when it meets a kind it does not know. */
export type Obligation = ({ readonly kind: "require-approval"; readonly count: number; readonly role: Role; } | { readonly kind: "rehearse"; } | { readonly kind: "confirmed-commit"; readonly seconds: number; } | { readonly kind: "change-window"; readonly name: string; } | { readonly kind: "limit"; readonly devices: number; } | { readonly kind: "step-up"; } | { readonly kind: "redact"; readonly fields: readonly (string)[]; } | { readonly kind: "notify"; readonly channel: string; });

/** The verdict there would have been, had this policy decided as well. */
export type ObservedVerdict = { readonly policy: string; readonly effect: Decision; readonly obligations: readonly (string)[]; };

/** The predicted effect of a change on the model of the network. */
export type Rehearsal = { /** What the model says will differ afterwards, one line each (`session/bgp/… bgp.state idle → established`). */
readonly predicted: readonly (string)[]; readonly invariants: readonly (Invariant)[]; readonly blastRadius: BlastRadius; readonly verdict: "pass" | "fail"; };

export type Invariant = { readonly name: string; readonly holds: boolean; readonly detail: string; /** What becomes of a change that breaks it: denied, or approved by so many people at least, who see it. */
readonly breaks: ("deny" | { readonly approvals: number; }); };

/** How much of the network a change can hurt, as the rehearsal computed it. */
export type BlastRadius = { readonly devices: readonly (string)[]; readonly sites: readonly (string)[]; readonly users: number; readonly applications: readonly (string)[]; };

/** A parameter that text of a device, a log or a ticket flowed into, and records with that text. */
export type Taint = { readonly parameter: string; readonly evidence: readonly (string)[]; };

/** What the broker does by itself at the end of a containment. */
export type Reversal = { /** So long after it was put in place. */
readonly afterSeconds: number; /** What is then taken back, a sentence each. */
readonly does: readonly (string)[]; };

export type Vote = { readonly human: string; readonly verdict: "approve" | "reject"; readonly reason: string; readonly at: string; /** Index of the vote in the audit log, without which it does not count. */
readonly entry: number; };

/** The broker's final word on an intent; also the content of its last audit entry. */
export type Receipt = { readonly intent: Intent; readonly decision: Decision; readonly rehearsal?: Rehearsal; readonly approvals: readonly (Vote)[]; readonly operations: readonly (Operation)[]; readonly steps: readonly (StepRecord)[]; /** What each device came to, in the order of the targets; one that no wave reached is missing, and was not touched. */
readonly devices: readonly (DeviceOutcome)[]; /** Of changes that stand. */
readonly prediction?: Prediction; readonly outcome: Outcome; readonly detail: string; readonly auditIndex: number; };

/** One protocol action that a tool's `plan` compiles to: declarative, pure, shown to the approver. */
export type Operation = ({ readonly protocol: "netconf"; readonly kind: "get"; readonly device: string; readonly filter: string; } | { readonly protocol: "netconf"; readonly kind: "get-config"; readonly device: string; readonly source: "running" | "candidate"; readonly filter: string; } | { readonly protocol: "netconf"; readonly kind: "edit-config"; readonly device: string; readonly config: string; } | { readonly protocol: "netconf"; readonly kind: "restore-config"; readonly device: string; readonly path: string; readonly sections: readonly (string)[]; } | { readonly protocol: "netconf"; readonly kind: "contain"; readonly device: string; readonly measure: Measure; } | { readonly protocol: "netconf"; readonly kind: "rpc"; readonly device: string; readonly request: string; } | { readonly protocol: "snmp"; readonly kind: "walk"; readonly device: string; readonly columns: readonly (string)[]; } | { readonly protocol: "snmp"; readonly kind: "get"; readonly device: string; readonly oids: readonly (string)[]; } | { readonly protocol: "rest"; readonly kind: "get"; readonly device: string; readonly path: string; readonly query: { readonly [name: string]: string }; } | { readonly protocol: "records"; readonly kind: string; readonly query: { readonly [name: string]: Json }; });

/** What a containment does at a device until its end. Addresses are dotted quads, `destination` also a prefix (`a.b.c.d/n`). */
export type Measure = ({ readonly kind: "deny-traffic"; readonly source?: string; readonly destination?: string; readonly destinationPort?: number; } | { readonly kind: "disable-account"; readonly account: string; });

/** Progress of one step, streamed to people and kept in the receipt. */
export type StepRecord = { readonly device: string; readonly step: TransactionStep; readonly ok: boolean; readonly detail: string; readonly at: string; };

export type TransactionStep = "prepare" | "lock" | "edit" | "validate" | "commit-confirmed" | "read-back" | "verify" | "confirm" | "unlock" | "rollback";

/** The end of a change on one of its devices. */
export type DeviceOutcome = { readonly device: string; readonly outcome: Outcome; readonly detail: string; /** Canonical text of the running configuration before and, when it could be read, after. */
readonly before: string; readonly after?: string; };

export type Outcome = "succeeded" | "failed" | "reverted" | "unknown";

/** How right the rehearsal was, as read from the touched devices after the change. */
export type Prediction = { /** Tunnels, sessions and ports that were held against what had been predicted. */
readonly compared: number; readonly wrong: number; /** Some of those that came otherwise. */
readonly lines: readonly (string)[]; };

/** A stored observation. Every claim of an agent cites such ids; a claim whose ids do not resolve is not shown. */
export type Evidence = { /** Tenant-relative resource name, e.g. `tunnel/br2_edge:mpls--hub1_edge:mpls` (see protocols/device/names.ts). */
readonly resource: string; /** Signal of the catalogue (`bgp.state`, `if.oper`, …) or `config`, `device`, `change`, … for records. */
readonly signal: string; /** Device data is kept as a string, number or boolean: never as an object that could be revived. */
readonly value: string | number | boolean; /** When the device says it was so (ISO-8601 UTC). */
readonly observedAt: string; /** E.g. `snmp:br2_edge`, `netconf:br2_edge`, `rest:director`, `records`. */
readonly source: string; readonly id: string; readonly tenant: string; readonly collectedAt: string; /** Intent that collected it. */
readonly intent: string; };

/** A record of the broker; agents open one through a tool. */
export type Incident = { readonly id: string; readonly tenant: string; readonly title: string; readonly severity: Severity; readonly state: IncidentState; readonly resources: readonly (string)[]; readonly openedBy: string; /** Human who opened or acknowledged it; a change needs one, or independent evidence. */
readonly acknowledgedBy?: string; readonly openedAt: string; readonly updatedAt: string; readonly evidence: readonly (string)[]; /** The latest. */
readonly finding?: IncidentFinding; /** The latest hundred, oldest first. */
readonly notes?: readonly (IncidentNote)[]; };

export type Severity = "critical" | "major" | "minor" | "warning" | "info" | "cleared";

export type IncidentState = "open" | "acknowledged" | "resolved" | "closed";

/** What somebody found out about an incident: a claim, whose statements cite records of the tenant that resolve. */
export type IncidentFinding = { /** Agent, or human with a client of their own. */
readonly by: string; readonly at: string; /** Empty when only symptoms are known. `percent` is how sure it is, 0 to 100: policies read whole numbers only. */
readonly rootCauses: readonly ({ readonly resource: string; readonly faultType: string; readonly percent: number; })[]; readonly because: readonly ({ readonly text: string; readonly evidence: readonly (string)[]; })[]; readonly ruledOut: readonly ({ readonly faultType: string; readonly because: string; readonly evidence: readonly (string)[]; })[]; /** What could not be read, in words. */
readonly unread: readonly (string)[]; };

/** What was written into an incident after it was opened. */
export type IncidentNote = { readonly at: string; readonly who: string; /** The state that it was set to. */
readonly state: IncidentState; readonly text: string; };

export type IncidentReport = { readonly id: string; readonly tenant: string; readonly title: string; readonly severity: Severity; readonly state: IncidentState; readonly resources: readonly (string)[]; readonly openedBy: string; readonly openedAt: string; /** Human who opened or acknowledged it; a change needs one, or independent evidence. */
readonly acknowledgedBy?: string; /** The latest. */
readonly finding?: IncidentFinding; readonly timeline: readonly (Moment)[]; readonly evidence: readonly (Evidence)[]; /** As rehearsed for the changes that were asked for or made. */
readonly impact: BlastRadius; readonly approvals: readonly ({ readonly id: string; readonly tool: string; readonly status: "pending" | "approved" | "rejected" | "expired" | "consumed" | "void"; })[]; readonly fixes: readonly ({ readonly intent: string; readonly tool: string; readonly outcome: Outcome; readonly detail: string; readonly diff: string; readonly predicted: readonly (string)[]; })[]; readonly refused: readonly (Refusal)[]; /** Other incidents about the same things, the latest first, with the causes that were found there. */
readonly related: readonly ({ readonly id: string; readonly title: string; readonly state: IncidentState; readonly causes: readonly (string)[]; })[]; /** Seconds from the first record that shows it to the opening, and from the opening to the repair; absent while open. */
readonly detectedAfterSeconds?: number; readonly repairedAfterSeconds?: number; readonly missing: readonly (string)[]; };

export type Moment = { /** ISO 8601. */
readonly at: string; readonly lane: Lane; readonly who: string; readonly what: string; /** Records that show it. */
readonly evidence: readonly (string)[]; };

export type Lane = "telemetry" | "agent" | "policy" | "human" | "device";

/** A call that was refused. */
export type Refusal = { readonly at: string; readonly human: string; readonly agent?: string; readonly tool: string; readonly intent: string; /** Stable error code. */
readonly code: string; readonly detail: string; };

export type InventoryView = { readonly devices: readonly (InventoryDevice)[]; readonly topology: InventoryTopology; };

/** The inventory's knowledge of a device; `tenant` + `name` is the key. */
export type InventoryDevice = { readonly tenant: string; readonly name: string; readonly role: "edge" | "hub" | "controller"; readonly site: string; readonly systemIp: string; readonly asn?: number; /** How much hangs on its site; absent: `normal`. */
readonly criticality?: "low" | "normal" | "critical"; /** From its certificate; a device without one is changed as `confirmed` or not at all. */
readonly ladder?: Ladder; };

export type Ladder = "confirmed" | "candidate" | "running";

/** What the inventory knows besides devices: enough to name resources and to build the rehearsal's topology. */
export type InventoryTopology = { readonly circuits: readonly ({ readonly device: string; readonly interface: string; readonly color: string; readonly provider: string; /** WAN address of the port. */
readonly address?: string; readonly onewayMs: number; readonly capacityBps: number; })[]; readonly hosts: readonly ({ readonly name: string; readonly site: string; readonly vrf: number; readonly address: string; /** `dnsName` is the name that clients look up. */
readonly services: readonly ({ readonly name: string; readonly port: number; readonly dnsName?: string; })[]; readonly users: number; })[]; /** WAN and overlay addresses of the tenant's devices: where a probe may go besides the hosts. */
readonly addresses: readonly (string)[]; };

/** A device, what keeps it from being changed, and what was learnt of it. */
export type DeviceView = { readonly device: InventoryDevice; readonly quarantine: readonly (QuarantineEntry)[]; readonly certificate?: DeviceCertificate; };

/** Why a device is left alone. */
export type QuarantineEntry = { readonly tenant: string; readonly device: string; readonly reason: QuarantineReason; readonly detail: string; readonly since: string; readonly intent?: string; /** Digest of the pinned identity that was not shown. */
readonly pin?: string; };

/** A wrong SSH key, a wrong TLS certificate, a change that the device kept, a change of which nobody knows. */
export type QuarantineReason = "host-key" | "certificate" | "rollback-failed" | "outcome-unknown";

/** What a device was seen to do, which may be less than it promises; learnt by a certification. */
export type DeviceCertificate = { readonly tenant: string; readonly device: string; readonly certifiedAt: string; readonly certifiedBy: string; readonly intent: string; /** Host key of the device that was looked at: another one is another device. */
readonly hostKey: string; /** The highest rung of which everything was seen to work. */
readonly ladder: Ladder; /** NETCONF base versions of its hello. */
readonly base: readonly ("1.0" | "1.1")[]; readonly quirks: DeviceQuirks; /** Notification streams (RFC 5277 §3.2), and whether they can be replayed. */
readonly streams: readonly ({ readonly name: string; readonly replay: boolean; })[]; };

/** Promised by the hello: the first five. Seen: the rest; absent when there was nothing to see it by. */
export type DeviceQuirks = { readonly candidate: boolean; readonly confirmedCommit: boolean; readonly writableRunning: boolean; readonly rollbackOnError: boolean; readonly validate: boolean; /** A second session is refused while the first holds the lock. */
readonly locks?: boolean; /** A validated candidate is still there for the commit; netconfd forgets it, and says ok. */
readonly keepsValidatedCandidate?: boolean; readonly revertsOnCancel?: boolean; readonly revertsOnTimeout?: boolean; /** A confirmed commit without persist-id ends with its session. */
readonly revertsOnSessionLoss?: boolean; /** Bytes of the largest chunk that was seen to be taken (RFC 6242 §4.2). */
readonly maxChunk?: number; };

export type Containment = { readonly id: string; readonly tenant: string; readonly intent: string; readonly tool: string; readonly purpose: string; readonly requestedBy: string; readonly approvedBy: readonly (string)[]; readonly from: string; readonly until: string; readonly traces: readonly ({ readonly device: string; readonly measure: ({ readonly kind: "deny-traffic"; readonly source?: string; readonly destination?: string; readonly destinationPort?: number; } | { readonly kind: "disable-account"; readonly account: string; }); readonly entry: string; readonly lists: readonly (string)[]; })[]; readonly state: "void" | "placing" | "active" | "ended"; readonly reversed: readonly ({ readonly device: string; readonly at: string; readonly found: "reversed" | "gone" | "altered"; readonly detail: string; })[]; readonly failures: number; readonly agent?: "router" | "troubleshooter" | "health-monitor" | "threat-watcher" | "experience-optimizer" | "compliance-auditor"; readonly endedBy?: { readonly human: string; readonly at: string; readonly reason: string; }; readonly endedAt?: string; readonly nextAt?: string; readonly lastFailure?: string; readonly pagedAt?: string; };

/** What decides now, and why it permits no change at all, if so. */
export type PolicyView = { readonly revision: string; /** Why changes are stopped until a human lets them go on. */
readonly stopped: string | null; /** What is wrong with the policies themselves, until others are activated. */
readonly problem: string | null; readonly bundle: ({ readonly id: string; readonly digest: string; /** How many came into force before it, and this one. */
readonly activation: number; readonly since: string; readonly observe: readonly (string)[]; readonly leastApprovals: number; } | null); };

export type PolicyMatrix = { readonly revision: string; readonly tools: readonly ({ readonly tool: string; readonly effect: Effect; readonly roles: readonly (MatrixCell)[]; })[]; };

/** Which rules decided, and how. */
export type MatrixCell = { readonly role: Role; readonly effect: "permit" | "deny"; readonly policies: readonly (string)[]; readonly obligations: readonly (string)[]; };

export type WhatIfAnswer = { readonly effect: "permit" | "deny"; readonly policies: readonly (string)[]; readonly reasons: readonly (string)[]; readonly obligations: readonly (string)[]; /** What the rules for this tool look at, as the case has it; values as JSON text. */
readonly attributes: readonly ({ readonly name: string; readonly value: string; })[]; /** The smallest changes that would permit, each a list of steps. */
readonly permitted: readonly (readonly (string)[])[]; readonly revision: string; };

export type ChangeWindow = { readonly id: string; readonly tenant: string; readonly name: string; readonly devices: readonly (string)[]; readonly from: string; readonly until: string; readonly reason: string; readonly openedBy: string; readonly closedAt?: string; };

/** A bundle as people see it. */
export type BundleView = { readonly id: string; readonly digest: string; readonly status: "active" | "proposed" | "replaced"; readonly what: string; readonly proposedAt: string; readonly votes: readonly ({ readonly human: string; readonly reason: string; readonly at: string; })[]; readonly activations: readonly (number)[]; /** Why it does not hold; absent when it does, and the rest is known. */
readonly broken?: string; readonly key?: string; readonly observe?: readonly (string)[]; readonly leastApprovals?: number; };

/** With what is in it, and how that differs from what is in force. */
export type BundleText = { readonly id: string; readonly digest: string; readonly status: "active" | "proposed" | "replaced"; readonly what: string; readonly proposedAt: string; readonly votes: readonly ({ readonly human: string; readonly reason: string; readonly at: string; })[]; readonly activations: readonly (number)[]; /** Why it does not hold; absent when it does, and the rest is known. */
readonly broken?: string; readonly key?: string; readonly observe?: readonly (string)[]; readonly leastApprovals?: number; readonly files: readonly (PolicyFile)[]; readonly diff: string; };

/** A policy file: `name` for error messages, `text` in the Cedar language. */
export type PolicyFile = { readonly name: string; readonly text: string; };

export type SignedBundle = { readonly signed: string; readonly digest: string; };

export type NarrowingView = { readonly tenant: string; /** 0 before the first. */
readonly number: number; readonly files: readonly (PolicyFile)[]; /** Why nothing is permitted to the tenant. */
readonly problem?: string; readonly proposal?: { readonly digest: string; readonly files: readonly (PolicyFile)[]; readonly diff: string; readonly votes: readonly ({ readonly human: string; readonly reason: string; readonly at: string; })[]; }; };

export type BreakGlass = { readonly id: string; readonly tenant: string; readonly human: string; readonly incident: string; readonly devices: readonly (string)[]; readonly reason: string; readonly from: string; readonly until: string; readonly uses: readonly (string)[]; readonly review?: { readonly by: string; readonly at: string; readonly verdict: "justified" | "unjustified"; readonly reason: string; }; };

export type NoticesView = { readonly channels: readonly (ChannelView)[]; /** The latest first. */
readonly notices: readonly (NoticeView)[]; };

export type ChannelView = { readonly tenant: string; readonly name: string; /** Without path and query, which may be secret. */
readonly origin: string; readonly events: readonly (string)[]; };

/** A delivery without what was sent. */
export type NoticeView = { readonly notice: string; readonly tenant: string; readonly channel: string; readonly type: string; readonly state: "waiting" | "delivered" | "failed"; readonly attempts: number; /** ISO-8601 UTC. */
readonly createdAt: string; /** When it was delivered or is tried next. */
readonly nextAt: string; readonly error?: string; };

export type Grant = { readonly id: string; readonly tenant: string; readonly human: string; readonly tools: readonly (string)[]; readonly devices: readonly (string)[]; readonly reason: string; readonly grantedBy: string; readonly from: string; readonly until: string; readonly agent?: "router" | "troubleshooter" | "health-monitor" | "threat-watcher" | "experience-optimizer" | "compliance-auditor"; readonly revokedAt?: string; readonly revokedBy?: string; };

/** Datagrams and notifications since the start. */
export type TelemetryCounts = { readonly received: number; /** Events that are stored; one datagram may bring several. */
readonly kept: number; readonly drops: { readonly "unknown-source": number; readonly "unknown-engine": number; readonly "unknown-user": number; readonly "low-security": number; readonly "wrong-digest": number; readonly stale: number; readonly undecipherable: number; readonly duplicate: number; readonly malformed: number; readonly "too-long": number; readonly "too-many": number; readonly "not-a-notification": number; }; };

/** A login session; ended or unknown sessions authenticate nobody. */
export type Session = { readonly id: string; readonly human: string; readonly tenant: string; readonly createdAt: string; /** When it last proved a second factor. */
readonly steppedUpAt?: string; /** How the person proved who they are (RFC 8176); absent when an external issuer knows. */
readonly amr?: readonly (string)[]; readonly endedAt?: string; /** Of somebody of the provider who went to another tenant: the login that they came with, and end with. */
readonly from?: string; };

export type RiskOverview = { /** When it was computed (ISO-8601 UTC): points decay. */
readonly at: string; readonly tenant: string; /** The highest first; who has none is left out. */
readonly people: readonly (RiskView)[]; readonly profiles: readonly (ProfileView)[]; };

/** One person's risk, direct or through an agent. */
export type RiskView = { readonly score: number; readonly band: RiskBand; readonly contributions: readonly (Contribution)[]; readonly human: string; readonly agent?: string; };

/** `step-up`: what does more than look needs a fresh second factor; `read-only`: no changes; `suspended`: nothing until a human clears it. */
export type RiskBand = "normal" | "step-up" | "read-only" | "suspended";

export type Contribution = { readonly kind: MarkKind; /** Points that are left now. */
readonly points: number; readonly at: number; readonly why: string; readonly entry?: number; };

/** What counts: refusals, names that do not exist, limits, text of others in parameters, behaviour off the profile. */
export type MarkKind = "denied" | "not-found" | "limited" | "tainted" | "unusual" | "novel" | "rate";

/** One baseline, shortened for people. */
export type ProfileView = { readonly agent?: string; readonly purpose: string; /** Whether it is held against anybody yet. */
readonly mature: boolean; readonly sessions: number; readonly calls: number; /** Most calls within a minute, and most devices within an hour, of one session. */
readonly rate: number; readonly spread: number; readonly devices: number; readonly tools: { readonly [name: string]: number }; };

export type StoredAuditEntry = { readonly at: string; readonly tenant: string; /** `call.received`, `decision`, `approval.requested`, `approval.vote`, `change.step`, `outcome`, `login`, `start`, … */
readonly kind: string; readonly human?: string; readonly session?: string; readonly agent?: string; readonly tool?: string; readonly intent?: string; readonly content: { readonly [name: string]: Json }; readonly index: number; };

export type AuditKeys = { readonly first: string; readonly inForce: string; /** Signed notes, oldest first. */
readonly handovers: readonly (string)[]; };

/** RFC 6962 §2.1.1 audit path, with the entry exactly as it was hashed. */
export type InclusionProof = { readonly checkpoint: string; readonly hashes: readonly (string)[]; readonly index: number; readonly entry: string; };

/** A signed checkpoint and hashes (base64) that prove something of its tree. */
export type ConsistencyProof = { readonly checkpoint: string; readonly hashes: readonly (string)[]; };

export type WhoAmI = { readonly human: string; readonly tenant: string; readonly roles: readonly (string)[]; readonly session: string; readonly secondFactor: "none" | "enrolled" | "fresh"; readonly steppedUpAt?: string; /** Tenants that one may act in; more than one for people of the provider. */
readonly tenants: readonly (string)[]; /** The tenant that one is of, wherever one acts. */
readonly home: string; };

/** What a person sees of a passkey. */
export type PasskeyView = { readonly id: string; readonly name: string; readonly createdAt: string; readonly usedAt?: string; };

/** Options for `navigator.credentials`, and the page of the broker that asks for a command (`#` takes what it is to ask). */
export type PasskeyQuestion = { readonly options: PasskeyOptions; readonly page: string; };

/** For `navigator.credentials`, in the JSON of WebAuthn Level 3 §5.1.8. */
export type PasskeyOptions = Record<string, never>;

/** A version as people see it: `running` says whether it is the one launched now, `changed` the parts that differ from the one approved last. */
export type AgentReport = { readonly agent: "router" | "troubleshooter" | "health-monitor" | "threat-watcher" | "experience-optimizer" | "compliance-auditor"; readonly digest: string; readonly parts: { readonly [name: string]: string }; readonly launchKey: string; readonly status: "approved" | "pending" | "stopped"; readonly votes: readonly ({ readonly human: string; readonly reason: string; readonly at: string; })[]; readonly shipped: boolean; readonly firstSeenAt: string; /** The language model that it was launched with. */
readonly model: ModelClass; readonly running: boolean; readonly changed: readonly (string)[]; };

export type ModelClass = "none" | "local" | "external";

export type AgentVersion = { readonly agent: "router" | "troubleshooter" | "health-monitor" | "threat-watcher" | "experience-optimizer" | "compliance-auditor"; readonly digest: string; readonly parts: { readonly [name: string]: string }; readonly launchKey: string; readonly status: "approved" | "pending" | "stopped"; readonly votes: readonly ({ readonly human: string; readonly reason: string; readonly at: string; })[]; readonly shipped: boolean; readonly firstSeenAt: string; };

/** A person as others may see them. */
export type PersonReport = { readonly name: string; readonly tenant: string; readonly roles: readonly (Role)[]; readonly disabled: boolean; };

/** One key as people see it: never the key, only its name. */
export type KeyReport = { readonly kind: KeyKind; /** Thumbprint (RFC 7638), or the first bytes of a digest for a symmetric key. */
readonly id: string; /** What it is for, e.g. the name of the agent. */
readonly of: string; readonly status: string; };

export type KeyKind = "policy" | "tokens" | "agents" | "vault" | "audit";

export type ServerReport = { readonly server: string; /** Its URL, or the program and its arguments. */
readonly url: string; readonly domain: string; readonly budget: { readonly callsPerMinute: number; readonly seconds: number; readonly kilobytes: number; }; /** Whether it is asked with a credential; which one is told to nobody. */
readonly credential: boolean; readonly seenAt?: string; readonly problem?: string; readonly tools: readonly (ToolReport)[]; };

export type ToolReport = { readonly tool: string; readonly state: ToolState; readonly digest: string; /** Its whole definition, as JSON; text of others. */
readonly definition: string; readonly warnings: readonly (string)[]; /** It does not say that it only reads: who approves it must say so. */
readonly undeclared: boolean; readonly votes: readonly ({ readonly human: string; readonly reason: string; readonly at: string; })[]; readonly why?: string; /** Lines that differ from what was approved. */
readonly diff: readonly (string)[]; };

export type ToolState = "offered" | "waiting" | "quarantined" | "refused" | "gone";

export type ShownSchedule = { readonly agent: "router" | "troubleshooter" | "health-monitor" | "threat-watcher" | "experience-optimizer" | "compliance-auditor"; readonly createdAt: string; readonly title: string; readonly when: ({ readonly everyMinutes: number; readonly jitterMinutes: number; } | { readonly cron: string; readonly timeZone: string; }); readonly by: "tenant" | "site"; readonly spreadMinutes: number; readonly missed: "skip" | "once"; readonly budget: { readonly calls: number; readonly minutes: number; }; readonly id: string; readonly tenant: string; readonly owner: string; readonly work?: "forecast" | "checkpoint" | "retention"; readonly pausedAt?: string; readonly asked?: { readonly run: string; readonly by: string; readonly only?: readonly (string)[]; }; readonly endedAt?: string; readonly onlyIn?: string; readonly leaveOut?: string; readonly lastRun?: ScheduleRun; };

export type ScheduleRun = { readonly id: string; readonly by: string; readonly startedAt: string; readonly heardAt: string; readonly calls: number; readonly said: string; readonly endedAt?: string; readonly outcome?: "failed" | "missed" | "done" | "partial" | "lost"; readonly progress?: { readonly of: number; readonly done: number; readonly dead: number; }; readonly dead?: readonly ({ readonly part: string; readonly why: string; })[]; readonly retriedBy?: string; };

export type Schedule = { readonly agent: "router" | "troubleshooter" | "health-monitor" | "threat-watcher" | "experience-optimizer" | "compliance-auditor"; readonly createdAt: string; readonly title: string; readonly when: ({ readonly everyMinutes: number; readonly jitterMinutes: number; } | { readonly cron: string; readonly timeZone: string; }); readonly by: "tenant" | "site"; readonly spreadMinutes: number; readonly missed: "skip" | "once"; readonly budget: { readonly calls: number; readonly minutes: number; }; readonly id: string; readonly tenant: string; readonly owner: string; readonly work?: "forecast" | "checkpoint" | "retention"; readonly pausedAt?: string; readonly asked?: { readonly run: string; readonly by: string; readonly only?: readonly (string)[]; }; readonly endedAt?: string; readonly onlyIn?: string; readonly leaveOut?: string; };

export type QueueView = { /** Of the own tenant: runs that a person asked for and that no worker has begun, runs under way, and their parts to come. */
readonly own: { readonly asked: number; readonly underWay: number; readonly partsLeft: number; }; readonly workers: readonly ({ /** Nothing was heard of it for 45 seconds: it ended, or cannot reach the broker. */
readonly silent: boolean; readonly worker: string; readonly queue: "none" | "embedded" | "postgres" | "redis"; readonly concurrency: number; readonly heardAt: string; })[]; /** Jobs of all tenants by state, as a worker saw them last: for roles of the provider. */
readonly jobs?: { readonly [name: string]: number }; };

export type DeadRun = { readonly schedule: string; readonly title: string; readonly id: string; readonly by: string; readonly startedAt: string; readonly heardAt: string; readonly calls: number; readonly said: string; readonly endedAt?: string; readonly outcome?: "failed" | "missed" | "done" | "partial" | "lost"; readonly progress?: { readonly of: number; readonly done: number; readonly dead: number; }; readonly dead?: readonly ({ readonly part: string; readonly why: string; })[]; readonly retriedBy?: string; };

/** What people see: no secret, sealed or not. */
export type HookView = { readonly id: string; readonly name: string; readonly owner: string; readonly createdAt: string; readonly schedule?: string; readonly lastAt?: string; readonly revokedAt?: string; /** Until when the secret before the present one is taken, too. */
readonly formerSecretUntil?: string; };

/** The only time at which the secret is told. */
export type NewSecret = { readonly secret: string; readonly id: string; readonly name: string; readonly owner: string; readonly createdAt: string; readonly schedule?: string; readonly lastAt?: string; readonly revokedAt?: string; /** Until when the secret before the present one is taken, too. */
readonly formerSecretUntil?: string; };

/** A schedule as workers know it. */
export type DueSchedule = { readonly agent: "router" | "troubleshooter" | "health-monitor" | "threat-watcher" | "experience-optimizer" | "compliance-auditor"; readonly title: string; readonly when: ({ readonly everyMinutes: number; readonly jitterMinutes: number; } | { readonly cron: string; readonly timeZone: string; }); readonly by: "tenant" | "site"; readonly spreadMinutes: number; readonly missed: "skip" | "once"; readonly budget: { readonly calls: number; readonly minutes: number; }; readonly id: string; readonly tenant: string; readonly owner: string; readonly work?: "forecast" | "checkpoint" | "retention"; readonly pausedAt?: string; readonly asked?: { readonly run: string; readonly by: string; readonly only?: readonly (string)[]; }; readonly onlyIn?: string; readonly leaveOut?: string; };

export type Begun = { /** False: leave it, another run of this schedule is under way, this one ended, or it may not begin now. */
readonly begun: boolean; /** Devices that this run leaves alone: a change window that the schedule keeps clear of is open for them. */
readonly leftOut: readonly (string)[]; };

/** One's conversations, the one asked in last first; `title` is the first question. */
export type ThreadsView = { readonly threads: readonly ({ readonly thread: string; readonly title: string; readonly askedAt: string; readonly turns: number; readonly running: boolean; })[]; };

export type Shown = { readonly thread: string; /** `running`, `waiting` for people, `interrupted` by a crash or by its owner (resume goes on), or `idle`. */
readonly status: "idle" | "waiting" | "interrupted" | "running"; /** Those that a waiting run waits for; it goes on with each that is decided. None where it waits for a second factor. */
readonly approvals: readonly (string)[]; readonly turns: readonly (AskedTurn)[]; readonly events: readonly (ChatEvent)[]; };

/** One question; `from` is the id of the first event that it can have led to. */
export type AskedTurn = { readonly text: string; /** ISO-8601 UTC. */
readonly at: string; readonly from: string; };

export type ChatEvent = ({ readonly type: "route"; readonly id: string; readonly agent: "router" | "troubleshooter" | "health-monitor" | "threat-watcher" | "experience-optimizer" | "compliance-auditor"; readonly question: string; readonly about: readonly (string)[]; } | { readonly type: "tool"; readonly id: string; readonly n: number; readonly agent: "router" | "troubleshooter" | "health-monitor" | "threat-watcher" | "experience-optimizer" | "compliance-auditor"; readonly tool: string; readonly devices: readonly (string)[]; readonly status: "done" | "denied" | "pending" | "failed"; readonly evidence: readonly (string)[]; readonly summary: string; readonly input?: string; readonly at?: string; } | { readonly type: "finding"; readonly id: string; readonly verdict: "root-cause" | "healthy" | "planned" | "not-the-network" | "inconclusive" | "blind"; readonly rootCauses: readonly ({ readonly resource: string; readonly faultType: string; readonly confidence: number; })[]; readonly because: readonly ({ readonly text: string; readonly evidence: readonly (string)[]; })[]; readonly ruledOut: readonly ({ readonly faultType: string; readonly because: string; readonly evidence: readonly (string)[]; })[]; readonly unread: readonly (string)[]; } | { readonly type: "proposal"; readonly id: string; readonly tool: string; readonly target: readonly (string)[]; readonly input: { readonly [name: string]: (string | number | boolean | readonly (string)[]) }; readonly why: string; } | { readonly type: "pending"; readonly id: string; readonly approval: string; readonly intent: string; readonly summary: string; } | { readonly type: "outcome"; readonly id: string; readonly outcome: "succeeded" | "failed" | "reverted" | "unknown" | "rejected"; readonly steps: readonly ({ readonly device: string; readonly step: string; readonly ok: boolean; readonly detail: string; })[]; readonly detail: string; } | { readonly type: "text"; readonly id: string; readonly text: string; } | { readonly type: "error"; readonly id: string; readonly code: string; readonly message: string; readonly hint: string; } | { readonly type: "done"; readonly id: string; });

/** One step of a change as it happens. */
export type IntentStep = { readonly device: string; readonly step: TransactionStep; readonly ok: boolean; readonly detail: string; readonly at: string; readonly intent: string; };

/** What a requester may see of a change that waits for people. */
export type ChangeSummary = { readonly decision: Decision; readonly diff: string; readonly rehearsal?: Rehearsal; readonly taint?: readonly (Taint)[]; readonly reversal?: Reversal; readonly needed: { readonly count: number; readonly role: Role; }; readonly expiresAt: string; };

export type Problem = { readonly error: { readonly code: "USAGE" | "CONFIG_INVALID" | "SCENARIO_INVALID" | "REPLAY_UNREADABLE" | "PHRASINGS_INVALID" | "CATALOGUE_MISSING" | "INPUT_INVALID" | "FAULT_INVALID" | "TOPOLOGY_INVALID" | "UNAUTHENTICATED" | "STEP_UP_REQUIRED" | "LOGIN_FAILED" | "DENIED" | "SUSPENDED" | "NOT_FOUND" | "CONFLICT" | "DRIFT" | "APPROVAL_REJECTED" | "APPROVAL_EXPIRED" | "APPROVAL_CLOSED" | "TOO_LARGE" | "LIMITED" | "DEVICE_UNREACHABLE" | "DEVICE_PROTOCOL" | "DEVICE_REFUSED" | "DEVICE_IDENTITY" | "DEVICE_QUARANTINED" | "UPSTREAM_UNREACHABLE" | "UPSTREAM_PROTOCOL" | "OVERLOADED" | "UNAVAILABLE" | "CHANGES_STOPPED" | "SIGNATURE_INVALID" | "PORT_IN_USE" | "FOLDER_UNUSABLE" | "LOCKED" | "BACKUP_INVALID" | "BACKUP_OLD" | "NOT_EMPTY" | "AUDIT_BROKEN" | "INTERNAL"; readonly message: string; readonly hint: string; }; };

/** What each GET route answers. */
export interface Answers {
  '/api/approvals': { readonly approvals: readonly (Approval)[]; };
  '/api/approvals/{id}': Approval;
  '/api/intents/{id}': Receipt;
  '/api/evidence/{id}': Evidence;
  '/api/incidents': { readonly incidents: readonly (Incident)[]; };
  '/api/incidents/{id}': IncidentReport;
  '/api/inventory': InventoryView;
  '/api/devices': { readonly devices: readonly (DeviceView)[]; };
  '/api/devices/{name}': DeviceView;
  '/api/containments': { readonly containments: readonly (Containment)[]; };
  '/api/containments/{id}': Containment;
  '/api/policy': PolicyView;
  '/api/policy/matrix': PolicyMatrix;
  '/api/windows': { readonly windows: readonly (ChangeWindow)[]; };
  '/api/policy/bundles': { readonly bundles: readonly (BundleView)[]; };
  '/api/policy/bundles/{id}': BundleText;
  '/api/policy/narrowing': NarrowingView;
  '/api/break-glass': { readonly breakGlasses: readonly (BreakGlass)[]; };
  '/api/notices': NoticesView;
  '/api/grants': { readonly grants: readonly (Grant)[]; };
  '/api/telemetry': TelemetryCounts;
  '/api/sessions': { readonly sessions: readonly (Session)[]; };
  '/api/risk': RiskOverview;
  '/api/audit': { readonly entries: readonly (StoredAuditEntry)[]; };
  '/api/audit/keys': AuditKeys;
  '/api/audit/proof': InclusionProof;
  '/api/audit/consistency': ConsistencyProof;
  '/api/identity/me': WhoAmI;
  '/api/identity/passkeys': { readonly passkeys: readonly (PasskeyView)[]; };
  '/api/identity/agents': { readonly agents: readonly (AgentReport)[]; };
  '/api/identity/people': { readonly people: readonly (PersonReport)[]; };
  '/api/identity/keys': { readonly keys: readonly (KeyReport)[]; };
  '/api/upstreams': { readonly upstreams: readonly (ServerReport)[]; };
  '/api/upstreams/{server}': ServerReport;
  '/api/schedules': { readonly schedules: readonly (ShownSchedule)[]; };
  '/api/schedules/queue': QueueView;
  '/api/schedules/dead': { readonly runs: readonly (DeadRun)[]; };
  '/api/schedules/{id}/runs': { readonly runs: readonly (ScheduleRun)[]; };
  '/api/webhooks': { readonly webhooks: readonly (HookView)[]; };
  '/api/worker/schedules': { readonly schedules: readonly (DueSchedule)[]; };
  '/threads': ThreadsView;
  '/threads/{id}': Shown;
}
export type Gettable = keyof Answers;

/** What each POST route takes and answers. */
export interface Deeds {
  '/api/approvals/{id}/approve': { readonly body: { readonly reason: string; }; readonly answer: Approval };
  '/api/approvals/{id}/reject': { readonly body: { readonly reason: string; }; readonly answer: Approval };
  '/api/devices/{name}/release': { readonly body: { readonly reason: string; }; readonly answer: { readonly released: readonly (QuarantineEntry)[]; } };
  '/api/containments/{id}/end': { readonly body: { readonly reason: string; }; readonly answer: Containment };
  '/api/policy/explain': { readonly body: { readonly role: "provider-admin" | "provider-operator" | "tenant-admin" | "tenant-operator" | "security-analyst" | "auditor" | "break-glass" | "nobody"; readonly agent?: "router" | "troubleshooter" | "health-monitor" | "threat-watcher" | "experience-optimizer" | "compliance-auditor"; readonly tool: string; readonly device?: string; readonly at?: string; readonly purpose?: "incident" | "schedule" | "chat" | "none"; readonly open?: boolean; readonly risk?: number; readonly targets?: number; readonly taint?: readonly (string)[]; }; readonly answer: WhatIfAnswer };
  '/api/policy/resume': { readonly body: { readonly reason: string; }; readonly answer: { readonly resumed: string; } };
  '/api/windows': { readonly body: { readonly reason: string; readonly name: string; readonly devices: readonly (string)[]; readonly from: string; readonly seconds: number; }; readonly answer: ChangeWindow };
  '/api/windows/{id}/close': { readonly body: Record<string, never>; readonly answer: ChangeWindow };
  '/api/policy/bundles': { readonly body: { readonly reason: string; readonly signed: string; }; readonly answer: BundleView };
  '/api/policy/sign': { readonly body: { readonly files: readonly ({ readonly name: string; readonly text: string; })[]; readonly rules: { readonly observe?: readonly (string)[]; readonly approvals?: { readonly least: number; }; }; }; readonly answer: SignedBundle };
  '/api/policy/bundles/{id}/activate': { readonly body: { readonly reason: string; }; readonly answer: BundleView };
  '/api/policy/rollback': { readonly body: { readonly reason: string; }; readonly answer: BundleView };
  '/api/policy/mode': { readonly body: { readonly reason: string; readonly policy: string; readonly mode: "enforce" | "observe"; }; readonly answer: BundleView };
  '/api/policy/narrowing': { readonly body: { readonly reason: string; readonly files: readonly ({ readonly name: string; readonly text: string; })[]; }; readonly answer: NarrowingView };
  '/api/policy/narrowing/activate': { readonly body: { readonly reason: string; readonly digest: string; }; readonly answer: NarrowingView };
  '/api/policy/keys/retire': { readonly body: { readonly key: string; }; readonly answer: { readonly retired: string; } };
  '/api/break-glass': { readonly body: { readonly incident: string; readonly devices: readonly (string)[]; readonly reason: string; readonly seconds: number; }; readonly answer: BreakGlass };
  '/api/break-glass/{id}/review': { readonly body: { readonly verdict: "justified" | "unjustified"; readonly reason: string; }; readonly answer: BreakGlass };
  '/api/notices/test': { readonly body: { readonly channel: string; }; readonly answer: NoticeView };
  '/api/notices/replay': { readonly body: ({ readonly notice: string; } | { readonly failed: true; }); readonly answer: { readonly replayed: number; } };
  '/api/grants': { readonly body: { readonly human: string; readonly agent?: string; readonly tools: readonly (string)[]; readonly devices: readonly (string)[]; readonly reason: string; readonly seconds: number; }; readonly answer: Grant };
  '/api/grants/{id}/end': { readonly body: Record<string, never>; readonly answer: Grant };
  '/api/sessions/{id}/end': { readonly body: Record<string, never>; readonly answer: { readonly ended: string; } };
  '/api/people/{human}/clear-risk': { readonly body: Record<string, never>; readonly answer: { readonly cleared: string; } };
  '/api/identity/switch': { readonly body: { readonly tenant: string; readonly challenge: string; }; readonly answer: { readonly ticket: string; } };
  '/api/identity/second-factor': { readonly body: Record<string, never>; readonly answer: { readonly secret: string; readonly uri: string; } };
  '/api/identity/second-factor/confirm': { readonly body: { readonly code: string; }; readonly answer: { readonly enrolled: true; } };
  '/api/identity/step-up': { readonly body: { readonly code: string; }; readonly answer: { readonly seconds: number; } };
  '/api/identity/passkeys': { readonly body: { readonly name: string; readonly response: unknown; }; readonly answer: PasskeyView };
  '/api/identity/passkeys/options': { readonly body: Record<string, never>; readonly answer: PasskeyQuestion };
  '/api/identity/passkeys/{key}/remove': { readonly body: Record<string, never>; readonly answer: { readonly removed: true; } };
  '/api/identity/step-up/passkey/options': { readonly body: Record<string, never>; readonly answer: PasskeyQuestion };
  '/api/identity/step-up/passkey': { readonly body: { readonly response: unknown; }; readonly answer: { readonly seconds: number; } };
  '/api/identity/agents/{name}/approve': { readonly body: { readonly digest: string; readonly reason: string; }; readonly answer: AgentVersion };
  '/api/identity/agents/{name}/stop': { readonly body: { readonly reason: string; }; readonly answer: AgentVersion };
  '/api/identity/people/{human}': { readonly body: { readonly disabled?: boolean; readonly roles?: readonly (string)[]; }; readonly answer: PersonReport };
  '/api/identity/people/{human}/forget-factors': { readonly body: Record<string, never>; readonly answer: PersonReport };
  '/api/identity/keys/{kind}/rotate': { readonly body: Record<string, never>; readonly answer: { readonly keys: readonly (KeyReport)[]; } };
  '/api/upstreams/{server}/approve': { readonly body: { readonly tools: readonly ({ readonly tool: string; readonly digest: string; })[]; readonly reason: string; readonly readsOnly?: boolean; }; readonly answer: ServerReport };
  '/api/upstreams/{server}/quarantine': { readonly body: { readonly tool?: string; readonly reason: string; }; readonly answer: ServerReport };
  '/api/upstreams/{server}/remove': { readonly body: { readonly reason: string; }; readonly answer: ServerReport };
  '/api/schedules': { readonly body: { readonly agent: "health-monitor" | "threat-watcher" | "experience-optimizer" | "compliance-auditor"; readonly work?: "forecast" | "checkpoint" | "retention"; readonly title: string; readonly when: ({ readonly cron: string; readonly timeZone?: string; } | { readonly everyMinutes: number; readonly jitterMinutes?: number; }); readonly by?: "tenant" | "site"; readonly spreadMinutes?: number; readonly onlyIn?: string; readonly leaveOut?: string; readonly missed?: "skip" | "once"; readonly budget?: { readonly calls?: number; readonly minutes?: number; }; }; readonly answer: Schedule };
  '/api/schedules/{id}/retry': { readonly body: { readonly run: string; }; readonly answer: { readonly run: string; } };
  '/api/schedules/{id}/pause': { readonly body: Record<string, never>; readonly answer: Schedule };
  '/api/schedules/{id}/resume': { readonly body: Record<string, never>; readonly answer: Schedule };
  '/api/schedules/{id}/run': { readonly body: Record<string, never>; readonly answer: { readonly run: string; } };
  '/api/schedules/{id}/end': { readonly body: Record<string, never>; readonly answer: { readonly ended: string; } };
  '/api/webhooks': { readonly body: { readonly name: string; readonly schedule?: string; }; readonly answer: NewSecret };
  '/api/webhooks/{id}/rotate': { readonly body: { readonly overlapHours?: number; }; readonly answer: NewSecret };
  '/api/webhooks/{id}/revoke': { readonly body: Record<string, never>; readonly answer: HookView };
  '/hooks/{id}': { readonly body: { readonly version: "4"; readonly status: "firing" | "resolved"; readonly alerts: readonly ({ readonly status: "firing" | "resolved"; readonly labels: { readonly [name: string]: string }; readonly annotations?: { readonly [name: string]: string }; readonly startsAt: string; readonly fingerprint: string; })[]; }; readonly answer: { readonly repeated: boolean; readonly opened: number; readonly updated: number; readonly resolved: number; } };
  '/api/inventory/import': { readonly body: { readonly source: string; readonly put: readonly ({ readonly name: string; readonly role: "edge" | "hub" | "controller"; readonly site: string; readonly systemIp: string; readonly asn?: number; readonly criticality?: "low" | "normal" | "critical"; readonly endpoint?: { readonly netconf?: { readonly host: string; readonly port: number; readonly hostKey: string; readonly user: string; readonly privateKey: string; }; readonly snmp?: { readonly host: string; readonly port: number; readonly user: string; readonly authPassword: string; readonly privPassword: string; }; readonly snmp2c?: { readonly host: (string); readonly port: number; readonly community: string; }; readonly telemetry?: { readonly host: (string); readonly port?: number; readonly engineId?: string; }; readonly rest?: { readonly baseUrl: string; readonly ca: string; readonly user: string; readonly password: string; }; }; })[]; readonly remove: readonly (string)[]; }; readonly answer: { readonly put: number; readonly removed: number; } };
  '/api/worker/schedules/{id}/begin': { readonly body: { readonly run: string; }; readonly answer: Begun };
  '/api/worker/schedules/{id}/report': { readonly body: { readonly run: string; readonly calls: number; readonly said: string; readonly outcome?: "done" | "partial" | "failed" | "missed"; readonly progress?: { readonly of: number; readonly done: number; readonly dead: number; }; readonly dead?: readonly ({ readonly part: string; readonly why: string; })[]; }; readonly answer: { readonly goOn: boolean; } };
  '/api/worker/heard': { readonly body: { readonly worker: string; readonly queue: "embedded" | "postgres" | "redis" | "none"; readonly concurrency: number; readonly jobs: { readonly [name: string]: number }; }; readonly answer: { readonly heard: true; } };
  '/threads/{id}/stop': { readonly body: Record<string, never>; readonly answer: { readonly stopped: boolean; } };
}
export type Postable = keyof Deeds;
