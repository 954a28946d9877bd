/** `wayleave break-glass`: declare an emergency in which nobody approves first, and review it afterwards. */
import type { Command } from 'commander';
import { z } from 'zod';
import type { BreakGlass } from '../../../broker/grants/break-glass.ts';
import { asForm, withAs } from '../as-option.ts';
import type { Cli } from '../io.ts';
import type { Act } from '../program.ts';
import { printRows } from '../render/print-rows.ts';
import { oneLine } from '../terminal.ts';

const openForm = asForm.extend({
  incident: z.string(),
  devices: z.string().transform((text) => text.split(',').map((one) => one.trim())),
  for: z
    .string()
    .regex(/^[1-9]\d?m$/, 'give minutes like 30m')
    .transform((text) => Number.parseInt(text, 10) * 60),
  reason: z.string().min(1),
});
const reviewForm = asForm.extend({ verdict: z.enum(['justified', 'unjustified']), reason: z.string().min(1) });

export function defineBreakGlass(program: Command, act: Act): void {
  const glass = program
    .command('break-glass')
    .helpCommand(false)
    .description('Declare an emergency, and review those that were')
    .addHelpText(
      'after',
      `
Examples:
  wayleave break-glass open --incident inc_… --devices br2_edge --for 30m --reason "branch down, nobody answers" --as oncall@acme
  wayleave break-glass list --as auditor@acme
  wayleave break-glass review bgl_… --verdict justified --reason "the branch was down" --as admin@acme

Whoever holds the role break-glass can change the named devices for that incident without anybody’s approval, for an
hour at most, and not through an agent. Policies, rehearsal, transaction and audit stay as they are. Somebody else reviews
every use; until then the same person cannot do it again.`,
    );
  withAs(glass.command('list', { isDefault: true }))
    .description('List emergencies: your own; all of the tenant for who reviews them')
    .action(act(asForm, listGlasses));
  withAs(glass.command('open'))
    .description('Declare an emergency')
    .requiredOption('--incident <id>', 'The open incident, inc_…')
    .requiredOption('--devices <names>', 'Devices, separated by commas')
    .requiredOption('--for <time>', 'How long, e.g. 30m; an hour (60m) at most')
    .requiredOption('--reason <text>', 'Why nobody can be asked; it is kept in the audit log')
    .action(act(openForm, openGlass));
  withAs(glass.command('review'))
    .description('Say what you think of a use by somebody else; it ends with that')
    .argument('<id>', 'bgl_…')
    .requiredOption('--verdict <verdict>', 'justified or unjustified')
    .requiredOption('--reason <text>', 'Why; it is kept in the audit log')
    .action(act(reviewForm, reviewGlass));
}

function stateOf({ review, until, uses }: BreakGlass, now: number): string {
  if (review !== undefined) return review.verdict;
  if (Date.parse(until) > now) return 'open';
  return uses.length > 0 ? 'TO REVIEW' : 'over';
}

export async function listGlasses(cli: Cli, options: z.infer<typeof asForm>): Promise<number> {
  const { control } = await cli.person(options.as);
  const found = await control.breakGlasses();
  const rows = found.map((one) => [
    one.id,
    stateOf(one, cli.now()),
    one.human,
    one.incident,
    one.devices.join(','),
    one.until,
    String(one.uses.length),
    oneLine(one.reason),
  ]);
  printRows(cli, found, ['EMERGENCY', 'STATE', 'WHO', 'INCIDENT', 'DEVICES', 'UNTIL', 'CHANGES', 'REASON'], rows);
  return 0;
}

export async function openGlass(cli: Cli, options: z.infer<typeof openForm>): Promise<number> {
  const { control } = await cli.person(options.as);
  const { incident, devices, reason, for: seconds } = options;
  const broken = await control.breakGlass({ incident, devices, reason, seconds });
  if (cli.json) cli.emit(broken);
  else
    cli.terminal.data(`${oneLine(broken.id)} until ${oneLine(broken.until)}; somebody else will review what you do.`);
  return 0;
}

export async function reviewGlass(
  cli: Cli,
  options: z.infer<typeof reviewForm>,
  [id = '']: readonly string[],
): Promise<number> {
  const { control } = await cli.person(options.as);
  const reviewed = await control.reviewBreakGlass(id, { verdict: options.verdict, reason: options.reason });
  if (cli.json) cli.emit(reviewed);
  else cli.terminal.data(`${oneLine(reviewed.id)} was ${options.verdict}.`);
  return 0;
}
