/** Circuits and tunnels of a site: how each stands at the moment that is looked at, since when, and what was measured of it. */
import { useEffect, useState } from 'react';
import { Icon } from '../../parts/icon.tsx';
import { Failure } from '../../parts/notice.tsx';
import { Ago } from '../../parts/time.tsx';
import { TEXT } from '../../text.ts';
import { type Courses, endsOf, type Live, type State, stateAt } from './courses.ts';
import type { Site } from './read-network.ts';
import { Sparkline } from './sparkline.tsx';
import { useTrends } from './use-trends.ts';

const text = TEXT.network;
/** Tunnels that are listed, those that are down first; and of so many the curves are drawn. */
const LISTED = 12;
const DRAWN = 4;
const ORDER: Readonly<Record<State, number>> = { down: 0, unknown: 1, up: 2 };

interface LinesProps {
  readonly site: Site;
  readonly live: Live;
  readonly courses: Courses;
  readonly at: number;
  /** The moment is now. */
  readonly isNow: boolean;
  readonly measure: (devices: readonly string[]) => Promise<void>;
}

export function Lines({ site, live, courses, at, isNow, measure }: LinesProps) {
  const [measured, setMeasured] = useState(0);
  const [busy, setBusy] = useState(false);
  const devices = site.devices.filter(({ role }) => role !== 'controller').map(({ name }) => name);
  const named = devices.join(' ');
  const tunnels = (live.tunnels.get(site.name) ?? []).toSorted(
    (a, b) => ORDER[a.state] - ORDER[b.state] || (a.name < b.name ? -1 : 1),
  );
  const ports = site.circuits.map((one) => ({ ...one, name: `interface/${one.device}/${one.interface}` }));
  const drawn = [...ports.map(({ name }) => name), ...tunnels.slice(0, DRAWN).map(({ name }) => name)];
  const { trends = [], problem } = useTrends(drawn, measured);
  const again = async (): Promise<void> => {
    setBusy(true);
    await measure(named.split(' '));
    setBusy(false);
    setMeasured((n) => n + 1);
  };
  // biome-ignore lint/correctness/useExhaustiveDependencies: once a site, when its panel is opened
  useEffect(() => {
    if (named !== '') void again();
  }, [named]);
  if (devices.length === 0) return null;
  const curves = (name: string) =>
    trends
      .filter(({ resource }) => resource === name)
      .map(({ label, unit, points }) => <Sparkline key={label} label={label} unit={unit} points={points} />);
  return (
    <section className="lines" aria-label={text.linesOf}>
      <h3>
        {text.linesOf}
        <button
          type="button"
          disabled={busy || !isNow}
          title={isNow ? undefined : text.notThen}
          onClick={() => void again()}
        >
          {busy ? text.measuring : text.measure}
        </button>
      </h3>
      {problem !== undefined && <Failure problem={problem} />}
      <ul>
        {ports.map((one) => (
          <li key={one.name}>
            <StateMark state={live.ports.get(one.name) ?? 'unknown'} /> <b>{one.color}</b> {text.circuit}{' '}
            <span className="mono quiet">{one.interface}</span> <Since courses={courses} name={one.name} at={at} />
            {curves(one.name)}
          </li>
        ))}
        {tunnels.slice(0, LISTED).map(({ name, state }) => (
          <li key={name}>
            <StateMark state={state} /> <b>{endsOf(name)?.colors[0]}</b> {text.tunnel}{' '}
            <span className="mono quiet">{otherEnd(name, devices)}</span>{' '}
            <Since courses={courses} name={name} at={at} />
            {curves(name)}
          </li>
        ))}
      </ul>
      {tunnels.length > LISTED && <p className="quiet">{text.moreTunnels(tunnels.length - LISTED)}</p>}
      {tunnels.length === 0 && <p className="quiet">{text.noTunnels}</p>}
    </section>
  );
}

const otherEnd = (name: string, own: readonly string[]): string =>
  endsOf(name)
    ?.devices.filter((device) => !own.includes(device))
    .join(', ') ?? name;

const LOOK = { up: ['cleared', 'check'], down: ['critical', 'cross'], unknown: ['quiet', 'minus'] } as const;

export function StateMark({ state }: { readonly state: State }) {
  const [tone, icon] = LOOK[state];
  return (
    <span className={`line-state ${tone}`}>
      <Icon name={icon} size={13} /> {text.states[state]}
    </span>
  );
}

function Since({ courses, name, at }: { readonly courses: Courses; readonly name: string; readonly at: number }) {
  const { since } = stateAt(courses, name, at);
  if (since === undefined || !Number.isFinite(since.at)) return null;
  return (
    <small className="quiet">
      <Ago at={new Date(since.at).toISOString()} /> · {since.how === 'read' ? text.wasRead : text.wasTold(since.how)}
    </small>
  );
}
