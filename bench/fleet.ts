/**
 * A health sweep of a whole fleet by a running installation: simulated sites with their protocols, broker, agents and the
 * queue, every call decided and audited. Time, and processor time, which tells the cost where others use the machine as well.
 * Twice: the first sweep after a start opens a session to every device, those after it find them open.
 *
 * FLEET_SITES=1000,2000,5000 sites in all, FLEET_TENANT=50 of one tenant, FLEET_BACKENDS=embedded,postgres,redis (the
 * latter two with DATABASE_URL, and REDIS_URL).
 */
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import pg from 'pg';
import { signInAs } from '../apps/cli/connect.ts';
import { createScheduleClient } from '../apps/client/schedule-client.ts';
import { type Config, loadConfig } from '../apps/config.ts';
import { type Installation, startInstallation } from '../apps/installation.ts';
import { readDatabase } from '../apps/verify/read-table.ts';
import { readSegments, type StoredBatch } from '../apps/verify/verify-stored.ts';
import type { Figure } from './bench.ts';

type Backend = 'embedded' | 'postgres' | 'redis';

/** Jiffies a second (USER_HZ of Linux), and how often a run is asked for. */
const HZ = 100;
const ASK_MS = 500;
/** A minute of a month that is not the next: sweeps begin when they are asked for. */
const FAR_OFF = `0 0 1 ${((new Date().getUTCMonth() + 6) % 12) + 1} *`;
const MOST_MINUTES = 60;
/** How long it is watched while nobody asks for anything. */
const IDLE_SECONDS = 20;
/** People that log in at once: each costs an argon2 hash. */
const LOGINS_AT_ONCE = 8;

/** Seconds of processor by process. */
interface Cpu {
  readonly [process: string]: number;
}

interface Sweep {
  readonly name: string;
  readonly sites: number;
  readonly seconds: number;
  readonly cpu: Cpu;
  /** Each second after it while nothing was asked for: devices tell of flows, alarms and changes, sweep or not. */
  readonly idle: Cpu;
  readonly decisions: number;
  readonly denied: number;
  /** Of each refused or failed call, what the log says. */
  readonly refusals: readonly string[];
  /** Devices that calls named, each once a call. */
  readonly reads: number;
  readonly bad: readonly string[];
}

export async function benchFleet(): Promise<readonly Figure[]> {
  const sizes = (process.env['FLEET_SITES'] ?? '1000,2000,5000').split(',').map(Number);
  const backends = (process.env['FLEET_BACKENDS'] ?? 'embedded').split(',').map((name) => {
    if (name !== 'embedded' && name !== 'postgres' && name !== 'redis') throw new Error(`no backend ${name}`);
    return name;
  });
  const figures: Figure[] = [];
  for (const backend of backends) {
    /** The later ones, which are what goes on every hour. */
    const sweeps: Sweep[] = [];
    for (const sites of sizes) {
      const both = await sweepFleet(backend, sites);
      sweeps.push(...both.slice(1));
      const found = both.flatMap((sweep) => describe(backend, sweep));
      // A larger size may take long, and be given up.
      for (const { what, value, unit } of found) console.error(`  ${what}: ${value.toFixed(1)} ${unit}`);
      figures.push(...found);
    }
    const [first, last] = [sweeps[0], sweeps.at(-1)];
    if (first === undefined || last === undefined || first === last) continue;
    for (const [whose, cost] of [
      ['all processes', ({ cpu }: Sweep) => total(cpu)],
      ['Wayleave alone', ({ cpu }: Sweep) => own(cpu)],
      ['Wayleave alone, without what goes on anyway', swept],
    ] as const)
      figures.push({
        what: `${backend}: cost a site, ${last.sites} against ${first.sites} sites, ${whose}`,
        ...{ value: cost(last) / last.sites / (cost(first) / first.sites), unit: '×', aim: '0.9 to 1.1' },
      });
  }
  return figures;
}

const total = (cpu: Cpu): number => Object.values(cpu).reduce((sum, one) => sum + one, 0);
/** Without the simulated network, which real devices take the place of. */
const own = (cpu: Cpu): number => total(cpu) - (cpu['simulators'] ?? 0);
/** The longer a sweep takes, the more of it is what would have been done without it. */
const swept = ({ cpu, idle, seconds }: Sweep): number => own(cpu) - seconds * own(idle);

function describe(backend: Backend, sweep: Sweep): readonly Figure[] {
  const { sites, seconds, decisions, denied, reads, cpu, idle, bad } = sweep;
  const name = `${backend}, ${sites} sites, ${sweep.name} sweep`;
  for (const said of [...bad, ...sweep.refusals]) console.error(`${name}: ${said}`);
  return [
    { what: `${name}: time`, value: seconds, unit: 's', ...(sites === 1000 ? { aim: '< 60 s' } : {}) },
    { what: `${name}: calls decided and audited`, value: decisions, unit: '' },
    { what: `${name}: of them refused, and runs that failed`, value: denied + bad.length, unit: '', aim: '0' },
    { what: `${name}: reads of devices`, value: reads, unit: '' },
    { what: `${name}: processor time a site, all processes`, value: (1000 * total(cpu)) / sites, unit: 'ms' },
    { what: `${name}: … of Wayleave alone, without the network`, value: (1000 * own(cpu)) / sites, unit: 'ms' },
    { what: `${name}: … and without what goes on anyway`, value: (1000 * swept(sweep)) / sites, unit: 'ms' },
    { what: `${name}: that goes on each second, Wayleave alone`, value: 1000 * own(idle), unit: 'ms' },
    ...Object.entries(cpu).map(([process_, spent]) => ({
      ...{ what: `${name}: … ${process_}`, value: (1000 * spent) / sites, unit: 'ms' },
    })),
  ];
}

/** The first sweep after the start, and the one after it. */
async function sweepFleet(backend: Backend, sites: number): Promise<readonly Sweep[]> {
  const home = mkdtempSync(path.join(tmpdir(), 'wayleave-fleet-'));
  const each = Math.min(sites, Number(process.env['FLEET_TENANT'] ?? '50'));
  const tenants = Array.from({ length: Math.ceil(sites / each) }, (_, n) => `t${n}`);
  const databaseSchema = `fleet_${randomBytes(4).toString('hex')}`;
  const { config } = loadConfig(
    {
      ...{
        home,
        tenants: tenants.map((name) => `${name}:${each}`).join(','),
        brokerPort: 0,
        agentsPort: 0,
        databaseSchema,
      },
      ...(backend === 'embedded' ? { databaseUrl: '', agentsDatabaseUrl: '' } : urlsOf(backend)),
    },
    {},
  );
  const installation = await startInstallation({
    config,
    progress: (line) => console.error(`  ${backend}, ${sites} sites: ${line}`),
    onCrash: (name, detail, lines) => console.error(`${name} ended (${detail})\n${lines.join('\n')}`),
    env: {},
  });
  try {
    const clients = await inParts(tenants, async (tenant) =>
      createScheduleClient(await signInAs(home, installation.running.brokerUrl, `operator@${tenant}`)),
    );
    const schedules = await Promise.all(
      clients.map(async (client) => {
        const { id } = await client.add({
          ...{ agent: 'health-monitor', title: 'sweep', missed: 'once', by: 'tenant', spreadMinutes: 0 },
          // A day that is far off: an interval would be due at once, and two sweeps would be counted as one.
          ...{ when: { cron: FAR_OFF, timeZone: 'Etc/UTC' }, budget: { calls: 10_000, minutes: 240 } },
        });
        return { client, id };
      }),
    );
    const sweeps: Sweep[] = [];
    for (const name of ['first', 'next']) {
      const before = { cpu: cpuOf(installation), entries: (await countCalls(config)).entries };
      const begun = performance.now();
      const runs = await Promise.all(schedules.map(async (one) => ({ ...one, run: await one.client.runNow(one.id) })));
      // One after the other: a question costs the broker something too, and is no part of a sweep.
      const bad: string[] = [];
      for (const run of runs) bad.push(...((await awaitRun(run)) ?? []));
      const seconds = (performance.now() - begun) / 1000;
      const ended = cpuOf(installation);
      const idleFrom = performance.now();
      await new Promise((resolve) => setTimeout(resolve, 1000 * IDLE_SECONDS));
      const idle = spentSince(ended, cpuOf(installation), (performance.now() - idleFrom) / 1000);
      const cpu = spentSince(before.cpu, ended);
      sweeps.push({ name, sites, seconds, cpu, idle, bad, ...(await countCalls(config, before.entries)) });
    }
    return sweeps;
  } finally {
    await installation.stop();
    if (config.databaseUrl !== '') await dropSchemas(config);
    rmSync(home, { recursive: true, force: true });
  }
}

function urlsOf(backend: Backend): Partial<Config> {
  const [databaseUrl, redisUrl] = [process.env['DATABASE_URL'], process.env['REDIS_URL']];
  if (databaseUrl === undefined || (backend === 'redis' && redisUrl === undefined))
    throw new Error(`${backend} needs DATABASE_URL${backend === 'redis' ? ' and REDIS_URL' : ''}`);
  return { databaseUrl, agentsDatabaseUrl: databaseUrl, redisUrl: backend === 'redis' ? (redisUrl ?? '') : '' };
}

async function inParts<A, B>(all: readonly A[], work: (one: A) => Promise<B>): Promise<readonly B[]> {
  const done: B[] = [];
  for (let at = 0; at < all.length; at += LOGINS_AT_ONCE)
    done.push(...(await Promise.all(all.slice(at, at + LOGINS_AT_ONCE).map(work))));
  return done;
}

/** Undefined when the run has done what it should; else what it said, in a list. */
async function awaitRun({
  client,
  id,
  run,
}: {
  readonly client: ReturnType<typeof createScheduleClient>;
  readonly id: string;
  readonly run: string;
}): Promise<readonly string[] | undefined> {
  for (let asked = 0; asked < (MOST_MINUTES * 60_000) / ASK_MS; asked += 1) {
    const found = (await client.runs(id)).find((one) => one.id === run);
    if (found?.endedAt !== undefined) return found.outcome === 'done' ? undefined : [`${found.outcome}: ${found.said}`];
    await new Promise((resolve) => setTimeout(resolve, ASK_MS));
  }
  return ['it did not end'];
}

/** Seconds of processor by process, its ended children included (proc(5): fields 14 to 17). */
const cpuOf = ({ children }: Installation): Cpu =>
  Object.fromEntries(
    Object.entries(children).map(([name, { pid }]) => {
      const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      return [name, fields.slice(11, 15).reduce((sum, one) => sum + Number(one), 0) / HZ];
    }),
  );

/** Of each process between two looks, divided by `seconds`. */
const spentSince = (before: Cpu, after: Cpu, seconds = 1): Cpu =>
  Object.fromEntries(Object.entries(after).map(([name, spent]) => [name, (spent - (before[name] ?? 0)) / seconds]));

/** The calls that the log has from entry `from` on: each ends in one entry with its decision. */
async function countCalls(
  config: Config,
  from = 0,
): Promise<Pick<Sweep, 'decisions' | 'denied' | 'refusals' | 'reads'> & { readonly entries: number }> {
  const batches: AsyncIterable<StoredBatch> | Iterable<StoredBatch> =
    config.databaseUrl === ''
      ? readSegments(path.join(config.home, 'broker', 'audit'))
      : readDatabase(config.databaseUrl, `${config.databaseSchema}_broker`);
  let [decisions, reads, entries] = [0, 0, 0];
  const refusals: string[] = [];
  for await (const batch of batches)
    for (const line of batch.lines) {
      entries += 1;
      if (entries <= from) continue;
      const { at, kind, tool, content }: Entry = JSON.parse(line);
      if (tool === undefined || (kind !== 'outcome' && kind !== 'refused' && kind !== 'failed')) continue;
      decisions += 1;
      if (kind !== 'outcome') refusals.push(`${at} ${tool} ${kind}: ${content.error ?? ''} ${content.reason ?? ''}`);
      const { target = [] } = content;
      reads += 'count' in target ? target.count : target.length;
    }
  return { decisions, denied: refusals.length, refusals, reads, entries };
}

interface Entry {
  readonly at: string;
  readonly kind: string;
  readonly tool?: string;
  /** A long list is kept as its digest with a count. */
  readonly content: {
    readonly target?: readonly string[] | { readonly count: number };
    readonly error?: string;
    readonly reason?: string;
  };
}

async function dropSchemas({ databaseUrl, databaseSchema }: Config): Promise<void> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  for (const part of ['broker', 'agents'])
    await client.query(`DROP SCHEMA IF EXISTS ${databaseSchema}_${part} CASCADE`);
  await client.end();
}
