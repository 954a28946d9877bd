/** One worker: `run.ts --from A --to B --step N` plays the seeds A, A+N, … below B, and prints a line of JSON for every one that breaks a rule, and one at the end. */
import { parseArgs } from 'node:util';
import { runHistory } from './history.ts';

export interface Violation {
  readonly seed: number;
  readonly what: readonly string[];
}

/** What a worker tells: a violation, how far it is, or what all its histories came to. */
export type Line =
  | ({ readonly kind: 'violation' } & Violation)
  | { readonly kind: 'progress'; readonly seeds: number }
  | {
      readonly kind: 'end';
      readonly seeds: number;
      readonly brokers: number;
      readonly outcomes: Record<string, number>;
    };

/** Plays one seed; a history that breaks instead of ending is a violation too. */
export async function violationsOf(seed: number): ReturnType<typeof runHistory> {
  return runHistory(seed).catch((error: unknown) => ({
    ...{ seed, outcomes: [], brokers: 0, story: () => [] },
    violations: [`the history broke: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`],
  }));
}

/** A worker tells how far it is after so many seeds. */
const STRIDE = 100;

async function main(): Promise<void> {
  const number = { type: 'string', default: '1' } as const;
  const { values } = parseArgs({
    options: { from: number, to: number, step: number, first: { type: 'boolean', default: false } },
  });
  const tell = (line: Line): void => console.log(JSON.stringify(line));
  const outcomes: Record<string, number> = {};
  let seeds = 0;
  let brokers = 0;
  for (let seed = Number(values.from); seed < Number(values.to); seed += Number(values.step)) {
    const history = await violationsOf(seed);
    seeds += 1;
    brokers += history.brokers;
    for (const outcome of history.outcomes) outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
    if (history.violations.length > 0) {
      tell({ kind: 'violation', seed, what: history.violations });
      if (values.first) break;
    }
    if (seeds % STRIDE === 0) tell({ kind: 'progress', seeds });
  }
  tell({ kind: 'end', seeds, brokers, outcomes });
}

if (process.argv[1]?.endsWith('run.ts') === true) await main();
