/** A form for what needs a reason: field and buttons beside each other, why it cannot be done now, and what the broker said. */
import { type FormEvent, useId, useState } from 'react';
import { type Problem, toProblem } from '../api/problem.ts';
import { TEXT } from '../text.ts';
import { Icon, type IconName } from './icon.tsx';
import { Failure } from './notice.tsx';

export interface ReasonedAction {
  readonly label: string;
  readonly icon?: IconName;
  readonly look?: 'danger' | 'primary';
  /** Rejects with what the form then shows. */
  readonly run: (reason: string) => Promise<unknown>;
}

interface ReasonedFormProps {
  readonly className: string;
  /** The first is what Enter does; without a reason it leads to the field, and the others cannot be pressed. */
  readonly actions: readonly [ReasonedAction, ...ReasonedAction[]];
  /** Why this person cannot do any of it: shown beside the buttons, which stay where they are. */
  readonly obstacle: string | undefined;
  readonly hint?: string;
  readonly placeholder?: string;
  /** The first button has the focus at the beginning. */
  readonly focused?: boolean;
  /** Said when it was done. */
  readonly done?: string;
}

export function ReasonedForm(props: ReasonedFormProps) {
  const { className, actions, obstacle, hint, placeholder, focused = false, done } = props;
  const field = useId();
  const [reason, setReason] = useState('');
  const [sending, setSending] = useState(false);
  const [problem, setProblem] = useState<Problem>();
  const [isDone, setDone] = useState(false);
  const why = obstacle ?? (reason.trim() === '' ? TEXT.approvals.needsReason : undefined);
  const go = async ({ run }: ReasonedAction): Promise<void> => {
    if (why !== undefined) {
      document.getElementById(field)?.focus();
      return;
    }
    setSending(true);
    setProblem(undefined);
    try {
      await run(reason.trim());
      setReason('');
      setDone(true);
    } catch (error) {
      setProblem(toProblem(error));
    } finally {
      setSending(false);
    }
  };
  const [first, ...others] = actions;
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    void go(first);
  };
  return (
    <form className={className} onSubmit={submit}>
      {hint !== undefined && <p>{hint}</p>}
      <label htmlFor={field}>{TEXT.approvals.reason}</label>
      <input
        id={field}
        type="text"
        value={reason}
        maxLength={500}
        disabled={obstacle !== undefined}
        placeholder={placeholder}
        onChange={({ target }) => setReason(target.value)}
      />
      <button
        type="submit"
        className={first.look}
        disabled={obstacle !== undefined || sending}
        // biome-ignore lint/a11y/noAutofocus: the safe answer has the focus, as operators expect
        autoFocus={focused}
      >
        {first.icon !== undefined && <Icon name={first.icon} />} {first.label}
      </button>
      {others.map((one) => (
        <button
          key={one.label}
          type="button"
          className={one.look}
          disabled={why !== undefined || sending}
          onClick={() => void go(one)}
        >
          {one.icon !== undefined && <Icon name={one.icon} />} {one.label}
        </button>
      ))}
      {why !== undefined && !isDone && <p className="why quiet">{why}</p>}
      {isDone && done !== undefined && (
        <p role="status" className="why">
          {done}
        </p>
      )}
      {problem !== undefined && <Failure problem={problem} />}
    </form>
  );
}
