/** `wayleave jobs`: work that agents do at set times for the person who orders it, and what came of it. */
import type { Command } from 'commander';
import { z } from 'zod';
import { WayleaveError } from '../../../broker/errors.ts';
import type { WantedSchedule } from '../../../broker/identity/schedules.ts';
import { asForm, withAs } from '../as-option.ts';
import type { Cli } from '../io.ts';
import type { Act } from '../program.ts';
import { printRows } from '../render/print-rows.ts';
import { oneLine } from '../terminal.ts';
import { defineBoard } from './job-board.ts';
import { defineRuns, sayWhen, stateOf } from './job-runs.ts';

/** What may be ordered, in the words of people. */
const WORK = {
  health: { agent: 'health-monitor', title: 'Health sweep' },
  threats: { agent: 'threat-watcher', title: 'Threat sweep' },
  compliance: { agent: 'compliance-auditor', title: 'Compliance audit' },
  experience: { agent: 'experience-optimizer', title: 'Experience scoring' },
  forecasts: { agent: 'health-monitor', work: 'forecast', title: 'Forecast of certificates and capacities' },
  checkpoint: { agent: 'compliance-auditor', work: 'checkpoint', title: 'Audit checkpoint' },
  retention: { agent: 'health-monitor', work: 'retention', title: 'Retention of telemetry' },
} as const;
const WORKS = ['health', 'threats', 'compliance', 'experience', 'forecasts', 'checkpoint', 'retention'] as const;

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
  bySite: z.boolean().default(false),
  spread: minutes.optional(),
  onlyIn: z.string().optional(),
  leaveOut: z.string().optional(),
  missed: z.enum(['skip', 'once']).default('once'),
  calls: z.coerce.number().int().min(1).max(10_000).default(500),
  minutes: z.coerce.number().int().min(1).max(240).default(10),
});

const ADD_HELP = `
Work:
  health      health sweep: systems, tunnels, lines, LAN, applications; keeps incidents
  threats     threat sweep
  compliance  golden rules, drift, and what the agents did
  experience  experience of every site, as a number
  forecasts   certificates that end and capacities that will be used up
  checkpoint  the signed checkpoint of the audit log, kept as a record; needs a role that may read the log
  retention   summarises telemetry and drops what is older than the installation keeps

A job belongs to who adds it and to that person's tenant, acts with that person's present rights, and is its own purpose in
policies. Its budget is --calls and --minutes a run.

Examples:
  wayleave jobs add health --every 15m --jitter 5m --as operator@acme
  wayleave jobs add forecasts --cron "0 6 * * 1" --time-zone Europe/Berlin --as operator@acme
  wayleave jobs add checkpoint --every 1d --calls 5 --minutes 1 --as auditor@acme
  wayleave jobs add retention --cron "30 2 * * *" --as operator@acme`;

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
  wayleave jobs add health --every 1h --by-site --spread 50m --as operator@acme    every site once an hour, spread out
  wayleave jobs run sch_… --as operator@acme          now, and wait for what it finds
  wayleave jobs show sch_… --as operator@acme         one job, and how far its run is
  wayleave jobs queue --as operator@acme              what waits, and which workers there are
  wayleave jobs dead --as operator@acme               what failed for good; put right by: wayleave jobs retry RUN
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
    .option('--by-site', 'A part for each site, tried again by itself; for more than a handful of sites')
    .option('--spread <time>', 'Sites begin over this time, each at a place of its own (with --by-site)')
    .option('--only-in <window>', 'Begins only while a change window of this name is open')
    .option('--leave-out <window>', 'Leaves devices alone for which a change window of this name is open')
    .option('--title <text>', 'What it is called')
    .option(
      '--missed <what>',
      'A time at which no worker was there: `once` makes up for it, `skip` leaves it out (once)',
    )
    .option('--calls <n>', 'Calls of tools that one run may make (500)')
    .option('--minutes <n>', 'Minutes that one run may take (10)')
    .addHelpText('after', ADD_HELP)
    .action(act(addForm, add));
  withAs(jobs.command('pause')).description('Hold one').argument('<id>', 'sch_…').action(act(asForm, pause));
  withAs(jobs.command('resume')).description('Let one go on').argument('<id>', 'sch_…').action(act(asForm, resume));
  withAs(jobs.command('end')).description('End one for good').argument('<id>', 'sch_…').action(act(asForm, end));
  defineRuns(jobs, act);
  defineBoard(jobs, act);
}

export async function list(cli: Cli, options: z.infer<typeof asForm>): Promise<number> {
  const { schedules } = await cli.person(options.as);
  const found = await schedules.list();
  const rows = found.map((one) => [
    ...[one.id, one.agent, one.endedAt !== undefined ? 'ended' : one.pausedAt !== undefined ? 'paused' : 'on'],
    ...[sayWhen(one), one.owner],
    ...[one.lastRun === undefined ? 'never' : `${stateOf(one.lastRun)} ${one.lastRun.startedAt}`, oneLine(one.title)],
  ]);
  printRows(cli, found, ['JOB', 'AGENT', 'STATE', 'WHEN', 'FOR', 'LAST RUN', 'TITLE'], rows);
  return 0;
}

export async function add(cli: Cli, options: z.infer<typeof addForm>, [work = '']: readonly string[]): Promise<number> {
  const known = WORKS.find((one) => one === work);
  if (known === undefined)
    throw new WayleaveError('USAGE', `There is no work called ${oneLine(work)}. There is: ${WORKS.join(', ')}.`);
  const { title, ...who } = WORK[known];
  const { missed, calls, onlyIn, leaveOut, spread = 0 } = options;
  if (spread > 0 && !options.bySite) throw new WayleaveError('USAGE', '--spread belongs to --by-site.');
  const wanted: WantedSchedule = {
    ...{ ...who, title: options.title ?? title, when: whenOf(options), missed },
    ...{ by: options.bySite ? 'site' : 'tenant', spreadMinutes: spread },
    ...(onlyIn === undefined ? {} : { onlyIn }),
    ...(leaveOut === undefined ? {} : { leaveOut }),
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
