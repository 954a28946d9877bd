/** The rows of the log: however many there are, only those in view are drawn. */
import { useEffect, useRef, useState } from 'react';
import type { StoredAuditEntry } from '../../api/schema.ts';
import { clockTime } from '../../parts/time.tsx';
import { Link } from '../../shell/link.tsx';
import { TEXT } from '../../text.ts';
import { decisionOf, devicesOf } from './read-entry.ts';

const text = TEXT.audit;
/** Height of a row in pixels, in one line or two (audit.css). */
const [WIDE, NARROW] = [30, 50];
const NARROW_PAGE = '(width < 860px)';
/** Rows that are drawn above and below what is seen. */
const SPARE = 10;
const BAD = new Set(['deny', 'refused', 'reject', 'failed']);
const GOOD = new Set(['permit', 'approve', 'succeeded']);

interface LogRowsProps {
  readonly entries: readonly StoredAuditEntry[];
  readonly current: number | undefined;
  readonly query: { readonly [name: string]: string };
}

export function LogRows({ entries, current, query }: LogRowsProps) {
  const box = useRef<HTMLElement>(null);
  const [view, setView] = useState({ top: 0, height: 800, row: WIDE });
  useEffect(() => {
    const element = box.current;
    if (element === null) return;
    const measure = (): void => {
      const row = window.matchMedia(NARROW_PAGE).matches ? NARROW : WIDE;
      setView({ top: element.scrollTop, height: element.clientHeight, row });
    };
    measure();
    const watch = new ResizeObserver(measure);
    watch.observe(element);
    element.addEventListener('scroll', measure, { passive: true });
    return () => {
      watch.disconnect();
      element.removeEventListener('scroll', measure);
    };
  }, []);
  const { top, height, row } = view;
  const place = entries.findIndex(({ index }) => index === current);
  useEffect(() => {
    const element = box.current;
    if (element === null || place < 0) return;
    const at = place * row;
    if (at < element.scrollTop || at > element.scrollTop + element.clientHeight - 3 * row)
      element.scrollTop = at - element.clientHeight / 3;
  }, [place, row]);

  const from = Math.max(0, Math.floor(top / row) - SPARE);
  const shown = entries.slice(from, Math.ceil((top + height) / row) + SPARE);
  const { columns } = text;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must scroll by keys, too
    <section className="log" aria-label={text.entries} ref={box} tabIndex={0}>
      <table aria-rowcount={entries.length + 1}>
        <thead>
          <tr className="log-row" aria-rowindex={1}>
            {Object.entries(columns).map(([name, title]) => (
              <th key={name} scope="col" className={name}>
                {title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody style={{ height: entries.length * row }}>
          {shown.map((entry, offset) => (
            <Row
              key={entry.index}
              entry={entry}
              position={from + offset}
              top={(from + offset) * row}
              current={entry.index === current}
              query={query}
            />
          ))}
        </tbody>
      </table>
    </section>
  );
}

interface RowProps {
  readonly entry: StoredAuditEntry;
  readonly position: number;
  readonly top: number;
  readonly current: boolean;
  readonly query: { readonly [name: string]: string };
}

function Row({ entry, position, top, current, query }: RowProps) {
  const { index, at, kind, human, agent, tool } = entry;
  const decision = decisionOf(entry);
  const who = agent === undefined || human === undefined ? (agent ?? human ?? '–') : text.via(agent, human);
  const devices = devicesOf(entry).join(', ');
  return (
    <tr
      className={`log-row ${current ? 'current' : ''}`}
      aria-rowindex={position + 2}
      style={{ transform: `translateY(${top}px)` }}
    >
      <td className="index">
        <Link screen="audit" rest={[String(index)]} query={query} aria-current={current ? 'true' : undefined}>
          {index}
        </Link>
      </td>
      <td className="at">
        <time dateTime={at} title={at}>
          <span className="date">{at.slice(5, 10)} </span>
          {clockTime(at)}
        </time>
      </td>
      <td className="kind">
        {kind} {tool !== undefined && <b>{tool}</b>}
      </td>
      <td className="who" title={who}>
        {who}
      </td>
      <td className="on" title={devices}>
        {devices}
      </td>
      <td className={`decision ${BAD.has(decision) ? 'bad' : GOOD.has(decision) ? 'good' : ''}`}>
        {Object.entries(text.decisions).find(([name]) => name === decision)?.[1] ?? decision}
      </td>
    </tr>
  );
}
