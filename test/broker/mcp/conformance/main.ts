/**
 * `npm run mcp:conformance`: the public conformance suite of the Model Context Protocol against a domain's server.
 *
 * The suite knows no login, so a relay on loopback adds the token of one: all else, `Host` and `Origin` of a stranger too,
 * goes on as it came. The suite needs Node 22 or newer, and is fetched from the package registry at a fixed version.
 */
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { startFront } from '../../http/fixture.ts';
import { startLoginRelay } from './login-relay.ts';
import { APPLICABLE, NOT_APPLICABLE } from './scenarios.ts';

const SUITE = '@modelcontextprotocol/conformance@0.1.16';
const NODE = 'node@24';
const PATIENCE_MS = 120_000;
/** Exit code of a suite that could not be fetched: nothing was tried. */
const SKIPPED = 0;

const run = promisify(execFile);
const folder = mkdtempSync(path.join(tmpdir(), 'wayleave-conformance-'));
/** npm decides what to fetch by the Node it runs on: both packages into one prefix, without their install scripts. */
const npx = (...args: readonly string[]) =>
  run('npx', ['-y', '-p', NODE, '-p', SUITE, '--', ...args], {
    cwd: folder,
    timeout: PATIENCE_MS,
    env: { ...process.env, npm_config_engine_strict: 'false', npm_config_fund: 'false', NO_COLOR: '1' },
  });

async function listScenarios(): Promise<readonly string[] | undefined> {
  try {
    const { stdout } = await npx('conformance', 'list', '--server');
    return [...stdout.matchAll(/^ {2}- (\S+)/gm)].map(([, name = '']) => name);
  } catch (error) {
    console.log(
      `skipped: ${SUITE} cannot be run here (${error instanceof Error ? error.message.split('\n')[0] : 'unknown'})`,
    );
    return undefined;
  }
}

async function main(): Promise<number> {
  const known = await listScenarios();
  if (known === undefined) return SKIPPED;
  const unlisted = known.filter((name) => !APPLICABLE.includes(name) && NOT_APPLICABLE[name] === undefined);
  const front = await startFront();
  const relay = await startLoginRelay(front.url, await front.login('operator@acme'));
  const failed: string[] = [];
  try {
    for (const name of APPLICABLE) {
      const failure = await npx('conformance', 'server', '--url', `${relay.url}/mcp/wan`, '--scenario', name).then(
        () => undefined,
        (error: unknown) => (error instanceof Error && 'stdout' in error ? String(error.stdout) : String(error)),
      );
      console.log(`${failure === undefined ? 'passed' : 'FAILED'}  ${name}`);
      if (failure !== undefined) {
        failed.push(name);
        console.log(failure);
      }
    }
  } finally {
    await relay.close();
    await front.close();
  }
  for (const [name, reason] of Object.entries(NOT_APPLICABLE)) console.log(`not applicable  ${name}: ${reason}`);
  for (const name of unlisted) console.log(`FAILED  ${name}: new in the suite, and neither tried nor excused`);
  console.log(
    `${APPLICABLE.length - failed.length} of ${APPLICABLE.length} scenarios passed, ${Object.keys(NOT_APPLICABLE).length} do not apply`,
  );
  return failed.length + unlisted.length === 0 ? 0 : 1;
}

try {
  process.exitCode = await main();
} finally {
  rmSync(folder, { recursive: true, force: true });
}
