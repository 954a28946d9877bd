// Everything that must hold before a commit, part by part with its time. Stops at nothing: all findings are shown, then a summary.
import { execFileSync, spawnSync } from 'node:child_process';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const bin = (name) => path.join(root, 'node_modules', '.bin', name);

/** Rules of the repository (imports, files, documents, golden files) are tests, so `npm test` runs them too. */
const PARTS = [
  ['types', bin('tsc'), ['-p', 'tsconfig.json', '--noEmit']],
  ['console types', bin('tsc'), ['-p', 'console/tsconfig.json']],
  ['openapi', bin('tsx'), ['apps/openapi/main.ts', '--check']],
  ['lint', bin('oxlint'), ['--type-aware', '--deny-warnings', '.']],
  ['format', bin('biome'), ['check', '--error-on-warnings', '.']],
  ['rules', bin('vitest'), ['run', 'test/repository', 'test/golden']],
  ['build', process.execPath, [path.join(root, 'scripts', 'build.js')]],
  ['tests', bin('vitest'), ['run', '--project', 'parts', '--project', 'alone']],
];

const only = process.argv.slice(2);
const unknown = only.filter((name) => !PARTS.some(([part]) => part === name));
if (unknown.length > 0) {
  console.error(`No such part: ${unknown.join(', ')}. Parts: ${PARTS.map(([part]) => part).join(', ')}`);
  process.exit(2);
}

const results = [];
for (const [name, command, args] of PARTS) {
  if (only.length > 0 && !only.includes(name)) continue;
  console.log(`\n== ${name}`);
  const begun = performance.now();
  const { status } = spawnSync(command, args, { cwd: root, stdio: 'inherit' });
  const seconds = ((performance.now() - begun) / 1000).toFixed(1);
  results.push({ name, ok: status === 0, seconds });
}

const commit = execFileSync('git', ['rev-parse', '--short', 'HEAD'], { cwd: root, encoding: 'utf8' }).trim();
console.log(`\n== summary of ${commit}`);
for (const { name, ok, seconds } of results) console.log(`${ok ? 'ok    ' : 'FAILED'} ${name.padEnd(8)} ${seconds} s`);
const failed = results.filter((result) => !result.ok);
if (failed.length > 0)
  console.error(`${failed.length} of ${results.length} parts failed: ${failed.map((part) => part.name).join(', ')}`);
process.exit(failed.length > 0 ? 1 : 0);
