/** By which rules the tenant forbids more than the provider does, and the ones that wait for a second person. */
import { useSession } from '../../api/session-context.ts';
import { useAnswer } from '../../api/use-answer.ts';
import { Diff } from '../../parts/diff.tsx';
import { Failure, Loading } from '../../parts/notice.tsx';
import { Words } from '../../parts/words.tsx';
import { TEXT } from '../../text.ts';
import { Votes } from './bundles.tsx';
import { ReasonedDeed } from './reasoned-deed.tsx';

const text = TEXT.policy;
const NARROWING_MS = 5_000;
const ROLE = 'tenant-admin';

export function Narrowing() {
  const { human } = useSession();
  const { data: me } = useAnswer('/api/identity/me');
  const { data, problem } = useAnswer('/api/policy/narrowing', {}, { every: NARROWING_MS });
  const { proposal } = data ?? {};
  const voted = proposal?.votes.some((one) => one.human === human) ?? false;
  const missing = me === undefined || me.roles.includes(ROLE) ? undefined : text.needsKeeper(ROLE);
  return (
    <section>
      <h2>{text.own}</h2>
      {data === undefined && (problem === undefined ? <Loading /> : <Failure problem={problem} />)}
      {data?.problem !== undefined && <p className="severity critical">{data.problem}</p>}
      {data !== undefined && proposal === undefined && (
        <p className="quiet">
          <Words text={data.files.length === 0 ? text.ownNone : text.ownSome(data.files.length)} />
        </p>
      )}
      {proposal !== undefined && (
        <>
          <Votes votes={proposal.votes} />
          <Diff text={proposal.diff} />
          <ReasonedDeed
            label={text.activate}
            hint={text.activateHint(1)}
            obstacle={missing ?? (voted ? text.voted : undefined)}
            route="/api/policy/narrowing/activate"
            params={{}}
            body={(reason) => ({ digest: proposal.digest, reason })}
          />
        </>
      )}
    </section>
  );
}
