/** `wayleave audit prove`, `continues`, `checkpoint` and `key`: proofs about the log that hold without the log. */
import { writeFileSync } from 'node:fs';
import { z } from 'zod';
import { ERRORS, WayleaveError } from '../../../broker/errors.ts';
import type { Key } from '../../verify/read-note.ts';
import {
  type EntryProof,
  followKeys,
  printProof,
  readProof,
  verifyContinuation,
  verifyEntryProof,
} from '../../verify/verify-proof.ts';
import { asForm } from '../as-option.ts';
import type { Cli, Person } from '../io.ts';
import { oneLine } from '../terminal.ts';
import { readText } from './audit-verify.ts';

export const proveForm = asForm.extend({
  out: z.string().optional(),
  proof: z.string().optional(),
  key: z.array(z.string()).optional(),
});
export const continuesForm = asForm.extend({ key: z.array(z.string()).optional() });
export const checkpointForm = asForm.extend({ out: z.string().optional() });

/** Fetches the proof of an entry and verifies it, or verifies one that was kept. */
export async function prove(
  cli: Cli,
  options: z.infer<typeof proveForm>,
  [text = '']: readonly string[],
): Promise<number> {
  if (options.proof !== undefined) return judge(cli, readKept(options.proof), followKeys(options.key ?? [], []));
  const index = z.coerce.number().int().min(0).safeParse(text);
  if (text === '' || !index.success)
    throw new WayleaveError('USAGE', 'Give the number of an entry, or a proof with --proof.');
  const { control } = await cli.person(options.as);
  const proof = await control.auditProof(index.data);
  if (proof.index !== index.data) throw new WayleaveError('AUDIT_BROKEN', 'The proof is of another entry.');
  const exit = judge(cli, proof, await trustedKeys(control, options.key));
  if (exit === 0 && options.out !== undefined) keep(cli, options.out, printProof(proof));
  return exit;
}

function readKept(file: string): EntryProof {
  const proof = readProof(readText(file));
  if (proof === undefined) throw new WayleaveError('USAGE', `${file} is no proof (c2sp.org/tlog-proof@v1).`);
  return proof;
}

function judge(cli: Cli, proof: EntryProof, keys: readonly Key[]): number {
  const verdict = verifyEntryProof(proof, keys);
  if (cli.json) cli.emit({ ...proof, ...verdict });
  else {
    const { data, style } = cli.terminal;
    if (verdict.ok) {
      data(oneLine(proof.entry));
      data(
        `${style.green('✓')} entry ${proof.index} of ${verdict.size}: ${proof.hashes.length} hashes lead to the root that was signed by ${oneLine(verdict.by)}`,
      );
    } else data(`${style.red('✗')} entry ${proof.index}: ${verdict.what}`);
  }
  return verdict.ok ? 0 : ERRORS.AUDIT_BROKEN.exit;
}

/** Proves that the log still begins with what an older checkpoint covered. */
export async function provesContinuation(
  cli: Cli,
  options: z.infer<typeof continuesForm>,
  [file = '']: readonly string[],
): Promise<number> {
  const older = readText(file);
  const size = z.coerce.number().int().min(0).safeParse(older.split('\n')[1]);
  if (!size.success) throw new WayleaveError('USAGE', `${file} is no checkpoint.`);
  const { control } = await cli.person(options.as);
  const proof = await control.auditConsistency(size.data);
  const verdict = verifyContinuation(older, proof, await trustedKeys(control, options.key));
  const { data, style } = cli.terminal;
  if (cli.json) cli.emit({ ...proof, ...verdict });
  else if (verdict.ok)
    data(`${style.green('✓')} ${verdict.size} entries, which begin with the ${size.data} of ${oneLine(file)}`);
  else data(`${style.red('✗')} ${verdict.what}`);
  return verdict.ok ? 0 : ERRORS.AUDIT_BROKEN.exit;
}

/** The newest checkpoint, to be kept somewhere else as an anchor. */
export async function checkpoint(cli: Cli, options: z.infer<typeof checkpointForm>): Promise<number> {
  const { control } = await cli.person(options.as);
  const note = await control.auditCheckpoint();
  if (options.out !== undefined) keep(cli, options.out, note);
  else if (cli.json) cli.emit({ checkpoint: note });
  else cli.stdout.write(note);
  return 0;
}

/** The key to trust, and that in force. */
export async function showKey(cli: Cli, options: z.infer<typeof asForm>): Promise<number> {
  const { control } = await cli.person(options.as);
  const keys = await control.auditKeys();
  if (cli.json) cli.emit(keys);
  else {
    cli.terminal.data(keys.first);
    if (keys.inForce !== keys.first) cli.terminal.talk(`Now in force, named by the one before it: ${keys.inForce}`);
    cli.terminal.talk(
      cli.terminal.style.dim('Keep it outside of this machine, and give it to `wayleave audit verify --key`.'),
    );
  }
  return 0;
}

/** From the keys that the person trusts, or else the log's first one, along what each key signed about the next. */
async function trustedKeys(control: Person['control'], given: readonly string[] | undefined): Promise<readonly Key[]> {
  const { first, handovers } = await control.auditKeys();
  return followKeys(given ?? [first], handovers);
}

function keep(cli: Cli, file: string, text: string): void {
  try {
    writeFileSync(file, text, { mode: 0o600 });
  } catch {
    throw new WayleaveError('USAGE', `${file} cannot be written.`);
  }
  cli.terminal.talk(`Written to ${oneLine(file)}.`);
}
