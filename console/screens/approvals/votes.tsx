/** Deciding: who has voted, how many are missing, and the two buttons. Reject has the focus, and both need a reason. */
import { useState } from 'react';
import { act } from '../../api/act.ts';
import { type Problem, toProblem } from '../../api/problem.ts';
import type { Approval } from '../../api/schema.ts';
import { useSession } from '../../api/session-context.ts';
import { refresh, useAnswer } from '../../api/use-answer.ts';
import { Icon } from '../../parts/icon.tsx';
import { Failure } from '../../parts/notice.tsx';
import { ReasonedForm } from '../../parts/reasoned-form.tsx';
import { Ago, useSecond } from '../../parts/time.tsx';
import { TEXT } from '../../text.ts';

const text = TEXT.approvals;

interface VotesProps {
  readonly approval: Approval;
  readonly reload: () => Promise<void>;
}

export function Votes({ approval, reload }: VotesProps) {
  const { votes, needed, status } = approval;
  const [problem, setProblem] = useState<Problem>();
  const yes = votes.filter(({ verdict }) => verdict === 'approve').length;
  return (
    <section className="votes" aria-label={text.votes}>
      <p className="quorum">
        <progress max={needed.count} value={yes} aria-label={text.quorum(yes, needed.count, needed.role)} />
        <b>{text.quorum(yes, needed.count, needed.role)}</b>
      </p>
      <ul>
        {votes.map(({ human, verdict, reason, at, entry }) => (
          <li key={entry} className={verdict === 'approve' ? 'good' : 'bad'}>
            <Icon name={verdict === 'approve' ? 'check' : 'cross'} /> <b>{human}</b> “{reason}”{' '}
            <span className="quiet">
              <Ago at={at} /> · {text.auditEntry} {entry}
            </span>
          </li>
        ))}
      </ul>
      {problem !== undefined && (
        <>
          <p role="status">{text.notCounted}</p>
          <Failure problem={problem} />
        </>
      )}
      {status === 'pending' && <Ballot approval={approval} reload={reload} tell={setProblem} />}
    </section>
  );
}

/** Why this person cannot decide now: shown beside the buttons, which stay where they are. */
function useObstacle(approval: Approval): string | undefined {
  const session = useSession();
  const { data: me } = useAnswer('/api/identity/me');
  const second = useSecond();
  const { requester, needed, votes } = approval;
  if (requester.human === session.human) return requester.agent === undefined ? text.own : text.ownAgent;
  if (votes.some(({ human }) => human === session.human)) return text.voted;
  if (Date.parse(approval.expiresAt) / 1000 <= second) return text.over;
  if (me !== undefined && !me.roles.includes(needed.role)) return text.wrongRole(needed.role);
  return undefined;
}

/** Reject comes first: what Enter does must be what can be undone by asking again. */
function Ballot({ approval, tell, reload }: VotesProps & { readonly tell: (problem: Problem | undefined) => void }) {
  const session = useSession();
  const vote =
    (verdict: 'approve' | 'reject') =>
    async (reason: string): Promise<void> => {
      tell(undefined);
      try {
        await act(session, `/api/approvals/{id}/${verdict}`, { id: approval.id }, { reason });
      } catch (error) {
        tell(toProblem(error)); // outlives the ballot: somebody else may have been faster
      } finally {
        refresh('/api/approvals');
        await reload();
      }
    };
  return (
    <ReasonedForm
      className="ballot"
      focused
      obstacle={useObstacle(approval)}
      placeholder={text.reasonHint}
      actions={[
        { label: text.reject, icon: 'cross', look: 'danger', run: vote('reject') },
        { label: text.approve, icon: 'check', look: 'primary', run: vote('approve') },
      ]}
    />
  );
}
