/**
 * `npm run policy:differential [-- --requests N --seed S --json --corpus DIR]`: puts the same questions to cedar-wasm and to
 * the broker's closures and compares decision, determining policies and erring policies. Exit code 20 on a difference.
 * A quarter of the questions is about the shipped policies, the rest about generated ones; before both come the tests of
 * the folder beside this file, or of `--corpus`.
 */
import path from 'node:path';
import { parseArgs } from 'node:util';
import type { Difference } from './compare.ts';
import { compareCorpus } from './corpus.ts';
import { compareGenerated } from './generated.ts';
import { createRandom } from './random.ts';
import { compareShipped } from './shipped.ts';

const DIFFERENCE = 20;
const MOST_SHOWN = 20;
const SHIPPED_SHARE = 0.25;

const { values } = parseArgs({
  options: {
    requests: { type: 'string', default: '100000' },
    seed: { type: 'string', default: '1' },
    corpus: { type: 'string', default: path.join(import.meta.dirname, 'corpus') },
    json: { type: 'boolean', default: false },
  },
});
const total = Number(values.requests);
const seed = Number(values.seed);
if (!Number.isSafeInteger(total) || total < 0 || !Number.isSafeInteger(seed)) {
  console.error('--requests and --seed are whole numbers');
  process.exit(2);
}

const begun = performance.now();
const tally = new Map<string, number>();
const differences: Difference[] = [];
let requests = 0;
const note = (said: string, difference: Difference | undefined): void => {
  requests += 1;
  const outcome = said.replaceAll(/\[[^\]]+\]/g, '[…]');
  tally.set(outcome, (tally.get(outcome) ?? 0) + 1);
  if (difference !== undefined && differences.length < MOST_SHOWN) differences.push(difference);
  if (requests % 10_000 === 0) console.error(`${requests} questions, ${differences.length} differences`);
};

for (const result of compareCorpus(path.resolve(values.corpus))) {
  if (result.skipped !== undefined) console.error(`not compared: ${result.file}: ${result.skipped}`);
  requests += result.compared;
  differences.push(...result.differences);
}
const fromFolder = requests;
const shipped = Math.round(Math.max(0, total - fromFolder) * SHIPPED_SHARE);
for await (const { said, difference } of compareShipped(shipped, createRandom(seed))) note(said, difference);
const generated = Math.max(0, total - fromFolder - shipped);
for (const { said, difference } of compareGenerated(generated, createRandom(seed + 1))) note(said, difference);

if (values.json) console.log(JSON.stringify({ requests, differences }));
else {
  for (const one of differences) console.log(`DIFFERENCE ${JSON.stringify(one)}`);
  console.log(
    `${fromFolder} questions from ${values.corpus}, ${shipped} about the shipped policies, ${generated} about generated ones`,
  );
  for (const [outcome, count] of [...tally].sort((a, b) => b[1] - a[1]))
    console.log(`${String(count).padStart(8)}  ${outcome}`);
  console.log(
    `${requests} questions, ${differences.length} differences, seed ${seed}, ${Math.round((performance.now() - begun) / 1000)} s`,
  );
}
process.exitCode = differences.length > 0 ? DIFFERENCE : 0;
