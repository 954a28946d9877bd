/**
 * `npm run histories [-- --seeds N --from SEED --seed SEED --planted --json]`: plays histories of the whole life of changes,
 * a seed each, and says which of them broke a rule. Exit code 20 when one did, or when a planted bug was not found.
 */
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { findPlanted } from './find-planted.ts';
import { KNOWN_SEEDS } from './known-seeds.ts';
import { type Violation, violationsOf } from './run.ts';
import { playSeeds } from './workers.ts';

const HELP = `npm run histories [-- --seeds N --from SEED --seed SEED --planted --only BUG,BUG --json]

Plays histories of the whole life of changes, a seed each, and says which of them broke a rule.
  --seeds    how many, from --from on (10,000 from 1)
  --seed     one alone, told step by step
  --planted  plants one bug after the other in a copy of the sources, and looks for the seed that finds it
Exit code 20 when a rule was broken, or when a planted bug was not found.`;
const DIFFERENCE = 20;
const USAGE = 2;
const root = path.dirname(path.dirname(path.dirname(fileURLToPath(import.meta.url))));
const talk = (text: string): void => console.error(text);
const tell = ({ seed, what }: Violation): void => {
  for (const one of what) console.log(`seed ${seed}: ${one}`);
  console.log(`  again: npm run histories -- --seed ${seed}`);
};

async function playOne(seed: number, json: boolean): Promise<number> {
  const { violations, outcomes, brokers, story } = await violationsOf(seed);
  if (json)
    console.log(JSON.stringify({ seeds: 1, violations: violations.length > 0 ? [{ seed, what: violations }] : [] }));
  else {
    for (const line of story()) console.log(line);
    for (const one of violations) console.log(`seed ${seed}: ${one}`);
    console.log(`seed ${seed}: ${brokers} brokers, changes: ${outcomes.join(', ')}; ${violations.length} violations`);
  }
  return violations.length === 0 ? 0 : DIFFERENCE;
}

async function playMany(from: number, seeds: number, json: boolean): Promise<number> {
  const begun = performance.now();
  const known: Violation[] = [];
  for (const { seed } of KNOWN_SEEDS) {
    const { violations } = await violationsOf(seed);
    if (violations.length > 0) known.push({ seed, what: violations });
  }
  const played = await playSeeds({
    ...{ root, from, to: from + seeds, workers: availableParallelism() },
    progress: (count) => talk(`${count} of ${seeds} histories`),
  });
  const violations = [...known, ...played.violations];
  const seconds = (performance.now() - begun) / 1000;
  if (json) console.log(JSON.stringify({ seeds: played.seeds, violations }));
  else {
    for (const one of violations) tell(one);
    const ends = Object.entries(played.outcomes).toSorted(([a], [b]) => (a < b ? -1 : 1));
    console.log(`${played.seeds} histories from seed ${from}, and ${KNOWN_SEEDS.length} that failed once`);
    console.log(`${played.brokers} brokers; intents: ${ends.map(([end, count]) => `${count} ${end}`).join(', ')}`);
    console.log(`${violations.length} violations`);
  }
  talk(`${seconds.toFixed(0)} s, ${((1000 * seconds) / seeds).toFixed(1)} ms a history`);
  return violations.length === 0 ? 0 : DIFFERENCE;
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      seeds: { type: 'string', default: '10000' },
      from: { type: 'string', default: '1' },
      seed: { type: 'string' },
      planted: { type: 'boolean', default: false },
      only: { type: 'string' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    console.log(HELP);
    return 0;
  }
  const numbers = [values.seeds, values.from, values.seed ?? '1'].map(Number);
  if (numbers.some((one) => !Number.isSafeInteger(one) || one < 1)) {
    talk('--seeds, --from and --seed take whole numbers from 1.');
    return USAGE;
  }
  const [seeds = 1, from = 1, seed = 1] = numbers;
  if (values.seed !== undefined) return playOne(seed, values.json);
  if (!values.planted) return playMany(from, seeds, values.json);
  const found = await findPlanted(root, { from, seeds }, talk, values.only?.split(','));
  if (values.json) console.log(JSON.stringify({ seeds, planted: found }));
  else
    for (const { bug, seed: first, what } of found)
      console.log(`${bug.padEnd(28)}  ${(first === undefined ? 'NOT FOUND' : `seed ${first}`).padEnd(11)}  ${what}`);
  return found.every((one) => one.seed !== undefined) ? 0 : DIFFERENCE;
}

process.exitCode = await main();
