/** An installation in parts, each with its own folder and its own trust: broker, agents and a worker that speak by TLS. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmodSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Simulation, startSimulation } from '../../apps/simulation.ts';
import { newFolder } from './fixture.ts';

const root = newFolder();
const HOST = 'localhost';
const WAYLEAVE = path.resolve('bin', 'wayleave.js');
const parts = path.join(root, 'parts');
const homes = {
  ...{ broker: path.join(root, 'broker-home'), agents: path.join(root, 'agents-home') },
  worker: path.join(root, 'worker-home'),
};
const children: ChildProcess[] = [];
let network: Simulation;
let ports: readonly [number, number];
let agents: ChildProcess | undefined;

type Env = { readonly [name: string]: string };
const PLAIN: Env = { PATH: process.env['PATH'] ?? '', HOME: root };
/** The queue of this installation alone, on the server of the tests: further workers need one. */
const REDIS_URL = process.env['REDIS_URL'] ?? '';
const queue: Env =
  REDIS_URL === '' ? {} : { REDIS_URL, WAYLEAVE_DATABASE_SCHEMA: `parts_${randomBytes(6).toString('hex')}` };
const own = (name: 'broker' | 'agents' | 'worker'): Env => ({
  ...{ ...PLAIN, ...queue, WAYLEAVE_HOME: homes[name], WAYLEAVE_PART_FOLDER: path.join(parts, name) },
  ...(name === 'worker' ? {} : { WAYLEAVE_PART: name }),
});
/** A person at the broker's end who believes the installation's own authority. */
const trusting = { ...own('broker'), NODE_EXTRA_CA_CERTS: path.join(parts, 'broker', 'ca.pem') };
const run = (env: Env, ...args: readonly string[]) =>
  promisify(execFile)(process.execPath, [WAYLEAVE, ...args], { env }).then(
    ({ stdout }) => ({ exit: 0, out: stdout, err: '' }),
    ({ code, stdout, stderr }: { code: number; stdout: string; stderr: string }) => ({
      exit: code,
      out: stdout,
      err: stderr,
    }),
  );

const up = (env: Env, ...args: readonly string[]): Promise<ChildProcess> => start(env, 'up', ...args);

/** Started, and ready when it says its addresses. */
async function start(env: Env, command: string, ...args: readonly string[]): Promise<ChildProcess> {
  const child = spawn(process.execPath, [WAYLEAVE, command, '--json', ...args], {
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  children.push(child);
  const said: string[] = [];
  createInterface({ input: child.stderr }).on('line', (line) => said.push(line));
  await new Promise<void>((resolve, reject) => {
    createInterface({ input: child.stdout }).once('line', () => resolve());
    child.once('exit', () => reject(new Error(said.join('\n'))));
  });
  return child;
}

async function end(child: ChildProcess): Promise<void> {
  child.kill('SIGTERM');
  await new Promise((resolve) => (child.exitCode === null ? child.once('exit', resolve) : resolve(undefined)));
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

const devices = path.join(root, 'devices.json');
const split = (env: Env = {}) =>
  run(
    { ...PLAIN, WAYLEAVE_HOME: path.join(root, 'split-home'), ...env },
    ...['split', '--broker-host', HOST, '--agents-host', HOST, '--out', parts],
  );

beforeAll(async () => {
  const elsewhere = path.join(root, 'network');
  mkdirSync(elsewhere);
  const tenants = [{ name: 'acme', network: 'refnet:s' }];
  network = await startSimulation({ home: elsewhere, tenants, seed: 1, speed: 1, onCrash: () => undefined });
  writeFileSync(devices, JSON.stringify(network.ready.inventory), { mode: 0o600 });
  ports = [await freePort(), await freePort()];
  const [broker, agents] = ports;
  const made = await split({ WAYLEAVE_BROKER_PORT: String(broker), WAYLEAVE_AGENTS_PORT: String(agents) });
  expect(made).toMatchObject({ exit: 0 });
}, 120_000);
afterAll(async () => {
  for (const child of children.toReversed()) await end(child);
  await network.stop();
  rmSync(root, { recursive: true, force: true });
});

it('gives the broker no private key of an agent, and the agents none of the broker', () => {
  const [broker, agents] = ['broker', 'agents'].map((name) =>
    readFileSync(path.join(parts, name, 'part.json'), 'utf8'),
  );
  const keys: readonly string[] = Object.values(JSON.parse(agents ?? '').keys);
  expect(keys.length).toBeGreaterThan(4);
  for (const key of keys) expect(broker).not.toContain(key.slice(40, 80));
  expect(JSON.parse(broker ?? '')).not.toHaveProperty('keys');
  expect(JSON.parse(agents ?? '').door.key).not.toBe(JSON.parse(broker ?? '').door.key);
});

it('does not start without a network of its own, with a folder of another part, or with one that everybody may read', async () => {
  expect((await run(own('broker'), 'up')).err).toContain('name its inventory');
  const wrong = { ...own('agents'), WAYLEAVE_PART_FOLDER: path.join(parts, 'broker') };
  expect((await run(wrong, 'up')).err).toContain('is not that of the agents');
  const file = path.join(parts, 'agents', 'part.json');
  chmodSync(file, 0o644);
  expect((await run(own('agents'), 'up')).err).toContain('can be read by everybody');
  chmodSync(file, 0o600);
});

it('answers a question from the broker’s end through both parts by TLS, and a stranger’s certificate is believed by nobody', async () => {
  await up(own('broker'), '--inventory', devices);
  agents = await up(own('agents'));
  const asked = await run(trusting, 'ask', 'which devices are there?', '--as', 'operator@acme');
  expect(asked).toMatchObject({ exit: 0, out: expect.stringContaining('br1_edge') });
  const doubting = await run(own('broker'), 'inventory', 'list', '--as', 'operator@acme');
  expect(doubting).toMatchObject({ exit: 1, err: expect.stringContaining('UNAVAILABLE') });
  for (const port of ports) await expect(fetch(`http://${HOST}:${port}/healthz`)).rejects.toThrow();
}, 180_000);

it.skipIf(REDIS_URL === '')(
  REDIS_URL === '' ? 'runs a sweep in a worker alone (REDIS_URL is not set)' : 'runs a sweep in a worker alone',
  async () => {
    await start(own('worker'), 'worker');
    // Whoever else could take the run is gone.
    if (agents !== undefined) await end(agents);
    const as = ['--as', 'operator@acme'];
    const added = await run(trusting, 'jobs', 'add', 'health', '--cron', '0 3 * * *', ...as);
    const ran = await run(trusting, 'jobs', 'run', /sch_[a-z0-9]+/.exec(added.out)?.[0] ?? '', ...as, '--json');
    expect(ran).toMatchObject({ exit: 0 });
    expect(JSON.parse(ran.out)).toMatchObject({ outcome: 'done', by: 'operator@acme' });
    const worker = JSON.parse(readFileSync(path.join(parts, 'worker', 'part.json'), 'utf8'));
    expect(Object.keys(worker).sort()).toEqual(['brokerUrl', 'part', 'workerKey']);
  },
  180_000,
);
