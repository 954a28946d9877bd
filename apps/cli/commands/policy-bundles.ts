/** `wayleave policy sign|bundles|show|propose|activate|rollback|mode|retire-key`: how other policies come into force, by two people. */
import { readFileSync, writeFileSync } from 'node:fs';
import type { Command } from 'commander';
import { z } from 'zod';
import { WayleaveError } from '../../../broker/errors.ts';
import type { BundleView } from '../../../broker/policy-bundles/policy-desk.ts';
import { asForm, withAs } from '../as-option.ts';
import type { Cli } from '../io.ts';
import type { Act } from '../program.ts';
import { printRows } from '../render/print-rows.ts';
import { oneLine } from '../terminal.ts';

const reasonForm = asForm.extend({ reason: z.string().trim().min(1, 'give a reason of at least one word').max(500) });
const signForm = asForm.extend({ out: z.string() });

export function definePolicyBundles(policy: Command, act: Act): void {
  const withReason = (command: Command): Command =>
    withAs(command).requiredOption('--reason <text>', 'Why; it is kept in the audit log');
  withAs(policy.command('sign'))
    .description('Pack a folder of policies, cases and bundle.yaml into one file that the broker signed')
    .argument('<folder>', './policies')
    .requiredOption('--out <file>', 'Where the signed bundle is written')
    .action(act(signForm, sign));
  withAs(policy.command('bundles'))
    .description('List the bundles that were in force or wait for a second person')
    .action(act(asForm, listBundles));
  withAs(policy.command('show'))
    .description('Show a bundle, and how it differs from what is in force')
    .argument('<id>', 'pol_…')
    .action(act(asForm, showBundle));
  withReason(policy.command('propose'))
    .description('Propose a signed bundle; the first of two votes for it')
    .argument('<file>', 'What `policy sign` wrote')
    .action(act(reasonForm, propose));
  withReason(policy.command('activate'))
    .description('Vote for a proposed bundle; with the second person it is in force')
    .argument('<id>', 'pol_…')
    .action(act(reasonForm, activate));
  withReason(policy.command('rollback'))
    .description('Propose what was in force before; somebody else activates it')
    .action(act(reasonForm, rollback));
  withReason(policy.command('mode'))
    .description('Propose that a policy only observes, or decides again; somebody else activates it')
    .argument('<policy>', 'Its @id')
    .argument('<mode>', 'observe or enforce')
    .action(act(reasonForm, setMode));
  withAs(policy.command('retire-key'))
    .description('End the time in which an earlier key of bundles is accepted')
    .argument('<key>', 'As `wayleave keys list` names it')
    .action(act(asForm, retireKey));
}

export async function sign(
  cli: Cli,
  options: z.infer<typeof signForm>,
  [folder = '']: readonly string[],
): Promise<number> {
  const { loadBundleFiles, loadRules } = await import('../../../broker/policy-bundles/load-bundle.ts');
  const [files, rules] = [await loadBundleFiles(folder), await loadRules(folder)];
  const { control } = await cli.person(options.as);
  const { signed, digest } = await control.signBundle(files, rules);
  writeFile(options.out, signed);
  if (cli.json) cli.emit({ file: options.out, digest, files: files.map(({ name }) => name) });
  else cli.terminal.data(`${options.out}: ${files.length} files, ${digest}`);
  return 0;
}

export async function listBundles(cli: Cli, options: z.infer<typeof asForm>): Promise<number> {
  const { control } = await cli.person(options.as);
  const found = await control.bundles();
  const rows = found.map((one) => [
    one.id,
    one.broken === undefined ? one.status : 'BROKEN',
    one.digest.slice(0, 23),
    one.votes.map(({ human }) => oneLine(human)).join(',') || '-',
    one.activations.join(',') || '-',
    one.observe?.join(',') || '-',
    one.proposedAt,
    oneLine(one.broken ?? one.what),
  ]);
  printRows(cli, found, ['BUNDLE', 'STATUS', 'DIGEST', 'VOTES', 'IN FORCE AS', 'OBSERVES', 'PROPOSED', 'WHAT'], rows);
  return 0;
}

export async function showBundle(
  cli: Cli,
  options: z.infer<typeof asForm>,
  [id = '']: readonly string[],
): Promise<number> {
  const { control } = await cli.person(options.as);
  const found = await control.bundle(id);
  if (cli.json) cli.emit(found);
  else {
    const { data } = cli.terminal;
    data(`${found.id}  ${found.status}  ${found.digest}`);
    data(`${oneLine(found.what)}, proposed ${found.proposedAt}`);
    for (const { human, reason, at } of found.votes) data(`  ${oneLine(human)} ${at}: ${oneLine(reason)}`);
    for (const { name, text } of found.files) data(`  ${name} (${text.split('\n').length} lines)`);
    data(found.diff === '' ? 'the same as what is in force' : found.diff.split('\n').map(oneLine).join('\n'));
  }
  return 0;
}

export async function propose(
  cli: Cli,
  options: z.infer<typeof reasonForm>,
  [file = '']: readonly string[],
): Promise<number> {
  const signed = readFile(file);
  const { control } = await cli.person(options.as);
  return tell(cli, await control.proposeBundle(signed, options.reason));
}

export async function activate(
  cli: Cli,
  options: z.infer<typeof reasonForm>,
  [id = '']: readonly string[],
): Promise<number> {
  const { control } = await cli.person(options.as);
  return tell(cli, await control.activateBundle(id, options.reason));
}

export async function rollback(cli: Cli, options: z.infer<typeof reasonForm>): Promise<number> {
  const { control } = await cli.person(options.as);
  return tell(cli, await control.rollbackPolicy(options.reason));
}

export async function setMode(
  cli: Cli,
  options: z.infer<typeof reasonForm>,
  [policy = '', mode = '']: readonly string[],
): Promise<number> {
  if (mode !== 'observe' && mode !== 'enforce') throw new WayleaveError('USAGE', 'The mode is observe or enforce.');
  const { control } = await cli.person(options.as);
  return tell(cli, await control.setPolicyMode(policy, mode, options.reason));
}

export async function retireKey(
  cli: Cli,
  options: z.infer<typeof asForm>,
  [key = '']: readonly string[],
): Promise<number> {
  const { control } = await cli.person(options.as);
  await control.retirePolicyKey(key);
  if (cli.json) cli.emit({ retired: key });
  else cli.terminal.data(`${oneLine(key)} is retired: nothing that it signed is accepted any more.`);
  return 0;
}

function tell(cli: Cli, found: BundleView): number {
  if (cli.json) cli.emit(found);
  else if (found.status === 'active')
    cli.terminal.data(`${found.id} is in force (activation ${found.activations.at(-1)}).`);
  else {
    cli.terminal.data(`${found.id} waits for somebody else (${found.votes.length} of 2).`);
    cli.terminal.data(`  wayleave policy show ${found.id}\n  wayleave policy activate ${found.id} --reason … --as …`);
  }
  return 0;
}

function readFile(file: string): string {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch {
    throw new WayleaveError('USAGE', `${file} cannot be read.`);
  }
}

function writeFile(file: string, text: string): void {
  try {
    writeFileSync(file, `${text}\n`);
  } catch {
    throw new WayleaveError('USAGE', `${file} cannot be written.`);
  }
}
