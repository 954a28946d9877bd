/** One incident: its cause with evidence, the look-alikes that were ruled out, impact, times, and what happened in lanes. */
import type { Incident } from '../../api/schema.ts';
import { Icon, type IconName } from '../../parts/icon.tsx';
import { Loading } from '../../parts/notice.tsx';
import { Severity } from '../../parts/severity.tsx';
import { Ago, clockTime, exactTime, spanOf, useSecond } from '../../parts/time.tsx';
import { Link } from '../../shell/link.tsx';
import { TEXT } from '../../text.ts';
import { printJson, printMarkdown } from './report.ts';
import { StateMark } from './state-mark.tsx';
import { type Facts, impactOf, type Lane, type Moment, timelineOf, timesOf } from './timeline.ts';
import { SHOWN_RECORDS, useFacts } from './use-facts.ts';
import { type Found, useFinding } from './use-finding.ts';

const text = TEXT.incidents;
const LANES: readonly (readonly [Lane, IconName])[] = [
  ['telemetry', 'pulse'],
  ['agent', 'chat'],
  ['policy', 'rules'],
  ['human', 'user'],
  ['device', 'building'],
];
const CITED = 4;

export function IncidentCard({ incident }: { readonly incident: Incident }) {
  const facts = useFacts(incident);
  const found = useFinding(incident);
  const { title, severity, state, openedBy, openedAt } = incident;
  return (
    <article className="incident">
      <header>
        <Severity level={severity} />
        <h1>{title}</h1>
        <StateMark state={state} />
        <span className="quiet">
          {text.openedBy(openedBy)} <Ago at={openedAt} />
        </span>
        {facts !== undefined && <Export facts={facts} found={found} />}
      </header>
      <div className="columns">
        <Cause found={found} />
        <section>
          <h2>{text.times}</h2>
          <Times incident={incident} facts={facts} />
        </section>
        <section>
          <h2>{text.impact}</h2>
          {facts !== undefined && <ImpactText facts={facts} />}
        </section>
      </div>
      <section>
        <h2>{text.timeline}</h2>
        {facts === undefined ? <Loading /> : <Timeline moments={timelineOf(facts)} thread={found?.thread} />}
        {facts !== undefined && <Unread incident={incident} facts={facts} />}
      </section>
    </article>
  );
}

function Cause({ found }: { readonly found: Found | undefined }) {
  if (found === undefined)
    return (
      <section>
        <h2>{text.cause}</h2>
        <p className="quiet">{text.noCause}</p>
        <p>
          <Link screen="chat">{text.ask}</Link>
        </p>
      </section>
    );
  const { finding, thread } = found;
  return (
    <section>
      <h2>{text.cause}</h2>
      {finding.rootCauses.map((one) => (
        <p key={`${one.resource} ${one.faultType}`}>
          <b>{one.faultType.replaceAll('_', ' ')}</b> <code>{one.resource}</code>{' '}
          <span className="quiet">{text.sure(one.confidence)}</span>
        </p>
      ))}
      <Claims claims={finding.because} thread={thread} />
      <p>
        <Link screen="chat" rest={[thread]}>
          {text.conversation}
        </Link>
      </p>
      <h3>{text.ruledOut}</h3>
      {finding.ruledOut.length === 0 && <p className="quiet">{text.noneRuledOut}</p>}
      <Claims
        claims={finding.ruledOut.map((one) => ({
          ...one,
          name: one.faultType.replaceAll('_', ' '),
          text: one.because,
        }))}
        thread={thread}
      />
    </section>
  );
}

interface Claim {
  readonly name?: string;
  readonly text: string;
  readonly evidence: readonly string[];
}

/** The first few, and the others on demand. */
function Claims({ claims, thread }: { readonly claims: readonly Claim[]; readonly thread: string }) {
  const list = (some: readonly Claim[]) => (
    <ul className="reasons">
      {some.map(({ name, text: said, evidence }) => (
        <li key={`${name} ${said}`}>
          {name !== undefined && <b>{name}: </b>}
          {said} <Records ids={evidence} thread={thread} />
        </li>
      ))}
    </ul>
  );
  return (
    <>
      {list(claims.slice(0, CITED))}
      {claims.length > CITED && (
        <details>
          <summary>{text.more(claims.length - CITED)}</summary>
          {list(claims.slice(CITED))}
        </details>
      )}
    </>
  );
}

/** Links to the first records; the panel beside the chat shows them. */
function Records({ ids, thread }: { readonly ids: readonly string[]; readonly thread: string | undefined }) {
  return (
    <span className="records">
      {ids.slice(0, CITED).map((id) => (
        <Link
          key={id}
          screen="chat"
          rest={thread === undefined ? [] : [thread]}
          query={{ evidence: id }}
          className="mono"
          title={id}
        >
          {id.slice(4, 10)}
        </Link>
      ))}
      {ids.length > CITED && <span className="quiet">+{ids.length - CITED}</span>}
    </span>
  );
}

function Times({ incident, facts }: { readonly incident: Incident; readonly facts: Facts | undefined }) {
  const { detectedAfter, repairedAfter } = facts === undefined ? {} : timesOf(facts);
  const open = useSecond() - Date.parse(incident.openedAt) / 1000;
  const over = incident.state === 'resolved' || incident.state === 'closed';
  return (
    <dl className="facts">
      <dt>{text.opened}</dt>
      <dd>{exactTime(incident.openedAt)}</dd>
      {detectedAfter !== undefined && <dt>{text.detected}</dt>}
      {detectedAfter !== undefined && <dd>{spanOf(detectedAfter)}</dd>}
      <dt>{over ? text.repair : text.openFor}</dt>
      <dd>
        <b>{over ? (repairedAfter === undefined ? '…' : spanOf(repairedAfter)) : spanOf(open)}</b>
      </dd>
      {incident.acknowledgedBy !== undefined && <dt>{text.acknowledgedBy}</dt>}
      {incident.acknowledgedBy !== undefined && <dd>{incident.acknowledgedBy}</dd>}
      <dt>{text.resources}</dt>
      <dd className="mono">{incident.resources.join(', ')}</dd>
      <dt>ID</dt>
      <dd className="mono">{incident.id}</dd>
    </dl>
  );
}

function ImpactText({ facts }: { readonly facts: Facts }) {
  const impact = impactOf(facts);
  if (impact === undefined) return <p className="quiet">{text.noImpact}</p>;
  const { devices, sites, users, applications } = impact;
  return (
    <>
      <p>{text.impactLine(devices.length, sites.length, users, applications.length)}</p>
      <p className="quiet">{[...sites, ...applications].join(', ')}</p>
      <p className="quiet">{text.rehearsed}</p>
      {facts.approvals.map(({ id, intent }) => (
        <p key={id}>
          <Link screen="approvals" rest={[id]}>
            {intent.tool}
          </Link>
        </p>
      ))}
    </>
  );
}

function Timeline({ moments, thread }: { readonly moments: readonly Moment[]; readonly thread: string | undefined }) {
  return (
    <>
      <p className="lane-names" aria-hidden="true">
        {LANES.map(([lane, icon]) => (
          <span key={lane} className={lane}>
            <Icon name={icon} size={13} /> {text.lanes[lane]}
          </span>
        ))}
      </p>
      <ol className="lanes">
        {moments.map(({ at, lane, who, what, evidence }, position) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: moments are in the order of time, and alike ones may follow each other
          <li key={`${at} ${lane} ${position}`}>
            <time dateTime={at} title={exactTime(at)}>
              {clockTime(at)}
            </time>
            <span className="tracks" aria-hidden="true">
              {LANES.map(([one, icon]) => (
                <span key={one} className={one === lane ? `on ${lane}` : ''}>
                  {one === lane && <Icon name={icon} size={12} />}
                </span>
              ))}
            </span>
            <span className="what">
              <span className="unseen">{text.lanes[lane]}: </span>
              <b>{who}</b> {what} <Records ids={evidence} thread={thread} />
            </span>
          </li>
        ))}
      </ol>
    </>
  );
}

function Unread({ incident, facts }: { readonly incident: Incident; readonly facts: Facts }) {
  const wanted = Math.min(SHOWN_RECORDS, incident.evidence.length);
  const missing = wanted - facts.evidence.length;
  return (
    <p className="quiet">
      {wanted < incident.evidence.length && text.onlyFirst(wanted)} {missing > 0 && text.missing(missing)}
    </p>
  );
}

function Export({ facts, found }: { readonly facts: Facts; readonly found: Found | undefined }) {
  const save = (name: string, type: string, body: string): void => {
    const url = URL.createObjectURL(new Blob([body], { type }));
    const link = document.createElement('a');
    link.href = url;
    link.download = `${facts.incident.id}.${name}`;
    link.click();
    URL.revokeObjectURL(url);
  };
  return (
    <span className="export">
      <span className="quiet">{text.export}</span>
      <button type="button" onClick={() => save('md', 'text/markdown', printMarkdown(facts, found?.finding))}>
        {text.markdown}
      </button>
      <button type="button" onClick={() => save('json', 'application/json', printJson(facts, found?.finding))}>
        {text.json}
      </button>
    </span>
  );
}
