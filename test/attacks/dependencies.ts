/** Attacks by a dependency that turns bad: other bytes under a known version, and a new version that brings a script. */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { findLockBreaches } from '../repository/lock-rules.ts';
import { type Attack, type Attempt, attemptAll } from './attack.ts';

const run = promisify(execFile);
const root = path.join(import.meta.dirname, '..', '..');
const read = (name: string): Record<string, unknown> => JSON.parse(readFileSync(path.join(root, name), 'utf8'));

type Packages = Record<string, Record<string, unknown>>;
const VICTIM = 'node_modules/zod';

/** Our own lock, bent at one package. Refused means that the rules of the repository name it. */
function bendLock(change: Record<string, unknown>, manifest: object = {}): Attempt {
  const lock = read('package-lock.json');
  const packages = lock['packages'] as Packages;
  const bent = { ...lock, packages: { ...packages, [VICTIM]: { ...packages[VICTIM], ...change } } };
  const breaches = findLockBreaches(bent, { ...read('package.json'), ...manifest });
  return { refused: breaches.length > 0, how: breaches[0] ?? 'nobody notices' };
}

/** The archive of a package that leaves a mark where its script runs, with these words in its program. */
async function pack(folder: string, words: string): Promise<Buffer> {
  const source = path.join(folder, 'package');
  mkdirSync(source, { recursive: true });
  const scripts = { install: "node -e \"require('fs').writeFileSync(process.env.MARK, 'x')\"" };
  writeFileSync(path.join(source, 'package.json'), JSON.stringify({ name: 'victim', version: '1.0.0', scripts }));
  writeFileSync(path.join(source, 'index.js'), `module.exports = '${words}';\n`);
  const archive = path.join(folder, `${words}.tgz`);
  await run('tar', ['-czf', archive, '-C', folder, 'package']);
  return readFileSync(archive);
}

interface Installed {
  readonly failed: string;
  readonly there: boolean;
  readonly ran: boolean;
}

/** `npm ci` of one package whose lock has the digest of `locked`, at a registry of this machine that serves `served`. */
async function install(served: string, locked: string): Promise<Installed> {
  const folder = mkdtempSync(path.join(tmpdir(), 'wayleave-install-'));
  const archives = { [served]: await pack(folder, served), [locked]: await pack(folder, locked) };
  const registry = createServer((_request, response) => response.end(archives[served]));
  await new Promise<void>((resolve) => registry.listen(0, '127.0.0.1', resolve));
  const bound = registry.address();
  const url = `http://127.0.0.1:${typeof bound === 'object' && bound !== null ? bound.port : 0}`;
  const integrity = `sha512-${createHash('sha512')
    .update(archives[locked] ?? '')
    .digest('base64')}`;
  const resolved = `${url}/victim/-/victim-1.0.0.tgz`;
  const own = { name: 'somebody', version: '1.0.0', dependencies: { victim: '1.0.0' } };
  const entry = { version: '1.0.0', resolved, integrity, hasInstallScript: true };
  const lock = { ...own, lockfileVersion: 3, packages: { '': own, [`node_modules/victim`]: entry } };
  writeFileSync(path.join(folder, 'package.json'), JSON.stringify({ ...own, allowScripts: { victim: false } }));
  writeFileSync(path.join(folder, 'package-lock.json'), JSON.stringify(lock));
  writeFileSync(
    path.join(folder, 'npmrc'),
    `registry=${url}\ncache=${path.join(folder, 'cache')}\nlogs-dir=${path.join(folder, 'logs')}\n`,
  );
  const mark = path.join(folder, 'mark');
  const env = { ...process.env, MARK: mark, npm_config_userconfig: path.join(folder, 'npmrc') };
  try {
    const args = ['ci', '--no-audit', '--no-fund', '--fetch-retries=0', '--update-notifier=false'];
    const failed = await run('npm', args, { cwd: folder, env }).then(
      () => '',
      (error: { readonly stderr?: string }) => / code (E[A-Z]+)/.exec(error.stderr ?? '')?.[1] ?? 'failed',
    );
    const there = existsSync(path.join(folder, 'node_modules', 'victim', 'index.js'));
    return { failed, there, ran: existsSync(mark) };
  } finally {
    registry.close().closeAllConnections();
    rmSync(folder, { recursive: true, force: true });
  }
}

export const DEPENDENCY_ATTACKS: readonly Attack[] = [
  {
    id: 'MCP-17',
    guard: 'locked-packages',
    attempt: () =>
      attemptAll([
        ['no digest', async () => bendLock({ integrity: undefined })],
        ['a weak digest', async () => bendLock({ integrity: 'sha1-AAAAAAAAAAAAAAAAAAAAAAAAAAA=' })],
        ['another place', async () => bendLock({ resolved: 'git+ssh://git@host.example/zod.git#main' })],
        ['a place without TLS', async () => bendLock({ resolved: 'http://host.example/zod.tgz' })],
        ['a script that is new', async () => bendLock({ hasInstallScript: true })],
        ['a script that is allowed', async () => bendLock({ hasInstallScript: true }, { allowScripts: { zod: true } })],
        [
          'other bytes under the same version',
          async () => {
            const { failed, there, ran } = await install('bad', 'good');
            return { refused: failed === 'EINTEGRITY' && !there && !ran, how: `npm ci: ${failed || 'installed'}` };
          },
        ],
        [
          'a script of a package that is locked',
          async () => {
            const { failed, there, ran } = await install('good', 'good');
            if (!there) throw new Error(`an honest package is not installed: ${failed}`);
            return { refused: !ran, how: ran ? 'the script ran' : 'npm ci: installed, and no script ran' };
          },
        ],
      ]),
  },
];
