/** `wayleave telemetry`: what a resource showed and told over a window, from what the broker kept. */
import type { Command } from 'commander';
import { z } from 'zod';
import { asForm, withAs } from '../as-option.ts';
import type { Cli } from '../io.ts';
import type { Act } from '../program.ts';
import { printRows } from '../render/print-rows.ts';
import { oneLine } from '../terminal.ts';

const time = z.iso.datetime({ offset: true, error: 'give ISO-8601, e.g. 2026-03-01T22:00:00Z' });
const form = asForm.extend({
  signal: z.string().optional(),
  from: time.optional(),
  to: time.optional(),
  for: z
    .string()
    .regex(/^[1-9]\d{0,3}[mhd]$/, 'give a time like 30m, 6h or 7d')
    .default('6h'),
  last: z.coerce.number('give a whole number').int().min(1).max(1000).default(200),
});
type Options = z.infer<typeof form>;
type Kind = 'readings' | 'hours' | 'events' | 'states';
/** What states are told of: everything of the tenant. */
const NETWORK = 'network';

const UNITS: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000 };

export function defineTelemetry(program: Command, act: Act): void {
  const telemetry = program
    .command('telemetry')
    .helpCommand(false)
    .description('Look back: readings, hours and events of a resource')
    .addHelpText(
      'after',
      `
Examples:
  wayleave telemetry readings interface/br1_edge/ge0/0 --signal if.util_pct --for 6h --as operator@acme
  wayleave telemetry hours tunnel/br1_edge:mpls--hub1_edge:mpls --for 30d --as operator@acme
  wayleave telemetry states --for 6h --as operator@acme
  wayleave telemetry events node/br1_edge --from 2026-03-01T22:00:00Z --for 2h --as operator@acme

Readings are the numbers that reads and sweeps collected, hours their minimum, maximum and mean. A window has 31 days at
most, of hours 400; how long things are kept is the setting telemetryDays. node/NAME asks for all events of a device.`,
    );
  for (const [kind, says] of [
    ['readings', 'Single values, newest first'],
    ['hours', 'One row an hour, newest first'],
    ['events', 'Traps, syslog, flows and notifications, newest first'],
  ] as const)
    withAs(telemetry.command(kind))
      .description(says)
      .argument('<resource>', 'e.g. interface/br1_edge/ge0/0')
      .option('--signal <name>', 'One signal only')
      .option('--from <time>', 'Beginning of the window, ISO-8601 (preset: --for before its end)')
      .option('--to <time>', 'End of the window, ISO-8601 (preset: now, or --for after its beginning)')
      .option('--for <time>', 'Length of the window: 30m, 6h, 7d (6h)')
      .option('--last <n>', 'Rows at most, from the newest (200)')
      .action(act(form, (cli, options, [resource = '']) => look(cli, kind, options, resource)));
  withAs(telemetry.command('states'))
    .description('When circuits and tunnels of the tenant were up and down, oldest first')
    .option('--from <time>', 'Beginning of the window, ISO-8601 (preset: --for before its end)')
    .option('--to <time>', 'End of the window, ISO-8601 (preset: now, or --for after its beginning)')
    .option('--for <time>', 'Length of the window: 30m, 6h, 2d (6h)')
    .action(act(form, (cli, options) => look(cli, 'states', options, NETWORK)));
}

async function look(cli: Cli, kind: Kind, options: Options, resource: string): Promise<number> {
  const person = await cli.person(options.as);
  const client = await person.tools('diagnostics');
  try {
    const input = { kind, resource, ...windowOf(options, cli.now()), last: options.last };
    const told = options.signal === undefined ? input : { ...input, signal: options.signal };
    const answer = await client.callTool('telemetry.read', { input: told, purpose: 'chat:telemetry' });
    const evidence = answer.status === 'done' ? answer.evidence : [];
    const rows = evidence.map((one) => [one.observedAt, one.resource, one.signal, oneLine(String(one.value))]);
    printRows(cli, evidence, ['AT', 'RESOURCE', 'SIGNAL', 'VALUE'], rows);
    if (rows.length === 0) cli.terminal.talk('Nothing was kept of it in this window.');
    return 0;
  } finally {
    await client.close();
  }
}

/** Two of beginning, end and length say the third; the end alone, or nothing, means until now. */
function windowOf({ from, to, for: length }: Options, now: number): { readonly from: string; readonly to: string } {
  const ms = Number.parseInt(length, 10) * (UNITS[length.slice(-1)] ?? 0);
  const iso = (at: number): string => new Date(at).toISOString();
  if (from === undefined) {
    const end = to === undefined ? now : Date.parse(to);
    return { from: iso(end - ms), to: iso(end) };
  }
  return { from: iso(Date.parse(from)), to: iso(to === undefined ? Date.parse(from) + ms : Date.parse(to)) };
}
