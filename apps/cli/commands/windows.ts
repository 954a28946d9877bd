/** `wayleave windows`: the times in which devices may be changed that policies leave alone otherwise. */
import type { Command } from 'commander';
import { z } from 'zod';
import { asForm, withAs } from '../as-option.ts';
import type { Cli } from '../io.ts';
import type { Act } from '../program.ts';
import { printRows } from '../render/print-rows.ts';
import { oneLine } from '../terminal.ts';

const openForm = asForm.extend({
  name: z.string().default('maintenance'),
  devices: z
    .string()
    .transform((text) => text.split(',').map((one) => one.trim()))
    .pipe(z.array(z.string().min(1)).min(1)),
  from: z.iso.datetime({ offset: true }).optional(),
  for: z
    .string()
    .regex(/^[1-9]\d{0,2}[mh]$/, 'give a time like 30m or 2h')
    .transform((text) => Number.parseInt(text, 10) * (text.endsWith('h') ? 3600 : 60)),
  reason: z.string().trim().min(1),
});

export function defineWindows(program: Command, act: Act): void {
  const windows = program
    .command('windows')
    .helpCommand(false)
    .description('See, open and close change windows')
    .addHelpText(
      'after',
      `
Examples:
  wayleave windows open --devices hub1_edge --for 2h --reason "the carrier works on hub1" --as admin@acme
  wayleave windows open --name night --devices br1_edge,br2_edge --from 2026-03-01T22:00:00Z --for 6h --reason "…" --as admin@acme
  wayleave windows close win_… --as admin@acme

A policy asks for a window by its name: \`context.windows.contains("maintenance")\`, or \`@obligations("change-window night")\`.
It counts for a change only when it is open for every device of it. Opening one needs tenant-admin or provider-admin.`,
    );
  withAs(windows.command('list', { isDefault: true }))
    .description('List the windows that are open or come')
    .action(act(asForm, listWindows));
  withAs(windows.command('open'))
    .description('Open a window, now or later')
    .option('--name <name>', 'What policies call it (maintenance)')
    .requiredOption('--devices <names>', 'Devices, separated by commas')
    .option('--from <time>', 'When it begins, ISO-8601 (now)')
    .requiredOption('--for <time>', 'How long, e.g. 30m or 2h; three days at most')
    .requiredOption('--reason <text>', 'Why; it is kept in the audit log')
    .action(act(openForm, openWindow));
  withAs(windows.command('close'))
    .description('Close a window now')
    .argument('<id>', 'win_…')
    .action(act(asForm, close));
}

export async function listWindows(cli: Cli, options: z.infer<typeof asForm>): Promise<number> {
  const { control } = await cli.person(options.as);
  const found = await control.windows();
  const rows = found.map((one) => [
    ...[one.id, oneLine(one.name), Date.parse(one.from) <= cli.now() ? 'open' : 'comes', one.devices.join(',')],
    ...[one.from, one.until, oneLine(one.openedBy), oneLine(one.reason)],
  ]);
  printRows(cli, found, ['WINDOW', 'NAME', 'STATE', 'DEVICES', 'FROM', 'UNTIL', 'BY', 'REASON'], rows);
  return 0;
}

export async function openWindow(cli: Cli, options: z.infer<typeof openForm>): Promise<number> {
  const { control } = await cli.person(options.as);
  const { name, devices, reason, for: seconds, from = new Date(cli.now()).toISOString() } = options;
  const opened = await control.openWindow({ name, devices, reason, seconds, from });
  if (cli.json) cli.emit(opened);
  else cli.terminal.data(`${opened.id}: ${oneLine(opened.name)} from ${opened.from} until ${opened.until}`);
  return 0;
}

export async function close(cli: Cli, options: z.infer<typeof asForm>, [id = '']: readonly string[]): Promise<number> {
  const { control } = await cli.person(options.as);
  const closed = await control.closeWindow(id);
  if (cli.json) cli.emit(closed);
  else cli.terminal.data(`${closed.id} is closed.`);
  return 0;
}
