/** `wayleave containments`: what is contained at devices and until when, how it ended, and an end before its time. */
import type { Command } from 'commander';
import { z } from 'zod';
import type { Containment } from '../../../broker/containment/containment.ts';
import { asForm, withAs } from '../as-option.ts';
import type { Cli } from '../io.ts';
import type { Act } from '../program.ts';
import { printRows } from '../render/print-rows.ts';
import { sayTime } from '../render/show-change.ts';
import { oneLine, type Style } from '../terminal.ts';

const endForm = asForm.extend({ reason: z.string().trim().min(1, 'give a reason of at least one word').max(500) });
/** How often, and how often at most, it is looked whether an end was carried out. */
const LOOK_MS = 500;
const MOST_LOOKS = 240;

export function defineContainments(program: Command, act: Act): void {
  const containments = program
    .command('containments')
    .helpCommand(false)
    .description('See what contains threats at devices, and end it')
    .addHelpText(
      'after',
      `
Examples:
  wayleave containments list --as admin@acme
  wayleave containments show con_… --as admin@acme     what was put where, by whom, until when, and how it went away
  wayleave containments end con_… --as admin@acme --reason "the camera was replaced"

A containment ends by itself at its end time: the broker takes back what it put at the devices, and nothing else, and
reads them to prove it. Ending one before needs tenant-admin, security-analyst or provider-admin.

States: placing (on its way to the devices) · active · overdue (the end has come, the devices have it still) ·
        ended (read from every device as gone) · void (never in place)`,
    );
  withAs(containments.command('list', { isDefault: true }))
    .description('List containments, the latest first')
    .action(act(asForm, listContainments));
  withAs(containments.command('show'))
    .description('Show one of them whole')
    .argument('<id>', 'con_…')
    .action(act(asForm, showContainment));
  withAs(containments.command('end'))
    .description('End it now, and wait until it is gone from the devices')
    .argument('<id>', 'con_…')
    .requiredOption('--reason <text>', 'Why; it is kept in the audit log')
    .action(act(endForm, endContainment));
}

/** The state in a word; one that should be gone by now says so. */
const stateOf = ({ state, until, endedBy }: Containment, now: number): string => {
  if (state !== 'active') return state;
  if (endedBy !== undefined) return 'ending';
  return Date.parse(until) <= now ? 'overdue' : state;
};

const sayMeasure = ({ measure }: Containment['traces'][number]): string =>
  measure.kind === 'disable-account'
    ? `account ${measure.account} disabled`
    : `${measure.source ?? 'any'} → ${measure.destination ?? 'any'}${measure.destinationPort === undefined ? '' : `:${measure.destinationPort}`} denied`;

const devicesOf = ({ traces }: Containment): string => traces.map(({ device }) => device).join(',');

export async function listContainments(cli: Cli, options: z.infer<typeof asForm>): Promise<number> {
  const { control } = await cli.person(options.as);
  const found = await control.containments();
  const rows = found.map((one) => [
    ...[one.id, stateOf(one, cli.now()), devicesOf(one)],
    oneLine([...new Set(one.traces.map(sayMeasure))].join('; ')),
    ...[one.until, one.agent === undefined ? one.requestedBy : `${one.agent} for ${one.requestedBy}`],
    oneLine(one.purpose),
  ]);
  printRows(cli, found, ['CONTAINMENT', 'STATE', 'DEVICES', 'WHAT', 'UNTIL', 'BY', 'PURPOSE'], rows);
  return 0;
}

export async function showContainment(
  cli: Cli,
  options: z.infer<typeof asForm>,
  [id = '']: readonly string[],
): Promise<number> {
  const { control } = await cli.person(options.as);
  print(cli, await control.containment(id));
  return 0;
}

/** Waits until it is gone, because that is what was asked for. Exit code 1 when it is still there in the end. */
export async function endContainment(
  cli: Cli,
  options: z.infer<typeof endForm>,
  [id = '']: readonly string[],
): Promise<number> {
  const { control } = await cli.person(options.as);
  let now = await control.endContainment(id, options.reason);
  if (now.state === 'active' || now.state === 'placing') cli.terminal.talk('It is taken back …');
  for (let look = 0; look < MOST_LOOKS && (now.state === 'active' || now.state === 'placing'); look += 1) {
    await cli.pause(LOOK_MS);
    now = await control.containment(id);
  }
  print(cli, now);
  return now.state === 'ended' || now.state === 'void' ? 0 : 1;
}

function print(cli: Cli, containment: Containment): void {
  if (cli.json) cli.emit(containment);
  else for (const line of describe(containment, cli.now(), cli.terminal.style)) cli.terminal.data(line);
}

function describe(one: Containment, now: number, style: Style): readonly string[] {
  const row = (label: string, text: string): string => `${style.dim(label.padEnd(11))}${text}`;
  const seconds = Math.round((Date.parse(one.until) - Date.parse(one.from)) / 1000);
  return [
    `${style.bold(one.id)}  ${stateOf(one, now)}`,
    ...one.traces.map((trace) =>
      row(
        trace.device,
        `${oneLine(sayMeasure(trace))}${trace.lists.length === 0 ? '' : `, in ${trace.lists.join(', ')} as ${trace.entry}`}`,
      ),
    ),
    row('from', `${one.from}, until ${one.until} (${sayTime(seconds)})`),
    row('purpose', oneLine(one.purpose)),
    row('intent', `${one.intent} (${one.tool})`),
    row('asked by', oneLine(one.agent === undefined ? one.requestedBy : `${one.agent} for ${one.requestedBy}`)),
    row('approved', oneLine(one.approvedBy.join(', ')) || 'nobody was asked'),
    ...(one.endedBy === undefined
      ? []
      : [row('ended by', `${oneLine(one.endedBy.human)} at ${one.endedBy.at}: ${oneLine(one.endedBy.reason)}`)]),
    ...one.reversed.map(({ device, at, found, detail }) => row(found, `${device} at ${at}: ${oneLine(detail)}`)),
    ...(one.state === 'active' && one.lastFailure !== undefined
      ? [row('failed', style.red(`${one.failures} ×, last: ${oneLine(one.lastFailure)}`))]
      : []),
    ...(one.endedAt === undefined ? [] : [row('ended', one.endedAt)]),
  ];
}
