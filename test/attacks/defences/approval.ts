/** Defences of approval: whose yes counts, for what, how often and until when. */
import type { Defence } from './defence.ts';

const APPROVE = 'broker/stages/approve.ts';
const VOTE = 'broker/approval/vote.ts';

export const APPROVAL_DEFENCES = {
  'no-self-approval': {
    what: 'who asked does not decide, directly or through an agent, at the click and at the execution',
    without: [
      { file: VOTE, find: "if (subject.agent !== undefined) return 'An agent cannot vote.';", replace: '' },
      { file: VOTE, find: 'if (subject.human === approval.requester.human)', replace: 'if (false)' },
      {
        file: APPROVE,
        find: "if (vote.verdict !== 'approve' || vote.human === approval.requester.human) continue;",
        replace: '',
      },
    ],
  },
  'approval-once': {
    what: 'a finished intent is answered with its receipt, and an approval is consumed by whoever executes first',
    without: [
      { file: 'broker/stages/claim.ts', find: 'if (known.receipt !== undefined)', replace: 'if (false)' },
      {
        file: APPROVE,
        find: "if (approval.status === 'consumed' || approval.status === 'void') throw new WayleaveError('APPROVAL_CLOSED');",
        replace: '',
      },
      { file: APPROVE, find: "if (approval.status !== 'approved') return undefined;", replace: '' },
      {
        file: 'broker/execution/change.ts',
        find: "if (!(await deps.approvals.update({ ...approval, status: 'consumed' }, 'approved')))",
        replace: "if (!(await deps.approvals.update({ ...approval, status: 'consumed' }, approval.status)))",
      },
    ],
  },
  'approval-ends': {
    what: 'an approval counts for minutes',
    without: [
      {
        file: 'broker/approval/expire.ts',
        find: '!(Date.parse(approval.expiresAt) > now);',
        replace: 'Number.isNaN(now);',
      },
    ],
  },
  'state-as-shown': {
    what: 'an approval is for one state of the device and one diff',
    without: [{ file: APPROVE, find: 'if (!sameDigest(approval.stateHash, change.stateHash))', replace: 'if (false)' }],
  },
  'policy-as-shown': {
    what: 'an approval is for one revision of the policies',
    without: [
      { file: APPROVE, find: 'if (approval.decision.revision !== context.decision.revision)', replace: 'if (false)' },
    ],
  },
  'changes-an-hour': {
    what: 'a session, and a tenant, asks for ten changes an hour at most',
    without: [
      {
        file: 'broker/limits/blast.ts',
        find: 'if (count > most)',
        replace: 'if (count < 0)',
      },
    ],
  },
  'step-up-of-voters': {
    what: 'what needs a fresh second factor of who asks needs one of who decides',
    without: [
      {
        file: VOTE,
        find: 'demandStepUp(subject, approval.decision.obligations, deps.clock.now());',
        replace: 'void demandStepUp;',
      },
    ],
  },
  'votes-in-the-log': {
    what: 'a vote counts when the audit log has it: for this person, this approval and this content',
    without: [
      {
        file: APPROVE,
        find: 'if (!(await isLogged(deps.audit, approval, vote))) continue;',
        replace: 'void isLogged;',
      },
    ],
  },
  'one-vote-a-person': {
    what: 'a person counts once, at the click and at the execution',
    without: [
      { file: VOTE, find: 'if (approval.votes.some((vote) => vote.human === subject.human))', replace: 'if (false)' },
      {
        file: APPROVE,
        find: 'standing.set(vote.human, vote);',
        replace: 'standing.set(String(standing.size), vote);',
      },
    ],
  },
} as const satisfies Readonly<Record<string, Defence>>;
