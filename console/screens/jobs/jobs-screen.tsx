/** Jobs: work at set times, what waits and runs, and one schedule with its runs. It is looked at here, and changed by command. */
import { useMemo } from 'react';
import type { ShownSchedule } from '../../api/schema.ts';
import { useSession } from '../../api/session-context.ts';
import { useAnswer } from '../../api/use-answer.ts';
import { Empty, Failure, Loading } from '../../parts/notice.tsx';
import { Ago } from '../../parts/time.tsx';
import { useKeys } from '../../shell/keys.ts';
import { Link } from '../../shell/link.tsx';
import { goTo, toPath } from '../../shell/route.ts';
import type { ScreenProps } from '../../shell/screens.ts';
import { TEXT } from '../../text.ts';
import { Queue } from './queue.tsx';
import { RunMark } from './run-mark.tsx';
import { ScheduleCard } from './schedule-card.tsx';
import './jobs.css';

const text = TEXT.jobs;
const FRESH_MS = 5_000;

export default function JobsScreen({ place }: ScreenProps) {
  const { tenant } = useSession();
  const [id] = place.rest;
  const { data, problem, reload } = useAnswer('/api/schedules', {}, { every: FRESH_MS });
  const schedules = useMemo(
    () => (data?.schedules ?? []).toSorted((a, b) => a.title.localeCompare(b.title) || a.id.localeCompare(b.id)),
    [data],
  );
  useKeys(
    TEXT.screens.jobs,
    useMemo(() => {
      const step = (by: number) => (): void => {
        const next = schedules[Math.max(0, schedules.findIndex((one) => one.id === id) + by)];
        if (next !== undefined) goTo(toPath(tenant, 'jobs', [next.id]));
      };
      return [
        { keys: 'j', does: text.keyNext, run: step(1) },
        { keys: 'k', does: text.keyBefore, run: step(-1) },
      ];
    }, [schedules, id, tenant]),
  );
  if (data === undefined)
    return problem === undefined ? <Loading /> : <Failure problem={problem} retry={() => void reload()} />;
  const chosen = schedules.find((one) => one.id === id);
  const title = id !== undefined ? TEXT.shell.notFound : schedules.length === 0 ? text.none : text.choose;
  return (
    <div className={`chosen-of ${id === undefined ? '' : 'one'}`}>
      <aside className="inbox" aria-label={text.list}>
        <h2>
          {text.list} <span className="quiet">{schedules.length}</span>
        </h2>
        {schedules.length === 0 && <p className="quiet">{text.none}.</p>}
        <ul>
          {schedules.map((one) => (
            <Row key={one.id} schedule={one} current={one.id === id} />
          ))}
        </ul>
        <Queue />
      </aside>
      {chosen !== undefined && <ScheduleCard key={chosen.id} schedule={chosen} />}
      {chosen === undefined && (
        <Empty icon="clock" title={title}>
          {id !== undefined && <p>{TEXT.shell.notFoundHint}</p>}
          {id === undefined && schedules.length === 0 && (
            <p>
              {text.noneHint} <code>{text.addCommand}</code>
            </p>
          )}
        </Empty>
      )}
    </div>
  );
}

function Row({ schedule, current }: { readonly schedule: ShownSchedule; readonly current: boolean }) {
  const { id, title, pausedAt, lastRun } = schedule;
  return (
    <li>
      <Link screen="jobs" rest={[id]} aria-current={current ? 'page' : undefined}>
        <b>{title}</b>
        <small className="quiet">
          {pausedAt !== undefined && <span className="state wait">{text.paused}</span>}{' '}
          {lastRun === undefined ? (
            text.never
          ) : (
            <>
              <RunMark run={lastRun} /> · <Ago at={lastRun.startedAt} />
            </>
          )}
        </small>
      </Link>
    </li>
  );
}
