/** `wayleave replay`: plays incidents in memory, lets the agents find them, and scores what they say and do. */
import { writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import type { Command } from 'commander';
import { z } from 'zod';
import { WayleaveError } from '../../../broker/errors.ts';
import type { Setting } from '../../../scenarios/replay/plan.ts';
import type { Scored } from '../../../scenarios/replay/summary.ts';
import type { Cli } from '../io.ts';
import type { Act } from '../program.ts';
import type { ReplayPage } from '../report/replay-page.ts';
import { oneLine, table } from '../terminal.ts';

const SIZES = ['s', 'm', 'l', 'xl'] as const;
const MAX_SEEDS = 1_000;
/** Exit code of a result below expectation. */
const DIFFERENCE = 20;
const PROGRESS_MS = 2_000;

/** `1,2,3` as a list. */
const list = (value: unknown): unknown =>
  typeof value === 'string' ? value.split(',').map((one) => one.trim()) : value;
const seed = z.coerce.number('give whole numbers, e.g. 1,2,3').int('give whole numbers').min(0).max(999_999_999);

const form = z.object({
  catalogue: z.string().optional(),
  topology: z.string().optional(),
  size: z.preprocess(list, z.array(z.enum(SIZES, 'give s, m, l or xl'))).default(['m']),
  seeds: z.preprocess(list, z.array(seed).min(1).max(MAX_SEEDS)).default([1]),
  report: z.string().optional(),
  junit: z.string().optional(),
  compare: z.string().optional(),
  baselines: z.boolean().default(false),
  wire: z.boolean().default(false),
  through: z.enum(['chat', 'engine'], 'give chat or engine').optional(),
  leaveOut: z.boolean().default(false),
  jobs: z.coerce.number('give a number').int().min(1).max(64).optional(),
});

export function defineReplay(program: Command, act: Act): void {
  program
    .command('replay')
    .description('Play incidents in memory and score what the agents find and do')
    .argument('[what...]', 'Ids of stories or incidents, files, folders (preset: every story that ships)')
    .option('--catalogue <file>', 'Incidents of a file in the form of the catalogue')
    .option('--topology <name>', 'Another network: two-regions, full-mesh, shops, or a YAML file')
    .option('--size <sizes>', 'Of the reference network: s 2, m 4, l 8, xl 1000 branches (preset: m)')
    .option('--seeds <n,n>', 'Seeds that each is played with (preset: 1)')
    .option('--report <file>', 'Write a page to read (HTML)')
    .option('--junit <file>', 'Write the result in the form of JUnit (XML)')
    .option('--compare <file>', 'Say what differs from an earlier result of replay --json')
    .option('--baselines', 'Ask two simpler ways of looking as well: the loudest alarm, thresholds')
    .option(
      '--through <way>',
      'Ask the agents in the chat, who also repair, or the diagnosis engine alone (preset: chat)',
    )
    .option('--wire', 'Reach devices over real sockets (NETCONF over SSH, SNMPv3, HTTPS on loopback), not in memory')
    .option('--leave-out', 'Let the engine not know the family of the faults: it should say that it does not know')
    .option('--jobs <n>', 'Processes (preset: one for each core)')
    .addHelpText(
      'after',
      `
Examples:
  wayleave replay R01 T04                                        two stories
  wayleave replay scenarios --size m --seeds 1,2,3 --json        all stories, {cases, summary}
  wayleave replay --catalogue incidents.json --size l --seeds 11,12
  wayleave replay --catalogue incidents.json T01 --topology shops
  wayleave replay --seeds 1,2,3 --report replay.html --baselines
  wayleave replay R01 O01 --wire                                 the same over SSH, SNMPv3 and HTTPS on loopback
  wayleave replay --compare yesterday.json

The same seed gives the same bytes, but for wall_ms and wall_s. docs/scenarios.md says how it is scored.

Exit codes: 0 as expected · 20 below expectation · 2 a file, an id or an option that makes no sense`,
    )
    .action(act(form, replay));
}

/** Where a result goes must be there before an hour of cases is played. */
function demandWritable(file: string | undefined): void {
  if (file === undefined) return;
  try {
    writeFileSync(file, '', { flag: 'a' });
  } catch {
    throw new WayleaveError('USAGE', `${file} cannot be written.`);
  }
}

export async function replay(cli: Cli, options: z.infer<typeof form>, names: readonly string[]): Promise<number> {
  const { chooseCases } = await import('../../../scenarios/replay/choose-cases.ts');
  const { findLeftOutShortfalls, findShortfalls, reportReplay, sumLeftOut } = await import(
    '../../../scenarios/replay/summary.ts'
  );
  const { BASELINES, sumBaseline } = await import('../../../scenarios/replay/baselines.ts');
  const { caseKey, compareReplays, readReport } = await import('../../../scenarios/replay/compare.ts');
  const { writeJunit } = await import('../../../scenarios/replay/junit.ts');
  const { playCases } = await import('../../replay/pool.ts');
  const { printReplay } = await import('../report/replay-page.ts');
  const { sayWhat } = await import('../report/replay-case.ts');
  const { catalogue } = options;
  const cases = chooseCases({
    names,
    settings: settingsOf(options),
    ...(catalogue === undefined ? {} : { catalogue }),
  });
  demandWritable(options.report);
  demandWritable(options.junit);
  const earlier = options.compare === undefined ? undefined : readReport(options.compare);
  const begun = performance.now();
  const scored = await playCases(cases, {
    jobs: options.jobs ?? availableParallelism(),
    progress: tellProgress(cli, cases.length),
    interrupted: cli.interrupted,
  });
  const report = reportReplay(scored, performance.now() - begun);
  const leftOut = sumLeftOut(scored);
  const shortfalls = leftOut === undefined ? findShortfalls(report.summary) : findLeftOutShortfalls(leftOut);
  const baselines = options.baselines ? BASELINES.map((name) => sumBaseline(name, scoresOf(scored, name))) : [];
  const rights = new Map(scored.map(({ played, score }) => [caseKey(played), score?.right === true]));
  const comparison = earlier === undefined ? undefined : compareReplays(earlier, report, rights);
  const page = {
    ...{ scored, summary: report.summary, baselines },
    ...(comparison === undefined ? {} : { comparison }),
    ...(leftOut === undefined ? {} : { leftOut }),
  };
  if (options.report !== undefined) writeFileSync(options.report, printReplay(page));
  if (options.junit !== undefined)
    writeFileSync(
      options.junit,
      writeJunit(scored, ({ played, score }) => sayWhat(played, score?.right === true)),
    );
  if (cli.json)
    cli.emit({
      ...report,
      ...(options.baselines ? { baselines } : {}),
      ...(comparison ? { comparison } : {}),
      ...(leftOut ? { left_out: leftOut } : {}),
    });
  else show(cli, page);
  for (const shortfall of shortfalls) cli.terminal.talk(`Below expectation: ${shortfall}.`);
  return shortfalls.length === 0 ? 0 : DIFFERENCE;
}

/** Scores of one baseline over the cases that apply. */
const scoresOf = (scored: readonly Scored[], name: string) =>
  scored.flatMap(({ played, baselines }) => {
    const score = baselines?.[name];
    return score === undefined ? [] : [{ score, calm: played.expect.causes.length === 0 }];
  });

function settingsOf({
  topology,
  size,
  seeds,
  baselines,
  wire,
  through,
  leaveOut,
}: z.infer<typeof form>): readonly Setting[] {
  const same = { baselines, wire, leaveOut, ...(through === undefined ? {} : { through }) };
  if (topology === undefined)
    return size.flatMap((one) => seeds.map((seed) => ({ size: one, network: `refnet:${one}`, seed, ...same })));
  if (topology === '') throw new WayleaveError('USAGE', '--topology: give the name of a network or a file');
  const name = path.basename(topology).replace(/\.ya?ml$/, '');
  return seeds.map((seed) => ({ size: name, network: topology, seed, ...same }));
}

/** One line every few seconds, so that nobody wonders. */
function tellProgress(cli: Cli, total: number): (done: number) => void {
  let toldAt = performance.now();
  return (done) => {
    if (performance.now() - toldAt < PROGRESS_MS) return;
    toldAt = performance.now();
    cli.terminal.talk(`${done} of ${total} cases played`);
  };
}

function show(
  { terminal: { data, style } }: Cli,
  { scored, summary, baselines, comparison, leftOut }: ReplayPage,
): void {
  const rows = scored.map(({ played, score }) => [
    played.id,
    played.size,
    String(played.seed),
    score === undefined ? '-' : score.right ? 'ok' : 'MISS',
    played.not_applicable === undefined ? played.verdict : 'not applicable',
    oneLine(played.not_applicable ?? played.root_causes.map((one) => `${one.fault_type} ${one.resource}`).join('; ')),
    score === undefined || score.right
      ? ''
      : oneLine(
          played.expect.causes.map((one) => `${one.fault_type} ${one.resource}`).join('; ') ||
            played.expect.verdicts.join(' or '),
        ),
    played.detected_at_s === null ? '' : `${played.detected_at_s} s`,
    String(played.reads),
    played.remediation.outcome,
  ]);
  for (const line of table(
    ['CASE', 'SIZE', 'SEED', '', 'VERDICT', 'CAUSES', 'EXPECTED', 'SEEN', 'READS', 'REPAIR'],
    rows,
  ))
    data(line);
  data('');
  for (const [name, value] of Object.entries(summary))
    data(`${name.padEnd(22)}${style.bold(value === null ? '-' : String(value))}`);
  for (const { name, ...figures } of baselines) data(`${name}: ${JSON.stringify(figures)}`);
  if (leftOut !== undefined) data(`left out: ${JSON.stringify(leftOut)}`);
  if (comparison !== undefined) {
    for (const line of comparison.worse) data(style.red(`worse: ${oneLine(line)}`));
    for (const line of comparison.better) data(style.green(`better: ${oneLine(line)}`));
    for (const line of comparison.changed) data(`changed: ${oneLine(line)}`);
    if (comparison.worse.length + comparison.better.length + comparison.changed.length === 0) data('Nothing changed.');
  }
  for (const { played } of scored)
    for (const violation of played.violations)
      data(style.red(`${played.id} seed ${played.seed}: ${oneLine(violation)}`));
}
