/** Bundles: what is in force, what waits for a second person with its exact difference, and what was in force before. */
import type { BundleView } from '../../api/schema.ts';
import { useSession } from '../../api/session-context.ts';
import { useAnswer } from '../../api/use-answer.ts';
import { Diff } from '../../parts/diff.tsx';
import { Icon } from '../../parts/icon.tsx';
import { Empty, Failure, Loading } from '../../parts/notice.tsx';
import { Ago } from '../../parts/time.tsx';
import { Link } from '../../shell/link.tsx';
import { TEXT } from '../../text.ts';
import { useKeeperObstacle } from './keeper.ts';
import { Narrowing } from './narrowing.tsx';
import { ReasonedDeed } from './reasoned-deed.tsx';

const text = TEXT.policy;
const BUNDLES_MS = 5_000;
const LOOK = { active: 'good', proposed: 'wait', replaced: 'dull' } as const;
/** Different people who bring a bundle into force (docs/policies.md). */
const ACTIVATORS = 2;

export function Bundles({ id }: { readonly id: string | undefined }) {
  const { data, problem } = useAnswer('/api/policy/bundles', {}, { every: BUNDLES_MS });
  const obstacle = useKeeperObstacle();
  if (data === undefined) return problem === undefined ? <Loading /> : <Failure problem={problem} />;
  const before = data.bundles.some(({ status, activations }) => status !== 'active' && activations.length > 0);
  return (
    <div className={`bundles ${id === undefined ? '' : 'one'}`}>
      <nav className="inbox" aria-label={text.bundles}>
        <ul>
          {data.bundles.map((one) => (
            <li key={one.id}>
              <Link screen="policy" rest={['bundles', one.id]} aria-current={one.id === id ? 'page' : undefined}>
                <b>{one.what}</b>
                <small className="quiet">
                  <span className={`state ${LOOK[one.status]}`}>{text.statuses[one.status]}</span>{' '}
                  <Ago at={one.proposedAt} />
                </small>
              </Link>
            </li>
          ))}
        </ul>
      </nav>
      {id === undefined ? (
        <div className="bundle">
          <Narrowing />
          <section>
            <h2>{text.rollback}</h2>
            <ReasonedDeed
              label={text.rollback}
              hint={text.rollbackHint}
              obstacle={obstacle ?? (before ? undefined : text.nothingBefore)}
              route="/api/policy/rollback"
              params={{}}
              body={(reason) => ({ reason })}
            />
          </section>
        </div>
      ) : (
        <Bundle key={id} id={id} />
      )}
    </div>
  );
}

function Bundle({ id }: { readonly id: string }) {
  const session = useSession();
  const keeper = useKeeperObstacle();
  const { data: found, problem } = useAnswer('/api/policy/bundles/{id}', { id }, { every: BUNDLES_MS });
  if (found === undefined) return problem === undefined ? <Loading /> : <Failure problem={problem} />;
  const voted = found.votes.some(({ human }) => human === session.human);
  return (
    <div className="bundle">
      <header>
        <h2>{found.what}</h2>
        <span className={`state ${LOOK[found.status]}`}>{text.statuses[found.status]}</span>
      </header>
      {found.broken !== undefined && <p className="severity critical">{found.broken}</p>}
      <dl className="facts">
        <dt>{text.digest}</dt>
        <dd className="mono">{found.digest}</dd>
        {found.key !== undefined && (
          <>
            <dt>{text.key}</dt>
            <dd className="mono">{found.key}</dd>
          </>
        )}
        <dt>{text.watchedRules}</dt>
        <dd>{found.observe === undefined || found.observe.length === 0 ? text.none : found.observe.join(', ')}</dd>
        <dt>{text.leastTitle}</dt>
        <dd>{found.leastApprovals}</dd>
      </dl>
      <Votes votes={found.votes} />
      {found.status !== 'active' && (
        <ReasonedDeed
          label={text.activate}
          hint={text.activateHint(Math.max(0, ACTIVATORS - found.votes.length))}
          obstacle={keeper ?? (voted ? text.voted : undefined)}
          route="/api/policy/bundles/{id}/activate"
          params={{ id }}
          body={(reason) => ({ reason })}
        />
      )}
      <h3>{text.diff}</h3>
      {found.diff === '' ? (
        <Empty icon="check" title={found.status === 'active' ? text.isInForce : text.noDiff} />
      ) : (
        <Diff text={found.diff} />
      )}
    </div>
  );
}

export function Votes({ votes }: { readonly votes: BundleView['votes'] }) {
  if (votes.length === 0) return null;
  return (
    <ul className="policy-votes" aria-label={text.votes}>
      {votes.map(({ human, reason, at }) => (
        <li key={human}>
          <Icon name="check" /> <b>{human}</b> “{reason}”{' '}
          <span className="quiet">
            <Ago at={at} />
          </span>
        </li>
      ))}
    </ul>
  );
}
