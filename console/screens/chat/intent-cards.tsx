/** An intent on its way: proposed, waiting for people, and what became of it. */
import type { ChangeSummary } from '../../api/schema.ts';
import { useAnswer } from '../../api/use-answer.ts';
import { Diff } from '../../parts/diff.tsx';
import { Icon } from '../../parts/icon.tsx';
import { Countdown } from '../../parts/time.tsx';
import { Link } from '../../shell/link.tsx';
import { TEXT } from '../../text.ts';
import type { Of } from './group-turns.ts';

const text = TEXT.chat;
const approvals = TEXT.approvals;

export function ProposalCard({ proposal }: { readonly proposal: Of<'proposal'> }) {
  const { tool, target, input, why } = proposal;
  return (
    <section className="card intent" aria-label={text.proposal}>
      <h3>
        <Icon name="flask" /> {text.proposal}
      </h3>
      <p>
        <b>{tool}</b> <code>{target.join(', ')}</code> <code>{JSON.stringify(input)}</code>
      </p>
      <p>{why}</p>
    </section>
  );
}

function readSummary(json: string): ChangeSummary | undefined {
  try {
    return JSON.parse(json) as ChangeSummary;
  } catch {
    return undefined;
  }
}

/** The broker's own record says how it stands; the summary is what it was when it was asked for. */
export function PendingCard({ pending }: { readonly pending: Of<'pending'> }) {
  const change = readSummary(pending.summary);
  const { data: now } = useAnswer('/api/approvals/{id}', { id: pending.approval });
  const status = now?.status ?? 'pending';
  const votes = now?.votes.filter(({ verdict }) => verdict === 'approve').length ?? 0;
  const title = status === 'pending' ? text.waits : approvals.statuses[status];
  return (
    <section className="card intent" aria-label={title}>
      <h3>
        <Icon name="stamp" />
        {title}
        <code className="quiet">{pending.approval}</code>
        {status === 'pending' && change !== undefined && <Countdown until={change.expiresAt} />}
      </h3>
      {change !== undefined && (
        <>
          <p className="quiet">{approvals.quorum(votes, change.needed.count, change.needed.role)}</p>
          <Diff text={change.diff} />
          {change.rehearsal !== undefined && (
            <p className={`severity ${change.rehearsal.verdict === 'pass' ? 'cleared' : 'critical'}`}>
              <Icon name={change.rehearsal.verdict === 'pass' ? 'cleared' : 'critical'} />
              {change.rehearsal.verdict === 'pass' ? approvals.pass : approvals.fail}
            </p>
          )}
        </>
      )}
      <p>
        <Link screen="approvals" rest={[pending.approval]}>
          {text.decideHere}
        </Link>
      </p>
    </section>
  );
}

export function OutcomeCard({ outcome }: { readonly outcome: Of<'outcome'> }) {
  const good = outcome.outcome === 'succeeded';
  const level = good ? 'cleared' : outcome.outcome === 'rejected' ? 'info' : 'major';
  return (
    <section className={`card finding ${level}`} aria-label={text.outcome}>
      <h3 className={`severity ${level}`}>
        <Icon name={level} /> {text.outcomes[outcome.outcome]}
      </h3>
      <p>{outcome.detail}</p>
      {outcome.steps.length > 0 && (
        <ol className="steps">
          {outcome.steps.map(({ device, step, ok, detail }) => (
            <li key={`${device} ${step} ${detail}`} className={ok ? 'good' : 'bad'} title={detail}>
              <Icon name={ok ? 'check' : 'cross'} size={12} /> {step}
            </li>
          ))}
        </ol>
      )}
    </section>
  );
}
