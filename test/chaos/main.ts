/**
 * `npm run chaos -- --seconds 60 --seed 1 [--json]`: an installation of two brokers, a worker and servers of its own, under load,
 * while processes and servers are killed at random points of a seed; then everything that was acknowledged is looked for.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { loadConfig } from '../../apps/config.ts';
import { type Installation, startInstallation } from '../../apps/installation.ts';
import { startWorkerProcess } from '../../apps/start-worker.ts';
import type { Child } from '../../apps/supervise.ts';
import { createRandom } from '../broker/policy/differential/random.ts';
import { checkAll } from './check.ts';
import { pause, runLoad, simulatorsOf } from './load.ts';
import { fillDisk, jumpClock } from './log-under-stress.ts';
import { printReport, type Report } from './report.ts';
import { type OwnServer, startPostgres, startRedis, whyNoServers } from './servers.ts';

const TENANTS = ['acme', 'globex'];
const DEVICES = ['br1_edge', 'br2_edge'];
const BROKERS = ['broker', 'broker-2'];
/** Between two injuries, milliseconds, at random up to twice as long. */
const CALM_MS = 1_500;
const WORKERS = 2;

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '60' },
    seed: { type: 'string', default: '1' },
    json: { type: 'boolean', default: false },
  },
});
const [seconds, seed] = [Number(values.seconds), Number(values.seed)];
const say = (line: string): void => void process.stderr.write(`${line}\n`);

async function run(): Promise<Report> {
  const root = mkdtempSync(path.join(tmpdir(), 'wayleave-chaos-'));
  const { next: random } = createRandom(seed);
  const closers: (() => Promise<unknown>)[] = [];
  try {
    say('starting servers');
    const postgres = await startPostgres(root);
    closers.push(() => postgres.stop());
    const redis = await startRedis(root);
    closers.push(() => redis.stop());
    const home = path.join(root, 'home');
    const { config } = loadConfig(
      {
        ...{ home, tenants: TENANTS.map((name) => `${name}:s`).join(','), brokerPort: 0, agentsPort: 0, speed: 20 },
        ...{ brokers: BROKERS.length, databaseUrl: postgres.url, agentsDatabaseUrl: postgres.url, redisUrl: redis.url },
      },
      {},
    );
    const ended: string[] = [];
    const installation = await startInstallation({
      config,
      progress: say,
      onCrash: (name, detail) => ended.push(`${name} (${detail})`),
      env: {},
    });
    closers.push(() => installation.stop());
    const startWorker = (): Promise<Child> => startWorkerProcess(config, installation.running, WORKERS, 0);
    const worker = { child: await startWorker() };
    closers.push(() => worker.child.stop());
    const brokers = (): readonly string[] => [
      installation.running.brokerUrl,
      ...Object.values(installation.otherBrokers),
    ];
    const stop = new AbortController();
    const load = runLoad({ home, brokers, tenants: TENANTS, seed, stop: stop.signal });
    const injected = await injure({ installation, postgres, redis, worker, startWorker, random });
    say('letting it come to rest');
    stop.abort();
    await load.over;
    const checks = await checkAll({ installation, config, brokers, ledger: load.ledger, ended });
    const logs = [await fillDisk(root), await jumpClock(root, random)];
    const all = [...checks, ...logs];
    const { reads, changes, runs, failures } = load.ledger;
    const told = changes.flatMap((one) => one.told.slice(0, 1));
    return {
      ok: all.every((check) => check.ok),
      summary: {
        ...{ seed, seconds, injected },
        acknowledged: { reads: reads.length, changes: told.length, runs: runs.length },
        outcomes: countAll(told),
        failures: Object.fromEntries(failures),
      },
      checks: all,
    };
  } finally {
    for (const close of closers.reverse()) await close().catch((error: unknown) => say(String(error)));
    rmSync(root, { recursive: true, force: true });
  }
}

const countAll = (names: readonly string[]): { readonly [name: string]: number } =>
  Object.fromEntries([...new Set(names)].map((name) => [name, names.filter((one) => one === name).length]));

interface Stage {
  readonly installation: Installation;
  readonly postgres: OwnServer;
  readonly redis: OwnServer;
  readonly worker: { child: Child };
  readonly startWorker: () => Promise<Child>;
  readonly random: () => number;
}

/** One after the other, in an order and at moments of the seed; what was killed is started again. */
async function injure(stage: Stage): Promise<{ readonly [what: string]: number }> {
  const { installation, postgres, redis, worker, startWorker, random } = stage;
  const killBroker = async (name: string): Promise<void> => {
    const broker = installation.children[name];
    broker?.kill('SIGKILL');
    await broker?.ended;
    await installation.restartBroker(name);
  };
  const slow = async (persona: string): Promise<void> => {
    const { url, token } = simulatorsOf(installation);
    await fetch(new URL('/persona', url), {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ tenant: TENANTS[0], device: DEVICES[0], persona }),
    });
  };
  const ways: readonly (readonly [name: string, act: () => Promise<unknown>])[] = [
    ...BROKERS.map((name) => [`kill ${name}`, () => killBroker(name)] as const),
    [
      'kill worker',
      async () => {
        worker.child.kill('SIGKILL');
        await worker.child.ended;
        worker.child = await startWorker();
      },
    ],
    ['crash PostgreSQL', () => postgres.crash()],
    ['crash Redis', () => redis.crash()],
    [
      'slow device',
      () =>
        slow('slow')
          .then(() => pause(CALM_MS))
          .then(() => slow('none')),
    ],
  ];
  const end = Date.now() + 1000 * seconds;
  const counts: { [what: string]: number } = {};
  // Each once in a shuffled order, then again: a short run has seen them all.
  let order: number[] = [];
  while (Date.now() < end) {
    if (order.length === 0) order = ways.map((_, at) => at).sort(() => random() - 0.5);
    const [name, act] = ways[order.pop() ?? 0] ?? ['', async () => undefined];
    await pause(2 * CALM_MS * random());
    say(name);
    await act();
    counts[name] = (counts[name] ?? 0) + 1;
  }
  return counts;
}

const why = whyNoServers();
if (why !== undefined) {
  console.error(`It needs servers of its own: ${why}.`);
  process.exitCode = 2;
} else if (!(seconds > 0) || !Number.isSafeInteger(seed)) {
  console.error('npm run chaos -- [--seconds 60] [--seed 1] [--json]');
  process.exitCode = 2;
} else {
  const report = await run();
  if (values.json) console.log(JSON.stringify(report, null, 2));
  else printReport(report);
  process.exitCode = report.ok ? 0 : 1;
}
