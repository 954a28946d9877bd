/** What people can do beside calling tools: the approver's desk, the records and the log, behind one interface. */
import type { Containment } from '../containment/containment.ts';
import type { AgentName, Approval, Evidence, Incident, Receipt, StepRecord, Subject } from '../contract.ts';
import type { RUNG } from '../execution/feed.ts';
import type { BreakGlass, Review, WantedBreakGlass } from '../grants/break-glass.ts';
import type { WantedGrant } from '../grants/give-grant.ts';
import type { Grant } from '../grants/grant.ts';
import type { IncidentReport } from '../incidents/report.ts';
import type { NoticesView, NoticeView } from '../notify/notices-desk.ts';
import type { PolicyFile } from '../policy/referee/messages.ts';
import type { BundleRules } from '../policy-bundles/bundle.ts';
import type { BundleText, BundleView } from '../policy-bundles/policy-desk.ts';
import type { PolicyMatrix, WhatIfAnswer, WhatIfQuestion } from '../policy-bundles/what-if.ts';
import type {
  AuditKeys,
  ConsistencyProof,
  InclusionProof,
  InventoryDevice,
  InventoryTopology,
  Session,
  StoredAuditEntry,
} from '../ports.ts';
import type { ProfileView, RiskView } from '../risk/risk-ledger.ts';
import type { DeviceCertificate, QuarantineEntry } from '../standing.ts';
import type { TelemetryCounts } from '../telemetry/reception.ts';
import type { ChangeWindow, WantedWindow } from '../windows/change-window.ts';

/** One step of a change as it happens. */
export interface IntentStep extends StepRecord {
  readonly intent: string;
}

/**
 * Every method takes an authenticated human (never an agent) and answers within their tenant and roles. What a subject
 * may not see is `NOT_FOUND`, exactly as what does not exist. All throw `WayleaveError`.
 */
export interface ControlDesk {
  approvals(subject: Subject, status?: Approval['status']): Promise<readonly Approval[]>;
  approval(subject: Subject, id: string): Promise<Approval>;
  /** Authority is checked at the click; the requester is excluded, also through a delegated agent. */
  vote(subject: Subject, id: string, verdict: 'approve' | 'reject', reason: string): Promise<Approval>;
  receipt(subject: Subject, intent: string): Promise<Receipt>;
  evidence(subject: Subject, id: string): Promise<Evidence>;
  /** Without findings and notes, which `incident` tells. */
  incidents(subject: Subject): Promise<readonly Incident[]>;
  /** Cause, evidence, impact, what was done and the timeline of one. */
  incident(subject: Subject, id: string): Promise<IncidentReport>;
  inventory(subject: Subject): Promise<InventoryView>;
  devices(subject: Subject): Promise<readonly DeviceView[]>;
  device(subject: Subject, name: string): Promise<DeviceView>;
  /** Takes a device out of quarantine; resolves with what it was there for. */
  releaseDevice(subject: Subject, name: string, reason: string): Promise<readonly QuarantineEntry[]>;
  policy(subject: Subject): Promise<PolicyView>;
  /** Change windows that are open or come. */
  windows(subject: Subject): Promise<readonly ChangeWindow[]>;
  openWindow(subject: Subject, wanted: WantedWindow): Promise<ChangeWindow>;
  closeWindow(subject: Subject, id: string): Promise<ChangeWindow>;
  bundles(subject: Subject): Promise<readonly BundleView[]>;
  bundle(subject: Subject, id: string): Promise<BundleText>;
  signBundle(subject: Subject, files: readonly PolicyFile[], rules: BundleRules): Promise<SignedBundle>;
  proposeBundle(subject: Subject, signed: string, reason: string): Promise<BundleView>;
  activateBundle(subject: Subject, id: string, reason: string): Promise<BundleView>;
  rollbackPolicy(subject: Subject, reason: string): Promise<BundleView>;
  setPolicyMode(subject: Subject, policy: string, mode: PolicyMode, reason: string): Promise<BundleView>;
  retirePolicyKey(subject: Subject, key: string): Promise<void>;
  /** How every role would be decided with every tool, directly or through an agent. */
  policyMatrix(subject: Subject, agent: AgentName | undefined): Promise<PolicyMatrix>;
  /** A made-up case, its reasons, and the smallest change that would permit it. */
  explainPolicy(subject: Subject, question: WhatIfQuestion): Promise<WhatIfAnswer>;
  /** Lets changes go on; resolves with what they were stopped for. */
  resumeChanges(subject: Subject, reason: string): Promise<string>;
  /** What contains threats at devices, and what did. */
  containments(subject: Subject): Promise<readonly Containment[]>;
  containment(subject: Subject, id: string): Promise<Containment>;
  /** Asks for its end now; it is carried out within moments. */
  endContainment(subject: Subject, id: string, reason: string): Promise<Containment>;
  /** Emergencies: one's own, and for reviewers all of the tenant. */
  breakGlasses(subject: Subject): Promise<readonly BreakGlass[]>;
  breakGlass(subject: Subject, wanted: WantedBreakGlass): Promise<BreakGlass>;
  reviewBreakGlass(subject: Subject, id: string, review: Review): Promise<BreakGlass>;
  /** Just-in-time grants, also those that ended: one's own, those one gave, and for overseers all. */
  grants(subject: Subject): Promise<readonly Grant[]>;
  giveGrant(subject: Subject, wanted: WantedGrant): Promise<Grant>;
  endGrant(subject: Subject, id: string): Promise<Grant>;
  /** Channels, and what became of the latest notices of one's tenant. */
  notices(subject: Subject): Promise<NoticesView>;
  /** Sends a test, and resolves with what became of it. */
  testChannel(subject: Subject, name: string): Promise<NoticeView>;
  /** Sends one notice again, or all that were given up; resolves with the number of deliveries. */
  replayNotices(subject: Subject, which: { readonly notice: string } | 'failed'): Promise<number>;
  /** Datagrams of all devices since the broker started: received, kept, and dropped by reason. */
  telemetry(subject: Subject): Promise<TelemetryCounts>;
  sessions(subject: Subject): Promise<readonly Session[]>;
  /** Ends a session: the next call with any of its tokens fails. */
  endSession(subject: Subject, id: string): Promise<void>;
  /** Ends the suspension of another person of the tenant. */
  clearRisk(subject: Subject, human: string): Promise<void>;
  /** Risk of oneself, or of the tenant with its baselines. */
  risk(subject: Subject): Promise<RiskOverview>;
  auditEntries(subject: Subject, from: number, limit: number): Promise<readonly StoredAuditEntry[]>;
  /** The latest signed note (C2SP tlog-checkpoint). */
  auditCheckpoint(): Promise<string>;
  /** Inclusion of an entry of the tenant in the tree of the latest checkpoint. */
  auditProof(subject: Subject, index: number): Promise<InclusionProof>;
  /** That the latest checkpoint continues the tree of `old` entries; `AUDIT_BROKEN` when the log is shorter. */
  auditConsistency(subject: Subject, old: number): Promise<ConsistencyProof>;
  auditKeys(): Promise<AuditKeys>;
  /** NDJSON lines for an offline verifier. */
  auditExport(subject: Subject): AsyncIterable<string>;
  /**
   * Steps of the tenant's changes from now on, and a ring whenever its network stands otherwise, until the reader stops;
   * `return()` must work while `next()` waits.
   */
  steps(subject: Subject): AsyncIterable<IntentStep | typeof RUNG>;
}

/** A device, what keeps it from being changed, and what was learnt of it. */
export interface DeviceView {
  readonly device: InventoryDevice;
  readonly quarantine: readonly QuarantineEntry[];
  readonly certificate?: DeviceCertificate;
}

/** What decides now, and why it permits no change at all, if so. */
export interface PolicyView {
  readonly revision: string;
  /** Why changes are stopped until a human lets them go on. */
  readonly stopped: string | null;
  /** What is wrong with the policies themselves, until others are activated. */
  readonly problem: string | null;
  readonly bundle: {
    readonly id: string;
    readonly digest: string;
    /** How many came into force before it, and this one. */
    readonly activation: number;
    readonly since: string;
    readonly observe: readonly string[];
    readonly leastApprovals: number;
  } | null;
}

export type PolicyMode = 'enforce' | 'observe';

export interface SignedBundle {
  readonly signed: string;
  readonly digest: string;
}

export interface RiskOverview {
  /** When it was computed (ISO-8601 UTC): points decay. */
  readonly at: string;
  readonly tenant: string;
  /** The highest first; who has none is left out. */
  readonly people: readonly RiskView[];
  readonly profiles: readonly ProfileView[];
}

export interface InventoryView {
  readonly devices: readonly InventoryDevice[];
  readonly topology: InventoryTopology;
}
