/** The compliance report as one HTML page: nothing is loaded, nothing runs, every text is escaped. Pure. */

import { escapeHtml } from '../../../protocols/escape-html.ts';
import type { Verification } from '../../verify/verification.ts';
import type { Action, ComplianceReport } from './compliance-report.ts';
import { code, lines, printDocument, table } from './html.ts';

/** Where the entries came from, and whether they verify. */
export interface Basis {
  readonly checkpoint: string;
  readonly verification: Verification;
  /** The person gave the key to trust; else the log vouches for itself. */
  readonly trusted: boolean;
}

function actionRow(action: Action): readonly string[] {
  const { at, human, agent, tool, target, purpose, policies, policyRevision, votes, operations, outcome, breakGlass } =
    action;
  return [
    `${escapeHtml(at)}<br>${code(action.intent)}`,
    lines([human, agent === '' ? 'directly' : `through ${agent}`, action.session]),
    `${escapeHtml(tool)} (${escapeHtml(action.effect || 'unknown')})<br>${lines(target)}<br>${lines(purpose === '' ? [] : [`for ${purpose}`])}`,
    `${lines(policies)}<br>${code(policyRevision.slice(0, 23))}`,
    lines(votes.map((vote) => `${vote.verdict} by ${vote.human} at ${vote.at}: ${vote.reason}`)) ||
      (breakGlass === '' ? 'nobody' : `nobody: emergency ${code(breakGlass)}`),
    operations.map(code).join('<br>'),
    `<span class="${outcome === 'succeeded' ? 'good' : 'bad'}">${escapeHtml(outcome)}</span><br>${escapeHtml(action.detail)}`,
    escapeHtml(action.entries.join(', ')),
  ];
}

const ACTION_HEADER = ['When', 'Who', 'What', 'Policy', 'Approved', 'Operations', 'Outcome', 'Entries'] as const;

export function printPage(report: ComplianceReport, { checkpoint, verification, trusted }: Basis): string {
  const { ok, size, hashOnly = 0, problems } = verification;
  const verdict = ok
    ? `<p class="good">All ${size} entries of the log, ${hashOnly} of them known by their hash only, verify under its signed checkpoint${trusted ? ' and the key that was given' : '; its key came with it'}.</p>`
    : `<p class="bad">The log does not verify. ${lines(problems.map(({ index, what }) => `${index === undefined ? '' : `Entry ${index}: `}${what}`))}</p>`;
  const since = Date.parse(report.from) === 0 ? 'everything' : escapeHtml(report.from);
  const title = `Compliance report: ${escapeHtml(report.tenant)}, ${since} to ${escapeHtml(report.to)}`;
  return printDocument(
    title,
    `${verdict}
<pre><code>${escapeHtml(checkpoint)}</code></pre>
<h2>People</h2>
${table(
  ['Who', 'Changes', 'Reads', 'Refused', 'Votes'],
  report.people.map(({ human, changes, reads, refused, votes }) => [
    escapeHtml(human),
    ...[changes, reads, refused, votes].map(String),
  ]),
)}
<h2>Changes (${report.changes.length})</h2>
${table(ACTION_HEADER, report.changes.map(actionRow))}
<h2>Refused (${report.refusals.length})</h2>
${table(ACTION_HEADER, report.refusals.map(actionRow))}
<h2>Reads</h2>
${table(
  ['Who', 'Through', 'Tool', 'Outcome', 'Count'],
  report.reads.map(({ human, agent, tool, outcome, count }) => [
    ...[human, agent, tool, outcome].map(escapeHtml),
    String(count),
  ]),
)}
<h2>Logins, keys, policies, sessions and devices (${report.events.length})</h2>
${table(
  ['Entry', 'When', 'What', 'Who', 'Details'],
  report.events.map(({ index, at, kind, human, content }) => [
    String(index),
    ...[at, kind, human, content].map(escapeHtml),
  ]),
)}`,
  );
}
