/** `wayleave webhooks`: what the tenant takes in from elsewhere, signed, and the secrets that sign it. */
import type { Command } from 'commander';
import { z } from 'zod';
import { asForm, withAs } from '../as-option.ts';
import type { Cli } from '../io.ts';
import type { Act } from '../program.ts';
import { printRows } from '../render/print-rows.ts';
import { oneLine } from '../terminal.ts';

const addForm = asForm.extend({ job: z.string().optional() });
const rotateForm = asForm.extend({ overlap: z.coerce.number().int().min(0).max(168).default(24) });

export function defineWebhooks(program: Command, act: Act): void {
  const webhooks = program
    .command('webhooks')
    .helpCommand(false)
    .description('Take in signed alerts from elsewhere as incidents')
    .addHelpText(
      'after',
      `
Messages have Alertmanager's form and are signed as Standard Webhooks say; see docs/webhooks.md for a sender.

Examples:
  wayleave webhooks add prometheus --as admin@acme              tells address and secret, once
  wayleave webhooks add prometheus --job sch_… --as admin@acme  a firing alert runs that job, too
  wayleave webhooks rotate whk_… --overlap 24 --as admin@acme   the secret before is taken for 24 more hours
  wayleave webhooks revoke whk_… --as admin@acme`,
    );
  withAs(webhooks.command('list', { isDefault: true }))
    .description('List the webhooks of the tenant')
    .action(act(asForm, listWebhooks));
  withAs(webhooks.command('add <name>'))
    .description('Make one, and tell its address and secret')
    .option('--job <id>', 'A job of the tenant that runs once when an alert opens an incident')
    .action(act(addForm, addWebhook));
  withAs(webhooks.command('rotate <id>'))
    .description('Give one another secret')
    .option('--overlap <hours>', 'Hours for which the secret before is still taken (24)')
    .action(act(rotateForm, rotateWebhook));
  withAs(webhooks.command('revoke <id>')).description('Take nothing more by one').action(act(asForm, revokeWebhook));
}

export async function listWebhooks(cli: Cli, options: z.infer<typeof asForm>): Promise<number> {
  const { webhooks } = await cli.person(options.as);
  const found = await webhooks.list();
  printRows(
    cli,
    found,
    ['WEBHOOK', 'NAME', 'STATE', 'MADE BY', 'LAST MESSAGE', 'RUNS'],
    found.map(({ id, name, owner, lastAt, revokedAt, schedule }) => [
      ...[id, oneLine(name), revokedAt === undefined ? 'on' : 'revoked', oneLine(owner)],
      ...[lastAt ?? 'never', schedule ?? '-'],
    ]),
  );
  return 0;
}

export async function addWebhook(
  cli: Cli,
  options: z.infer<typeof addForm>,
  [name = '']: readonly string[],
): Promise<number> {
  const { webhooks } = await cli.person(options.as);
  const added = await webhooks.add({ name, ...(options.job === undefined ? {} : { schedule: options.job }) });
  tell(cli, { ...added, address: webhooks.address(added.id) });
  return 0;
}

export async function rotateWebhook(
  cli: Cli,
  options: z.infer<typeof rotateForm>,
  [id = '']: readonly string[],
): Promise<number> {
  const { webhooks } = await cli.person(options.as);
  const changed = await webhooks.rotate(id, options.overlap);
  tell(cli, { ...changed, address: webhooks.address(id) });
  return 0;
}

function tell(
  cli: Cli,
  made: { readonly address: string; readonly secret: string; readonly formerSecretUntil?: string },
): void {
  if (cli.json) {
    cli.emit(made);
    return;
  }
  cli.terminal.data(`address  ${made.address}`);
  cli.terminal.data(`secret   ${made.secret}`);
  if (made.formerSecretUntil !== undefined)
    cli.terminal.talk(`The secret before is taken until ${made.formerSecretUntil}.`);
  cli.terminal.talk('The secret is not shown again.');
}

export async function revokeWebhook(
  cli: Cli,
  options: z.infer<typeof asForm>,
  [id = '']: readonly string[],
): Promise<number> {
  const { webhooks } = await cli.person(options.as);
  const revoked = await webhooks.revoke(id);
  if (cli.json) cli.emit(revoked);
  else cli.terminal.data(`${id} takes nothing more.`);
  return 0;
}
