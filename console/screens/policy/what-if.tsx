/** What if: who asks for what, where and when; the decision, its reasons, and the smallest change that would permit it. */
import { type FormEvent, useCallback, useEffect, useState } from 'react';
import { act } from '../../api/act.ts';
import { type Problem, toProblem } from '../../api/problem.ts';
import type { Deeds, WhatIfAnswer } from '../../api/schema.ts';
import { useSession } from '../../api/session-context.ts';
import { useAnswer } from '../../api/use-answer.ts';
import { Icon } from '../../parts/icon.tsx';
import { Failure } from '../../parts/notice.tsx';
import { Link } from '../../shell/link.tsx';
import { goTo, toPath } from '../../shell/route.ts';
import { TEXT } from '../../text.ts';
import { AGENTS, PURPOSES, ROLES } from './who.ts';

const text = TEXT.policy;
type Question = Deeds['/api/policy/explain']['body'];
const FIELDS = ['role', 'agent', 'tool', 'device', 'at', 'purpose', 'risk'] as const;

/** The question as the address has it; undefined as long as it says not who and what. */
function readQuestion(query: URLSearchParams): Question | undefined {
  const named = <T extends string>(known: readonly T[], field: (typeof FIELDS)[number]): T | undefined =>
    known.find((one) => one === query.get(field));
  const [role, tool] = [named(ROLES, 'role'), query.get('tool') ?? ''];
  if (role === undefined || tool === '') return undefined;
  const [agent, purpose] = [named(AGENTS, 'agent'), named(PURPOSES, 'purpose')];
  const [device, at, risk] = [query.get('device') ?? '', query.get('at') ?? '', query.get('risk') ?? ''];
  return {
    ...{ role, tool },
    ...(agent === undefined ? {} : { agent }),
    ...(purpose === undefined ? {} : { purpose }),
    ...(device === '' ? {} : { device }),
    // A field of a date has no zone: this one is UTC, as all times here.
    ...(at === '' ? {} : { at: at.length === 16 ? `${at}:00Z` : at }),
    ...(risk === '' ? {} : { risk: Number(risk) }),
  };
}

export function WhatIf({ query }: { readonly query: URLSearchParams }) {
  const session = useSession();
  const { data: matrix, problem: closed } = useAnswer('/api/policy/matrix');
  const { data: inventory, problem: unlisted } = useAnswer('/api/inventory');
  const [answer, setAnswer] = useState<WhatIfAnswer>();
  const [problem, setProblem] = useState<Problem>();
  const asked = query.toString();
  useEffect(() => {
    const question = readQuestion(new URLSearchParams(asked));
    let gone = false;
    setAnswer(undefined);
    setProblem(undefined);
    if (question === undefined) return;
    act(session, '/api/policy/explain', {}, question)
      .then((found) => !gone && setAnswer(found))
      .catch((error: unknown) => !gone && setProblem(toProblem(error)));
    return () => {
      gone = true;
    };
  }, [session, asked]);
  const ask = useCallback(
    (event: FormEvent<HTMLFormElement>): void => {
      event.preventDefault();
      const form = new FormData(event.currentTarget);
      const given = FIELDS.flatMap((field) => {
        const value = form.get(field);
        return typeof value === 'string' && value !== '' ? [[field, value] as const] : [];
      });
      const kept = Object.fromEntries(given);
      goTo(toPath(session.tenant, 'policy', ['what-if'], kept));
    },
    [session.tenant],
  );
  const pick = (field: (typeof FIELDS)[number], label: string, names: readonly string[], none?: string) => (
    <label>
      {label}
      <select name={field} defaultValue={query.get(field) ?? ''}>
        {none !== undefined && <option value="">{none}</option>}
        {names.map((name) => (
          <option key={name}>{name}</option>
        ))}
      </select>
    </label>
  );
  const shown = problem ?? closed;
  const tools = matrix?.tools.map(({ tool }) => tool) ?? [];
  // Nothing can be chosen before the lists are there: what was chosen would be lost with them.
  const ready = matrix !== undefined && (inventory !== undefined || unlisted !== undefined);
  return (
    <section className="what-if">
      <p className="quiet">{text.whatIfHow}</p>
      {/* Anew when the address changes or the lists come, so that the fields show what was asked. */}
      <form key={`${asked} ${ready}`} className="card" onSubmit={ask}>
        <fieldset disabled={!ready}>
          {pick('role', text.askWho, ROLES)}
          {pick('agent', text.askAgent, AGENTS, text.directly)}
          {pick('tool', text.askTool, tools)}
          {pick('device', text.askWhere, inventory?.devices.map(({ name }) => name) ?? [], text.askAnywhere)}
          {pick('purpose', text.askPurpose, PURPOSES, text.askIncident)}
          <label>
            {text.askWhen}
            <input type="datetime-local" name="at" defaultValue={(query.get('at') ?? '').slice(0, 16)} />
          </label>
          <label>
            {text.askRisk}
            <input type="number" name="risk" min={0} max={100} placeholder="0" defaultValue={query.get('risk') ?? ''} />
          </label>
          <button type="submit" className="primary">
            {text.ask}
          </button>
        </fieldset>
      </form>
      {shown !== undefined && <Failure problem={shown} />}
      {answer !== undefined && <Answer answer={answer} />}
    </section>
  );
}

function Answer({ answer }: { readonly answer: WhatIfAnswer }) {
  const permit = answer.effect === 'permit';
  const unnamed = answer.reasons.slice(answer.policies.length);
  return (
    <article className="card verdict" aria-label={text.decision}>
      <h2 className={permit ? 'permit' : 'deny'} role="status">
        <Icon name={permit ? 'check' : 'cross'} /> {permit ? text.wouldPermit : text.wouldDeny}
      </h2>
      <h3>{text.reasons}</h3>
      <ul>
        {answer.policies.map((id, n) => (
          <li key={id}>
            <Link screen="policy" rest={['rules', id]} className="mono">
              {id}
            </Link>{' '}
            {answer.reasons[n]}
          </li>
        ))}
        {unnamed.map((reason) => (
          <li key={reason}>{reason}</li>
        ))}
      </ul>
      {answer.obligations.length > 0 && (
        <>
          <h3>{text.duties}</h3>
          <p>{answer.obligations.join(' · ')}</p>
        </>
      )}
      {!permit && (
        <>
          <h3>{text.smallest}</h3>
          {answer.permitted.length === 0 ? (
            <p>{text.nothingPermits}</p>
          ) : (
            <ul>
              {answer.permitted.map((steps) => (
                <li key={steps.join()}>{text.wouldIf(steps)}</li>
              ))}
            </ul>
          )}
        </>
      )}
      <details>
        <summary>{text.lookedAt}</summary>
        <dl className="facts">
          {answer.attributes.map(({ name, value }) => (
            <div key={name}>
              <dt className="mono">{name}</dt>
              <dd className="mono">{value}</dd>
            </div>
          ))}
        </dl>
      </details>
    </article>
  );
}
