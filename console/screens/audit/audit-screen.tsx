/** Audit: the log of everything, searched by who, what and when; an entry with its proof; and the whole verified in the browser. */
import { useId, useMemo } from 'react';
import { useSession } from '../../api/session-context.ts';
import { Icon } from '../../parts/icon.tsx';
import { Empty, Failure } from '../../parts/notice.tsx';
import { useKeys } from '../../shell/keys.ts';
import { Link } from '../../shell/link.tsx';
import { goTo, toPath } from '../../shell/route.ts';
import type { ScreenProps } from '../../shell/screens.ts';
import { TEXT } from '../../text.ts';
import { EntryPanel } from './entry-panel.tsx';
import { LogRows } from './log-rows.tsx';
import { devicesOf, type FIELDS, fits, readSearch, type Search } from './read-entry.ts';
import { useLog } from './use-log.ts';
import { VerifyPanel } from './verify-panel.tsx';
import './audit.css';

const text = TEXT.audit;

export default function AuditScreen({ place }: ScreenProps) {
  return place.rest[0] === 'verify' ? <VerifyPanel /> : <Explorer place={place} />;
}

function Explorer({ place }: ScreenProps) {
  const { tenant } = useSession();
  const log = useLog();
  const address = place.query.toString();
  const search = useMemo(() => readSearch(new URLSearchParams(address)), [address]);
  const query = useMemo(() => Object.fromEntries(Object.entries(search).filter(([, value]) => value !== '')), [search]);
  const entries = useMemo(() => log.entries.filter((entry) => fits(entry, search)), [log.entries, search]);
  const chosen = /^\d{1,15}$/.test(place.rest[0] ?? '') ? Number(place.rest[0]) : undefined;

  useKeys(
    TEXT.screens.audit,
    useMemo(() => {
      const step = (by: number) => (): void => {
        const next = entries[Math.max(0, entries.findIndex(({ index }) => index === chosen) + by)];
        if (next !== undefined) goTo(toPath(tenant, 'audit', [String(next.index)], query), { replace: true });
      };
      return [
        { keys: 'j', does: text.keyNext, run: step(1) },
        { keys: 'k', does: text.keyBefore, run: step(-1) },
      ];
    }, [entries, chosen, query, tenant]),
  );

  const seek = (name: string, value: string): void =>
    goTo(toPath(tenant, 'audit', place.rest, { ...query, [name]: value === '' ? undefined : value }), {
      replace: true,
    });
  const names = useMemo(
    () => ({
      human: [...new Set(log.entries.flatMap(({ human }) => human ?? []))],
      agent: [...new Set(log.entries.flatMap(({ agent }) => agent ?? []))],
      device: [...new Set(log.entries.flatMap(devicesOf))],
    }),
    [log.entries],
  );
  return (
    <div className={`audit ${chosen === undefined ? '' : 'one'}`}>
      <div className="explorer">
        <Filters search={search} names={names} seek={seek} />
        <p className="log-state quiet">
          <span aria-live="polite">{text.count(entries.length, log.entries.length)}</span>
          {log.reading && <span>{text.reading}</span>}
          {!log.reading && !log.whole && (
            <button type="button" className="plain" onClick={log.older}>
              {text.older}
            </button>
          )}
          {Object.keys(query).length > 0 && <Link screen="audit">{text.reset}</Link>}
          <Link screen="audit" rest={['verify']} className="to-verify">
            <Icon name="check" /> {text.verify}
          </Link>
        </p>
        {log.problem !== undefined && <Failure problem={log.problem} retry={log.older} />}
        {entries.length === 0 && !log.reading && log.problem === undefined && (
          <Empty icon="log" title={text.none}>
            <p>{log.whole ? text.all : text.noneHint}</p>
          </Empty>
        )}
        {entries.length > 0 && <LogRows entries={entries} current={chosen} query={query} />}
      </div>
      {chosen !== undefined && <EntryPanel key={chosen} index={chosen} query={query} />}
    </div>
  );
}

interface FiltersProps {
  readonly search: Search;
  /** Suggestions, from what was read. */
  readonly names: { readonly [name in 'human' | 'agent' | 'device']: readonly string[] };
  readonly seek: (name: (typeof FIELDS)[number], value: string) => void;
}

function Filters({ search, names, seek }: FiltersProps) {
  const id = useId();
  return (
    <search className="filters" aria-label={text.filters}>
      {(['human', 'agent', 'device'] as const).map((name) => (
        <label key={name}>
          {text[name]}
          <input
            type="text"
            list={`${id}${name}`}
            value={search[name]}
            placeholder={text.any}
            onChange={(event) => seek(name, event.target.value)}
          />
          <datalist id={`${id}${name}`}>
            {names[name].map((one) => (
              <option key={one} value={one} />
            ))}
          </datalist>
        </label>
      ))}
      <label>
        {text.decision}
        <select value={search.decision} onChange={(event) => seek('decision', event.target.value)}>
          <option value="">{text.any}</option>
          {Object.entries(text.decisions).map(([value, title]) => (
            <option key={value} value={value}>
              {title}
            </option>
          ))}
        </select>
      </label>
      {(['from', 'to'] as const).map((name) => (
        <label key={name}>
          {text[name]}
          <input type="datetime-local" value={search[name]} onChange={(event) => seek(name, event.target.value)} />
        </label>
      ))}
    </search>
  );
}
