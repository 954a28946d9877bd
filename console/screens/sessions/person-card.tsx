/** One person: their risk with what it is made of, their sessions, and what can be done about both. */
import type { RiskView, Session } from '../../api/schema.ts';
import { useSession } from '../../api/session-context.ts';
import { useAnswer } from '../../api/use-answer.ts';
import { Ago } from '../../parts/time.tsx';
import { Link } from '../../shell/link.tsx';
import { TEXT } from '../../text.ts';
import { Deed, type DeedProps } from './deed.tsx';
import { BandMark, Gauge } from './gauge.tsx';
import { isLive, type Person } from './sessions-screen.tsx';

const text = TEXT.sessions;
/** Who may clear a suspension and end sessions of others (broker/desk.ts); only the first two change people. */
const WARDENS = ['tenant-admin', 'provider-admin', 'security-analyst'];
const KEEPERS = WARDENS.slice(0, 2);

export function PersonCard({ person }: { readonly person: Person }) {
  const { human, sessions, risks, known } = person;
  const { human: self, id: own } = useSession();
  const { data: me } = useAnswer('/api/identity/me');
  const lacks = (roles: readonly string[]): string | undefined =>
    me === undefined || me.roles.some((role) => roles.includes(role)) ? undefined : text.needs(roles.join(', '));
  const forOthers = (roles: readonly string[]): string | undefined =>
    human === self ? text.notYourself : lacks(roles);
  const live = sessions.filter(isLive);
  const ended = sessions.filter((one) => !isLive(one));
  return (
    <article className="person one-of">
      <header>
        <h1>{human}</h1>
        <span className="quiet">{known?.roles.join(', ')}</span>
        {known?.disabled === true && <span className="state bad">{text.disabled}</span>}
        <span className="deeds">
          {risks.some(({ band }) => band === 'suspended') && (
            <Deed what="clear" human={human} obstacle={forOthers(WARDENS)} />
          )}
          {known !== undefined && (
            <Deed what={known.disabled ? 'restore' : 'suspend'} human={human} obstacle={forOthers(KEEPERS)} />
          )}
        </span>
      </header>
      <section>
        <h2>{text.risk}</h2>
        {risks.length === 0 && <p className="quiet">{text.noRisk}</p>}
        {risks.map((risk) => (
          <Risk key={risk.agent ?? ''} risk={risk} />
        ))}
        {risks.length > 0 && <p className="quiet">{text.decays}</p>}
      </section>
      <section>
        <h2>{text.open}</h2>
        {live.length === 0 && <p className="quiet">{text.none}</p>}
        <Sessions sessions={live} own={own} obstacle={human === self ? undefined : lacks(WARDENS)} />
        {ended.length > 0 && (
          <details>
            <summary className="quiet">{text.ended(ended.length)}</summary>
            <Sessions sessions={ended} own={own} />
          </details>
        )}
      </section>
    </article>
  );
}

function Risk({ risk }: { readonly risk: RiskView }) {
  const { score, band, agent, contributions } = risk;
  return (
    <div className="risk">
      <p className="risk-head">
        <b className="score">{Math.round(score)}</b>
        <Gauge score={score} />
        <BandMark band={band} />
        <span className="quiet">{agent === undefined ? text.direct : text.via(agent)}</span>
      </p>
      <p className="quiet">{text.bandMeans[band]}</p>
      <ul className="reasons">
        {contributions.map(({ kind, points, at, why, entry }) => (
          <li key={`${at} ${kind} ${why}`}>
            <b>{text.points(Math.round(points))}</b> {why}{' '}
            <small className="quiet">
              {text.kinds[kind]} · <Ago at={new Date(at).toISOString()} />
              {entry !== undefined && (
                <>
                  {' · '}
                  <Link screen="audit" rest={[String(entry)]}>
                    {text.entry(entry)}
                  </Link>
                </>
              )}
            </small>
          </li>
        ))}
      </ul>
    </div>
  );
}

interface SessionsProps {
  readonly sessions: readonly Session[];
  /** One's own session, which is marked. */
  readonly own: string;
  readonly obstacle?: DeedProps['obstacle'];
}

function Sessions({ sessions, own, obstacle }: SessionsProps) {
  return (
    <ul className="session-list">
      {sessions.map((one) => (
        <li key={one.id}>
          <code>{one.id}</code> {one.id === own && <span className="state good">{text.this}</span>}
          <dl className="facts">
            <dt>{text.began}</dt>
            <dd>
              <Ago at={one.createdAt} />
            </dd>
            <dt>{text.proven}</dt>
            <dd>{one.amr?.map(describeMethod).join(', ') ?? text.provenElsewhere}</dd>
            <dt>{text.steppedUp}</dt>
            <dd>{one.steppedUpAt === undefined ? text.never : <Ago at={one.steppedUpAt} />}</dd>
            {one.endedAt !== undefined && <dt>{text.endedAt}</dt>}
            {one.endedAt !== undefined && (
              <dd>
                <Ago at={one.endedAt} />
              </dd>
            )}
          </dl>
          {isLive(one) && <Deed what="end" human={one.human} session={one.id} obstacle={obstacle} />}
        </li>
      ))}
    </ul>
  );
}

const describeMethod = (method: string): string =>
  Object.entries(text.methods).find(([name]) => name === method)?.[1] ?? method;
