/** `wayleave sessions`: who is logged in, and the end of a session, which works at its next call. */
import type { Command } from 'commander';
import { z } from 'zod';
import { asForm, withAs } from '../as-option.ts';
import type { Cli } from '../io.ts';
import type { Act } from '../program.ts';
import { printRows } from '../render/print-rows.ts';
import { oneLine } from '../terminal.ts';

const listForm = asForm.extend({ all: z.boolean().default(false) });

export function defineSessions(program: Command, act: Act): void {
  const sessions = program
    .command('sessions')
    .helpCommand(false)
    .description('See and end logins')
    .addHelpText(
      'after',
      `
Examples:
  wayleave sessions list --as admin@acme
  wayleave sessions end ses_… --as admin@acme     agents that act for this login lose it too`,
    );
  withAs(sessions.command('list', { isDefault: true }))
    .description('List sessions that are open: your own, or those of the tenant with a role for it')
    .option('--all', 'Also those that have ended')
    .action(act(listForm, listSessions));
  withAs(sessions.command('end'))
    .description('End a session')
    .argument('<id>', 'ses_…')
    .action(act(asForm, endSession));
  withAs(sessions.command('clear'))
    .description('End the suspension of somebody else, after a look at what was refused')
    .argument('<person>', 'operator@acme')
    .action(act(asForm, clearRisk));
}

export async function listSessions(cli: Cli, options: z.infer<typeof listForm>): Promise<number> {
  const { control } = await cli.person(options.as);
  const found = (await control.sessions()).filter((one) => options.all || one.endedAt === undefined);
  const rows = found.map((one) => [one.id, one.human, one.createdAt, one.endedAt ?? 'open']);
  printRows(cli, found, ['SESSION', 'PERSON', 'BEGAN', 'ENDED'], rows);
  return 0;
}

export async function clearRisk(
  cli: Cli,
  options: z.infer<typeof asForm>,
  [human = '']: readonly string[],
): Promise<number> {
  const { control } = await cli.person(options.as);
  await control.clearRisk(human);
  if (cli.json) cli.emit({ cleared: human });
  else cli.terminal.data(`${oneLine(human)} is no longer suspended.`);
  return 0;
}

export async function endSession(
  cli: Cli,
  options: z.infer<typeof asForm>,
  [id = '']: readonly string[],
): Promise<number> {
  const { control } = await cli.person(options.as);
  await control.endSession(id);
  if (cli.json) cli.emit({ ended: id });
  else cli.terminal.data(`${oneLine(id)} has ended.`);
  return 0;
}
