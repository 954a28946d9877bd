// `npm run crashes [-- --seeds 10 --from 1]`: kills the broker at every point of a change, with so many seeds, and prints what each came to.
// Each seed has an installation of its own: a tenant may make only so many changes within an hour.
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const { values } = parseArgs({
  options: { seeds: { type: 'string', default: '10' }, from: { type: 'string', default: '1' } },
});
const [count, first] = [Number(values.seeds), Number(values.from)];
if (!Number.isInteger(count) || count < 1 || count > 1000) {
  console.error(`--seeds: ${values.seeds} is no number of seeds from 1 to 1000.`);
  process.exit(2);
}
if (!Number.isInteger(first) || first < 1 || first > 1_000_000) {
  console.error(`--from: ${values.from} is no seed from 1 to 1000000.`);
  process.exit(2);
}
const last = first + count - 1;
const failed = [];
for (let seed = first; seed <= last; seed += 1) {
  console.log(`=== seed ${seed}, up to ${last}`);
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
