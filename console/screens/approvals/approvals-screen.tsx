/** Approvals: what waits for people, what was decided, and the one at hand with all that an approver should know. */
import { useMemo } from 'react';
import type { Approval } from '../../api/schema.ts';
import { useSession } from '../../api/session-context.ts';
import { useAnswer } from '../../api/use-answer.ts';
import { Empty, Failure, Loading } from '../../parts/notice.tsx';
import { Ago, Countdown } from '../../parts/time.tsx';
import { useKeys } from '../../shell/keys.ts';
import { Link } from '../../shell/link.tsx';
import { goTo, toPath } from '../../shell/route.ts';
import type { ScreenProps } from '../../shell/screens.ts';
import { TEXT } from '../../text.ts';
import { ApprovalCard } from './approval-card.tsx';
import { StatusMark } from './status-mark.tsx';
import './approvals.css';

const text = TEXT.approvals;
const LIST_MS = 4_000;
/** Decided ones that are listed. */
const LISTED = 60;

export default function ApprovalsScreen({ place }: ScreenProps) {
  const { tenant } = useSession();
  const [id] = place.rest;
  const { data, problem, reload } = useAnswer('/api/approvals', {}, { every: LIST_MS });
  const all = useMemo(() => (data?.approvals ?? []).toSorted((a, b) => b.createdAt.localeCompare(a.createdAt)), [data]);
  const waiting = all.filter(({ status }) => status === 'pending');
  const decided = all.filter(({ status }) => status !== 'pending').slice(0, LISTED);

  useKeys(
    TEXT.screens.approvals,
    useMemo(() => {
      const order = [...waiting, ...decided];
      const step = (by: number) => (): void => {
        const next = order[Math.max(0, order.findIndex((one) => one.id === id) + by)];
        if (next !== undefined) goTo(toPath(tenant, 'approvals', [next.id]));
      };
      return [
        { keys: 'j', does: text.keyNext, run: step(1) },
        { keys: 'k', does: text.keyBefore, run: step(-1) },
      ];
    }, [waiting, decided, id, tenant]),
  );

  if (data === undefined)
    return problem === undefined ? <Loading /> : <Failure problem={problem} retry={() => void reload()} />;
  return (
    <div className={`chosen-of ${id === undefined ? '' : 'one'}`}>
      <aside className="inbox" aria-label={text.inbox}>
        <h2>
          {text.inbox} <span className="quiet">{waiting.length}</span>
        </h2>
        {waiting.length === 0 && <p className="quiet">{text.none}.</p>}
        <Rows approvals={waiting} current={id} />
        {decided.length > 0 && <h2>{text.decided}</h2>}
        <Rows approvals={decided} current={id} />
      </aside>
      {id === undefined ? (
        <Empty icon="stamp" title={waiting.length === 0 ? text.none : text.choose}>
          {waiting.length === 0 && <p>{text.noneHint}</p>}
        </Empty>
      ) : (
        <ApprovalCard key={id} id={id} />
      )}
    </div>
  );
}

function Rows({
  approvals,
  current,
}: {
  readonly approvals: readonly Approval[];
  readonly current: string | undefined;
}) {
  return (
    <ul>
      {approvals.map((one) => (
        <li key={one.id}>
          <Link screen="approvals" rest={[one.id]} aria-current={one.id === current ? 'page' : undefined}>
            <b>{one.intent.tool}</b>
            <span className="mono">{one.intent.target.devices.join(', ')}</span>
            <small className="quiet">
              {one.status === 'pending' ? <Countdown until={one.expiresAt} /> : <StatusMark status={one.status} />}
              {' · '}
              <Ago at={one.createdAt} />
            </small>
          </Link>
        </li>
      ))}
    </ul>
  );
}
