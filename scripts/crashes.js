// `npm run crashes [-- --seeds 10]`: kills the broker at every point of a change, with so many seeds, and prints what each came to.
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
const seeds = Array.from({ length: count }, (_, index) => index + 1).join(',');
const { status } = spawnSync(
  path.join(root, 'node_modules', '.bin', 'vitest'),
  ['run', 'test/processes/killed-broker.test.ts', '--reporter=verbose'],
  { cwd: root, stdio: 'inherit', env: { ...process.env, WAYLEAVE_CRASH_SEEDS: seeds } },
);
process.exit(status ?? 1);
