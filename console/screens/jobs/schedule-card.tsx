/** One schedule: when, for whom, what it may cost, and its runs with progress and the parts that failed for good. */
import type { ScheduleRun, ShownSchedule } from '../../api/schema.ts';
import { useAnswer } from '../../api/use-answer.ts';
import { Failure, Loading } from '../../parts/notice.tsx';
import { Ago, exactTime, spanOf } from '../../parts/time.tsx';
import { TEXT } from '../../text.ts';
import { RunMark } from './run-mark.tsx';

const text = TEXT.jobs;
const FRESH_MS = 4_000;

export function ScheduleCard({ schedule }: { readonly schedule: ShownSchedule }) {
  const { id, title, pausedAt, asked } = schedule;
  const { data, problem } = useAnswer('/api/schedules/{id}/runs', { id }, { every: FRESH_MS });
  return (
    <article className="job one-of">
      <header>
        <h1>{title}</h1>
        {pausedAt !== undefined && <span className="state wait">{text.paused}</span>}
        {asked !== undefined && <span className="state wait">{text.asked}</span>}
      </header>
      <Facts schedule={schedule} />
      <section>
        <h2>{text.runs}</h2>
        {data === undefined && (problem === undefined ? <Loading /> : <Failure problem={problem} />)}
        {data !== undefined && (data.runs.length === 0 ? <p className="quiet">{text.noRuns}</p> : <Runs {...data} />)}
      </section>
    </article>
  );
}

function Facts({ schedule }: { readonly schedule: ShownSchedule }) {
  const { id, agent, when, by, spreadMinutes, missed, budget, owner, onlyIn, leaveOut } = schedule;
  const facts: readonly (readonly [string, string | undefined])[] = [
    [
      text.when,
      'cron' in when ? text.cron(when.cron, when.timeZone) : text.every(when.everyMinutes, when.jitterMinutes),
    ],
    [text.agent, agent],
    [text.owner, owner],
    [text.by, text.parts[by] + (by === 'site' && spreadMinutes > 0 ? `, ${text.spread(spreadMinutes)}` : '')],
    [text.window, onlyIn],
    [text.leaveOut, leaveOut],
    [text.budget, text.budgetLine(budget.calls, budget.minutes)],
    [text.missedOnes, text.missed[missed]],
    ['ID', id],
  ];
  return (
    <section>
      <dl className="facts">
        {facts.map(([name, value]) =>
          value === undefined ? null : (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{value}</dd>
            </div>
          ),
        )}
      </dl>
      <p className="quiet">{text.rights}</p>
    </section>
  );
}

function Runs({ runs }: { readonly runs: readonly ScheduleRun[] }) {
  return (
    <ol className="runs">
      {runs
        .toSorted((a, b) => b.startedAt.localeCompare(a.startedAt))
        .map((run) => (
          <li key={run.id} className="card">
            <p className="run-head">
              <RunMark run={run} /> <Ago at={run.startedAt} /> <span className="quiet">{exactTime(run.startedAt)}</span>
              {run.endedAt !== undefined && (
                <span className="quiet">
                  {text.lasted} {spanOf((Date.parse(run.endedAt) - Date.parse(run.startedAt)) / 1000)}
                </span>
              )}
              <span className="quiet">
                {text.calls} {run.calls}
              </span>
              <span className="mono quiet">{run.id}</span>
            </p>
            <Progress run={run} />
            {run.said !== '' && (
              <details>
                <summary>{text.said}</summary>
                <p className="said">{run.said}</p>
              </details>
            )}
            <Dead run={run} />
          </li>
        ))}
    </ol>
  );
}

function Progress({ run: { progress } }: { readonly run: ScheduleRun }) {
  if (progress === undefined || progress.of === 0) return null;
  const line = text.progressLine(progress.done, progress.of, progress.dead);
  return (
    <p>
      <progress max={progress.of} value={progress.done} aria-label={`${text.progress}: ${line}`} /> {line}
    </p>
  );
}

/** Trying again is a command: who does it stands in the log under their own login there. */
function Dead({ run }: { readonly run: ScheduleRun }) {
  const failed = run.outcome === 'partial' || run.outcome === 'failed' || run.outcome === 'lost';
  if (!failed) return null;
  if (run.retriedBy !== undefined) return <p className="quiet">{text.retried(run.retriedBy)}</p>;
  return (
    <>
      {(run.dead ?? []).length > 0 && <h3>{text.dead}</h3>}
      <ul className="reasons">
        {(run.dead ?? []).map(({ part, why }) => (
          <li key={part}>
            <b className="mono">{part}</b> {why}
          </li>
        ))}
      </ul>
      <p className="quiet">
        {text.deadHint} <code>{text.retryCommand(run.id)}</code>
      </p>
    </>
  );
}
