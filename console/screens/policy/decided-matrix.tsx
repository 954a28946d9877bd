/** Who used which tool and how it was decided, by role, from the audit log: what the rules came to in practice. */
import { Icon } from '../../parts/icon.tsx';
import { Empty, Failure, Loading } from '../../parts/notice.tsx';
import { Link } from '../../shell/link.tsx';
import { TEXT } from '../../text.ts';
import { type Decided, useDecisions } from './use-decisions.ts';

const text = TEXT.policy;

export function DecidedMatrix() {
  const { decisions, problem } = useDecisions();
  if (decisions === undefined) return problem === undefined ? <Loading /> : <Failure problem={problem} />;
  const columns = [...new Set(decisions.map(nameRoles))].toSorted();
  const tools = [...new Set(decisions.map(({ tool }) => tool))].toSorted();
  return (
    <section>
      <p className="quiet">{text.matrixHow(decisions.length)}</p>
      {decisions.length === 0 ? (
        <Empty icon="rules" title={text.noDecisions} />
      ) : (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keys
        <section className="scroll" aria-label={text.decided} tabIndex={0}>
          <table className="matrix">
            <thead>
              <tr>
                <th scope="col">{text.tool}</th>
                {columns.map((column) => (
                  <th key={column} scope="col">
                    {column}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {tools.map((tool) => (
                <tr key={tool}>
                  <th scope="row" className="mono">
                    {tool}
                  </th>
                  {columns.map((column) => (
                    <td key={column}>
                      <Cell decided={decisions.filter((one) => one.tool === tool && nameRoles(one) === column)} />
                    </td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </section>
      )}
    </section>
  );
}

const nameRoles = ({ roles }: Decided): string => (roles.length === 0 ? text.noRoles : roles.toSorted().join(' + '));

/** Each way in which it was decided, with how often, by which rules, and through which agents. */
function Cell({ decided }: { readonly decided: readonly Decided[] }) {
  const ways = new Map<string, readonly Decided[]>();
  for (const one of decided) {
    const way = [one.verdict, ...one.obligations.map(text.duty)].join(', ');
    ways.set(way, [...(ways.get(way) ?? []), one]);
  }
  return (
    <ul>
      {[...ways].map(([way, members]) => {
        const permit = members[0]?.verdict === 'permit';
        const agents = [...new Set(members.map(({ agent }) => agent ?? text.directly))];
        const policies = [...new Set(members.flatMap((one) => one.policies))];
        return (
          <li key={way} className={permit ? 'permit' : 'deny'}>
            <Icon name={permit ? 'check' : 'cross'} size={13} /> {way} <b>× {members.length}</b>
            <small className="quiet">{agents.join(', ')}</small>
            <small>
              {policies.length === 0
                ? text.byDefault
                : policies.map((id) => (
                    <Link key={id} screen="policy" rest={['rules', id]} className="mono">
                      {id}
                    </Link>
                  ))}
            </small>
          </li>
        );
      })}
    </ul>
  );
}
