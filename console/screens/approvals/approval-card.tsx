/** One approval, as its approver sees it: who asks for whom, why it may be asked, what exactly changes, what it can hurt, and the way back. */
import { useState } from 'react';
import type { Approval, Obligation, Rehearsal } from '../../api/schema.ts';
import { useAnswer } from '../../api/use-answer.ts';
import { Diff } from '../../parts/diff.tsx';
import { Icon } from '../../parts/icon.tsx';
import { Failure, Loading } from '../../parts/notice.tsx';
import { Ago, Countdown, spanOf } from '../../parts/time.tsx';
import { Link } from '../../shell/link.tsx';
import { TEXT } from '../../text.ts';
import { Records } from '../incidents/records.tsx';
import { RequesterRisk } from './requester-risk.tsx';
import { StatusMark } from './status-mark.tsx';
import { Transaction } from './transaction.tsx';
import { Votes } from './votes.tsx';

const text = TEXT.approvals;
const FRESH_MS = 1_500;
/** How the purpose of a change begins that is asked for because of an incident. */
const INCIDENT = 'inc_';

export function ApprovalCard({ id }: { readonly id: string }) {
  const { data: approval, problem, reload } = useAnswer('/api/approvals/{id}', { id }, { every: FRESH_MS });
  if (approval === undefined)
    return problem === undefined ? <Loading /> : <Failure problem={problem} retry={() => void reload()} />;
  const { intent, decision, rehearsal, taint = [] } = approval;
  return (
    <article className="approval one-of">
      <header>
        <h1>{intent.tool}</h1>
        <code>{intent.target.devices.join(', ')}</code>
        <StatusMark status={approval.status} />
        {approval.status === 'pending' && (
          <span className="until">
            <Icon name="clock" /> <Countdown until={approval.expiresAt} />
          </span>
        )}
      </header>
      <Votes approval={approval} reload={reload} />
      {(approval.status === 'approved' || approval.status === 'consumed') && <Transaction approval={approval} />}
      {taint.map(({ parameter, evidence }) => (
        <p key={parameter} className="taint" role="note">
          <Icon name="warning" />
          <span>
            <b>{text.taint}:</b> {text.taintHint(parameter)}{' '}
            {evidence.map((one) => (
              <Link key={one} screen="chat" query={{ evidence: one }} className="mono">
                {one.slice(0, 12)}
              </Link>
            ))}
          </span>
        </p>
      ))}
      <Difference diff={approval.diff} />
      <div className="columns">
        <section>
          <h2>{text.rehearsal}</h2>
          {rehearsal === undefined ? (
            <p className="quiet">{text.noRehearsal}</p>
          ) : (
            <Rehearsed rehearsal={rehearsal} change={approval.id} />
          )}
        </section>
        <section>
          <h2>{text.decision}</h2>
          <ul className="reasons">
            {decision.reasons.map((reason, index) => (
              <li key={reason}>
                {reason} <code className="quiet">{decision.policies[index]}</code>
              </li>
            ))}
          </ul>
          <h3>{text.obligations}</h3>
          <ul className="reasons">
            {decision.obligations.map((one) => (
              <li key={JSON.stringify(one)}>{describeObligation(one)}</li>
            ))}
          </ul>
          {decision.advice.length > 0 && <h3>{text.advice}</h3>}
          {decision.advice.map((one) => (
            <p key={one}>{one}</p>
          ))}
          <h3>{text.rollback}</h3>
          <WayBack approval={approval} />
          <h3>{text.risk}</h3>
          <RequesterRisk human={approval.requester.human} />
        </section>
        <section>
          <h2>{text.chain}</h2>
          <Chain approval={approval} />
          <Facts approval={approval} />
        </section>
      </div>
    </article>
  );
}

/** The one who acts last stands first in `chain`; people read it the other way round. */
function Chain({ approval }: { readonly approval: Approval }) {
  const { chain, human, roles, tenant } = approval.requester;
  const actors = chain.length === 0 ? [human] : chain.toReversed();
  return (
    <ol className="chain">
      {actors.map((actor) => (
        <li key={actor}>
          <Icon name={actor === human ? 'user' : 'chat'} /> <b>{actor}</b>
          {actor === human && <span className="quiet">{`${roles.join(', ')} · ${tenant}`}</span>}
        </li>
      ))}
    </ol>
  );
}

function Facts({ approval }: { readonly approval: Approval }) {
  const { intent } = approval;
  return (
    <dl className="facts">
      <dt>{text.input}</dt>
      <dd className="mono">{JSON.stringify(intent.input)}</dd>
      <dt>{text.purpose}</dt>
      <dd className="mono">
        {intent.purpose.startsWith(INCIDENT) ? (
          <Link screen="incidents" rest={[intent.purpose]}>
            {intent.purpose}
          </Link>
        ) : (
          intent.purpose
        )}
      </dd>
      <dt>{text.evidence}</dt>
      <dd>
        <Records ids={intent.evidence} />
      </dd>
      <dt>{text.intent}</dt>
      <dd className="mono">{intent.id}</dd>
      <dt>{text.digest}</dt>
      <dd className="mono">{intent.digest}</dd>
      <dt>{text.askedAt}</dt>
      <dd>
        <Ago at={approval.createdAt} />
      </dd>
    </dl>
  );
}

function Difference({ diff }: { readonly diff: string }) {
  const [split, setSplit] = useState(false);
  return (
    <section>
      <h2 className="with-switch">
        {text.diff}
        <span className="switch">
          <button type="button" aria-pressed={!split} onClick={() => setSplit(false)}>
            {text.unified}
          </button>
          <button type="button" aria-pressed={split} onClick={() => setSplit(true)}>
            {text.split}
          </button>
        </span>
      </h2>
      {diff.trim() === '' ? <p className="quiet">{text.noDiff}</p> : <Diff text={diff} split={split} />}
    </section>
  );
}

function Rehearsed({ rehearsal, change }: { readonly rehearsal: Rehearsal; readonly change: string }) {
  const { predicted, invariants, blastRadius, verdict } = rehearsal;
  const level = verdict === 'pass' ? 'cleared' : 'critical';
  const kept = invariants.filter(({ holds }) => holds);
  return (
    <>
      <p className={`severity ${level}`}>
        <Icon name={level} /> {verdict === 'pass' ? text.pass : text.fail}
      </p>
      <Invariants invariants={invariants.filter(({ holds }) => !holds)} />
      <h3>{text.predicted}</h3>
      {predicted.length === 0 && <p className="quiet">{text.predictedNone}</p>}
      <ul className="predicted mono">
        {predicted.map((line) => (
          <li key={line}>{line}</li>
        ))}
      </ul>
      <h3>{text.blast}</h3>
      <p>
        {text.blastLine(
          blastRadius.devices.length,
          blastRadius.sites.length,
          blastRadius.users,
          blastRadius.applications.length,
        )}
      </p>
      <p>
        <span className="quiet">{[...blastRadius.sites, ...blastRadius.applications].join(', ')}</span>{' '}
        <Link screen="network" query={{ change }}>
          {text.onMap}
        </Link>
      </p>
      <details className="kept-invariants">
        <summary>{text.holding(kept.length)}</summary>
        <Invariants invariants={kept} />
      </details>
    </>
  );
}

const Invariants = ({ invariants }: { readonly invariants: Rehearsal['invariants'] }) => (
  <ul className="invariants">
    {invariants.map(({ name, holds, detail }) => (
      <li key={name} title={detail} className={holds ? 'good' : 'bad'}>
        <Icon name={holds ? 'check' : 'cross'} size={13} /> {name}
        {!holds && <span>: {detail}</span>}
      </li>
    ))}
  </ul>
);

function WayBack({ approval }: { readonly approval: Approval }) {
  const confirmed = approval.decision.obligations.find(({ kind }) => kind === 'confirmed-commit');
  const { reversal } = approval;
  return (
    <>
      <p>{confirmed?.kind === 'confirmed-commit' ? text.rollbackCommit(confirmed.seconds) : text.rollbackKept}</p>
      {reversal !== undefined && (
        <>
          <p>{text.reversal(spanOf(reversal.afterSeconds))}</p>
          <ul className="reasons">
            {reversal.does.map((one) => (
              <li key={one}>{one}</li>
            ))}
          </ul>
        </>
      )}
    </>
  );
}

function describeObligation(one: Obligation): string {
  const say = text.obligationsText;
  switch (one.kind) {
    case 'require-approval':
      return say[one.kind](one);
    case 'confirmed-commit':
      return say[one.kind](one);
    case 'change-window':
      return say[one.kind](one);
    case 'limit':
      return say[one.kind](one);
    case 'redact':
      return say[one.kind](one);
    case 'notify':
      return say[one.kind](one);
    default:
      return say[one.kind]();
  }
}
