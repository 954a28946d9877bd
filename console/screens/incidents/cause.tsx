/** Why it is so: the causes, what shows them, and the look-alikes that were ruled out; or what was noticed, and where more is known. */
import type { IncidentReport } from '../../api/schema.ts';
import { Ago } from '../../parts/time.tsx';
import { Link } from '../../shell/link.tsx';
import { TEXT } from '../../text.ts';
import { Records } from './records.tsx';

const text = TEXT.incidents;
const SHOWN = 4;

export function Cause({ report: { finding, related } }: { readonly report: IncidentReport }) {
  const { rootCauses = [], because = [], ruledOut = [], unread = [] } = finding ?? {};
  return (
    <section>
      <h2>{text.cause}</h2>
      {finding === undefined && <p className="quiet">{text.noCause}</p>}
      {finding !== undefined && rootCauses.length === 0 && <p className="quiet">{text.onlySymptoms}</p>}
      {rootCauses.map((one) => (
        <p key={`${one.resource} ${one.faultType}`}>
          <b>{one.faultType.replaceAll('_', ' ')}</b> <code>{one.resource}</code>{' '}
          <span className="quiet">{text.sure(one.percent)}</span>
        </p>
      ))}
      <Claims claims={because} />
      {finding !== undefined && (
        <p className="quiet">
          {text.foundBy(finding.by)} <Ago at={finding.at} />
        </p>
      )}
      {rootCauses.length === 0 && (
        <p>
          <Link screen="chat">{text.ask}</Link>
        </p>
      )}
      {rootCauses.length > 0 && (
        <>
          <h3>{text.ruledOut}</h3>
          {ruledOut.length === 0 && <p className="quiet">{text.noneRuledOut}</p>}
          <Claims
            claims={ruledOut.map((one) => ({
              ...one,
              name: one.faultType.replaceAll('_', ' '),
              text: one.because,
            }))}
          />
        </>
      )}
      {unread.length > 0 && <h3>{text.unread}</h3>}
      <Claims claims={unread.map((one) => ({ text: one, evidence: [] }))} />
      {related.length > 0 && <h3>{text.related}</h3>}
      {related.map(({ id, title, state, causes }) => (
        <p key={id}>
          <Link screen="incidents" rest={[id]}>
            {causes.join(', ') || title}
          </Link>{' '}
          <span className="quiet">{text.states[state]}</span>
        </p>
      ))}
    </section>
  );
}

interface Claim {
  readonly name?: string;
  readonly text: string;
  readonly evidence: readonly string[];
}

/** The first few, and the others on demand. */
function Claims({ claims }: { readonly claims: readonly Claim[] }) {
  if (claims.length === 0) return null;
  const list = (some: readonly Claim[]) => (
    <ul className="reasons">
      {some.map(({ name, text: said, evidence }) => (
        <li key={`${name} ${said}`}>
          {name !== undefined && <b>{name}: </b>}
          {said} <Records ids={evidence} />
        </li>
      ))}
    </ul>
  );
  return (
    <>
      {list(claims.slice(0, SHOWN))}
      {claims.length > SHOWN && (
        <details>
          <summary>{text.more(claims.length - SHOWN)}</summary>
          {list(claims.slice(SHOWN))}
        </details>
      )}
    </>
  );
}
