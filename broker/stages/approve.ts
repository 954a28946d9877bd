/** Stage 8, approve: a change waits for people, and their yes counts only for exactly what they were shown. */
import { type ExpireDeps, expireApproval, isExpired } from '../approval/expire.ts';
import { isLogged } from '../approval/logged-vote.ts';
import type { Answer, Approval, Invariant, Obligation, Role, Vote } from '../contract.ts';
import { sameDigest } from '../digest.ts';
import { WayleaveError } from '../errors.ts';
import type { BreakGlasses } from '../grants/break-glass.ts';
import type { Ids, Journal } from '../ports.ts';
import type { RiskLedger } from '../risk/risk-ledger.ts';
import type { Stage } from '../stage.ts';
import type { ApprovedCall, PreparedChange, RehearsedCall } from './context.ts';

/** An approval that nobody gave within this time is gone, where nothing else was set. */
const APPROVAL_LIFE_MS = 10 * 60_000;
/** At most so many open approvals a tenant: a flood of proposals must not bury the one that matters. */
const MAX_PENDING = 200;

export interface ApproveDeps extends ExpireDeps {
  readonly journal: Journal;
  readonly ids: Ids;
  /** How long a change waits for people, milliseconds; preset: ten minutes. */
  readonly approvalLifeMs?: number;
  readonly breakGlasses: BreakGlasses;
  readonly risk: Pick<RiskLedger, 'isSuspended'>;
  /** The human's roles in the tenant now; undefined when disabled or unknown. */
  readonly rolesNow: (human: string, tenant: string) => Promise<readonly Role[] | undefined>;
}

type Needed = Approval['needed'];

export const approve =
  (deps: ApproveDeps): Stage<RehearsedCall, ApprovedCall> =>
  async (context, next) => {
    const { change, intent, subject } = context;
    if (change === undefined) return next(context);
    const demanded = approvalNeeded(context.decision.obligations, change.rehearsal.invariants);
    const emergency = await deps.breakGlasses.find({
      ...{ subject, purpose: intent.purpose, devices: intent.target.devices, intent: intent.id },
      now: deps.clock.now(),
    });
    // In an emergency nobody is asked first; everything else is as always, and somebody looks afterwards.
    const needed = emergency === undefined ? demanded : { ...demanded, count: 0 };
    await deps.journal.begin(intent, subject);
    const found = await deps.approvals.findByIntent(subject.tenant, intent.id);
    const approval = found ?? (await park(deps, context, change, needed));
    if (found === undefined && emergency === undefined) return pending(approval);
    const standing = await refuseUnlessApproved(deps, context, change, approval, needed);
    if (standing === undefined) return pending(approval);
    if (emergency !== undefined) {
      context.trail.facts['breakGlass'] = emergency.id;
      await deps.breakGlasses.use(emergency.id, intent.id);
    }
    return next({ ...context, approval: { ...approval, votes: standing } });
  };

/** A change that nobody is asked about is not executed, whatever the policies say; an unclear demand is none. */
function approvalNeeded(obligations: readonly Obligation[], invariants: readonly Invariant[]): Needed {
  const demands = obligations.flatMap((one) => (one.kind === 'require-approval' ? [one] : []));
  const [first, ...others] = demands;
  if (first === undefined || others.some((one) => one.role !== first.role) || demands.some((one) => !(one.count >= 1)))
    throw new WayleaveError('DENIED', 'The policies do not say who approves this change.');
  // A change that breaks what it may break is approved by more people.
  const raised = invariants.flatMap((one) => (one.holds || one.breaks === 'deny' ? [] : [one.breaks.approvals]));
  return { count: Math.max(...demands.map((one) => one.count), ...raised), role: first.role };
}

async function park(
  deps: ApproveDeps,
  context: RehearsedCall,
  change: PreparedChange,
  needed: Needed,
): Promise<Approval> {
  const now = deps.clock.now();
  const open = await deps.approvals.list(context.subject.tenant, 'pending');
  const expired = open.filter((one) => isExpired(one, now));
  for (const one of expired) await expireApproval(deps, one);
  if (open.length - expired.length >= MAX_PENDING)
    throw new WayleaveError('LIMITED', 'Too many changes of this tenant wait for approval.');
  const approval: Approval = {
    id: deps.ids.id('apr'),
    intent: context.intent,
    requester: context.subject,
    decision: context.decision,
    rehearsal: change.rehearsal,
    diff: change.diff,
    stateHash: change.stateHash,
    status: needed.count === 0 ? 'approved' : 'pending',
    ...(context.taint.length === 0 ? {} : { taint: context.taint }),
    ...(change.containment === undefined ? {} : { reversal: change.containment.reversal }),
    needed,
    votes: [],
    createdAt: new Date(now).toISOString(),
    expiresAt: new Date(now + (deps.approvalLifeMs ?? APPROVAL_LIFE_MS)).toISOString(),
  };
  await deps.approvals.create(approval);
  await deps.journal.setState(context.intent, 'pending-approval');
  return approval;
}

const pending = (approval: Approval): Answer => ({
  status: 'pending',
  intent: approval.intent.id,
  approval: approval.id,
  summary: {
    decision: approval.decision,
    diff: approval.diff,
    ...(approval.rehearsal === undefined ? {} : { rehearsal: approval.rehearsal }),
    ...(approval.taint === undefined ? {} : { taint: approval.taint }),
    ...(approval.reversal === undefined ? {} : { reversal: approval.reversal }),
    needed: approval.needed,
    expiresAt: approval.expiresAt,
  },
});

/** The votes that stand, undefined while it is pending; throws when the approval does not cover what would be executed. */
async function refuseUnlessApproved(
  deps: ApproveDeps,
  context: RehearsedCall,
  change: PreparedChange,
  approval: Approval,
  needed: Needed,
): Promise<readonly Vote[] | undefined> {
  const end = async (status: 'expired' | 'void'): Promise<void> => {
    if (status === 'expired') await expireApproval(deps, approval);
    else await deps.approvals.update({ ...approval, status }, approval.status);
    await deps.journal.setState(context.intent, 'denied');
  };
  if (approval.status === 'rejected')
    throw new WayleaveError('APPROVAL_REJECTED', approval.votes.find((vote) => vote.verdict === 'reject')?.reason);
  if (approval.status === 'consumed' || approval.status === 'void') throw new WayleaveError('APPROVAL_CLOSED');
  if (approval.status === 'expired' || isExpired(approval, deps.clock.now())) {
    await end('expired');
    throw new WayleaveError('APPROVAL_EXPIRED');
  }
  const broken = whyVoid(context, change, approval, needed);
  if (broken !== undefined) {
    await end('void');
    throw new WayleaveError('DRIFT', broken);
  }
  if (approval.status !== 'approved') return undefined;
  const votes = await standingVotes(deps, approval);
  if (votes.length < approval.needed.count)
    throw new WayleaveError(
      'DENIED',
      'An approver no longer has the role for this approval, is suspended, or never voted.',
    );
  context.trail.facts['approvedBy'] = votes.map((vote) => vote.human);
  context.trail.facts['approval'] = approval.id;
  return votes;
}

/** Why the approval no longer covers what would be executed, or undefined when it does. */
function whyVoid(
  context: RehearsedCall,
  change: PreparedChange,
  approval: Approval,
  needed: Needed,
): string | undefined {
  if (!sameDigest(approval.intent.digest, context.intent.digest)) return 'The intent is not the one that was approved.';
  if (approval.decision.revision !== context.decision.revision)
    return 'The policy changed since the approval was shown.';
  if (needed.count > approval.needed.count || needed.role !== approval.needed.role)
    return 'The policies now ask for another approval.';
  if (!sameDigest(approval.stateHash, change.stateHash))
    return 'The device or the diff changed since the approval was shown.';
  const shownTaint = new Set((approval.taint ?? []).map(({ parameter }) => parameter));
  const newTaint = context.taint.find(({ parameter }) => !shownTaint.has(parameter));
  if (newTaint !== undefined) return `Since the approval was shown, a device said what is in ${newTaint.parameter}.`;
  const shown = approval.rehearsal;
  const now = change.rehearsal;
  if (shown === undefined) return 'The approval was given without a rehearsal.';
  for (const part of ['devices', 'sites', 'applications'] as const) {
    const wider = now.blastRadius[part].filter((one) => !shown.blastRadius[part].includes(one));
    if (wider.length > 0) return `The change would now also touch ${wider.join(', ')}.`;
  }
  if (now.blastRadius.users > shown.blastRadius.users) return 'The change would now touch more users.';
  const shownBroken = new Set(shown.invariants.flatMap((one) => (one.holds ? [] : [one.name])));
  const newlyBroken = now.invariants.filter((one) => !one.holds && !shownBroken.has(one.name));
  if (newlyBroken.length > 0) return `The change would now break ${newlyBroken.map((one) => one.name).join(', ')}.`;
  return undefined;
}

/** Votes of distinct humans, not the requester, that the log has, and who at this moment hold the role and are not suspended. */
async function standingVotes(deps: ApproveDeps, approval: Approval): Promise<readonly Vote[]> {
  const standing = new Map<string, Vote>();
  for (const vote of approval.votes) {
    if (vote.verdict !== 'approve' || vote.human === approval.requester.human) continue;
    if (deps.risk.isSuspended(approval.intent.tenant, vote.human)) continue;
    if (!(await isLogged(deps.audit, approval, vote))) continue;
    const roles = await deps.rolesNow(vote.human, approval.intent.tenant);
    if (roles?.includes(approval.needed.role)) standing.set(vote.human, vote);
  }
  return [...standing.values()];
}
