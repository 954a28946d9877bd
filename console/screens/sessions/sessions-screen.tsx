/** Sessions: who is logged in, how risky they are taken to be and why, and the end of what should not go on. */
import { useMemo } from 'react';
import type { PersonReport, RiskView, Session } from '../../api/schema.ts';
import { useSession } from '../../api/session-context.ts';
import { useAnswer } from '../../api/use-answer.ts';
import { Empty, Failure, Loading } from '../../parts/notice.tsx';
import { useKeys } from '../../shell/keys.ts';
import { Link } from '../../shell/link.tsx';
import { goTo, toPath } from '../../shell/route.ts';
import type { ScreenProps } from '../../shell/screens.ts';
import { TEXT } from '../../text.ts';
import { BandMark, Gauge } from './gauge.tsx';
import { PersonCard } from './person-card.tsx';
import './sessions.css';

const text = TEXT.sessions;
const FRESH_MS = 3_000;

export interface Person {
  readonly human: string;
  readonly sessions: readonly Session[];
  /** Directly and through each agent, the highest first. */
  readonly risks: readonly RiskView[];
  /** What the directory says; absent for people of an external issuer. */
  readonly known?: PersonReport;
}

export const isLive = ({ endedAt }: Session): boolean => endedAt === undefined;

export default function SessionsScreen({ place }: ScreenProps) {
  const { tenant, human: self } = useSession();
  const [name] = place.rest;
  const { data, problem, reload } = useAnswer('/api/sessions', {}, { every: FRESH_MS });
  const { data: risk } = useAnswer('/api/risk', {}, { every: FRESH_MS });
  const { data: directory } = useAnswer('/api/identity/people');
  const people = useMemo(
    () => gather(data?.sessions ?? [], risk?.people ?? [], directory?.people ?? []),
    [data, risk, directory],
  );
  const chosen = people.find(({ human }) => human === name);

  useKeys(
    TEXT.screens.sessions,
    useMemo(() => {
      const step = (by: number) => (): void => {
        const next = people[Math.max(0, people.findIndex(({ human }) => human === name) + by)];
        if (next !== undefined) goTo(toPath(tenant, 'sessions', [next.human]));
      };
      return [
        { keys: 'j', does: text.keyNext, run: step(1) },
        { keys: 'k', does: text.keyBefore, run: step(-1) },
      ];
    }, [people, name, tenant]),
  );

  if (data === undefined)
    return problem === undefined ? <Loading /> : <Failure problem={problem} retry={() => void reload()} />;
  const alone = people.every(({ human }) => human === self);
  return (
    <div className={`chosen-of ${name === undefined ? '' : 'one'}`}>
      <aside className="inbox" aria-label={text.people}>
        <h2>
          {text.people} <span className="quiet">{people.length}</span>
        </h2>
        {alone && <p className="quiet">{text.only}</p>}
        <ul>
          {people.map((one) => (
            <Row key={one.human} person={one} current={one.human === name} />
          ))}
        </ul>
      </aside>
      {chosen !== undefined && <PersonCard key={chosen.human} person={chosen} />}
      {chosen === undefined && (
        <Empty icon="people" title={name === undefined ? text.choose : TEXT.shell.notFound}>
          <p>{name === undefined ? text.chooseHint : TEXT.shell.notFoundHint}</p>
        </Empty>
      )}
    </div>
  );
}

function Row({ person, current }: { readonly person: Person; readonly current: boolean }) {
  const [worst] = person.risks;
  return (
    <li>
      <Link screen="sessions" rest={[person.human]} aria-current={current ? 'page' : undefined}>
        <b>{person.human}</b>
        <Gauge score={worst?.score ?? 0} />
        <small className="quiet">
          {text.live(person.sessions.filter(isLive).length)}
          {worst !== undefined && worst.band !== 'normal' && <BandMark band={worst.band} />}
          {person.known?.disabled === true && <span className="state bad">{text.disabled}</span>}
        </small>
      </Link>
    </li>
  );
}

/** Who is at risk stands first, then who is logged in, then the others. */
function gather(
  sessions: readonly Session[],
  risks: readonly RiskView[],
  directory: readonly PersonReport[],
): readonly Person[] {
  const names = new Set([...risks, ...sessions].map(({ human }) => human).concat(directory.map(({ name }) => name)));
  const live = (person: Person): number => person.sessions.filter(isLive).length;
  return [...names]
    .map((human): Person => {
      const known = directory.find((one) => one.name === human);
      return {
        human,
        sessions: sessions
          .filter((one) => one.human === human)
          .toSorted((a, b) => b.createdAt.localeCompare(a.createdAt)),
        risks: risks.filter((one) => one.human === human).toSorted((a, b) => b.score - a.score),
        ...(known === undefined ? {} : { known }),
      };
    })
    .toSorted(
      (a, b) =>
        (b.risks[0]?.score ?? 0) - (a.risks[0]?.score ?? 0) || live(b) - live(a) || a.human.localeCompare(b.human),
    );
}
