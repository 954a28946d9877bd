/**
 * `npm run policy:mutation [-- --json]`: makes every single mistake in the shipped policies and counts those that the cases
 * beside the policies or the golden matrix find. Prints the survivors; exit code 20 below 95 %.
 */
import { parseArgs } from 'node:util';
import { runMutations } from './run-mutations.ts';

const LEAST = 95;
const DIFFERENCE = 20;
const { values } = parseArgs({ options: { json: { type: 'boolean', default: false } } });
const { mutants, found, survivors } = await runMutations();
const percent = Math.floor((1000 * found) / mutants) / 10;
if (values.json) console.log(JSON.stringify({ mutants, found, percent, survivors }));
else {
  for (const { policy, says } of survivors) console.log(`survives: ${policy}: ${says}`);
  console.log(`${mutants} mutants, ${found} found (${percent} %)`);
}
process.exitCode = percent < LEAST ? DIFFERENCE : 0;
