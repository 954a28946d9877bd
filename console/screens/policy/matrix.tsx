/** Who may use which tool, by the rules in force: every role, every tool, directly or through an agent; each field leads to its reasons. */

import type { PolicyMatrix } from '../../api/schema.ts';
import { useSession } from '../../api/session-context.ts';
import { useAnswer } from '../../api/use-answer.ts';
import { Icon } from '../../parts/icon.tsx';
import { Failure, Loading } from '../../parts/notice.tsx';
import { Link } from '../../shell/link.tsx';
import { goTo, toPath } from '../../shell/route.ts';
import { TEXT } from '../../text.ts';
import { AGENTS } from './who.ts';

const text = TEXT.policy;

interface MatrixProps {
  /** In the address: through which agent, and which tools are meant. */
  readonly agent: string;
  readonly typed: string;
}

export function Matrix({ agent, typed }: MatrixProps) {
  const { tenant } = useSession();
  const { data, problem } = useAnswer('/api/policy/matrix', { agent: agent === '' ? undefined : agent });
  const look = (more: { readonly agent?: string; readonly q?: string }): void => {
    const query = Object.entries({ agent, q: typed, ...more }).filter(([, value]) => value !== '');
    goTo(toPath(tenant, 'policy', ['matrix'], Object.fromEntries(query)), { replace: true });
  };
  const wanted = typed.trim().toLowerCase();
  const tools = (data?.tools ?? []).filter(({ tool, effect }) => `${tool} ${effect}`.includes(wanted));
  return (
    <section className="who-may">
      <div className="rules-bar">
        <label>
          {text.through}{' '}
          <select value={agent} onChange={({ target }) => look({ agent: target.value })}>
            <option value="">{text.directly}</option>
            {AGENTS.map((name) => (
              <option key={name} value={name}>
                {name}
              </option>
            ))}
          </select>
        </label>
        <input
          type="text"
          value={typed}
          aria-label={text.filterTools}
          placeholder={text.filterTools}
          onChange={({ target }) => look({ q: target.value })}
        />
      </div>
      <p className="quiet">{text.mayHow}</p>
      {data === undefined && (problem === undefined ? <Loading /> : <Failure problem={problem} />)}
      {data !== undefined && <Table tools={tools} agent={agent} />}
    </section>
  );
}

function Table({ tools, agent }: { readonly tools: PolicyMatrix['tools']; readonly agent: string }) {
  const roles = tools[0]?.roles.map(({ role }) => role) ?? [];
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keys
    <section className="scroll" aria-label={text.matrix} tabIndex={0}>
      <table className="matrix full">
        <thead>
          <tr>
            <th scope="col">{text.tool}</th>
            {roles.map((role) => (
              <th key={role} scope="col">
                {role}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {tools.map(({ tool, effect, roles: cells }) => (
            <tr key={tool}>
              <th scope="row">
                <span className="mono">{tool}</span> <small className="quiet">{text.toolEffects[effect]}</small>
              </th>
              {cells.map((cell) => (
                <td key={cell.role} className={cell.effect}>
                  <Link
                    screen="policy"
                    rest={['what-if']}
                    query={{ role: cell.role, tool, agent: agent === '' ? undefined : agent }}
                    title={cell.policies.join(', ') || text.byDefault}
                  >
                    <Icon name={cell.effect === 'permit' ? 'check' : 'cross'} size={13} /> {text.verdicts[cell.effect]}
                  </Link>
                  {cell.obligations.length > 0 && <small className="quiet">{cell.obligations.join(', ')}</small>}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
