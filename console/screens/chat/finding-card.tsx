/** What a diagnosis found: cause, how sure, the claims with their evidence, and what was ruled out. */
import { Icon } from '../../parts/icon.tsx';
import { TEXT } from '../../text.ts';
import { Cites } from './cited-text.tsx';
import type { Of } from './group-turns.ts';

const text = TEXT.chat;
const LOOK = {
  'root-cause': 'major',
  healthy: 'cleared',
  planned: 'info',
  'not-the-network': 'info',
  inconclusive: 'warning',
  blind: 'critical',
} as const;

export function FindingCard({ finding, thread }: { readonly finding: Of<'finding'>; readonly thread: string }) {
  const { verdict, rootCauses, because, ruledOut, unread } = finding;
  const level = LOOK[verdict];
  return (
    <section className={`card finding ${level}`} aria-label={text.verdicts[verdict]}>
      <h3 className={`severity ${level}`}>
        <Icon name={level} /> {text.verdicts[verdict]}
      </h3>
      {rootCauses.map(({ resource, faultType, confidence }) => (
        <p key={`${resource} ${faultType}`} className="cause">
          <b>{faultType.replaceAll('_', ' ')}</b> <code>{resource}</code>
          <span className="sure">
            <meter min={0} max={1} value={confidence} aria-label={text.confidence(confidence)} />
            {text.confidence(confidence)}
          </span>
        </p>
      ))}
      <ul className="claims">
        {because.map((claim) => (
          <li key={claim.text}>
            {claim.text} <Cites ids={claim.evidence} thread={thread} />
          </li>
        ))}
      </ul>
      {ruledOut.length > 0 && (
        <details className="ruled-out">
          <summary>{text.ruledOut(ruledOut.length)}</summary>
          <ul className="claims">
            {ruledOut.map((one) => (
              <li key={`${one.faultType} ${one.because}`}>
                <b>{one.faultType.replaceAll('_', ' ')}</b>: {one.because} <Cites ids={one.evidence} thread={thread} />
              </li>
            ))}
          </ul>
        </details>
      )}
      {unread.length > 0 && (
        <p className="severity warning unread">
          <Icon name="warning" /> {text.unread}: {unread.join('; ')}
        </p>
      )}
    </section>
  );
}
