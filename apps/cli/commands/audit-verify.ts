/** `wayleave audit verify`: recomputes the whole log, from an export or where it is kept, with code that the log does not share. */
import { readFileSync } from 'node:fs';
import type { z as Z } from 'zod';
import { z } from 'zod';
import { ERRORS, WayleaveError } from '../../../broker/errors.ts';
import { readLines } from '../../verify/read-lines.ts';
import type { VerifyOptions } from '../../verify/verification.ts';
import { type Verification, verifyExport } from '../../verify/verify-export.ts';
import { readSegments, verifyBatches } from '../../verify/verify-stored.ts';
import { asForm } from '../as-option.ts';
import type { Cli, Person } from '../io.ts';
import { oneLine } from '../terminal.ts';

export const verifyForm = asForm.extend({
  export: z.string().optional(),
  folder: z.string().optional(),
  database: z.string().optional(),
  schema: z.string().default('wayleave_broker'),
  key: z.array(z.string()).optional(),
  anchor: z.array(z.string()).optional(),
});

export async function verifyAudit(cli: Cli, options: Z.infer<typeof verifyForm>): Promise<number> {
  const anchors = (options.anchor ?? []).map(readText);
  const trust = options.key === undefined ? {} : { publicKeys: options.key };
  const verification = await verify(cli, options, { ...trust, anchors });
  if (cli.json) cli.emit(verification);
  else report(cli, verification, options.key !== undefined);
  return verification.ok ? 0 : ERRORS.AUDIT_BROKEN.exit;
}

async function verify(cli: Cli, options: Z.infer<typeof verifyForm>, trust: VerifyOptions): Promise<Verification> {
  const { export: file, folder, database } = options;
  if (file !== undefined) {
    return verifyExport(readLines(file), trust).catch(() => {
      throw new WayleaveError('USAGE', `${file} cannot be read.`);
    });
  }
  if (folder === undefined && database === undefined) return verifyRunning(await cli.person(options.as), trust);
  if (trust.publicKeys === undefined)
    throw new WayleaveError('USAGE', 'A stored log brings no key along: give the one you trust with --key.');
  if (folder !== undefined) {
    try {
      return await verifyBatches(readSegments(folder), trust);
    } catch {
      throw new WayleaveError('USAGE', `${folder} cannot be read.`);
    }
  }
  const { readDatabase } = await import('../../verify/read-table.ts');
  try {
    return await verifyBatches(readDatabase(database ?? '', options.schema), trust);
  } catch {
    throw new WayleaveError('USAGE', `The log in schema ${options.schema} of that database cannot be read.`);
  }
}

/** The checkpoint is asked for first, so that the export must contain it: a log that shrank in between is found. */
export async function verifyRunning(
  { control }: Pick<Person, 'control'>,
  options: VerifyOptions = {},
): Promise<Verification> {
  const checkpoint = await control.auditCheckpoint();
  return verifyExport(control.auditLines(), { ...options, anchors: [...(options.anchors ?? []), checkpoint] });
}

function report(cli: Cli, { ok, size, hashOnly, problems }: Verification, trusted: boolean): void {
  const { data, talk, style } = cli.terminal;
  if (ok) data(`${style.green('✓')} ${size} entries, each in its place under a signed checkpoint.`);
  if (hashOnly !== undefined)
    data(`  ${hashOnly} of them by their hash only: entries of other tenants, or such as somebody took the text of.`);
  for (const { index, what } of problems)
    data(`${style.red('✗')} ${index === undefined ? '' : `entry ${index}: `}${oneLine(what)}`);
  if (!ok) talk(`${style.red('AUDIT_BROKEN')}: ${ERRORS.AUDIT_BROKEN.message}\n${ERRORS.AUDIT_BROKEN.hint}`);
  else if (!trusted)
    talk(style.dim('The keys came with the log: give the one you trust with --key to rule out a log signed anew.'));
}

export function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    throw new WayleaveError('USAGE', `${file} cannot be read.`);
  }
}
