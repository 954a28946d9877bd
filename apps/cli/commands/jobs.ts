/** `wayleave jobs`: work that agents do at set times for the person who orders it, and what came of it. */
import type { Command } from 'commander';
import { z } from 'zod';
import { WayleaveError } from '../../../broker/errors.ts';
import type { WantedSchedule } from '../../../broker/identity/schedules.ts';
import type { ScheduleRun } from '../../../broker/schedules/runs.ts';
import { asForm, withAs } from '../as-option.ts';
import type { Cli } from '../io.ts';
import type { Act } from '../program.ts';
import { printRows } from '../render/print-rows.ts';
import { oneLine, printable } from '../terminal.ts';

/** What may be ordered, in the words of people. */
const WORK = {
  health: { agent: 'health-monitor', title: 'Health sweep' },
  threats: { agent: 'threat-watcher', title: 'Threat sweep' },
  compliance: { agent: 'compliance-auditor', title: 'Compliance audit' },
  experience: { agent: 'experience-optimizer', title: 'Experience scoring' },
} as const;
const WORKS = ['health', 'threats', 'compliance', 'experience'] as const;

const minutes = z
  .string()
  .regex(/^[1-9]\d{0,3}(m|h|d)$/, 'give a time like 5m, 2h or 1d')
  .transform((text) => Number.parseInt(text, 10) * (text.endsWith('d') ? 1_440 : text.endsWith('h') ? 60 : 1));

const addForm = asForm.extend({
  cron: z.string().optional(),
  timeZone: z.string().optional(),
  every: minutes.optional(),
  jitter: minutes.optional(),
  title: z.string().optional(),
  missed: z.enum(['skip', 'once']).default('once'),
  calls: z.coerce.number().int().min(1).max(10_000).default(500),
  minutes: z.coerce.number().int().min(1).max(240).default(10),
});
const runForm = asForm.extend({ wait: z.boolean().default(true) });

export function defineJobs(program: Command, act: Act): void {
  const jobs = program
    .command('jobs')
    .helpCommand(false)
    .description('Order, see, hold and run scheduled work')
    .addHelpText(
      'after',
      `
Examples:
  wayleave jobs add health --every 15m --jitter 5m --as operator@acme
  wayleave jobs add compliance --cron "0 3 * * *" --time-zone Europe/Berlin --as auditor@acme
  wayleave jobs run sch_… --as operator@acme          now, and wait for what it finds
  wayleave jobs history sch_… --as operator@acme

A job acts for the person who adds it, with the rights that person has whenever it runs, and looks only: what it finds
is said in its history and in incidents, and a change waits for a person. See docs/jobs.md.`,
    );
  withAs(jobs.command('list', { isDefault: true }))
    .description('List the scheduled work of the tenant')
    .action(act(asForm, list));
  withAs(jobs.command('add'))
    .description('Order work, by a cron line or every so often')
    .argument('<work>', `What to do: ${WORKS.join(', ')}`)
    .option('--cron <line>', 'Five fields: minute hour day month weekday')
    .option('--time-zone <name>', 'On whose clock the cron line is, e.g. Europe/Berlin (UTC)')
    .option('--every <time>', 'How often, e.g. 15m, 2h or 1d')
    .option('--jitter <time>', 'Spread over this time, so that many jobs do not run at once')
    .option('--title <text>', 'What it is called')
    .option(
      '--missed <what>',
      'A time at which no worker was there: `once` makes up for it, `skip` leaves it out (once)',
    )
    .option('--calls <n>', 'Calls of tools that one run may make (500)')
    .option('--minutes <n>', 'Minutes that one run may take (10)')
    .action(act(addForm, add));
  withAs(jobs.command('run'))
    .description('Run one now and wait for what it finds')
    .argument('<id>', 'sch_…')
    .option('--no-wait', 'Do not wait')
    .action(act(runForm, run));
  withAs(jobs.command('pause')).description('Hold one').argument('<id>', 'sch_…').action(act(asForm, pause));
  withAs(jobs.command('resume')).description('Let one go on').argument('<id>', 'sch_…').action(act(asForm, resume));
  withAs(jobs.command('end')).description('End one for good').argument('<id>', 'sch_…').action(act(asForm, end));
  withAs(jobs.command('history'))
    .description('The last runs of one, newest first')
    .argument('<id>', 'sch_…')
    .action(act(asForm, history));
}

export async function list(cli: Cli, options: z.infer<typeof asForm>): Promise<number> {
  const { schedules } = await cli.person(options.as);
  const found = await schedules.list();
  const rows = found.map((one) => [
    ...[one.id, one.agent, one.endedAt !== undefined ? 'ended' : one.pausedAt !== undefined ? 'paused' : 'on'],
    ...['cron' in one.when ? `${one.when.cron} ${one.when.timeZone}` : `every ${one.when.everyMinutes} min`, one.owner],
    ...[one.lastRun === undefined ? 'never' : `${stateOf(one.lastRun)} ${one.lastRun.startedAt}`, oneLine(one.title)],
  ]);
  printRows(cli, found, ['JOB', 'AGENT', 'STATE', 'WHEN', 'FOR', 'LAST RUN', 'TITLE'], rows);
  return 0;
}

export async function add(cli: Cli, options: z.infer<typeof addForm>, [work = '']: readonly string[]): Promise<number> {
  const known = WORKS.find((one) => one === work);
  if (known === undefined)
    throw new WayleaveError('USAGE', `There is no work called ${oneLine(work)}. There is: ${WORKS.join(', ')}.`);
  const { agent, title } = WORK[known];
  const { missed, calls } = options;
  const wanted: WantedSchedule = {
    ...{ agent, title: options.title ?? title, when: whenOf(options), missed },
    budget: { calls, minutes: options.minutes },
  };
  const { schedules } = await cli.person(options.as);
  const added = await schedules.add(wanted);
  if (cli.json) cli.emit(added);
  else cli.terminal.data(`${added.id}: ${oneLine(added.title)}. Run it now with: wayleave jobs run ${added.id}`);
  return 0;
}

function whenOf({ cron, timeZone, every, jitter }: z.infer<typeof addForm>): WantedSchedule['when'] {
  if ((cron === undefined) === (every === undefined))
    throw new WayleaveError('USAGE', 'Say when: either --cron "0 3 * * *" or --every 15m.');
  if (cron === undefined) {
    if (timeZone !== undefined) throw new WayleaveError('USAGE', '--time-zone belongs to --cron.');
    return { everyMinutes: every ?? 0, jitterMinutes: jitter ?? 0 };
  }
  if (jitter !== undefined) throw new WayleaveError('USAGE', '--jitter belongs to --every.');
  return { cron, timeZone: timeZone ?? 'UTC' };
}

const POLL_MS = 500;

export async function run(cli: Cli, options: z.infer<typeof runForm>, [id = '']: readonly string[]): Promise<number> {
  const { schedules } = await cli.person(options.as);
  const asked = await schedules.runNow(id);
  if (!options.wait) {
    if (cli.json) cli.emit({ schedule: id, run: asked });
    else cli.terminal.data(`${asked} begins when a worker takes it. See: wayleave jobs history ${id}`);
    return 0;
  }
  let told = '';
  while (!cli.interrupted.aborted) {
    const found = (await schedules.runs(id)).find((one) => one.id === asked);
    if (found?.endedAt !== undefined) {
      if (cli.json) cli.emit(found);
      else showRun(cli, found);
      return found.outcome === 'done' ? 0 : 1;
    }
    const now = found === undefined ? 'waiting for a worker' : found.said || 'running';
    if (now !== told) cli.terminal.talk(cli.terminal.style.dim(printable(now)));
    told = now;
    await cli.pause(POLL_MS);
  }
  return 130;
}

async function change(cli: Cli, as: string | undefined, id: string, verb: 'pause' | 'resume'): Promise<number> {
  const { schedules } = await cli.person(as);
  const changed = await schedules[verb](id);
  if (cli.json) cli.emit(changed);
  else cli.terminal.data(`${changed.id} is ${changed.pausedAt === undefined ? 'on' : 'paused'}.`);
  return 0;
}

export const pause = (cli: Cli, options: z.infer<typeof asForm>, [id = '']: readonly string[]): Promise<number> =>
  change(cli, options.as, id, 'pause');
export const resume = (cli: Cli, options: z.infer<typeof asForm>, [id = '']: readonly string[]): Promise<number> =>
  change(cli, options.as, id, 'resume');

export async function end(cli: Cli, options: z.infer<typeof asForm>, [id = '']: readonly string[]): Promise<number> {
  const { schedules } = await cli.person(options.as);
  await schedules.end(id);
  if (cli.json) cli.emit({ ended: id });
  else cli.terminal.data(`${id} has ended.`);
  return 0;
}

export async function history(
  cli: Cli,
  options: z.infer<typeof asForm>,
  [id = '']: readonly string[],
): Promise<number> {
  const { schedules } = await cli.person(options.as);
  const runs = await schedules.runs(id);
  if (cli.json) for (const one of runs) cli.emit(one);
  else if (runs.length === 0) cli.terminal.data('It never ran.');
  else for (const one of runs) showRun(cli, one);
  return 0;
}

const stateOf = ({ outcome }: ScheduleRun): string => outcome ?? 'running';

function showRun(cli: Cli, one: ScheduleRun): void {
  const { data } = cli.terminal;
  data(`${one.id}  ${stateOf(one)}  ${one.startedAt}  by ${oneLine(one.by)}  ${one.calls} calls`);
  for (const line of one.said.split('\n').filter((text) => text !== '')) data(`  ${printable(line)}`);
}
