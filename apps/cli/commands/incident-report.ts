/** `wayleave incidents show|report`: one incident with everything that the broker knows of it. */
import { writeFileSync } from 'node:fs';
import { z } from 'zod';
import type { Evidence, Receipt } from '../../../broker/contract.ts';
import { WayleaveError } from '../../../broker/errors.ts';
import type { StoredAuditEntry } from '../../../broker/ports.ts';
import type { ControlClient } from '../../client/control-client.ts';
import { asForm } from '../as-option.ts';
import type { Cli } from '../io.ts';
import { readEntries } from '../read-log.ts';
import { buildReport } from '../report/compliance-report.ts';
import { buildIncidentReport, type IncidentReport } from '../report/incident-report.ts';
import { formatSeconds, printIncidentPage, printMarkdown } from '../report/incident-text.ts';
import { oneLine, table } from '../terminal.ts';

export const incidentReportForm = asForm.extend({
  format: z.enum(['markdown', 'html', 'json']).default('markdown'),
  out: z.string().optional(),
});

/** Records that a report shows; an incident that cites more is told apart by its first ones. */
const MAX_EVIDENCE = 200;
const BEGINNING = '1970-01-01T00:00:00.000Z';

export async function showIncident(
  cli: Cli,
  options: z.infer<typeof asForm>,
  [id = '']: readonly string[],
): Promise<number> {
  const report = await collect(cli, id, options.as);
  if (cli.json) {
    cli.emit(report);
    return 0;
  }
  const { data, talk, style } = cli.terminal;
  data(`${style.bold(oneLine(report.title))} · ${report.severity} · ${report.state}`);
  data(`concerns ${oneLine(report.resources.join(', '))}; ${report.evidence.length} records`);
  if (report.repairedAfterSeconds !== undefined) data(`repaired after ${formatSeconds(report.repairedAfterSeconds)}`);
  const rows = report.timeline.map((one) => [one.at, oneLine(one.who), oneLine(one.what)]);
  for (const line of table(['WHEN', 'WHO', 'WHAT'], rows)) data(line);
  for (const one of report.missing) talk(style.dim(`not read: ${oneLine(one)}`));
  return 0;
}

export async function reportIncident(
  cli: Cli,
  { as, format, out }: z.infer<typeof incidentReportForm>,
  [id = '']: readonly string[],
): Promise<number> {
  const report = await collect(cli, id, as);
  if (cli.json || format === 'json') {
    cli.emit(report);
    return 0;
  }
  const text = format === 'html' ? printIncidentPage(report) : printMarkdown(report);
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

/** What this person may not read, or what is gone, is said instead of left out. */
async function collect(cli: Cli, id: string, as: string | undefined): Promise<IncidentReport> {
  const { control } = await cli.person(as);
  const incident = (await control.incidents()).find((one) => one.id === id);
  if (incident === undefined) throw new WayleaveError('NOT_FOUND', `There is no incident ${oneLine(id)}.`);
  const missing: string[] = [];
  const attempt = async <T>(what: string, read: () => Promise<T>): Promise<T | undefined> => {
    try {
      return await read();
    } catch (error) {
      if (!(error instanceof WayleaveError)) throw error;
      missing.push(`${what} (${error.code})`);
      return undefined;
    }
  };
  const evidence: Evidence[] = [];
  for (const record of incident.evidence.slice(0, MAX_EVIDENCE)) {
    const found = await attempt(record, () => control.evidence(record));
    if (found !== undefined) evidence.push(found);
  }
  const entries = (await attempt('the audit log', () => readAll(control))) ?? [];
  const period = { tenant: incident.tenant, from: BEGINNING, to: new Date(cli.now() + 1).toISOString() };
  const { changes, refusals } = buildReport(entries, period);
  const actions = [...changes, ...refusals]
    .filter(({ purpose }) => purpose === id)
    .sort((a, b) => (a.at < b.at ? -1 : 1));
  const receipts: Receipt[] = [];
  for (const { intent } of changes.filter(({ purpose, effect }) => purpose === id && effect !== 'probe')) {
    const found = await attempt(intent, () => control.receipt(intent));
    if (found !== undefined) receipts.push(found);
  }
  return buildIncidentReport({ incident, evidence, actions, receipts, missing });
}

async function readAll(control: ControlClient): Promise<readonly StoredAuditEntry[]> {
  const all: StoredAuditEntry[] = [];
  for await (const entry of readEntries(control, 0)) all.push(entry);
  return all;
}
