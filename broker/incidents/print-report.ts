/** The report of an incident as Markdown for a ticket; text from devices is never markup. Pure. */
import type { IncidentReport } from './report.ts';

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

/** Title and value of each line of the head, the same in every form of the report. */
export function summaryOf(report: IncidentReport): readonly (readonly [string, string])[] {
  const { detectedAfterSeconds, repairedAfterSeconds, finding } = report;
  return [
    ['Severity', report.severity],
    ['State', report.state],
    ['Concerned', report.resources.join(', ')],
    ...(finding?.rootCauses ?? []).map(
      (one) => ['Cause', `${one.faultType} at ${one.resource} (${one.percent} % sure)`] as const,
    ),
    ['Impact', sayImpact(report)],
    ['Opened after', detectedAfterSeconds === undefined ? 'unknown' : formatSeconds(detectedAfterSeconds)],
    [
      'Time to repair (MTTR)',
      repairedAfterSeconds === undefined ? 'not repaired yet' : formatSeconds(repairedAfterSeconds),
    ],
    ...report.related.map((one) => ['See also', `${one.id}: ${one.causes.join(', ') || one.title}`] as const),
  ];
}

/** Whom it hurt: as rehearsed for its changes, else what its records are about, so that no reader takes silence for harmless. */
export function sayImpact({ impact, evidence }: IncidentReport): string {
  const { sites, devices, users, applications } = impact;
  if (devices.length > 0)
    return `${sites.join(', ')}; ${devices.length} devices, ${users} users${applications.length > 0 ? `, ${applications.join(', ')}` : ''}`;
  const seen = new Map<string, number>();
  for (const resource of new Set(evidence.map((one) => one.resource))) {
    const kind = resource.split('/')[0] ?? resource;
    seen.set(kind, (seen.get(kind) ?? 0) + 1);
  }
  const counted = [...seen].map(([kind, count]) => `${count} × ${kind}`);
  return `not rehearsed, since no change was asked for${counted.length === 0 ? '' : `; its records are about ${counted.join(', ')}`}`;
}

/** What speaks for the cause, and against its look-alikes: title, text, records. */
export const reasonsOf = ({ finding }: IncidentReport): readonly (readonly [string, string, string])[] => [
  ...(finding?.because ?? []).map((one) => ['Shown', one.text, one.evidence.join(', ')] as const),
  ...(finding?.ruledOut ?? []).map(
    (one) => ['Ruled out', `${one.faultType}: ${one.because}`, one.evidence.join(', ')] as const,
  ),
  ...(finding?.unread ?? []).map((one) => ['Not read', one, ''] as const),
];

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
    '## Why',
    '',
    ...rowsOf(['', 'What', 'Records'], reasonsOf(report)),
    '',
    '## Timeline',
    '',
    ...rowsOf(
      ['When', 'Lane', 'Who', 'What'],
      report.timeline.map((one) => [one.at, one.lane, one.who, one.what]),
    ),
    '',
    '## What was done',
    '',
    ...(report.fixes.length === 0 ? ['Nothing was changed.', ''] : []),
    ...report.fixes.flatMap((fix) => [
      `${plain(fix.tool)} (${plain(fix.intent)}): **${plain(fix.outcome)}**. ${plain(fix.detail)}`,
      ...(fix.diff === '' ? [] : ['', ...fenced(fix.diff)]),
      '',
    ]),
    ...report.approvals
      .filter(({ status }) => status !== 'consumed')
      .flatMap((one) => [`${plain(one.tool)} was asked for (${plain(one.id)}): **${plain(one.status)}**.`, '']),
    ...(report.refused.length === 0
      ? []
      : [
          '## Refused',
          '',
          ...rowsOf(
            ['When', 'Who', 'What', 'Why'],
            report.refused.map((one) => [one.at, one.agent ?? one.human, one.tool, `${one.code} ${one.detail}`]),
          ),
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
