/** The rules in force, each readable: what it does, why, for whom, with which duties; the text it is made of on demand. */
import { useMemo } from 'react';
import type { PolicyView } from '../../api/schema.ts';
import { useSession } from '../../api/session-context.ts';
import { useAnswer } from '../../api/use-answer.ts';
import { Icon } from '../../parts/icon.tsx';
import { Empty, Failure, Loading } from '../../parts/notice.tsx';
import { Words } from '../../parts/words.tsx';
import { Link } from '../../shell/link.tsx';
import { goTo, toPath } from '../../shell/route.ts';
import { TEXT } from '../../text.ts';
import { useKeeperObstacle } from './keeper.ts';
import { type Rule, readRules } from './read-rules.ts';
import { ReasonedDeed } from './reasoned-deed.tsx';

const text = TEXT.policy;

interface RulesProps {
  readonly policy: PolicyView | undefined;
  /** The rule in the address. */
  readonly one: string | undefined;
  readonly typed: string;
}

export function Rules({ policy, one, typed }: RulesProps) {
  const { tenant } = useSession();
  const bundle = policy?.bundle ?? undefined;
  const { data, problem } = useAnswer('/api/policy/bundles/{id}', { id: bundle?.id }, { when: bundle !== undefined });
  const { data: narrowing } = useAnswer('/api/policy/narrowing');
  const rules = useMemo(() => readRules(data?.files ?? []), [data]);
  const own = useMemo(() => readRules(narrowing?.files ?? []), [narrowing]);
  if (policy !== undefined && bundle === undefined)
    return (
      <Empty icon="rules" title={text.noBundle}>
        <p>
          <Words text={policy.problem ?? text.noBundleHint} />
        </p>
      </Empty>
    );
  if (data === undefined) return problem === undefined ? <Loading /> : <Failure problem={problem} />;
  const wanted = typed.trim().toLowerCase();
  const fits = (rule: Rule): boolean =>
    one === undefined
      ? [rule.id, rule.because, rule.effect, ...rule.who, ...rule.what, ...rule.obligations].some((word) =>
          word.toLowerCase().includes(wanted),
        )
      : rule.id === one;
  const shown = rules.filter(fits);
  const ownShown = own.filter(fits);
  return (
    <section className="rules">
      <div className="rules-bar">
        {one === undefined ? (
          <input
            type="text"
            value={typed}
            aria-label={text.filter}
            placeholder={text.filter}
            onChange={({ target }) =>
              goTo(toPath(tenant, 'policy', ['rules'], { q: target.value === '' ? undefined : target.value }), {
                replace: true,
              })
            }
          />
        ) : (
          <Link screen="policy" rest={['rules']}>
            {text.allRules}
          </Link>
        )}
        <p className="quiet" role="status">
          {text.shown(shown.length + ownShown.length, rules.length + own.length)}
        </p>
      </div>
      <p className="quiet">{text.how}</p>
      {shown.length + ownShown.length === 0 && <Empty icon="search" title={text.noRule} />}
      {shown.map((rule) => (
        <RuleCard
          key={rule.id}
          rule={rule}
          watched={bundle?.observe.includes(rule.id) ?? false}
          open={one !== undefined}
        />
      ))}
      {ownShown.length > 0 && <h2>{text.own}</h2>}
      {ownShown.map((rule) => (
        <RuleCard key={rule.id} rule={rule} own open={one !== undefined} />
      ))}
    </section>
  );
}

interface RuleCardProps {
  readonly rule: Rule;
  readonly watched?: boolean;
  /** Of the tenant itself, by which it forbids more. */
  readonly own?: boolean;
  readonly open: boolean;
}

function RuleCard({ rule, watched = false, own = false, open }: RuleCardProps) {
  const obstacle = useKeeperObstacle();
  const { id, effect, because, obligations, who, what } = rule;
  const mode = watched ? 'enforce' : 'observe';
  return (
    <article className="card rule" aria-label={id}>
      <header>
        <span className={`state ${effect === 'permit' ? 'good' : 'bad'}`}>
          <Icon name={effect === 'permit' ? 'check' : 'cross'} size={13} /> {text.effects[effect]}
        </span>
        <Link screen="policy" rest={['rules', id]} className="mono">
          {id}
        </Link>
        {watched && <span className="state wait">{text.watched}</span>}
      </header>
      <p>{because}</p>
      <dl className="facts">
        <dt>{text.who}</dt>
        <dd>{who.length === 0 ? text.everybody : who.join(', ')}</dd>
        <dt>{text.what}</dt>
        <dd>{what.length === 0 ? text.everything : what.join(', ')}</dd>
        {obligations.length > 0 && (
          <>
            <dt>{text.duties}</dt>
            <dd>{obligations.join(' · ')}</dd>
          </>
        )}
      </dl>
      <details open={open}>
        <summary>{text.written}</summary>
        <pre>{rule.text}</pre>
        <p className="quiet mono">{rule.file}</p>
        {!own && (
          <ReasonedDeed
            label={text.modes[mode]}
            hint={text.modeHints[mode]}
            obstacle={obstacle}
            route="/api/policy/mode"
            params={{}}
            body={(reason) => ({ policy: id, mode, reason })}
          />
        )}
      </details>
    </article>
  );
}
