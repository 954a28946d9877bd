/** `wayleave audit verify`: recomputes the whole log from an export, with code that the log does not share. */
import { createReadStream, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import type { z as Z } from 'zod';
import { z } from 'zod';
import { ERRORS, WayleaveError } from '../../../broker/errors.ts';
import { type Verification, verifyExport } from '../../verify/verify-export.ts';
import { asForm } from '../as-option.ts';
import type { Cli, Person } from '../io.ts';
import { oneLine } from '../terminal.ts';

export const verifyForm = asForm.extend({
  export: z.string().optional(),
  key: z.array(z.string()).optional(),
  anchor: z.array(z.string()).optional(),
});

export async function verifyAudit(cli: Cli, options: Z.infer<typeof verifyForm>): Promise<number> {
  const anchors = (options.anchor ?? []).map(readText);
  const trust = options.key === undefined ? {} : { publicKeys: options.key };
  const verification =
    options.export === undefined
      ? await verifyRunning(await cli.person(options.as), { ...trust, anchors })
      : await verifyExport(readLines(options.export), { ...trust, anchors });
  if (cli.json) cli.emit(verification);
  else report(cli, verification, options.key !== undefined);
  return verification.ok ? 0 : ERRORS.AUDIT_BROKEN.exit;
}

/** The checkpoint is asked for first, so that the export must contain it: a log that shrank in between is found. */
export async function verifyRunning(
  { control }: Pick<Person, 'control'>,
  options: { readonly publicKeys?: readonly string[]; readonly anchors?: readonly string[] } = {},
): Promise<Verification> {
  const checkpoint = await control.auditCheckpoint();
  const text = await control.auditExport();
  return verifyExport(split(text), { ...options, anchors: [...(options.anchors ?? []), checkpoint] });
}

function report(cli: Cli, { ok, size, problems }: Verification, trusted: boolean): void {
  const { data, talk, style } = cli.terminal;
  if (ok) data(`${style.green('✓')} ${size} entries, each in its place under a signed checkpoint.`);
  for (const { index, what } of problems)
    data(`${style.red('✗')} ${index === undefined ? '' : `entry ${index}: `}${oneLine(what)}`);
  if (!ok) talk(`${style.red('AUDIT_BROKEN')}: ${ERRORS.AUDIT_BROKEN.message}\n${ERRORS.AUDIT_BROKEN.hint}`);
  else if (!trusted)
    talk(style.dim('The keys came with the log: give the one you trust with --key to rule out a log signed anew.'));
}

async function* split(text: string): AsyncGenerator<string> {
  for (let from = 0; from < text.length; ) {
    const end = text.indexOf('\n', from);
    yield text.slice(from, end < 0 ? undefined : end);
    from = end < 0 ? text.length : end + 1;
  }
}

async function* readLines(file: string): AsyncGenerator<string> {
  try {
    yield* createInterface({ input: createReadStream(file), crlfDelay: Number.POSITIVE_INFINITY });
  } catch {
    throw new WayleaveError('USAGE', `${file} cannot be read.`);
  }
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    throw new WayleaveError('USAGE', `${file} cannot be read.`);
  }
}
