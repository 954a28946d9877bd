/** Deciding: who has voted, how many are missing, and the two buttons. Reject has the focus, and both need a reason. */
import { type FormEvent, useId, useState } from 'react';
import { act } from '../../api/act.ts';
import { type Problem, toProblem } from '../../api/problem.ts';
import type { Approval } from '../../api/schema.ts';
import { useSession } from '../../api/session-context.ts';
import { refresh, useAnswer } from '../../api/use-answer.ts';
import { Icon } from '../../parts/icon.tsx';
import { Failure } from '../../parts/notice.tsx';
import { Ago, useSecond } from '../../parts/time.tsx';
import { TEXT } from '../../text.ts';

const text = TEXT.approvals;

interface VotesProps {
  readonly approval: Approval;
  readonly reload: () => Promise<void>;
}

export function Votes({ approval, reload }: VotesProps) {
  const { votes, needed, status } = approval;
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
      {status === 'pending' && <Ballot approval={approval} reload={reload} />}
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

function Ballot({ approval, reload }: VotesProps) {
  const session = useSession();
  const field = useId();
  const [reason, setReason] = useState('');
  const [sending, setSending] = useState(false);
  const [problem, setProblem] = useState<Problem>();
  const obstacle = useObstacle(approval);
  const why = obstacle ?? (reason.trim() === '' ? text.needsReason : undefined);

  const vote = async (verdict: 'approve' | 'reject'): Promise<void> => {
    if (why !== undefined) {
      document.getElementById(field)?.focus();
      return;
    }
    setSending(true);
    setProblem(undefined);
    try {
      await act(session, `/api/approvals/{id}/${verdict}`, { id: approval.id }, { reason: reason.trim() });
    } catch (error) {
      setProblem(toProblem(error)); // somebody else may have been faster: what is shown next says so
    } finally {
      setSending(false);
      refresh('/api/approvals');
      await reload();
    }
  };
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    void vote('reject'); // what Enter does must be what can be undone by asking again
  };

  return (
    <form className="ballot" onSubmit={submit}>
      <label htmlFor={field}>{text.reason}</label>
      <input
        id={field}
        type="text"
        value={reason}
        maxLength={500}
        disabled={obstacle !== undefined}
        placeholder={text.reasonHint}
        onChange={(event) => setReason(event.target.value)}
      />
      <button
        type="submit"
        className="danger"
        disabled={obstacle !== undefined || sending}
        // biome-ignore lint/a11y/noAutofocus: the safe answer has the focus, as operators expect
        autoFocus
      >
        <Icon name="cross" /> {text.reject}
      </button>
      <button
        type="button"
        className="primary"
        disabled={why !== undefined || sending}
        onClick={() => void vote('approve')}
      >
        <Icon name="check" /> {text.approve}
      </button>
      {why !== undefined && <p className="why quiet">{why}</p>}
      {problem !== undefined && <Failure problem={problem} />}
    </form>
  );
}
