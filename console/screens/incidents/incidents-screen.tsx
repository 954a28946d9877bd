/** Incidents: what is or was wrong, the worst first, and the one at hand with what happened in it. */
import { useMemo } from 'react';
import type { Incident } from '../../api/schema.ts';
import { useSession } from '../../api/session-context.ts';
import { useAnswer } from '../../api/use-answer.ts';
import { Empty, Failure, Loading } from '../../parts/notice.tsx';
import { type Level, Severity } from '../../parts/severity.tsx';
import { Ago } from '../../parts/time.tsx';
import { useKeys } from '../../shell/keys.ts';
import { Link } from '../../shell/link.tsx';
import { goTo, toPath } from '../../shell/route.ts';
import type { ScreenProps } from '../../shell/screens.ts';
import { TEXT } from '../../text.ts';
import { IncidentCard } from './incident-card.tsx';
import { StateMark } from './state-mark.tsx';
import './incidents.css';

const text = TEXT.incidents;
const FRESH_MS = 4_000;
/** In the order of their weight. */
const LEVELS: readonly string[] = Object.keys(TEXT.severities) satisfies readonly string[];
const isActive = ({ state }: Incident): boolean => state === 'open' || state === 'acknowledged';
const rank = (one: Incident): number => (isActive(one) ? 0 : LEVELS.length) + LEVELS.indexOf(one.severity);

export default function IncidentsScreen({ place }: ScreenProps) {
  const { tenant } = useSession();
  const [id] = place.rest;
  const { data, problem, reload } = useAnswer('/api/incidents', {}, { every: FRESH_MS });
  const severity = place.query.get('severity') ?? '';
  const state = place.query.get('state') ?? '';
  const all = data?.incidents;
  const shown = useMemo(
    () =>
      (all ?? [])
        .filter((one) => severity === '' || one.severity === severity)
        .filter((one) => state === '' || (state === 'active' ? isActive(one) : one.state === state))
        .toSorted((a, b) => rank(a) - rank(b) || b.openedAt.localeCompare(a.openedAt)),
    [all, severity, state],
  );
  const query = useMemo(() => ({ severity: severity || undefined, state: state || undefined }), [severity, state]);

  useKeys(
    TEXT.screens.incidents,
    useMemo(() => {
      const step = (by: number) => (): void => {
        const next = shown[Math.max(0, shown.findIndex((one) => one.id === id) + by)];
        if (next !== undefined) goTo(toPath(tenant, 'incidents', [next.id], query));
      };
      return [
        { keys: 'j', does: text.keyNext, run: step(1) },
        { keys: 'k', does: text.keyBefore, run: step(-1) },
      ];
    }, [shown, id, query, tenant]),
  );

  if (all === undefined)
    return problem === undefined ? <Loading /> : <Failure problem={problem} retry={() => void reload()} />;
  const chosen = all.find((one) => one.id === id);
  const seek = (more: { readonly [name: string]: string }): void =>
    goTo(
      toPath(tenant, 'incidents', place.rest, {
        ...query,
        ...Object.fromEntries(Object.entries(more).map(([name, value]) => [name, value || undefined])),
      }),
      { replace: true },
    );
  const title = id !== undefined ? TEXT.shell.notFound : all.length === 0 ? text.none : text.choose;
  return (
    <div className={`chosen-of ${id === undefined ? '' : 'one'}`}>
      <aside className="inbox" aria-label={text.list}>
        <h2>
          {text.list} <span className="quiet">{shown.length}</span>
        </h2>
        <div className="pick">
          <Pick
            label={text.severity}
            value={severity}
            options={TEXT.severities}
            choose={(value) => seek({ severity: value })}
          />
          <Pick
            label={text.state}
            value={state}
            options={{ active: text.active, ...text.states }}
            choose={(value) => seek({ state: value })}
          />
        </div>
        {shown.length === 0 && <p className="quiet">{all.length === 0 ? `${text.none}.` : text.noneFits}</p>}
        <ul>
          {shown.map((one) => (
            <Row key={one.id} incident={one} current={one.id === id} query={query} />
          ))}
        </ul>
      </aside>
      {chosen !== undefined && <IncidentCard key={chosen.id} incident={chosen} />}
      {chosen === undefined && (
        <Empty icon="pulse" title={title}>
          {id !== undefined && <p>{TEXT.shell.notFoundHint}</p>}
          {id === undefined && all.length === 0 && <p>{text.noneHint}</p>}
        </Empty>
      )}
    </div>
  );
}

interface RowProps {
  readonly incident: Incident;
  readonly current: boolean;
  readonly query: { readonly [name: string]: string | undefined };
}

function Row({ incident, current, query }: RowProps) {
  const level: Level = incident.severity;
  return (
    <li>
      <Link screen="incidents" rest={[incident.id]} query={query} aria-current={current ? 'page' : undefined}>
        <Severity level={level} />
        <b>{incident.title}</b>
        <small className="quiet">
          <StateMark state={incident.state} /> · <Ago at={incident.openedAt} />
        </small>
      </Link>
    </li>
  );
}

interface PickProps {
  readonly label: string;
  readonly value: string;
  readonly options: { readonly [value: string]: string };
  readonly choose: (value: string) => void;
}

function Pick({ label, value, options, choose }: PickProps) {
  return (
    <label>
      {label}
      <select value={value} onChange={(event) => choose(event.target.value)}>
        <option value="">{text.any}</option>
        {Object.entries(options).map(([one, title]) => (
          <option key={one} value={one}>
            {title}
          </option>
        ))}
      </select>
    </label>
  );
}
