/** The report of an incident as one HTML file that a person reads, keeps and prints: it loads nothing, runs nothing, and text from devices is never markup. Pure. */

import { escapeHtml as text } from '../../protocols/escape-html.ts';
import type { Evidence, Outcome, Severity } from '../contract.ts';
import { PAGE_STYLE } from './page-style.ts';
import { formatSeconds, sayImpact } from './print-report.ts';
import type { IncidentReport } from './report.ts';

/** Names of the style, never words of the report. */
const SEVERITY_LOOK: { readonly [One in Severity]: string } = {
  critical: 'bad',
  major: 'bad',
  minor: 'warn',
  warning: 'warn',
  info: '',
  cleared: 'good',
};
const OUTCOME_LOOK: { readonly [One in Outcome]: string } = {
  succeeded: 'good',
  failed: 'bad',
  reverted: 'warn',
  unknown: 'bad',
};

/** Number of each record that the page lists, by its id. */
type Numbers = ReadonlyMap<string, number>;

export function printPage(report: IncidentReport): string {
  const numbers: Numbers = new Map(report.evidence.map(({ id }, at) => [id, at + 1]));
  const title = text(report.title);
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${title} · ${text(report.id)}</title><style>${PAGE_STYLE}</style></head><body>
<header><p class="dim">Incident report · ${text(report.tenant)} · <code>${text(report.id)}</code></p>
<h1>${title}</h1>
<p class="lead">${lead(report)}</p></header>
${tiles(report)}
${report.missing.length === 0 ? '' : `<p class="bad">Not read: ${report.missing.map(text).join('; ')}.</p>`}
<main>
${section('Cause', cause(report, numbers))}
${section('Impact', impact(report))}
${section('Timeline', timeline(report, numbers))}
${section('Fix', fixes(report))}
${report.refused.length === 0 ? '' : section('Refused', refused(report))}
${report.related.length === 0 ? '' : section('Others about the same', related(report))}
${section(`Evidence (${report.evidence.length} ${report.evidence.length === 1 ? 'record' : 'records'})`, evidence(report.evidence))}
</main>
<footer>All times are UTC. Every record, vote and change is an entry of the audit log: <code>wayleave audit trace int_…</code> follows
one change from the person to the outcome, <code>wayleave audit verify</code> checks the log itself.</footer>
</body></html>
`;
}

const section = (title: string, body: string): string => `<section><h2>${title}</h2>\n${body}\n</section>`;
const list = (items: readonly string[]): string => `<ul>${items.map((one) => `<li>${one}</li>`).join('')}</ul>`;
const clock = (at: string): string => `<time datetime="${text(at)}">${text(at.slice(11, 19))}</time>`;

/** Numbers that lead to the records; one that the page does not list stands with its id. */
function cites(ids: readonly string[], numbers: Numbers): string {
  const links = ids.map((id) => {
    const number = numbers.get(id);
    return number === undefined ? `<code>${text(id)}</code>` : `<a href="#r${number}">${number}</a>`;
  });
  return links.length === 0 ? '' : ` <span class="cites">[${links.join(', ')}]</span>`;
}

/** The whole incident in two sentences. */
function lead({ openedBy, openedAt, finding, fixes: made, repairedAfterSeconds, state }: IncidentReport): string {
  const causes = (finding?.rootCauses ?? []).map((one) => `${text(one.faultType)} at ${text(one.resource)}`);
  const why =
    causes.length > 0 ? `${text(finding?.by ?? '')} found ${causes.join(' and ')}` : 'nobody has said yet why it is so';
  const last = made.at(-1);
  const fixed =
    last === undefined
      ? 'No change was made'
      : `The last change, ${text(last.tool)}, <strong class="${OUTCOME_LOOK[last.outcome]}">${last.outcome}</strong>`;
  const end =
    repairedAfterSeconds === undefined
      ? `it is ${text(state)}`
      : `repaired after ${formatSeconds(repairedAfterSeconds)}`;
  return `Opened by ${text(openedBy)} on ${text(openedAt.slice(0, 10))} at ${clock(openedAt)}; ${why}. ${fixed}; ${end}.`;
}

function tiles({ severity, state, detectedAfterSeconds, repairedAfterSeconds, ...report }: IncidentReport): string {
  const { impact: hurt } = report;
  const tile = (look: string, value: string, name: string): string =>
    `<div class="tile ${look}"><b>${value}</b>${name}</div>`;
  const over = state === 'resolved' || state === 'closed';
  return `<div class="tiles">${[
    tile(SEVERITY_LOOK[severity] ?? '', text(severity), 'severity'),
    tile(over ? 'good' : 'warn', text(state), 'state'),
    tile(
      '',
      detectedAfterSeconds === undefined ? 'unknown' : formatSeconds(detectedAfterSeconds),
      'until it was opened',
    ),
    tile(
      repairedAfterSeconds === undefined ? 'warn' : 'good',
      repairedAfterSeconds === undefined ? 'not repaired' : formatSeconds(repairedAfterSeconds),
      'time to repair (MTTR)',
    ),
    ...(hurt.devices.length === 0
      ? []
      : [tile('', `${hurt.users} users`, `on ${hurt.devices.length} devices of ${hurt.sites.length} sites`)]),
  ].join('')}</div>`;
}

function cause({ finding, resources }: IncidentReport, numbers: Numbers): string {
  if (finding === undefined)
    return `<p>Nobody has said yet why it is so. Concerned: ${resources.map(text).join(', ')}.</p>`;
  const found = finding.rootCauses.map(
    (one) =>
      `<p><strong>${text(one.faultType)}</strong> at <strong>${text(one.resource)}</strong> · ${one.percent} % sure</p>`,
  );
  const claims = finding.because.map((one) => `${text(one.text)}${cites(one.evidence, numbers)}`);
  const against = finding.ruledOut.map(
    (one) => `<strong>${text(one.faultType)}</strong>: ${text(one.because)}${cites(one.evidence, numbers)}`,
  );
  return [
    ...(found.length === 0 ? ['<p>Symptoms only: nobody has looked for the cause yet.</p>'] : found),
    `<p class="dim">Said by ${text(finding.by)} on ${text(finding.at.slice(0, 10))} at ${clock(finding.at)}; numbers lead to the records below.</p>`,
    ...(claims.length === 0 ? [] : ['<h3>What shows it</h3>', list(claims)]),
    ...(against.length === 0 ? [] : ['<h3>Look-alikes ruled out</h3>', list(against)]),
    ...(finding.unread.length === 0 ? [] : ['<h3>Not read</h3>', list(finding.unread.map(text))]),
  ].join('\n');
}

function impact(report: IncidentReport): string {
  const { sites, devices, users, applications } = report.impact;
  const concerned = `<dt>Concerned</dt><dd>${report.resources.map(text).join(', ')}</dd>`;
  if (devices.length === 0) return `<dl>${concerned}</dl><p>${text(sayImpact(report))}</p>`;
  const row = (name: string, values: readonly string[]): string =>
    values.length === 0 ? '' : `<dt>${name}</dt><dd>${values.map(text).join(', ')}</dd>`;
  return `<dl>${concerned}${row('Sites', sites)}${row('Devices', devices)}${row('Users', [String(users)])}${row('Applications', applications)}</dl>
<p class="dim">As rehearsed on the model of the network for the changes that were asked for.</p>`;
}

/** Each moment with its distance from the opening; days are headings, since incidents live over midnight. */
function timeline({ timeline: moments, openedAt }: IncidentReport, numbers: Numbers): string {
  const parts: string[] = [];
  let day = '';
  for (const one of moments) {
    const today = one.at.slice(0, 10);
    if (today !== day) parts.push(`${day === '' ? '' : '</ol>'}<h3>${text(today)}</h3><ol class="story">`);
    day = today;
    const seconds = Math.round((Date.parse(one.at) - Date.parse(openedAt)) / 1000);
    const apart = Number.isFinite(seconds) ? `${seconds < 0 ? '−' : '+'}${formatSeconds(Math.abs(seconds))}` : '';
    parts.push(
      `<li class="${one.lane}"><time datetime="${text(one.at)}" title="${apart} from the opening">${text(one.at.slice(11, 19))}</time><i>${one.lane}</i><span class="what"><span class="who">${text(one.who)}</span> ${text(one.what)}${cites(one.evidence, numbers)}</span></li>`,
    );
  }
  return `${parts.join('\n')}${day === '' ? '<p>None.</p>' : '</ol>'}`;
}

function fixes({ fixes: made, approvals }: IncidentReport): string {
  const waiting = approvals
    .filter(({ status }) => status !== 'consumed')
    .map((one) => `<p>${text(one.tool)} was asked for (<code>${text(one.id)}</code>): ${text(one.status)}.</p>`);
  const done = made.map(
    (fix) => `<h3>${text(fix.tool)}: <span class="${OUTCOME_LOOK[fix.outcome]}">${text(fix.outcome)}</span></h3>
<p>${text(fix.detail)} <span class="dim"><code>${text(fix.intent)}</code></span></p>
${fix.diff === '' ? '' : `<pre>${fix.diff.trimEnd().split('\n').map(diffLine).join('\n')}</pre>`}
${fix.predicted.length === 0 ? '' : `<p>Predicted by the rehearsal:</p><div class="columns">${list(fix.predicted.map(text))}</div>`}`,
  );
  return [...done, ...waiting].join('\n') || '<p>Nothing was changed.</p>';
}

function diffLine(line: string): string {
  const look = /^(\+\+\+|---|@@)/.test(line) ? 'dim' : line.startsWith('+') ? 'add' : line.startsWith('-') ? 'del' : '';
  return look === '' ? text(line) : `<span class="${look}">${text(line)}</span>`;
}

const refused = (report: IncidentReport): string =>
  list(
    report.refused.map(
      (one) =>
        `${clock(one.at)} ${text(one.agent ?? one.human)}: ${text(one.tool)} <strong class="bad">${text(one.code)}</strong> ${text(one.detail)}`,
    ),
  );

const related = (report: IncidentReport): string =>
  list(
    report.related.map(
      (one) => `<code>${text(one.id)}</code> ${text(one.state)}: ${text(one.causes.join(', ') || one.title)}`,
    ),
  );

function evidence(records: readonly Evidence[]): string {
  if (records.length === 0) return '<p>No records.</p>';
  const rows = records.map((one, at) => {
    const cells = [one.resource, one.signal, String(one.value), one.observedAt.replace('T', ' '), one.source].map(text);
    return `<tr id="r${at + 1}"><td>${at + 1}</td>${cells.map((cell) => `<td>${cell}</td>`).join('')}<td><code>${text(one.id)}</code></td></tr>`;
  });
  return `<div class="wide"><table><thead><tr><th>No</th><th>Resource</th><th>Signal</th><th>Value</th><th>Observed</th><th>Source</th><th>Record</th></tr></thead><tbody>
${rows.join('\n')}
</tbody></table></div>`;
}
