/** Stage 6, approve: a change waits for people, and their yes counts only for exactly what they were shown. */
import type { Answer, Approval, Obligation, Role, Vote } from '../contract.ts';
import { sameDigest } from '../digest.ts';
import { WayleaveError } from '../errors.ts';
import type { Serial } from '../execution/serial.ts';
import type { Approvals, Clock, Ids, Journal } from '../ports.ts';
import type { Stage } from '../stage.ts';
import type { ApprovedCall, PreparedChange, RehearsedCall } from './context.ts';

/** An approval that nobody gave within this time is gone. */
const APPROVAL_LIFE_MS = 10 * 60_000;
/** At most so many open approvals a tenant: a flood of proposals must not bury the one that matters. */
const MAX_PENDING = 200;

export interface ApproveDeps {
  readonly approvals: Approvals;
  readonly journal: Journal;
  readonly clock: Clock;
  readonly ids: Ids;
  /** Calls for the same intent take turns: the second finds what the first left. */
  readonly perIntent: Serial;
  /** The human's roles in the tenant now; undefined when disabled or unknown. */
  readonly rolesNow: (human: string, tenant: string) => Promise<readonly Role[] | undefined>;
}

export const approve =
  (deps: ApproveDeps): Stage<RehearsedCall, ApprovedCall> =>
  (context, next) => {
    const { change } = context;
    if (change === undefined) return next(context);
    return deps.perIntent.run(context.intent.id, () => approveChange(deps, context, change, next));
  };

async function approveChange(
  deps: ApproveDeps,
  context: RehearsedCall,
  change: PreparedChange,
  next: (context: ApprovedCall) => Promise<Answer>,
): Promise<Answer> {
  const known = await deps.journal.begin(context.intent, context.subject);
  if (known.receipt !== undefined) {
    return { status: 'done', intent: context.intent.id, evidence: [], receipt: known.receipt };
  }
  if (known.state === 'executing') throw new WayleaveError('CONFLICT', 'This intent is being executed.');
  if (context.intent.expiresAt <= new Date(deps.clock.now()).toISOString()) throw new WayleaveError('APPROVAL_EXPIRED');

  const needed = approvalNeeded(context.decision.obligations);
  if (needed === undefined) return next(context);
  const approval = await deps.approvals.findByIntent(context.subject.tenant, context.intent.id);
  if (approval === undefined) return park(deps, context, change, needed);
  return decideApproval(deps, context, change, approval, next);
}

/** The strictest demand wins: the most people, and the first role named for that many. */
function approvalNeeded(
  obligations: readonly Obligation[],
): { readonly count: number; readonly role: Role } | undefined {
  let needed: { readonly count: number; readonly role: Role } | undefined;
  for (const obligation of obligations) {
    if (obligation.kind === 'require-approval' && obligation.count > (needed?.count ?? 0)) {
      needed = { count: obligation.count, role: obligation.role };
    }
  }
  return needed;
}

async function park(
  deps: ApproveDeps,
  context: RehearsedCall,
  change: PreparedChange,
  needed: { readonly count: number; readonly role: Role },
): Promise<Answer> {
  const now = deps.clock.now();
  const open = await deps.approvals.list(context.subject.tenant, 'pending');
  if (open.filter((one) => !isExpired(one, now)).length >= MAX_PENDING) {
    throw new WayleaveError('LIMITED', 'Too many changes of this tenant wait for approval.');
  }
  const approval: Approval = {
    id: deps.ids.id('apr'),
    intent: context.intent,
    requester: context.subject,
    decision: context.decision,
    rehearsal: change.rehearsal,
    diff: change.diff,
    stateHash: change.stateHash,
    status: 'pending',
    needed,
    votes: [],
    createdAt: new Date(now).toISOString(),
    expiresAt: new Date(now + APPROVAL_LIFE_MS).toISOString(),
  };
  await deps.approvals.create(approval);
  await deps.journal.setState(context.intent.id, 'pending-approval');
  return pending(approval);
}

const pending = (approval: Approval): Answer => ({
  status: 'pending',
  intent: approval.intent.id,
  approval: approval.id,
  summary: {
    decision: approval.decision,
    diff: approval.diff,
    ...(approval.rehearsal === undefined ? {} : { rehearsal: approval.rehearsal }),
    needed: approval.needed,
    expiresAt: approval.expiresAt,
  },
});

export const isExpired = (approval: Approval, now: number): boolean => Date.parse(approval.expiresAt) <= now;

async function decideApproval(
  deps: ApproveDeps,
  context: RehearsedCall,
  change: PreparedChange,
  approval: Approval,
  next: (context: ApprovedCall) => Promise<Answer>,
): Promise<Answer> {
  if (approval.status === 'rejected') {
    throw new WayleaveError('APPROVAL_REJECTED', approval.votes.find((vote) => vote.verdict === 'reject')?.reason);
  }
  if (approval.status === 'consumed' || approval.status === 'void') throw new WayleaveError('APPROVAL_CLOSED');
  if (approval.status === 'expired' || isExpired(approval, deps.clock.now())) {
    await deps.approvals.update({ ...approval, status: 'expired' }, approval.status);
    throw new WayleaveError('APPROVAL_EXPIRED');
  }
  if (approval.status === 'pending') return pending(approval);

  const broken = whyVoid(context, change, approval);
  if (broken !== undefined) {
    await deps.approvals.update({ ...approval, status: 'void' }, 'approved');
    throw new WayleaveError('DRIFT', broken);
  }
  const votes = await standingVotes(deps, approval);
  if (votes.length < approval.needed.count) {
    context.trail.reason = 'an approver no longer has the role';
    throw new WayleaveError('DENIED', 'An approver no longer has the role for this approval.');
  }
  await deps.journal.setState(context.intent.id, 'executing');
  // Single use: whoever flips the status executes.
  if (!(await deps.approvals.update({ ...approval, status: 'consumed' }, 'approved')))
    throw new WayleaveError('APPROVAL_CLOSED');
  context.trail.facts['approvedBy'] = votes.map((vote) => vote.human);
  context.trail.facts['approval'] = approval.id;
  return next({ ...context, approval });
}

/** Why the approval no longer covers what would be executed, or undefined when it does. */
function whyVoid(context: RehearsedCall, change: PreparedChange, approval: Approval): string | undefined {
  if (!sameDigest(approval.intent.digest, context.intent.digest)) return 'The intent is not the one that was approved.';
  if (approval.decision.revision !== context.decision.revision)
    return 'The policy changed since the approval was shown.';
  if (!sameDigest(approval.stateHash, change.stateHash))
    return 'The device or the diff changed since the approval was shown.';
  const shown = approval.rehearsal;
  const now = change.rehearsal;
  if (shown === undefined) return 'The approval was given without a rehearsal.';
  const wider = now.blastRadius.devices.filter((device) => !shown.blastRadius.devices.includes(device));
  if (wider.length > 0) return `The change would now also touch ${wider.join(', ')}.`;
  const newlyBroken = now.invariants.filter(
    (one) => !one.holds && shown.invariants.some((before) => before.name === one.name && before.holds),
  );
  if (newlyBroken.length > 0) return `The change would now break ${newlyBroken.map((one) => one.name).join(', ')}.`;
  return undefined;
}

/** Votes of distinct humans, not the requester, who hold the role at this moment. */
async function standingVotes(deps: ApproveDeps, approval: Approval): Promise<readonly Vote[]> {
  const standing = new Map<string, Vote>();
  for (const vote of approval.votes) {
    if (vote.verdict !== 'approve' || vote.human === approval.requester.human) continue;
    const roles = await deps.rolesNow(vote.human, approval.intent.tenant);
    if (roles?.includes(approval.needed.role)) standing.set(vote.human, vote);
  }
  return [...standing.values()];
}
