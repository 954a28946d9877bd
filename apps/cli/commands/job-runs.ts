/** `wayleave jobs run|show|history|dead|retry`: the runs of a job, how far they are, and what to do about those that failed. */
import type { Command } from 'commander';
import { z } from 'zod';
import { WayleaveError } from '../../../broker/errors.ts';
import type { Schedule } from '../../../broker/identity/schedules.ts';
import type { ScheduleRun } from '../../../broker/schedules/runs.ts';
import type { ScheduleClient } from '../../client/schedule-client.ts';
import { asForm, withAs } from '../as-option.ts';
import type { Cli } from '../io.ts';
import type { Act } from '../program.ts';
import { printRows } from '../render/print-rows.ts';
import { oneLine, printable } from '../terminal.ts';

const waitForm = asForm.extend({ wait: z.boolean().default(true) });

export function defineRuns(jobs: Command, act: Act): void {
  withAs(jobs.command('run'))
    .description('Run one now and wait for what it finds')
    .argument('<id>', 'sch_…')
    .option('--no-wait', 'Do not wait')
    .action(act(waitForm, run));
  withAs(jobs.command('show'))
    .description('One job: when, for whom, and how far its run is')
    .argument('<id>', 'sch_…')
    .action(act(asForm, show));
  withAs(jobs.command('history'))
    .description('The last runs of one, newest first')
    .argument('<id>', 'sch_…')
    .action(act(asForm, history));
  withAs(jobs.command('queue'))
    .description('What waits and what runs, and which workers were heard of')
    .action(act(asForm, queue));
  withAs(jobs.command('dead'))
    .description('Runs and sites that failed for good, and that nobody has tried again')
    .action(act(asForm, dead));
  withAs(jobs.command('retry'))
    .description('Try a dead run again: only the sites that failed, where it has sites')
    .argument('<run>', 'run_… as `wayleave jobs dead` lists it')
    .option('--no-wait', 'Do not wait')
    .action(act(waitForm, retry));
}

const POLL_MS = 500;

export async function run(cli: Cli, options: z.infer<typeof waitForm>, [id = '']: readonly string[]): Promise<number> {
  const { schedules } = await cli.person(options.as);
  return follow(cli, schedules, id, await schedules.runNow(id), options.wait);
}

export async function retry(
  cli: Cli,
  options: z.infer<typeof waitForm>,
  [id = '']: readonly string[],
): Promise<number> {
  const { schedules } = await cli.person(options.as);
  const found = (await schedules.dead()).find((one) => one.id === id);
  if (found === undefined)
    throw new WayleaveError('NOT_FOUND', `No dead run is called ${oneLine(id)}. \`wayleave jobs dead\` lists them.`);
  return follow(cli, schedules, found.schedule, await schedules.retry(found.schedule, id), options.wait);
}

async function follow(cli: Cli, schedules: ScheduleClient, id: string, asked: string, wait: boolean): Promise<number> {
  if (!wait) {
    if (cli.json) cli.emit({ schedule: id, run: asked });
    else cli.terminal.data(`${asked} begins when a worker takes it. See: wayleave jobs show ${id}`);
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

export async function show(cli: Cli, options: z.infer<typeof asForm>, [id = '']: readonly string[]): Promise<number> {
  const { schedules } = await cli.person(options.as);
  const found = (await schedules.list()).find((one) => one.id === id);
  if (found === undefined) throw new WayleaveError('NOT_FOUND', `There is no job ${oneLine(id)} here.`);
  if (cli.json) {
    cli.emit(found);
    return 0;
  }
  const { data } = cli.terminal;
  const { title, agent, owner, budget, missed, onlyIn, leaveOut, lastRun } = found;
  data(`${found.id}: ${oneLine(title)}`);
  data(`  ${sayWhen(found)}, by ${agent}, for ${oneLine(owner)}`);
  data(
    `  ${budget.calls} calls and ${budget.minutes} minutes each; a missed time is ${missed === 'once' ? 'made up for' : 'left out'}`,
  );
  if (onlyIn !== undefined) data(`  only while a change window ${onlyIn} is open`);
  if (leaveOut !== undefined) data(`  leaves out what a change window ${leaveOut} is open for`);
  if (lastRun === undefined) data('It never ran.');
  else showRun(cli, lastRun);
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

export async function dead(cli: Cli, options: z.infer<typeof asForm>): Promise<number> {
  const { schedules } = await cli.person(options.as);
  const found = await schedules.dead();
  const rows = found.map((one) => [
    ...[one.id, one.schedule, stateOf(one), one.startedAt],
    ...[one.dead === undefined ? 'all' : one.dead.map(({ part }) => part).join(','), oneLine(one.title)],
  ]);
  printRows(cli, found, ['RUN', 'JOB', 'ENDED', 'BEGAN', 'SITES', 'TITLE'], rows);
  return 0;
}

export async function queue(cli: Cli, options: z.infer<typeof asForm>): Promise<number> {
  const { schedules } = await cli.person(options.as);
  const found = await schedules.queue();
  if (cli.json) {
    cli.emit(found);
    return 0;
  }
  const { own, workers, jobs } = found;
  const { data } = cli.terminal;
  data(`${own.asked} asked for and not begun, ${own.underWay} under way with ${own.partsLeft} parts to come`);
  if (jobs !== undefined) {
    const states = Object.entries(jobs).filter(([, n]) => n > 0);
    data(`of all tenants: ${states.map(([state, n]) => `${n} ${printable(state)}`).join(', ') || 'nothing'}`);
  }
  if (workers.length === 0) data('No worker was heard of in the last ten minutes.');
  const rows = workers.map((one) => [
    ...[one.worker, one.queue, String(one.concurrency), one.silent ? 'silent' : 'works', one.heardAt],
  ]);
  if (rows.length > 0) printRows(cli, workers, ['WORKER', 'QUEUE', 'AT ONCE', 'STATE', 'HEARD'], rows);
  return 0;
}

export const sayWhen = ({ when, by, spreadMinutes }: Schedule): string =>
  [
    'cron' in when ? `${when.cron} ${when.timeZone}` : `every ${when.everyMinutes} min`,
    ...(by === 'site' ? [spreadMinutes === 0 ? 'by site' : `by site over ${spreadMinutes} min`] : []),
  ].join(', ');

export const stateOf = ({ outcome }: Pick<ScheduleRun, 'outcome'>): string => outcome ?? 'running';

const BAR = 20;

/** `[########------------] 41 of 100 sites, 2 dead` */
function drawProgress({ of, done, dead: failed }: NonNullable<ScheduleRun['progress']>): string {
  const full = of === 0 ? BAR : Math.floor((done / of) * BAR);
  const bar = `[${'#'.repeat(full)}${'-'.repeat(BAR - full)}]`;
  return `${bar} ${done} of ${of} sites${failed === 0 ? '' : `, ${failed} dead`}`;
}

function showRun(cli: Cli, one: ScheduleRun): void {
  const { data } = cli.terminal;
  data(`${one.id}  ${stateOf(one)}  ${one.startedAt}  by ${oneLine(one.by)}  ${one.calls} calls`);
  if (one.progress !== undefined) data(`  ${drawProgress(one.progress)}`);
  for (const line of one.said.split('\n').filter((text) => text !== '')) data(`  ${printable(line)}`);
  if (one.retriedBy !== undefined) data(`  tried again by ${one.retriedBy}`);
}
