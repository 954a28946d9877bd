/** What of the tenant waits and runs, which workers live, and, for roles of the provider, the jobs of all tenants by state. */
import { useAnswer } from '../../api/use-answer.ts';
import { Failure, Loading } from '../../parts/notice.tsx';
import { Ago } from '../../parts/time.tsx';
import { TEXT } from '../../text.ts';

const text = TEXT.jobs;
const FRESH_MS = 5_000;

export function Queue() {
  const { data, problem } = useAnswer('/api/schedules/queue', {}, { every: FRESH_MS });
  return (
    <section aria-label={text.queue} className="queue">
      <h2>{text.queue}</h2>
      {data === undefined && (problem === undefined ? <Loading /> : <Failure problem={problem} />)}
      {data !== undefined && (
        <>
          <p>{text.queueLine(data.own.asked, data.own.underWay, data.own.partsLeft)}</p>
          {data.workers.length === 0 ? (
            <p>
              {text.noWorker} <code>{text.workerCommand}</code>
            </p>
          ) : (
            <p>{text.workers(data.workers.length)}</p>
          )}
          <ul>
            {data.workers.map(({ worker, queue, concurrency, heardAt, silent }) => (
              <li key={worker}>
                <span className="mono">{worker}</span> {text.backends[queue]}, {text.concurrency(concurrency)},{' '}
                <Ago at={heardAt} /> {silent && <span className="state bad">{text.silent}</span>}
              </li>
            ))}
          </ul>
          {data.jobs !== undefined && (
            <>
              <h2>{text.allTenants}</h2>
              <dl className="facts">
                {Object.entries(data.jobs).map(([state, count]) => (
                  <div key={state}>
                    <dt>{state}</dt>
                    <dd>{count}</dd>
                  </div>
                ))}
              </dl>
            </>
          )}
        </>
      )}
    </section>
  );
}
