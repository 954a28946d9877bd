/** `wayleave audit report`: who did what, under which policy, approved by whom, with what outcome; verified while it is read. */
import { writeFileSync } from 'node:fs';
import { z } from 'zod';
import { ERRORS, WayleaveError } from '../../../broker/errors.ts';
import type { StoredAuditEntry } from '../../../broker/ports.ts';
import { readLines } from '../../verify/read-lines.ts';
import { verifyExport } from '../../verify/verify-export.ts';
import { asForm } from '../as-option.ts';
import type { Cli } from '../io.ts';
import { buildReport, type ComplianceReport } from '../report/compliance-report.ts';
import { type Basis, printPage } from '../report/report-page.ts';
import { oneLine, table } from '../terminal.ts';

const moment = z
  .string()
  .regex(/^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?Z)?$/, 'give YYYY-MM-DD or YYYY-MM-DDThh:mm:ssZ')
  .refine((text) => !Number.isNaN(Date.parse(text)), 'there is no such day')
  .transform((text) => new Date(text).toISOString());

export const reportForm = asForm.extend({
  tenant: z.string().optional(),
  from: moment.optional(),
  to: moment.optional(),
  html: z.string().optional(),
  export: z.string().optional(),
  key: z.array(z.string()).optional(),
});

const BEGINNING = '1970-01-01T00:00:00.000Z';

export async function reportCompliance(cli: Cli, options: z.infer<typeof reportForm>): Promise<number> {
  const { lines, tenant } = await source(cli, options);
  const entries: StoredAuditEntry[] = [];
  let checkpoint = '';
  async function* seen(): AsyncGenerator<string> {
    for await (const line of lines) {
      const record = readRecord(line);
      if (checkpoint === '' && typeof record.note === 'string') checkpoint = record.note;
      if (typeof record.entry === 'string') entries.push(...readEntry(record.entry, tenant));
      yield line;
    }
  }
  const trust = options.key === undefined ? {} : { publicKeys: options.key };
  const verification = await verifyExport(seen(), trust);
  const period = { tenant, from: options.from ?? BEGINNING, to: options.to ?? new Date(cli.now()).toISOString() };
  const report = buildReport(entries, period);
  const basis: Basis = { checkpoint, verification, trusted: options.key !== undefined };
  if (options.html !== undefined) keep(options.html, printPage(report, basis));
  if (cli.json) cli.emit({ ...report, log: { checkpoint, ...verification } });
  else show(cli, report, basis);
  if (options.html !== undefined) cli.terminal.talk(`Written to ${oneLine(options.html)}.`);
  return verification.ok ? 0 : ERRORS.AUDIT_BROKEN.exit;
}

/** The export of the running log, or one that was kept; the tenant is that of the login, or must be named. */
async function source(
  cli: Cli,
  options: z.infer<typeof reportForm>,
): Promise<{ readonly lines: AsyncIterable<string>; readonly tenant: string }> {
  if (options.export !== undefined) {
    if (options.tenant === undefined) throw new WayleaveError('USAGE', 'Of which tenant? Say it with --tenant.');
    return { lines: readLines(options.export), tenant: options.tenant };
  }
  const { control, user } = await cli.person(options.as);
  const tenant = user.split('@')[1] ?? '';
  if (options.tenant !== undefined && options.tenant !== tenant)
    throw new WayleaveError('NOT_FOUND', `You see no tenant ${options.tenant}.`);
  return { lines: control.auditLines(), tenant };
}

function readRecord(line: string): { readonly note?: unknown; readonly entry?: unknown } {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null ? value : {};
  } catch {
    return {}; // the verification says so
  }
}

/** An entry that is not of the log's form has another hash: the verification names it, and the report leaves it out. */
const stored = z.looseObject({
  index: z.number(),
  at: z.string(),
  tenant: z.string(),
  kind: z.string(),
  human: z.string().optional(),
  content: z.record(z.string(), z.json()),
});

function readEntry(line: string, tenant: string): readonly StoredAuditEntry[] {
  try {
    const entry = stored.safeParse(JSON.parse(line));
    return entry.success && entry.data.tenant === tenant ? [entry.data as StoredAuditEntry] : [];
  } catch {
    return [];
  }
}

function keep(file: string, text: string): void {
  try {
    writeFileSync(file, text, { mode: 0o600 });
  } catch {
    throw new WayleaveError('USAGE', `${file} cannot be written.`);
  }
}

function show(cli: Cli, report: ComplianceReport, { verification }: Basis): void {
  const { data, talk, style } = cli.terminal;
  const probes = report.changes.filter(({ effect }) => effect === 'probe').length;
  data(
    `${style.bold(`${oneLine(report.tenant)}, ${report.from} to ${report.to}`)}: ${report.changes.length - probes} changes, ${probes} probes, ${report.refusals.length} refused, ${report.reads.reduce((sum, one) => sum + one.count, 0)} reads`,
  );
  const rows = [...report.changes, ...report.refusals].map((one) => [
    one.at,
    oneLine(one.agent === '' ? one.human : `${one.human} through ${one.agent}`),
    oneLine(`${one.tool} ${one.target.join(',')}`),
    oneLine(one.policies.join(', ')),
    oneLine(
      [...one.votes.map(({ verdict, human }) => `${verdict} ${human}`), one.breakGlass].filter(Boolean).join(', '),
    ),
    oneLine(one.outcome),
  ]);
  if (rows.length > 0)
    for (const line of table(['WHEN', 'WHO', 'WHAT', 'POLICIES', 'VOTES', 'OUTCOME'], rows)) data(line);
  const { ok, size, hashOnly = 0, problems } = verification;
  if (ok) talk(style.dim(`${size} entries verified, ${hashOnly} of them by their hash only.`));
  else talk(`${style.red('AUDIT_BROKEN')}: ${oneLine(problems[0]?.what ?? '')}`);
}
