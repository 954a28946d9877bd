/** One evidence record beside the conversation: what was read, where, when and by whom. */
import { useAnswer } from '../../api/use-answer.ts';
import { Cut } from '../../parts/cut.tsx';
import { Icon } from '../../parts/icon.tsx';
import { Failure, Loading } from '../../parts/notice.tsx';
import { exactTime } from '../../parts/time.tsx';
import { Link } from '../../shell/link.tsx';
import { TEXT } from '../../text.ts';

const text = TEXT.chat;

export function EvidencePanel({ id, thread }: { readonly id: string | undefined; readonly thread: string }) {
  if (id === undefined) return null;
  return (
    <aside className="evidence" aria-label={text.evidence}>
      <h2>
        {text.evidence}
        <Link screen="chat" rest={thread === '' ? [] : [thread]} aria-label={TEXT.shell.close} className="close">
          <Icon name="cross" />
        </Link>
      </h2>
      <Record id={id} />
    </aside>
  );
}

function Record({ id }: { readonly id: string }) {
  const { data, problem } = useAnswer('/api/evidence/{id}', { id });
  if (problem !== undefined) return <Failure problem={problem} />;
  if (data === undefined) return <Loading />;
  return (
    <>
      <dl className="facts">
        <dt>{text.resource}</dt>
        <dd className="mono">{data.resource}</dd>
        <dt>{text.signal}</dt>
        <dd className="mono">{data.signal}</dd>
        <dt>{text.observed}</dt>
        <dd>{exactTime(data.observedAt)}</dd>
        <dt>{text.collected}</dt>
        <dd>{exactTime(data.collectedAt)}</dd>
        <dt>{text.source}</dt>
        <dd className="mono">{data.source}</dd>
        <dt>{text.collectedBy}</dt>
        <dd className="mono">{data.intent}</dd>
        <dt>ID</dt>
        <dd className="mono">{data.id}</dd>
      </dl>
      <h3>{text.value}</h3>
      <pre className="value">
        <Cut text={String(data.value)} />
      </pre>
      <p className="quiet">{text.untrusted}</p>
    </>
  );
}
