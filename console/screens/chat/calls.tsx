/** What agents asked the broker: one line for all, a row each when unfolded, and what came back, raw, in each row. */
import { useState } from 'react';
import { useAnswer } from '../../api/use-answer.ts';
import { Cut } from '../../parts/cut.tsx';
import { Icon } from '../../parts/icon.tsx';
import { clockTime, exactTime } from '../../parts/time.tsx';
import { TEXT } from '../../text.ts';
import type { Call } from './group-turns.ts';

const text = TEXT.chat;
const LOOK = { done: 'good', denied: 'bad', pending: 'wait', failed: 'bad' } as const;
/** Devices that a row names, and records that it shows raw. */
const NAMED = 2;
const RAW = 12;

export function Calls({ calls, running }: { readonly calls: readonly Call[]; readonly running: boolean }) {
  const count = (status: Call['status']): number => calls.filter((call) => call.status === status).length;
  const records = calls.reduce((sum, { evidence }) => sum + evidence.length, 0);
  const [denied, failed] = [count('denied'), count('failed')];
  return (
    <details className="calls" open={running || undefined}>
      <summary>
        <Icon name="right" size={12} />
        <b>{text.calls(calls.length)}</b>
        <span className="quiet">· {text.records(records)}</span>
        {denied > 0 && <span className="state bad">{text.refused(denied)}</span>}
        {failed > 0 && <span className="state bad">{text.failed(failed)}</span>}
      </summary>
      <ol>
        {calls.map((call) => (
          <Row key={call.id} call={call} />
        ))}
      </ol>
    </details>
  );
}

function Row({ call }: { readonly call: Call }) {
  const [open, setOpen] = useState(false);
  const { n, tool, devices, status, evidence, summary, input, at } = call;
  const more = devices.length > NAMED ? ` +${devices.length - NAMED}` : '';
  return (
    <li>
      <details onToggle={(event) => setOpen(event.currentTarget.open)}>
        <summary className="call">
          <span className="call-n">#{n}</span>
          <span className="call-name">
            {tool}
            <span className="quiet">({input === undefined ? '' : briefly(input)})</span>
          </span>
          <span className="call-devices" title={devices.join(', ')}>
            {devices.slice(0, NAMED).join(', ')}
            {more}
          </span>
          <span className={`state ${LOOK[status]}`}>{text.decision[status]}</span>
          <span className="call-time quiet" title={at === undefined ? undefined : exactTime(at)}>
            {at === undefined ? '' : clockTime(at)}
          </span>
          <span className="call-summary quiet">{summary}</span>
        </summary>
        {open && (
          <div className="raw">
            <p>{summary}</p>
            {input !== undefined && <pre>{input}</pre>}
            {evidence.slice(0, RAW).map((id) => (
              <RawRecord key={id} id={id} />
            ))}
            {evidence.length > RAW && <p className="quiet">{text.moreRecords(evidence.length - RAW)}</p>}
          </div>
        )}
      </details>
    </li>
  );
}

/** `{"name":"x","size":3}` → `name: x, size: 3`, cut. */
function briefly(input: string): string {
  const inner = input.replace(/^\{|\}$/g, '').replaceAll('"', '');
  return inner.length > 48 ? `${inner.slice(0, 47)}…` : inner;
}

function RawRecord({ id }: { readonly id: string }) {
  const { data, problem } = useAnswer('/api/evidence/{id}', { id });
  if (problem !== undefined) return <pre className="quiet">{`${id}  ${problem.message}`}</pre>;
  if (data === undefined) return <pre className="quiet">{id}</pre>;
  return (
    <pre>
      {`${data.resource}  ${data.signal}  `}
      <Cut text={String(data.value)} />
    </pre>
  );
}
