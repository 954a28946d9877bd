// Compiles the TypeScript sources to dist/, bundles the console, copies the data files that the code reads beside itself, and removes what has no source any more.
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const dist = path.join(root, 'dist');
const folders = ['agents', 'apps', 'broker', 'protocols', 'scenarios', 'simulators', 'storage', 'tools'];
// Made by the last step below; goes stale with the package that made it.
const template = path.join(dist, 'storage', 'template');
// Emptied by the program that bundles it.
const bundled = path.join(dist, 'console');
const data = /\.(cedar|json|sql|ya?ml|yang|md|html|css)$/;

const bin = (name, entry) =>
  path.join(path.dirname(createRequire(import.meta.url).resolve(`${name}/package.json`)), 'bin', entry);
const tsc = bin('typescript', 'tsc');
execFileSync(process.execPath, [tsc, '-p', 'tsconfig.build.json'], { cwd: root, stdio: 'inherit' });
execFileSync(process.execPath, [bin('vite', 'vite.js'), 'build', 'console', '--logLevel', 'warn'], {
  cwd: root,
  stdio: 'inherit',
});
for (const folder of folders) {
  cpSync(path.join(root, folder), path.join(dist, folder), {
    recursive: true,
    filter: (source) => path.extname(source) === '' || data.test(source),
  });
}
// In place rather than from scratch: what runs from dist/ goes on running while it is built.
for (const entry of readdirSync(dist, { withFileTypes: true, recursive: true })) {
  const built = path.join(entry.parentPath, entry.name);
  const source = path.join(root, path.relative(dist, built)).replace(/\.js$/, '.ts');
  if (entry.isFile() && !existsSync(source) && !built.startsWith(template) && !built.startsWith(bundled)) rmSync(built);
}
const madeBy = path.join(dist, 'storage', 'template.json');
const version = readFileSync(path.join(root, 'node_modules', '@electric-sql', 'pglite', 'package.json'), 'utf8').match(
  /"version": "([^"]+)"/,
)?.[1];
if (!existsSync(madeBy) || readFileSync(madeBy, 'utf8') !== version) rmSync(template, { recursive: true, force: true });
execFileSync(process.execPath, [path.join(dist, 'apps', 'compose', 'build-templates.js')], { stdio: 'inherit' });
writeFileSync(madeBy, version ?? '');
