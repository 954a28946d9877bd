/** `wayleave incidents show|report`: one incident with everything that the broker knows of it. */
import { writeFileSync } from 'node:fs';
import { z } from 'zod';
import { WayleaveError } from '../../../broker/errors.ts';
import type { IncidentReport } from '../../../broker/incidents/report.ts';
import { asForm } from '../as-option.ts';
import type { Cli, Person } from '../io.ts';
import { fold, layOut, oneLine } from '../terminal.ts';

export const incidentFormat = z.enum(['markdown', 'html', 'json']);
type IncidentFormat = z.infer<typeof incidentFormat>;

export const incidentReportForm = asForm.extend({
  format: incidentFormat.default('markdown'),
  out: z.string().optional(),
});

/** Of the broker, and not of what every command loads at its start. */
const loadPrinting = () => import('../../../broker/incidents/print-report.ts');

export async function showIncident(
  cli: Cli,
  options: z.infer<typeof asForm>,
  [id = '']: readonly string[],
): Promise<number> {
  return printIncident(cli, await cli.person(options.as), id);
}

/** All that is known of one, for a person at a terminal. */
export async function printIncident(cli: Cli, { control }: Person, id: string): Promise<number> {
  const report = await control.incident(id);
  if (cli.json) {
    cli.emit(report);
    return 0;
  }
  const { formatSeconds, reasonsOf } = await loadPrinting();
  const { talk, style, columns } = cli.terminal;
  const data = (text: string): void => {
    for (const line of fold(text, columns)) cli.terminal.data(line);
  };
  data(`${style.bold(oneLine(report.title))} · ${report.severity} · ${report.state}`);
  data(`concerns ${oneLine(report.resources.join(', '))}; ${report.evidence.length} records`);
  for (const cause of report.finding?.rootCauses ?? [])
    data(`cause: ${oneLine(`${cause.faultType} at ${cause.resource}`)}, ${cause.percent} % sure`);
  for (const [what, said, records] of reasonsOf(report)) data(style.dim(oneLine(`${what}: ${said} [${records}]`)));
  for (const other of report.related) data(`see also ${other.id}: ${oneLine(other.causes.join(', ') || other.title)}`);
  if (report.repairedAfterSeconds !== undefined) data(`repaired after ${formatSeconds(report.repairedAfterSeconds)}`);
  const rows = report.timeline.map((one) => [one.at, one.lane, oneLine(one.who), oneLine(one.what)]);
  for (const line of layOut(['WHEN', 'LANE', 'WHO', 'WHAT'], rows, columns)) cli.terminal.data(line);
  for (const one of report.missing) talk(style.dim(`not read: ${oneLine(one)}`));
  return 0;
}

export async function reportIncident(
  cli: Cli,
  { as, format, out }: z.infer<typeof incidentReportForm>,
  [id = '']: readonly string[],
): Promise<number> {
  const { control } = await cli.person(as);
  const report = await control.incident(id);
  if (out === undefined && (cli.json || format === 'json')) {
    cli.emit(report);
    return 0;
  }
  const text = cli.json ? printJson(report) : await PRINTERS[format](report);
  if (out === undefined) {
    for (const line of text.trimEnd().split('\n')) cli.terminal.data(line);
    return 0;
  }
  try {
    writeFileSync(out, text, { mode: 0o600 });
  } catch {
    throw new WayleaveError('USAGE', `${out} cannot be written.`);
  }
  cli.terminal.talk(`Written to ${oneLine(out)}.`);
  return 0;
}

const printJson = (report: IncidentReport): string => `${JSON.stringify(report, undefined, 2)}\n`;

/** The broker writes the same page and the same Markdown for the console. */
const PRINTERS: { readonly [Format in IncidentFormat]: (report: IncidentReport) => string | Promise<string> } = {
  markdown: async (report) => (await loadPrinting()).printMarkdown(report),
  html: async (report) => (await import('../../../broker/incidents/print-page.ts')).printPage(report),
  json: printJson,
};
