/**
 * `npm run chaos -- --seconds 60 --seed 1 [--json]`: an installation of two brokers, a worker and servers of its own, under load,
 * while processes and servers are killed at random points of a seed; then everything that was acknowledged is looked for.
 */
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { loadConfig } from '../../apps/config.ts';
import { startInstallation } from '../../apps/installation.ts';
import { startWorkerProcess } from '../../apps/start-worker.ts';
import type { Child } from '../../apps/supervise.ts';
import { createRandom } from '../broker/policy/differential/random.ts';
import { checkAll } from './check.ts';
import { createClocks } from './clocks.ts';
import { injure } from './injuries.ts';
import { runLoad } from './load.ts';
import { fillDisk, jumpClock } from './log-under-stress.ts';
import { loseNetwork } from './lose-network.ts';
import { loseReferees } from './lose-referees.ts';
import { printReport, type Report } from './report.ts';
import { startPostgres, startRedis, whyNoServers } from './servers.ts';

const TENANTS = ['acme', 'globex'];
const BROKERS = 2;
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
        ...{ brokers: BROKERS, databaseUrl: postgres.url, agentsDatabaseUrl: postgres.url, redisUrl: redis.url },
      },
      {},
    );
    const ended: string[] = [];
    const clocks = createClocks(root);
    const installation = await startInstallation({
      config,
      progress: say,
      onCrash: (name, detail) => ended.push(`${name} (${detail})`),
      env: {},
      brokerFlags: clocks.flags,
    });
    closers.push(() => installation.stop());
    const startWorker = (): Promise<Child> => startWorkerProcess(config, () => installation.running, WORKERS, 0);
    const worker = { child: await startWorker() };
    closers.push(() => worker.child.stop());
    const brokers = (): readonly string[] => [
      installation.running.brokerUrl,
      ...Object.values(installation.otherBrokers),
    ];
    const stop = new AbortController();
    const { agentsUrl } = installation.running;
    const load = runLoad({ home, brokers, agentsUrl, tenants: TENANTS, seed, stop: stop.signal });
    const injected = await injure({ installation, postgres, redis, worker, startWorker, clocks, random, seconds, say });
    say('letting it come to rest');
    stop.abort();
    await load.over;
    const checks = await checkAll({
      installation,
      config,
      brokers,
      ledger: load.ledger,
      ended,
      jumps: countJumps(injected),
    });
    say('kill simulators');
    const gone = await loseNetwork({ installation, config, brokers });
    say('kill policy referees');
    const unjudged = await loseReferees({ installation, config, brokers });
    const logs = [await fillDisk(root), await jumpClock(root, random)];
    const all = [...checks, gone, unjudged, ...logs];
    if (!all.every((check) => check.ok)) keepLogs(home);
    const { reads, changes, runs, answers, failures } = load.ledger;
    const told = changes.flatMap((one) => one.told.slice(0, 1));
    return {
      ok: all.every((check) => check.ok),
      summary: {
        ...{ seed, seconds, injected: { ...injected, 'kill simulators': 1, 'kill policy referees': BROKERS } },
        acknowledged: { reads: reads.length, changes: told.length, runs: runs.length, answers: answers.length },
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

/** What the processes wrote, for whoever looks into what did not hold. */
function keepLogs(home: string): void {
  const kept = mkdtempSync(path.join(tmpdir(), 'wayleave-chaos-logs-'));
  cpSync(path.join(home, 'logs'), kept, { recursive: true });
  say(`logs of the processes: ${kept}`);
}

const countJumps = (injected: { readonly [what: string]: number }): number =>
  Object.entries(injected).reduce((sum, [what, count]) => sum + (what.startsWith('clock of') ? count : 0), 0);

const countAll = (names: readonly string[]): { readonly [name: string]: number } =>
  Object.fromEntries([...new Set(names)].map((name) => [name, names.filter((one) => one === name).length]));

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
