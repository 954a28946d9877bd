// `npm run crashes [-- --seeds 10]`: kills the broker at every point of a change, with so many seeds, and prints what each came to.
// Each seed has an installation of its own: a tenant may make only so many changes within an hour.
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const { values } = parseArgs({ options: { seeds: { type: 'string', default: '10' } } });
const count = Number(values.seeds);
if (!Number.isInteger(count) || count < 1 || count > 1000) {
  console.error(`--seeds: ${values.seeds} is no number of seeds from 1 to 1000.`);
  process.exit(2);
}
const failed = [];
for (let seed = 1; seed <= count; seed += 1) {
  console.log(`=== seed ${seed} of ${count}`);
  const { status, signal } = spawnSync(
    path.join(root, 'node_modules', '.bin', 'vitest'),
    ['run', 'test/processes/killed-broker.test.ts', '--reporter=verbose'],
    { cwd: root, stdio: 'inherit', env: { ...process.env, WAYLEAVE_CRASH_SEEDS: String(seed) } },
  );
  if (signal !== null) process.exit(130);
  if (status !== 0) failed.push(seed);
}
console.log(failed.length === 0 ? `${count} seeds, all clean` : `${count} seeds, not clean: ${failed.join(', ')}`);
process.exit(failed.length === 0 ? 0 : 1);
