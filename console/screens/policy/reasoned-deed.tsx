/** A deed that needs a reason: field and button beside each other, with why it cannot be done, and what the broker said. */
import { type FormEvent, useId, useState } from 'react';
import { act } from '../../api/act.ts';
import { type Problem, toProblem } from '../../api/problem.ts';
import type { Deeds } from '../../api/schema.ts';
import { useSession } from '../../api/session-context.ts';
import { refresh } from '../../api/use-answer.ts';
import { Failure } from '../../parts/notice.tsx';
import { TEXT } from '../../text.ts';

const text = TEXT.policy;
type Route = keyof { readonly [Name in keyof Deeds as Name extends `/api/policy/${string}` ? Name : never]: true };

interface ReasonedDeedProps<Name extends Route> {
  readonly label: string;
  readonly hint: string;
  readonly obstacle: string | undefined;
  readonly route: Name;
  readonly params: { readonly [name: string]: string };
  readonly body: (reason: string) => Deeds[Name]['body'];
}

export function ReasonedDeed<Name extends Route>(props: ReasonedDeedProps<Name>) {
  const { label, hint, obstacle, route, params, body } = props;
  const session = useSession();
  const field = useId();
  const [reason, setReason] = useState('');
  const [sending, setSending] = useState(false);
  const [problem, setProblem] = useState<Problem>();
  const [done, setDone] = useState(false);
  const why = obstacle ?? (reason.trim() === '' ? TEXT.approvals.needsReason : undefined);
  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    if (why !== undefined) return;
    setSending(true);
    setProblem(undefined);
    try {
      await act(session, route, params, body(reason.trim()));
      setReason('');
      setDone(true);
    } catch (error) {
      setProblem(toProblem(error));
    } finally {
      setSending(false);
      refresh('/api/policy');
    }
  };
  return (
    <form className="reasoned" onSubmit={(event) => void submit(event)}>
      <p>{hint}</p>
      <label htmlFor={field}>{TEXT.approvals.reason}</label>
      <input
        id={field}
        type="text"
        value={reason}
        maxLength={500}
        disabled={obstacle !== undefined}
        onChange={({ target }) => setReason(target.value)}
      />
      <button type="submit" disabled={why !== undefined || sending}>
        {label}
      </button>
      {why !== undefined && !done && <p className="quiet why">{why}</p>}
      {done && (
        <p role="status" className="why">
          {text.done}
        </p>
      )}
      {problem !== undefined && <Failure problem={problem} />}
    </form>
  );
}
