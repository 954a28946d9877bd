/** The report of an incident as a page for a browser; text from devices is never markup. Pure. */
import { reasonsOf, summaryOf } from '../../../broker/incidents/print-report.ts';
import type { IncidentReport } from '../../../broker/incidents/report.ts';
import { escapeHtml } from './escape-html.ts';
import { code, lines, printDocument, table } from './html.ts';

export function printIncidentPage(report: IncidentReport): string {
  const title = `${escapeHtml(report.id)}: ${escapeHtml(report.title)}`;
  const body = `${table(
    ['', ''],
    summaryOf(report).map((row) => row.map(escapeHtml)),
  )}
${report.missing.length > 0 ? `<p class="bad">Not read: ${lines(report.missing)}</p>` : ''}
<h2>Why</h2>
${table(
  ['', 'What', 'Records'],
  reasonsOf(report).map((row) => row.map(escapeHtml)),
)}
<h2>Timeline</h2>
${table(
  ['When', 'Lane', 'Who', 'What'],
  report.timeline.map((one) => [one.at, one.lane, one.who, one.what].map(escapeHtml)),
)}
<h2>What was done</h2>
${table(
  ['Change', 'Outcome', 'Difference'],
  report.fixes.map((fix) => [
    `${escapeHtml(fix.tool)}<br>${code(fix.intent)}`,
    `<span class="${fix.outcome === 'succeeded' ? 'good' : 'bad'}">${escapeHtml(fix.outcome)}</span><br>${escapeHtml(fix.detail)}`,
    code(fix.diff),
  ]),
)}
<h2>Refused (${report.refused.length})</h2>
${table(
  ['When', 'What', 'Why'],
  report.refused.map((one) => [escapeHtml(one.at), escapeHtml(one.tool), escapeHtml(`${one.code} ${one.detail}`)]),
)}
<h2>Evidence</h2>
${table(
  ['Record', 'Resource', 'Signal', 'Value', 'Observed', 'Source'],
  report.evidence.map((one) =>
    [one.id, one.resource, one.signal, String(one.value), one.observedAt, one.source].map(escapeHtml),
  ),
)}`;
  return printDocument(title, body);
}
