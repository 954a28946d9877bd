/** A button that ends or gives back what somebody may do: it says what follows and asks once more; why it cannot be pressed stands beside it. */
import { useState } from 'react';
import { act } from '../../api/act.ts';
import { type Problem, toProblem } from '../../api/problem.ts';
import { useSession } from '../../api/session-context.ts';
import { refresh } from '../../api/use-answer.ts';
import type { Session } from '../../login/session.ts';
import { Dialog } from '../../parts/dialog.tsx';
import { Failure } from '../../parts/notice.tsx';
import { TEXT } from '../../text.ts';

const text = TEXT.sessions;

export interface DeedProps {
  readonly what: 'end' | 'suspend' | 'restore' | 'clear';
  readonly human: string;
  /** Which one is ended. */
  readonly session?: string;
  /** Why this person may not. */
  readonly obstacle?: string | undefined;
}

const run = (by: Session, { what, human, session = '' }: DeedProps): Promise<unknown> => {
  switch (what) {
    case 'end':
      return act(by, '/api/sessions/{id}/end', { id: session }, {});
    case 'clear':
      return act(by, '/api/people/{human}/clear-risk', { human }, {});
    default:
      return act(by, '/api/identity/people/{human}', { human }, { disabled: what === 'suspend' });
  }
};

export function Deed(props: DeedProps) {
  const { what, human, obstacle } = props;
  const by = useSession();
  const [asking, setAsking] = useState(false);
  const [sending, setSending] = useState(false);
  const [problem, setProblem] = useState<Problem>();
  const look = what === 'end' || what === 'suspend' ? 'danger' : '';
  const close = (): void => {
    setAsking(false);
    setProblem(undefined);
  };
  const go = async (): Promise<void> => {
    setSending(true);
    setProblem(undefined);
    try {
      await run(by, props);
      close();
    } catch (error) {
      setProblem(toProblem(error));
    } finally {
      setSending(false);
      for (const path of ['/api/sessions', '/api/risk', '/api/identity/people']) refresh(path);
    }
  };
  return (
    <span className="deed">
      <button type="button" className={look} disabled={obstacle !== undefined} onClick={() => setAsking(true)}>
        {text[what]}
      </button>
      {obstacle !== undefined && <small className="quiet">{obstacle}</small>}
      {asking && (
        <Dialog label={text[`${what}Title`](human)} close={close} className="sure">
          <h2>{text[`${what}Title`](human)}</h2>
          <p>{text[`${what}Hint`]}</p>
          <p className="quiet">{text.logged}</p>
          {problem !== undefined && <Failure problem={problem} />}
          <p className="buttons">
            <button type="button" onClick={close}>
              {text.cancel}
            </button>
            <button type="button" className={look} disabled={sending} onClick={() => void go()}>
              {text[what]}
            </button>
          </p>
        </Dialog>
      )}
    </span>
  );
}
