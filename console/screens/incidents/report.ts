/** The report of an incident as a file: Markdown for a ticket, JSON for a program; text from devices is never markup. Pure. */
import { INCIDENTS } from '../../text/incidents.ts';
import { type Facts, impactOf, type Moment, timelineOf, timesOf } from './timeline.ts';
import type { Finding } from './use-finding.ts';

/** CommonMark and GitHub tables take these as markup. */
const plain = (text: string): string =>
  text
    .replace(/[\p{Cc}\p{Bidi_Control}\u2028\u2029]+/gu, ' ')
    .replace(/[\\`*_{}[\]<>()#+!|~&]/g, (found) => `\\${found}`)
    .trim();

const row = (cells: readonly string[]): string => `| ${cells.map(plain).join(' | ')} |`;

const tableOf = (header: readonly string[], rows: readonly (readonly string[])[]): readonly string[] => [
  row(header),
  `|${header.map(() => '---').join('|')}|`,
  ...rows.map(row),
  '',
];

export function printMarkdown(facts: Facts, finding: Finding | undefined): string {
  const { incident, evidence } = facts;
  const { repairedAfter, detectedAfter } = timesOf(facts);
  const impact = impactOf(facts);
  const lines: readonly (readonly [string, string])[] = [
    [INCIDENTS.severity, incident.severity],
    [INCIDENTS.state, incident.state],
    [INCIDENTS.resources, incident.resources.join(', ')],
    [INCIDENTS.opened, `${incident.openedAt} ${INCIDENTS.openedBy(incident.openedBy)}`],
    ...(detectedAfter === undefined ? [] : [[INCIDENTS.detected, `${detectedAfter} s`] as const]),
    ...(repairedAfter === undefined ? [] : [[INCIDENTS.repair, `${repairedAfter} s`] as const]),
    ...(impact === undefined
      ? []
      : [[INCIDENTS.impact, [...impact.sites, ...impact.devices, ...impact.applications].join(', ')] as const]),
    ...(finding?.rootCauses ?? []).map(
      (one) => [INCIDENTS.cause, `${one.faultType} ${one.resource} (${INCIDENTS.sure(one.confidence)})`] as const,
    ),
    ...(finding?.because ?? []).map((one) => ['', `${one.text} (${one.evidence.join(', ')})`] as const),
    ...(finding?.ruledOut ?? []).map((one) => [INCIDENTS.ruledOut, `${one.faultType}: ${one.because}`] as const),
  ];
  return [
    `# ${plain(incident.id)}: ${plain(incident.title)}`,
    '',
    ...lines.map(([name, value]) => (name === '' ? `  - ${plain(value)}` : `- **${name}**: ${plain(value)}`)),
    '',
    `## ${INCIDENTS.timeline}`,
    '',
    ...tableOf(
      ['When', 'Lane', 'Who', 'What'],
      timelineOf(facts).map(({ at, lane, who, what }: Moment) => [at, INCIDENTS.lanes[lane], who, what]),
    ),
    `## ${INCIDENTS.evidence}`,
    '',
    ...tableOf(
      ['Record', 'Resource', 'Signal', 'Value', 'Observed', 'Source'],
      evidence.map((one) => [one.id, one.resource, one.signal, String(one.value), one.observedAt, one.source]),
    ),
  ].join('\n');
}

export const printJson = (facts: Facts, finding: Finding | undefined): string =>
  JSON.stringify(
    { ...facts, timeline: timelineOf(facts), times: timesOf(facts), impact: impactOf(facts), finding },
    undefined,
    2,
  );
