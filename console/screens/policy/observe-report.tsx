/** What rules that are only watched would have decided otherwise, by rule, tool and agent: read before one of them decides. */
import { Empty, Failure, Loading } from '../../parts/notice.tsx';
import { Ago } from '../../parts/time.tsx';
import { Link } from '../../shell/link.tsx';
import { TEXT } from '../../text.ts';
import { type Decided, useDecisions } from './use-decisions.ts';

const text = TEXT.policy;

interface Group {
  readonly policy: string;
  readonly would: string;
  /** The newest that it is about. */
  readonly last: Decided;
  readonly count: number;
}

export function ObserveReport({ observe }: { readonly observe: readonly string[] }) {
  const { decisions, problem } = useDecisions();
  if (decisions === undefined) return problem === undefined ? <Loading /> : <Failure problem={problem} />;
  const groups = groupObserved(decisions);
  return (
    <section>
      <p>
        {observe.length === 0 ? text.noneWatched : text.watchedNow}{' '}
        {observe.map((id) => (
          <Link key={id} screen="policy" rest={['rules', id]} className="mono">
            {id}{' '}
          </Link>
        ))}
      </p>
      <p className="quiet">{text.observedHow(decisions.length)}</p>
      {groups.length === 0 ? (
        <Empty icon="check" title={text.noDifference}>
          <p>{text.noDifferenceHint}</p>
        </Empty>
      ) : (
        <table>
          <thead>
            <tr>
              {[text.rule, text.tool, text.agent, text.was, text.would, text.times, text.last].map((title) => (
                <th key={title} scope="col">
                  {title}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {groups.map(({ policy, would, last, count }) => (
              <tr key={`${policy} ${would} ${last.index}`}>
                <th scope="row" className="mono">
                  {policy}
                </th>
                <td className="mono">{last.tool}</td>
                <td>{last.agent ?? text.directly}</td>
                <td>{last.verdict}</td>
                <td>{would}</td>
                <td>{count}</td>
                <td>
                  <Ago at={last.at} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}

/** The most frequent first; the decisions come with the newest first. */
function groupObserved(decisions: readonly Decided[]): readonly Group[] {
  const groups = new Map<string, Group>();
  for (const last of decisions) {
    for (const { policy, would } of last.observed) {
      const key = JSON.stringify([policy, last.tool, last.agent, last.verdict, would]);
      const known = groups.get(key) ?? { policy, would, last, count: 0 };
      groups.set(key, { ...known, count: known.count + 1 });
    }
  }
  return [...groups.values()].toSorted((a, b) => b.count - a.count);
}
