/** `wayleave audit`: reads the log, follows one intent through it, exports it, and verifies it offline. */
import { closeSync, openSync, writeSync } from 'node:fs';
import type { Command } from 'commander';
import { z } from 'zod';
import { WayleaveError } from '../../../broker/errors.ts';
import type { StoredAuditEntry } from '../../../broker/ports.ts';
import { asForm, withAs } from '../as-option.ts';
import type { Cli } from '../io.ts';
import type { Act } from '../program.ts';
import { readEntries, readNewest } from '../read-log.ts';
import { showEntry, showRow, showTrace, traceIntent } from '../render/show-entry.ts';
import {
  checkpoint,
  checkpointForm,
  continuesForm,
  prove,
  proveForm,
  provesContinuation,
  showKey,
} from './audit-prove.ts';
import { reportCompliance, reportForm } from './audit-report.ts';
import { verifyAudit, verifyForm } from './audit-verify.ts';

const tailForm = asForm.extend({
  lines: z.coerce.number('give a number').int().min(0).max(100_000).default(20),
  follow: z.boolean().default(false),
});
const exportForm = asForm.extend({ out: z.string().optional(), tenant: z.string().optional() });
const FOLLOW_MS = 2_000;

export function defineAudit(program: Command, act: Act): void {
  const audit = program
    .command('audit')
    .helpCommand(false)
    .description('Read and verify the audit log')
    .addHelpText(
      'after',
      `
Examples:
  wayleave audit tail --follow --as auditor@acme
  wayleave audit trace int_… --as auditor@acme         human → session → agent → tool → operations → outcome
  wayleave audit export --out log.ndjson --as auditor@acme
  wayleave audit verify --export log.ndjson --key …    needs nothing that runs; exit code 20 when it is broken
  wayleave audit verify --folder HOME/broker/audit --key …
  wayleave audit report --from 2026-01-01 --to 2026-02-01 --html january.html --as auditor@acme
  wayleave audit prove 42 --as auditor@acme            one entry, proven without the others
  wayleave audit continues last-week.txt --as auditor@acme`,
    );
  withAs(audit.command('tail'))
    .description('Show the newest entries')
    .option('-n, --lines <count>', 'How many (preset: 20)')
    .option('-f, --follow', 'Go on with new ones until Ctrl-C')
    .action(act(tailForm, tail));
  withAs(audit.command('show'))
    .description('Show one entry in full')
    .argument('<index>', 'Its number')
    .action(act(asForm, show));
  withAs(audit.command('trace'))
    .description('Follow one intent from the human to the outcome')
    .argument('<intent>', 'int_…')
    .action(act(asForm, trace));
  withAs(audit.command('export'))
    .description('Write everything that an offline verifier needs, as NDJSON')
    .option('--out <file>', 'Instead of stdout')
    .option('--tenant <tenant>', 'Whose entries; those of others are hashes only (preset: your own)')
    .action(act(exportForm, exportLog));
  withAs(audit.command('report'))
    .description('Who did what, when, under which policy, approved by whom, with what outcome')
    .option('--tenant <tenant>', 'Preset: your own')
    .option('--from <time>', 'Inclusive (preset: the beginning)')
    .option('--to <time>', 'Exclusive (preset: now)')
    .option('--html <file>', 'Also as a page that needs nothing else')
    .option('--export <file>', 'From an export; needs --tenant and nothing that runs')
    .option('--key <verifier...>', 'Public keys that you trust')
    .action(act(reportForm, reportCompliance));
  withAs(audit.command('verify'))
    .description('Check every entry against the Merkle tree and its signed checkpoints')
    .option('--export <file>', 'An export; without it, the log of the running installation is fetched')
    .option('--folder <folder>', 'The files of a log that nobody writes to now')
    .option('--database <url>', 'The log in PostgreSQL')
    .option('--schema <name>', 'Of the broker in that database (preset: wayleave_broker)')
    .option(
      '--key <verifier...>',
      'Public keys (name+id+key) that you trust; without them the export vouches for its own',
    )
    .option(
      '--anchor <file...>',
      'Checkpoints that were kept outside: finds a log that was cut or rolled back as a whole',
    )
    .action(act(verifyForm, verifyAudit));
  withAs(audit.command('prove'))
    .description('Prove that an entry is in the log, and verify the proof')
    .argument('[entry]', 'Its number')
    .option('--out <file>', 'Keep the proof (C2SP tlog-proof)')
    .option('--proof <file>', 'Verify one that was kept; needs --key and nothing that runs')
    .option('--key <verifier...>', 'Public keys that you trust; without them the log’s own first one')
    .action(act(proveForm, prove));
  withAs(audit.command('continues'))
    .description('Prove that the log continues an older checkpoint: nothing before it was changed or taken away')
    .argument('<file>', 'The checkpoint that was kept')
    .option('--key <verifier...>', 'Public keys that you trust; without them the log’s own first one')
    .action(act(continuesForm, provesContinuation));
  withAs(audit.command('checkpoint'))
    .description('Print the newest signed checkpoint, to be kept elsewhere')
    .option('--out <file>', 'Instead of stdout')
    .action(act(checkpointForm, checkpoint));
  withAs(audit.command('key')).description('Print the public key to trust').action(act(asForm, showKey));
}

export async function tail(cli: Cli, options: z.infer<typeof tailForm>): Promise<number> {
  const { control } = await cli.person(options.as);
  const { entries, next } = await readNewest(control, options.lines);
  const print = (entry: StoredAuditEntry): void => {
    if (cli.json) cli.emit(entry);
    else cli.terminal.data(showRow(entry, cli.terminal.style));
  };
  entries.forEach(print);
  for (let from = next; options.follow; ) {
    await cli.pause(FOLLOW_MS);
    for await (const entry of readEntries(control, from)) {
      print(entry);
      from = entry.index + 1;
    }
  }
  return 0;
}

export async function show(cli: Cli, options: z.infer<typeof asForm>, [text = '']: readonly string[]): Promise<number> {
  const index = z.coerce.number().int().min(0).safeParse(text);
  if (!index.success) throw new WayleaveError('USAGE', 'An entry has a number, from 0 on.');
  const { control } = await cli.person(options.as);
  const [entry] = await control.auditEntries(index.data, 1);
  if (entry?.index !== index.data) throw new WayleaveError('NOT_FOUND', `Your tenant has no entry ${index.data}.`);
  if (cli.json) cli.emit(entry);
  else for (const line of showEntry(entry, cli.terminal.style)) cli.terminal.data(line);
  return 0;
}

export async function trace(
  cli: Cli,
  options: z.infer<typeof asForm>,
  [intent = '']: readonly string[],
): Promise<number> {
  const { control } = await cli.person(options.as);
  const entries: StoredAuditEntry[] = [];
  for await (const entry of readEntries(control, 0)) if (entry.intent === intent) entries.push(entry);
  if (entries.length === 0) throw new WayleaveError('NOT_FOUND', 'The log of your tenant has no such intent.');
  const receipt = await control.receipt(intent).catch((error: unknown) => {
    if (error instanceof WayleaveError && error.code === 'NOT_FOUND') return undefined; // reads have none
    throw error;
  });
  const traced = traceIntent(intent, entries, receipt);
  if (cli.json) cli.emit(traced);
  else for (const line of showTrace(traced, cli.terminal.style)) cli.terminal.data(line);
  return 0;
}

export async function exportLog(cli: Cli, options: z.infer<typeof exportForm>): Promise<number> {
  const { control, user } = await cli.person(options.as);
  if (options.tenant !== undefined && options.tenant !== user.split('@')[1])
    throw new WayleaveError('NOT_FOUND', `You see no tenant ${options.tenant}.`);
  if (options.out === undefined) {
    // Canonical lines: escaped by the log already, and byte for byte what is signed.
    for await (const line of control.auditLines()) cli.stdout.write(`${line}\n`);
    return 0;
  }
  let lines = 0;
  try {
    const file = openSync(options.out, 'w', 0o600);
    try {
      for await (const line of control.auditLines()) {
        writeSync(file, `${line}\n`);
        lines += 1;
      }
    } finally {
      closeSync(file);
    }
  } catch (error) {
    if (error instanceof WayleaveError) throw error;
    throw new WayleaveError('USAGE', `${options.out} cannot be written.`);
  }
  if (cli.json) cli.emit({ file: options.out, lines });
  else cli.terminal.talk(`${lines} lines written to ${options.out}.`);
  return 0;
}
