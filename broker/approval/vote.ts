/** A human's vote on a change: checked at the click, and again when the change is executed. */
import type { Approval, Subject, Vote } from '../contract.ts';
import { WayleaveError } from '../errors.ts';
import { demandStepUp } from '../identity/step-up.ts';
import type { RiskLedger } from '../risk/risk-ledger.ts';
import { type ExpireDeps, expireApproval, isExpired } from './expire.ts';

export interface VoteDeps extends ExpireDeps {
  readonly risk: Pick<RiskLedger, 'isSuspended'>;
  readonly demandSecondFactor: (subject: Subject) => Promise<void>;
}

/** More people than one are asked, untrusted text flowed into it, or it breaks what it may break. */
const isHighRisk = ({ needed, taint, rehearsal }: Approval): boolean =>
  needed.count > 1 || (taint ?? []).length > 0 || rehearsal?.invariants.some(({ holds }) => !holds) === true;

/**
 * Records the vote of `subject`, whose token and roles were verified a moment ago. Refused: through an agent, by the
 * requester, while suspended, without the role, twice, without a reason for a rejection, on an approval that is no longer open.
 */
export async function castVote(
  deps: VoteDeps,
  subject: Subject,
  id: string,
  verdict: Vote['verdict'],
  reason: string,
): Promise<Approval> {
  const approval = await deps.approvals.get(subject.tenant, id);
  if (approval === undefined) throw new WayleaveError('NOT_FOUND');
  if (deps.risk.isSuspended(subject.tenant, subject.human)) {
    await append(deps, subject, approval, 'approval.refused', { verdict, reason: 'Who votes is suspended.' });
    throw new WayleaveError('SUSPENDED');
  }
  const refusal = whyNot(subject, approval, verdict, reason);
  if (refusal !== undefined) {
    await append(deps, subject, approval, 'approval.refused', { verdict, reason: refusal });
    throw new WayleaveError(verdict === 'reject' && reason.trim() === '' ? 'INPUT_INVALID' : 'DENIED', refusal);
  }
  // What needs a second factor of who asks needs one of who decides, too.
  demandStepUp(subject, approval.decision.obligations, deps.clock.now());
  if (verdict === 'approve' && isHighRisk(approval)) await deps.demandSecondFactor(subject);
  if (isExpired(approval, deps.clock.now()) && approval.status === 'pending') {
    await expireApproval(deps, approval);
    throw new WayleaveError('APPROVAL_EXPIRED');
  }
  if (approval.status !== 'pending') throw new WayleaveError('APPROVAL_CLOSED');

  const cast = {
    human: subject.human,
    verdict,
    reason: reason.slice(0, 500),
    at: new Date(deps.clock.now()).toISOString(),
  };
  const yes = [...approval.votes, cast].filter((one) => one.verdict === 'approve').length;
  const status = verdict === 'reject' ? 'rejected' : yes >= approval.needed.count ? 'approved' : 'pending';
  // The log has the vote before it can have an effect.
  const entry = await append(deps, subject, approval, 'approval.vote', { verdict, reason: cast.reason, status });
  const voted: Approval = { ...approval, votes: [...approval.votes, { ...cast, entry }], status };
  if (await deps.approvals.update(voted, 'pending', approval)) return voted;
  const changed = 'It changed while this vote was on its way: look at it again.';
  await append(deps, subject, approval, 'approval.refused', { verdict, reason: changed });
  const now = await deps.approvals.get(subject.tenant, id);
  throw now?.status === 'pending' ? new WayleaveError('CONFLICT', changed) : new WayleaveError('APPROVAL_CLOSED');
}

function whyNot(subject: Subject, approval: Approval, verdict: Vote['verdict'], reason: string): string | undefined {
  if (subject.agent !== undefined) return 'An agent cannot vote.';
  if (subject.human === approval.requester.human)
    return 'Who asked for a change cannot approve or reject it; somebody else must.';
  if (!subject.roles.includes(approval.needed.role)) return `Voting on this needs the role ${approval.needed.role}.`;
  if (approval.votes.some((vote) => vote.human === subject.human)) return 'You have voted already.';
  if (verdict === 'reject' && reason.trim() === '') return 'A rejection needs a reason.';
  return undefined;
}

async function append(
  deps: VoteDeps,
  subject: Subject,
  approval: Approval,
  kind: string,
  content: { readonly [key: string]: string },
): Promise<number> {
  return deps.audit.append({
    at: new Date(deps.clock.now()).toISOString(),
    tenant: subject.tenant,
    kind,
    human: subject.human,
    session: subject.session,
    tool: approval.intent.tool,
    intent: approval.intent.id,
    content: { ...content, approval: approval.id, digest: approval.intent.digest, stateHash: approval.stateHash },
  });
}
