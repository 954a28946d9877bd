/** The report of an incident for people: Markdown for a ticket, HTML for a browser; text from devices is never markup. Pure. */
import { escapeHtml } from './escape-html.ts';
import { code, lines, printDocument, table } from './html.ts';
import type { IncidentReport } from './incident-report.ts';

/** `1 h 2 min 3 s`, without what is zero. */
export function formatSeconds(seconds: number): string {
  const parts = [
    [Math.floor(seconds / 3600), 'h'],
    [Math.floor(seconds / 60) % 60, 'min'],
    [seconds % 60, 's'],
  ] as const;
  const shown = parts.filter(([count]) => count > 0).map(([count, unit]) => `${count} ${unit}`);
  return shown.length === 0 ? '0 s' : shown.join(' ');
}

/** Title and rows of each part, the same in both forms. */
function summaryOf(report: IncidentReport): readonly (readonly [string, string])[] {
  const { impact, detectedAfterSeconds, repairedAfterSeconds } = report;
  return [
    ['Severity', report.severity],
    ['State', report.state],
    ['Concerned', report.resources.join(', ')],
    [
      'Impact',
      impact.devices.length === 0
        ? 'not rehearsed: no change was made'
        : `${impact.sites.join(', ')}; ${impact.devices.length} devices, ${impact.users} users${impact.applications.length > 0 ? `, ${impact.applications.join(', ')}` : ''}`,
    ],
    ['Opened after', detectedAfterSeconds === undefined ? 'unknown' : formatSeconds(detectedAfterSeconds)],
    ['Time to repair', repairedAfterSeconds === undefined ? 'not repaired yet' : formatSeconds(repairedAfterSeconds)],
  ];
}

/** CommonMark and GitHub tables take these as markup; a device's text stays text. */
const plain = (text: string): string =>
  text
    .replace(/[\p{Cc}\p{Bidi_Control}\u2028\u2029]+/gu, ' ')
    .replace(/[\\`*_{}[\]<>()#+!|~&]/g, (found) => `\\${found}`)
    .trim();

const rowsOf = (header: readonly string[], rows: readonly (readonly string[])[]): readonly string[] =>
  rows.length === 0
    ? ['None.']
    : [
        `| ${header.join(' | ')} |`,
        `|${header.map(() => '---').join('|')}|`,
        ...rows.map((row) => `| ${row.map(plain).join(' | ')} |`),
      ];

/** A code block that what is in it cannot end (CommonMark 0.31 §4.5: a longer fence). */
function fenced(text: string): readonly string[] {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = '`'.repeat(longest + 1);
  return [`${fence}diff`, text.trimEnd(), fence];
}

export function printMarkdown(report: IncidentReport): string {
  return [
    `# ${plain(report.id)}: ${plain(report.title)}`,
    '',
    ...summaryOf(report).map(([name, value]) => `- **${name}**: ${plain(value)}`),
    ...report.missing.map((one) => `- **Not read**: ${plain(one)}`),
    '',
    '## Timeline',
    '',
    ...rowsOf(
      ['When', 'Who', 'What'],
      report.timeline.map((one) => [one.at, one.who, one.what]),
    ),
    '',
    '## What was done',
    '',
    ...(report.fixes.length === 0 ? ['Nothing was changed.'] : []),
    ...report.fixes.flatMap((fix) => [
      `${plain(fix.tool)} (${plain(fix.intent)}): **${plain(fix.outcome)}**. ${plain(fix.detail)}`,
      ...(fix.diff === '' ? [] : ['', ...fenced(fix.diff)]),
      '',
    ]),
    '## Evidence',
    '',
    ...rowsOf(
      ['Record', 'Resource', 'Signal', 'Value', 'Observed', 'Source'],
      report.evidence.map((one) => [one.id, one.resource, one.signal, String(one.value), one.observedAt, one.source]),
    ),
    '',
  ].join('\n');
}

export function printIncidentPage(report: IncidentReport): string {
  const title = `${escapeHtml(report.id)}: ${escapeHtml(report.title)}`;
  const body = `${table(
    ['', ''],
    summaryOf(report).map(([name, value]) => [escapeHtml(name), escapeHtml(value)]),
  )}
${report.missing.length > 0 ? `<p class="bad">Not read: ${lines(report.missing)}</p>` : ''}
<h2>Timeline</h2>
${table(
  ['When', 'Who', 'What'],
  report.timeline.map((one) => [one.at, one.who, one.what].map(escapeHtml)),
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
  report.refused.map((one) => [escapeHtml(one.at), escapeHtml(one.tool), escapeHtml(`${one.outcome} ${one.detail}`)]),
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
