/** `wayleave demo`: the one-minute tour: an incident appears, is diagnosed, repaired under approval, and audited. */
import type { Command } from 'commander';
import { z } from 'zod';
import type { Check, TourOutput, TourResult } from '../../demo/step.ts';
import type { Cli } from '../io.ts';
import type { Act } from '../program.ts';
import { oneLine, printable } from '../terminal.ts';

const form = z.object({
  scenario: z.string().default('R01'),
  branch: z.coerce.number('give a number').int().min(1).max(99_999).optional(),
  seed: z.coerce.number('give a number').int().min(0).optional(),
  keep: z.boolean().default(false),
});

export function defineDemo(program: Command, act: Act): void {
  program
    .command('demo')
    .description('The one-minute tour; needs no key, no service and no network')
    .option('--scenario <id|file>', 'R01 P04 O01 T01 R02 D03 P03 X02, or a YAML file (preset: R01)')
    .option('--branch <n>', 'Branch at which it happens')
    .option('--network <name>', 'refnet:m, refnet:l, refnet:<branches>; the story is told there (preset: refnet:m)')
    .option('--topology <name>', 'The same')
    .option('--seed <n>', 'Seed of the simulated network')
    .option('--keep', 'Keep the folder of the installation for a look afterwards')
    .addHelpText(
      'after',
      `
Examples:
  wayleave demo                                     a wrong AS number cuts branch 2 off
  wayleave demo --scenario O01 --branch 3 --seed 7
  wayleave demo --network refnet:12 --branch 9      among twelve branches
  wayleave demo --scenario P03                      the ERP is held on a bad path, and steered off it
  wayleave demo --scenario X02                      a camera calls home, is contained, and let go again
  wayleave demo --json                              only ok, wall_ms, steps: [name, ok, wall_ms, checks]

Exit codes: 0 when every check holds · 1 otherwise`,
    )
    .action(act(form, demo));
}

export async function demo(cli: Cli, options: z.infer<typeof form>): Promise<number> {
  const result = await cli.doors.runDemo({
    config: cli.config,
    scenario: options.scenario,
    ...(options.branch === undefined ? {} : { branch: options.branch }),
    ...(options.seed === undefined ? {} : { seed: options.seed }),
    output: stoppable(cli.json ? quietOutput(cli) : storyOutput(cli), cli.interrupted),
    keep: options.keep,
  });
  if (cli.json) cli.emit(plainResult(result));
  else showResult(cli, result);
  return result.ok ? 0 : 1;
}

/** Ctrl-C ends the tour at its next word, so that it stops its processes and removes its folder. */
function stoppable(output: TourOutput, interrupted: AbortSignal): TourOutput {
  return {
    heading: (number, total, name) => {
      interrupted.throwIfAborted();
      output.heading(number, total, name);
    },
    line: (text) => {
      interrupted.throwIfAborted();
      output.line(text);
    },
    check: (check) => {
      interrupted.throwIfAborted();
      output.check(check);
    },
  };
}

/** The story on stdout. */
function storyOutput({ terminal: { data, style } }: Cli): TourOutput {
  return {
    heading: (number, total, name) => {
      data('');
      data(style.bold(`${number}/${total}  ${oneLine(name)}`));
    },
    line: (text) => {
      for (const line of printable(text).split('\n')) data(`     ${line}`);
    },
    check: (check) => data(`   ${showCheck(check, style)}`),
  };
}

/** With `--json` stdout belongs to the result; a person still sees how far it is. */
function quietOutput({ terminal: { talk } }: Cli): TourOutput {
  return {
    heading: (number, total, name) => talk(`${number}/${total} ${oneLine(name)}`),
    line: () => undefined,
    check: ({ ok, name, detail }) => {
      if (!ok) talk(`  failed: ${oneLine(name)} ${oneLine(detail)}`);
    },
  };
}

function showCheck({ ok, name, detail }: Check, style: Cli['terminal']['style']): string {
  const mark = ok ? style.green('✓') : style.red('✗');
  return `${mark} ${oneLine(name)}${detail === '' ? '' : style.dim(` · ${oneLine(detail)}`)}`;
}

function showResult({ terminal: { data, style } }: Cli, result: TourResult): void {
  data('');
  for (const { name, ok, wall_ms, checks } of result.steps) {
    const held = checks.filter((check) => check.ok).length;
    const mark = ok ? style.green('✓') : style.red('✗');
    data(`${mark} ${seconds(wall_ms).padStart(7)}  ${oneLine(name)} ${style.dim(`${held}/${checks.length} checks`)}`);
  }
  const verdict = result.ok ? style.green('Everything held.') : style.red('Not everything held.');
  data(`  ${seconds(result.wall_ms).padStart(7)}  ${verdict}`);
}

const seconds = (milliseconds: number): string => `${(milliseconds / 1000).toFixed(1)} s`;

/** Exactly the promised fields, whatever else the tour carries along; whole milliseconds. */
const plainResult = ({ ok, wall_ms, steps }: TourResult): TourResult => ({
  ok,
  wall_ms: Math.round(wall_ms),
  steps: steps.map((step) => ({
    name: step.name,
    ok: step.ok,
    wall_ms: Math.round(step.wall_ms),
    checks: step.checks.map((check) => ({ name: check.name, ok: check.ok, detail: check.detail })),
  })),
});
