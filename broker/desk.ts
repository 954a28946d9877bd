/** The control desk: what people see and decide, within their tenant and their roles. Implements what the HTTP API calls. */
import { castVote } from './approval/vote.ts';
import { type EndDeps, endContainment, seeContainment, seeContainments } from './containment/end.ts';
import type { Role, Subject } from './contract.ts';
import { WayleaveError } from './errors.ts';
import { type Feed, RUNG } from './execution/feed.ts';
import type { Serial } from './execution/serial.ts';
import { type BreakGlassDeps, breakTheGlass, reviewBreakGlass, seeBreakGlasses } from './grants/break-glass.ts';
import { endGrant, type GiveDeps, giveGrant, seeGrants } from './grants/give-grant.ts';
import type { ControlDesk, DeviceView, PolicyView, RiskOverview } from './http/control-desk.ts';
import { seeIncident } from './incidents/see-incident.ts';
import { type ReleaseDeps, releaseDevice } from './inventory/release-device.ts';
import { type NoticesDeskDeps, replayNotices, seeNotices, testChannel } from './notify/notices-desk.ts';
import { type BrakeDeps, releaseBrake } from './policy/release-brake.ts';
import type { ActivePolicies } from './policy-bundles/active-policies.ts';
import type { PolicyDesk } from './policy-bundles/policy-desk.ts';
import type { WhatIf } from './policy-bundles/what-if.ts';
import type {
  Approvals,
  AuditLog,
  Clock,
  EvidenceStore,
  Incidents,
  Inventory,
  InventoryDevice,
  Journal,
  Sessions,
  StoredAuditEntry,
} from './ports.ts';
import type { RiskLedger } from './risk/risk-ledger.ts';
import type { Certificates } from './standing.ts';
import type { TelemetryCounts } from './telemetry/reception.ts';
import { closeWindow, openWindow, seeWindows, type WindowDeps } from './windows/change-window.ts';

export interface DeskDeps
  extends ReleaseDeps,
    BrakeDeps,
    GiveDeps,
    BreakGlassDeps,
    NoticesDeskDeps,
    WindowDeps,
    EndDeps {
  readonly policies: Pick<ActivePolicies, 'inForce' | 'problem' | 'revision' | 'refresh'>;
  readonly policyDesk: PolicyDesk;
  readonly whatIf: WhatIf;
  readonly certificates: Certificates;
  readonly approvals: Approvals;
  readonly audit: AuditLog;
  readonly clock: Clock;
  readonly evidence: EvidenceStore;
  readonly feed: Feed;
  readonly incidents: Incidents;
  readonly inventory: Inventory;
  readonly journal: Journal;
  readonly sessions: Sessions;
  readonly perApproval: Serial;
  readonly risk: RiskLedger;
  readonly telemetry: () => TelemetryCounts;
  /** For what lets others do more: throws `STEP_UP_REQUIRED` where a fresh second factor is needed and was not shown. */
  readonly demandSecondFactor: (subject: Subject) => Promise<void>;
}

/** Roles that may read the log and other people's sessions. */
const OVERSEERS: readonly Role[] = ['provider-admin', 'tenant-admin', 'security-analyst', 'auditor'];
/** Roles that may end the session of somebody else. */
const WARDENS: readonly Role[] = ['provider-admin', 'tenant-admin', 'security-analyst'];
/** Entries scanned at most for one page of a tenant's log. */
const SCAN = 50_000;
/** Entries of one page at most. */
const PAGE = 1000;

const holdsOne = (subject: Subject, roles: readonly Role[]): boolean =>
  subject.roles.some((role) => roles.includes(role));

export function createDesk(deps: DeskDeps): ControlDesk {
  /** Whoever is suspended may look, and end what is theirs, but decides nothing. */
  const acting = (subject: Subject): Subject => {
    if (deps.risk.isSuspended(subject.tenant, subject.human)) throw new WayleaveError('SUSPENDED');
    return subject;
  };
  const steppedUp = async (subject: Subject): Promise<Subject> => {
    await deps.demandSecondFactor(acting(subject));
    return subject;
  };
  return {
    approvals: (subject, status) => deps.approvals.list(subject.tenant, status),
    approval: async (subject, id) => found(await deps.approvals.get(subject.tenant, id)),
    vote: (subject, id, verdict, reason) =>
      deps.perApproval.run(id, () => castVote(deps, subject, id, verdict, reason)),
    receipt: async (subject, intent) => found((await deps.journal.find(subject.tenant, intent))?.receipt),
    evidence: async (subject, id) => found((await deps.evidence.get(subject.tenant, [id]))[0]),
    incidents: async (subject) =>
      (await deps.incidents.list(subject.tenant)).map(({ finding: _finding, notes: _notes, ...incident }) => incident),
    incident: (subject, id) => seeIncident(deps, subject, id, OVERSEERS),
    inventory: async (subject) => ({
      devices: await deps.inventory.devices(subject.tenant),
      topology: await deps.inventory.topology(subject.tenant),
    }),
    devices: async (subject) => {
      const all = await deps.inventory.devices(subject.tenant);
      return Promise.all(all.map((device) => viewDevice(deps, device)));
    },
    device: async (subject, name) => viewDevice(deps, found(await deps.inventory.device(subject.tenant, name))),
    releaseDevice: async (subject, name, reason) => releaseDevice(deps, acting(subject), name, reason),
    policy: async () => {
      await deps.policies.refresh();
      return viewPolicy(deps);
    },
    windows: (subject) => seeWindows(deps, subject),
    openWindow: async (subject, wanted) => openWindow(deps, await steppedUp(subject), wanted),
    closeWindow: async (subject, id) => closeWindow(deps, acting(subject), id),
    bundles: (subject) => deps.policyDesk.bundles(subject),
    bundle: (subject, id) => deps.policyDesk.bundle(subject, id),
    signBundle: async (subject, files, rules) => deps.policyDesk.sign(acting(subject), files, rules),
    proposeBundle: async (subject, signed, reason) => deps.policyDesk.propose(acting(subject), signed, reason),
    activateBundle: async (subject, id, reason) => deps.policyDesk.activate(acting(subject), id, reason),
    rollbackPolicy: async (subject, reason) => deps.policyDesk.rollback(acting(subject), reason),
    setPolicyMode: async (subject, policy, mode, reason) =>
      deps.policyDesk.setMode(acting(subject), policy, mode, reason),
    retirePolicyKey: async (subject, key) => deps.policyDesk.retireKey(acting(subject), key),
    policyMatrix: (subject, agent) => deps.whatIf.matrix(subject, agent),
    explainPolicy: (subject, question) => deps.whatIf.explain(subject, question),
    resumeChanges: async (subject, reason) => releaseBrake(deps, await steppedUp(subject), reason),
    containments: (subject) => seeContainments(deps, subject),
    containment: (subject, id) => seeContainment(deps, subject, id),
    endContainment: async (subject, id, reason) => endContainment(deps, acting(subject), id, reason),
    breakGlasses: (subject) => seeBreakGlasses(deps, subject),
    breakGlass: async (subject, wanted) => breakTheGlass(deps, await steppedUp(subject), wanted),
    reviewBreakGlass: async (subject, id, review) => reviewBreakGlass(deps, await steppedUp(subject), id, review),
    notices: (subject) => seeNotices(deps, subject),
    testChannel: async (subject, name) => testChannel(deps, acting(subject), name),
    replayNotices: async (subject, which) => replayNotices(deps, acting(subject), which),
    grants: (subject) => seeGrants(deps, subject),
    giveGrant: async (subject, wanted) => giveGrant(deps, await steppedUp(subject), wanted),
    endGrant: (subject, id) => endGrant(deps, subject, id),
    telemetry: async (subject) => {
      demand(
        subject,
        OVERSEERS,
        'Counts of what devices tell need the role auditor, tenant-admin, security-analyst or provider-admin.',
      );
      return deps.telemetry();
    },
    sessions: async (subject) => {
      const all = await deps.sessions.list(subject.tenant);
      return holdsOne(subject, OVERSEERS) ? all : all.filter((session) => session.human === subject.human);
    },
    endSession: (subject, id) => endSession(deps, subject, id),
    clearRisk: async (subject, human) => clearRisk(deps, await steppedUp(subject), human),
    risk: async (subject) => viewRisk(deps, subject),
    auditEntries: (subject, from, limit) => readLog(deps, subject, from, limit),
    auditProof: async (subject, index) => {
      demand(subject, OVERSEERS, 'Proofs need the role auditor, tenant-admin, security-analyst or provider-admin.');
      const proof = found(await deps.audit.prove(index));
      const entry: { readonly tenant?: unknown } = JSON.parse(proof.entry);
      return found(entry.tenant === subject.tenant ? proof : undefined);
    },
    auditConsistency: async (_subject, old) => {
      if (old > deps.audit.size())
        throw new WayleaveError('AUDIT_BROKEN', `The log has ${deps.audit.size()} entries, fewer than ${old}.`);
      return deps.audit.proveConsistency(old);
    },
    auditKeys: () => Promise.resolve(deps.audit.keys()),
    auditCheckpoint: () => Promise.resolve(deps.audit.checkpoint()),
    auditExport: (subject) => {
      demand(
        subject,
        OVERSEERS,
        'Exporting the log needs the role auditor, tenant-admin, security-analyst or provider-admin.',
      );
      return deps.audit.export(subject.tenant);
    },
    steps: (subject) => steps(deps, subject),
  };
}

function viewPolicy({ policies, brake }: DeskDeps): PolicyView {
  const now = policies.inForce();
  const bundle = now && {
    ...{ id: now.activation.bundle, digest: now.activation.digest, activation: now.activation.number },
    ...{ since: now.activation.at, observe: now.bundle.observe, leastApprovals: now.bundle.approvals.least },
  };
  return {
    revision: policies.revision(),
    stopped: brake.reason() ?? null,
    problem: policies.problem() ?? null,
    bundle: bundle ?? null,
  };
}

async function viewDevice(deps: DeskDeps, device: InventoryDevice): Promise<DeviceView> {
  const { tenant, name } = device;
  const certificate = await deps.certificates.get(tenant, name);
  const quarantine = deps.quarantine.of(tenant, name);
  return { device, quarantine, ...(certificate === undefined ? {} : { certificate }) };
}

function found<T>(value: T | undefined): T {
  if (value === undefined) throw new WayleaveError('NOT_FOUND');
  return value;
}

function demand(subject: Subject, roles: readonly Role[], says: string): void {
  if (!holdsOne(subject, roles)) throw new WayleaveError('DENIED', says);
}

/** Everybody sees their own risk, and overseers that of the tenant with the baselines. */
function viewRisk(deps: DeskDeps, subject: Subject): RiskOverview {
  const { tenant } = subject;
  const people = deps.risk.people(tenant);
  const head = { at: new Date(deps.clock.now()).toISOString(), tenant };
  if (holdsOne(subject, OVERSEERS)) return { ...head, people, profiles: deps.risk.profiles(tenant) };
  return { ...head, people: people.filter(({ human }) => human === subject.human), profiles: [] };
}

/** A suspension says that somebody should look: somebody else, with a role for it, and the log keeps who did. */
async function clearRisk(deps: DeskDeps, subject: Subject, human: string): Promise<void> {
  if (human === subject.human) throw new WayleaveError('DENIED', 'Somebody else must clear your suspension.');
  demand(subject, WARDENS, 'Clearing a suspension needs the role tenant-admin, security-analyst or provider-admin.');
  if (!deps.risk.knows(subject.tenant, human)) throw new WayleaveError('NOT_FOUND');
  // The risk is what the log says: this entry clears it, here, on other brokers, and in every replay.
  await deps.audit.append({
    at: new Date(deps.clock.now()).toISOString(),
    tenant: subject.tenant,
    kind: 'risk.cleared',
    human: subject.human,
    session: subject.session,
    content: { of: human },
  });
}

async function endSession(deps: DeskDeps, subject: Subject, id: string): Promise<void> {
  const session = await deps.sessions.get(id);
  const own = session?.human === subject.human;
  if (session === undefined || session.tenant !== subject.tenant || (!own && !holdsOne(subject, WARDENS))) {
    throw new WayleaveError('NOT_FOUND');
  }
  const at = new Date(deps.clock.now()).toISOString();
  await deps.audit.append({
    at,
    tenant: subject.tenant,
    kind: 'session.ended',
    human: subject.human,
    session: subject.session,
    content: { ended: id, of: session.human },
  });
  await deps.sessions.put({ ...session, endedAt: session.endedAt ?? at });
}

/** Entries of the subject's tenant from `from` on; entries of others are passed over, their indexes stay visible as gaps. */
async function readLog(
  deps: DeskDeps,
  subject: Subject,
  from: number,
  limit: number,
): Promise<readonly StoredAuditEntry[]> {
  demand(
    subject,
    OVERSEERS,
    'Reading the log needs the role auditor, tenant-admin, security-analyst or provider-admin.',
  );
  const entries: StoredAuditEntry[] = [];
  const wanted = Math.min(limit, PAGE);
  for (let at = from; at < Math.min(deps.audit.size(), from + SCAN) && entries.length < wanted; at += PAGE) {
    const page = await deps.audit.entries(at, PAGE);
    entries.push(...page.filter((entry) => entry.tenant === subject.tenant));
  }
  return entries.slice(0, wanted);
}

/** Steps and rings of the subject's tenant; `return()` ends the watch also while `next()` waits, which a generator would not do. */
function steps(deps: DeskDeps, subject: Subject): ReturnType<ControlDesk['steps']> {
  return {
    [Symbol.asyncIterator]: () => {
      const stop = new AbortController();
      const events = deps.feed.watch(subject.tenant, stop.signal)[Symbol.asyncIterator]();
      return {
        next: async () => {
          const event = await events.next();
          if (event.done === true) return { done: true, value: undefined };
          if (event.value === RUNG) return { done: false, value: RUNG };
          return { done: false, value: { intent: event.value.intent, ...event.value.step } };
        },
        return: async () => {
          stop.abort();
          await events.return?.();
          return { done: true, value: undefined };
        },
      };
    },
  };
}
