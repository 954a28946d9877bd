/** One incident: its cause with evidence, the look-alikes that were ruled out, impact, times, and what happened in lanes. */
import type { Incident, IncidentReport } from '../../api/schema.ts';
import { useAnswer } from '../../api/use-answer.ts';
import { Failure, Loading } from '../../parts/notice.tsx';
import { Severity } from '../../parts/severity.tsx';
import { Ago, exactTime, spanOf, useSecond } from '../../parts/time.tsx';
import { Link } from '../../shell/link.tsx';
import { TEXT } from '../../text.ts';
import { Cause } from './cause.tsx';
import { ReportExport } from './report-export.tsx';
import { StateMark } from './state-mark.tsx';
import { Timeline } from './timeline.tsx';

const text = TEXT.incidents;
const FRESH_MS = 8_000;

export function IncidentCard({ incident }: { readonly incident: Incident }) {
  const { data: report, problem, reload } = useAnswer('/api/incidents/{id}', { id: incident.id }, { every: FRESH_MS });
  const { title, severity, state, openedBy, openedAt } = incident;
  return (
    <article className="incident one-of">
      <header>
        <Severity level={severity} />
        <h1>{title}</h1>
        <StateMark state={state} />
        <span className="quiet">
          {text.openedBy(openedBy)} <Ago at={openedAt} />
        </span>
        {report !== undefined && <ReportExport report={report} />}
      </header>
      {report === undefined && problem !== undefined && <Failure problem={problem} retry={() => void reload()} />}
      {report === undefined && problem === undefined && <Loading />}
      {report !== undefined && (
        <>
          <div className="columns">
            <Cause report={report} />
            <section>
              <h2>{text.times}</h2>
              <Times report={report} />
            </section>
            <section>
              <h2>{text.impact}</h2>
              <ImpactText report={report} />
            </section>
          </div>
          <section>
            <h2>{text.timeline}</h2>
            <Timeline moments={report.timeline} />
            <Missing missing={report.missing} />
          </section>
        </>
      )}
    </article>
  );
}

function Times({ report }: { readonly report: IncidentReport }) {
  const { detectedAfterSeconds: detected, repairedAfterSeconds: repaired, state, acknowledgedBy } = report;
  const open = useSecond() - Date.parse(report.openedAt) / 1000;
  const over = state === 'resolved' || state === 'closed';
  return (
    <dl className="facts">
      <dt>{text.opened}</dt>
      <dd>{exactTime(report.openedAt)}</dd>
      {detected !== undefined && <dt>{text.detected}</dt>}
      {detected !== undefined && <dd>{spanOf(detected)}</dd>}
      <dt>{over ? text.repair : text.openFor}</dt>
      <dd>
        <b>{over ? spanOf(repaired ?? 0) : spanOf(open)}</b>
      </dd>
      {acknowledgedBy !== undefined && <dt>{text.acknowledgedBy}</dt>}
      {acknowledgedBy !== undefined && <dd>{acknowledgedBy}</dd>}
      <dt>{text.resources}</dt>
      <dd className="mono">{report.resources.join(', ')}</dd>
      <dt>ID</dt>
      <dd className="mono">{report.id}</dd>
    </dl>
  );
}

function ImpactText({ report: { impact, approvals } }: { readonly report: IncidentReport }) {
  const { devices, sites, users, applications } = impact;
  if (devices.length === 0) return <p className="quiet">{text.noImpact}</p>;
  return (
    <>
      <p>{text.impactLine(devices.length, sites.length, users, applications.length)}</p>
      <p className="quiet">{[...sites, ...applications].join(', ')}</p>
      <p className="quiet">{text.rehearsed}</p>
      {approvals.map(({ id, tool, status }) => (
        <p key={id}>
          <Link screen="approvals" rest={[id]}>
            {tool}
          </Link>{' '}
          <span className="quiet">{TEXT.approvals.statuses[status]}</span>
        </p>
      ))}
    </>
  );
}

/** What stands nowhere here is said, a few by name. */
function Missing({ missing }: Pick<IncidentReport, 'missing'>) {
  if (missing.length === 0) return null;
  return (
    <details className="quiet">
      <summary>{text.missing(missing.length)}</summary>
      <ul>
        {missing.map((one) => (
          <li key={one}>{one}</li>
        ))}
      </ul>
    </details>
  );
}
