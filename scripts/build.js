// Compiles the TypeScript sources to dist/ and copies the data files that the code reads beside itself.
import { execFileSync } from 'node:child_process';
import { cpSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const tsc = path.join(path.dirname(createRequire(import.meta.url).resolve('typescript/package.json')), 'bin', 'tsc');
const folders = ['agents', 'apps', 'broker', 'protocols', 'scenarios', 'simulators', 'storage', 'tools'];
const data = /\.(cedar|json|sql|ya?ml|yang|md|html|css)$/;

rmSync(path.join(root, 'dist'), { recursive: true, force: true });
execFileSync(process.execPath, [tsc, '-p', 'tsconfig.build.json'], { cwd: root, stdio: 'inherit' });
for (const folder of folders) {
  cpSync(path.join(root, folder), path.join(root, 'dist', folder), {
    recursive: true,
    filter: (source) => path.extname(source) === '' || data.test(source),
  });
}
