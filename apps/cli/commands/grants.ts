/** `wayleave grants`: let somebody do one thing for a while, see who may do what by a grant, and end it. */
import type { Command } from 'commander';
import { z } from 'zod';
import type { Grant } from '../../../broker/grants/grant.ts';
import { asForm, withAs } from '../as-option.ts';
import type { Cli } from '../io.ts';
import type { Act } from '../program.ts';
import { printRows } from '../render/print-rows.ts';
import { oneLine } from '../terminal.ts';

const names = z
  .string()
  .transform((text) => text.split(',').map((one) => one.trim()))
  .pipe(z.array(z.string().min(1)).min(1));
const duration = z
  .string()
  .regex(/^[1-9]\d{0,3}[mh]$/, 'give a time like 30m or 2h')
  .transform((text) => Number.parseInt(text, 10) * (text.endsWith('h') ? 3600 : 60));
const giveForm = asForm.extend({
  to: z.string(),
  agent: z.string().optional(),
  tools: names,
  devices: names,
  for: duration,
  reason: z.string().min(1),
});

export function defineGrants(program: Command, act: Act): void {
  const grants = program
    .command('grants')
    .helpCommand(false)
    .description('Let somebody do one thing for a while')
    .addHelpText(
      'after',
      `
Examples:
  wayleave grants give --to operator@acme --agent troubleshooter --tools bgp.set-local-as --devices br2_edge \\
    --for 2h --reason "replacement of br2 tonight" --as admin@acme
  wayleave grants list --as admin@acme
  wayleave grants end grn_… --as admin@acme

What no policy permits and none forbids can be granted by whoever may do it himself, never to himself, for a day at
most. Every duty stays: approvals, rehearsal, confirmed commit. A grant ends by itself, when somebody ends it, and when
the granter loses the right.`,
    );
  withAs(grants.command('list', { isDefault: true }))
    .description('List grants: your own and those you gave; all of the tenant for who oversees it')
    .action(act(asForm, listGrants));
  withAs(grants.command('give'))
    .description('Give a grant')
    .requiredOption('--to <user>', 'Who may do it, e.g. operator@acme')
    .option('--agent <name>', 'Through this agent only (preset: without an agent only)')
    .requiredOption('--tools <names>', 'Tools, separated by commas')
    .requiredOption('--devices <names>', 'Devices, separated by commas')
    .requiredOption('--for <time>', 'How long, e.g. 30m or 2h; a day at most')
    .requiredOption('--reason <text>', 'Why; it is kept in the audit log and shown to who approves')
    .action(act(giveForm, giveGrant));
  withAs(grants.command('end')).description('End a grant now').argument('<id>', 'grn_…').action(act(asForm, endGrant));
}

const stateOf = ({ revokedAt, until }: Grant, now: number): string => {
  if (revokedAt !== undefined) return 'ended';
  return Date.parse(until) > now ? 'stands' : 'over';
};

export async function listGrants(cli: Cli, options: z.infer<typeof asForm>): Promise<number> {
  const { control } = await cli.person(options.as);
  const found = await control.grants();
  const rows = found.map((one) => [
    one.id,
    stateOf(one, cli.now()),
    one.agent === undefined ? one.human : `${one.human} through ${one.agent}`,
    one.tools.join(','),
    one.devices.join(','),
    one.until,
    one.grantedBy,
    oneLine(one.reason),
  ]);
  printRows(cli, found, ['GRANT', 'STATE', 'WHO', 'TOOLS', 'DEVICES', 'UNTIL', 'BY', 'REASON'], rows);
  return 0;
}

export async function giveGrant(cli: Cli, options: z.infer<typeof giveForm>): Promise<number> {
  const { control } = await cli.person(options.as);
  const { to: human, agent, tools, devices, reason, for: seconds } = options;
  const wanted = { human, tools, devices, reason, seconds };
  const given = await control.giveGrant(agent === undefined ? wanted : { ...wanted, agent });
  if (cli.json) cli.emit(given);
  else cli.terminal.data(`${oneLine(given.id)} stands until ${oneLine(given.until)}.`);
  return 0;
}

export async function endGrant(
  cli: Cli,
  options: z.infer<typeof asForm>,
  [id = '']: readonly string[],
): Promise<number> {
  const { control } = await cli.person(options.as);
  const ended = await control.endGrant(id);
  if (cli.json) cli.emit(ended);
  else cli.terminal.data(`${oneLine(ended.id)} is over.`);
  return 0;
}
