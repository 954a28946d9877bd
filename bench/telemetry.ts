/**
 * The telemetry store on PostgreSQL (DATABASE_URL): how fast it takes events and readings, and what a window costs at ten
 * million readings (TELEMETRY_READINGS=100000000 for a hundred), with the partitions that the plan reads.
 */
import { randomBytes } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { z } from 'zod';
import { createMemoryEvents } from '../broker/stores/memory-events.ts';
import { STORE_MIGRATIONS } from '../broker/stores/migrations.ts';
import { makePartition, partitionAt } from '../broker/stores/partitions.ts';
import { createSqlEvents } from '../broker/stores/sql-events.ts';
import { createSqlHistory, HISTORY_MIGRATIONS, READINGS, READINGS_QUERY } from '../broker/stores/sql-history.ts';
import { createEventFeed } from '../broker/telemetry/event-feed.ts';
import { parseRetention } from '../broker/telemetry/history.ts';
import type { Events } from '../broker/telemetry/received-event.ts';
import { createSources } from '../broker/telemetry/sources.ts';
import { startTelemetry } from '../broker/telemetry/start-telemetry.ts';
import { systemTimers } from '../protocols/netconf/timers.ts';
import { eventToSyslog } from '../protocols/syslog/event.ts';
import { encodeSyslog } from '../protocols/syslog/message.ts';
import { migrate } from '../storage/migrate.ts';
import { type Database, openDatabase } from '../storage/open-database.ts';
import type { Figure } from './bench.ts';

const DAY_MS = 86_400_000;
const DAYS = 10;
/** Signals of resources: a fleet of 1,000 sites with ten each. */
const SERIES = 10_000;
const TENANTS = 20;
const END = Date.parse('2026-03-11T00:00:00Z');
const READ = 300;
const EVENTS = 40_000;
const HOST = '127.0.0.1';

export async function benchTelemetry(): Promise<readonly Figure[]> {
  const url = process.env['DATABASE_URL'];
  if (url === undefined) {
    console.error('DATABASE_URL is not set: the telemetry store is measured on PostgreSQL.');
    return [];
  }
  const schema = `bench_${randomBytes(4).toString('hex')}`;
  const database = await openDatabase({ url, schema });
  try {
    await migrate(database.pool, [...STORE_MIGRATIONS, ...HISTORY_MIGRATIONS]);
    return [...(await intake(database)), ...(await windows(database))];
  } finally {
    await database.pool.query(`DROP SCHEMA ${schema} CASCADE`);
    await database.close();
  }
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const begun = process.hrtime.bigint();
  await work();
  return Number(process.hrtime.bigint() - begun) / 1e9;
}

/** Syslog over a real socket into the store; every event that was sent is there in the end. */
async function intake({ pool }: Database): Promise<readonly Figure[]> {
  const history = createSqlHistory(pool, { now: () => END }, parseRetention('30'));
  const events = createSqlEvents(pool, EVENTS, history);
  const sql = await throughSocket(events);
  const memory = await throughSocket(createMemoryEvents(EVENTS));
  const { rows } = await pool.query<{ count: string }>('SELECT count(*) FROM telemetry_events');
  const readings = Array.from({ length: 50_000 }, (_, n) => ({
    ...{ tenant: 't1', resource: `interface/e${n % 2000}/ge0`, signal: 'if.util_pct', value: n % 100 },
    at: new Date(END - n).toISOString(),
  }));
  const seconds = await timed(async () => {
    for (let n = 0; n < readings.length; n += 5000) await history.append(readings.slice(n, n + 5000));
  });
  await pool.query('TRUNCATE telemetry_readings');
  return [
    { what: 'events a second, from the socket until they are durable', value: EVENTS / sql, unit: '/s', aim: '2,000' },
    { what: 'sent and not in the store', value: EVENTS - Number(rows[0]?.count), unit: '', aim: '0' },
    { what: 'the same into memory', value: EVENTS / memory, unit: '/s' },
    { what: 'readings a second, durable', value: readings.length / seconds, unit: '/s' },
  ];
}

async function throughSocket(events: Events): Promise<number> {
  const receivers = await startTelemetry({
    ...{ host: HOST, ports: { traps: 0, syslog: 0, flows: 0 }, events, feed: createEventFeed(events, systemTimers) },
    sources: createSources([{ tenant: 't1', device: 'br1_edge', host: HOST }]),
    ...{ clock: { now: () => END - 1 }, timers: systemTimers, rate: { perSecond: 1e9, burst: 1e9 } },
    engine: { engineId: Buffer.alloc(12, 1), engineBoots: () => 1, engineTime: () => 1, salt: () => Buffer.alloc(8) },
    onStoreError: (error) => {
      throw error;
    },
  });
  const socket = createSocket('udp4');
  const line = (n: number): Buffer =>
    encodeSyslog(
      eventToSyslog(
        {
          ...{ seq: n, at: END - 1, name: 'trap.linkDown', device: 'br1_edge' },
          ...{
            resource: `interface/br1_edge/ge0/${n % 8}`,
            severity: 'major',
            detail: `ge0/${n % 8} oper down (${n})`,
          },
        },
        END - 1,
        true,
      ),
    );
  try {
    return await timed(async () => {
      for (let n = 0; n < EVENTS; n += 1) {
        await new Promise((resolve) => socket.send(line(n), receivers.addresses.syslog.port, HOST, resolve));
        // A sender that hears nothing goes on; the window keeps the kernel's buffer from overflowing in this process.
        while (n - receivers.counts().received > 256) await new Promise((resolve) => setImmediate(resolve));
      }
      while (receivers.counts().kept < EVENTS) {
        await receivers.flush();
        await new Promise((resolve) => setImmediate(resolve));
      }
    });
  } finally {
    socket.close();
    await receivers.close();
  }
}

/** Ten days of readings, made in the server; then windows of six hours of one resource at random. */
async function windows({ pool }: Database): Promise<readonly Figure[]> {
  const total = Number(process.env['TELEMETRY_READINGS'] ?? 10_000_000);
  await pool.query(
    `INSERT INTO telemetry_series (tenant, resource, signal)
     SELECT 'tenant' || n % $2, 'interface/e' || n || '_edge/ge0/0', 'if.util_pct' FROM generate_series(1, $1) n`,
    [SERIES, TENANTS],
  );
  const filled = await timed(async () => {
    for (let day = 0; day < DAYS; day += 1) {
      const from = END - (DAYS - day) * DAY_MS;
      const client = await pool.connect();
      await client.query('BEGIN');
      await makePartition(client, partitionAt(READINGS, from).name);
      await client.query(
        `INSERT INTO telemetry_readings (at, value, series)
         SELECT $1::timestamptz + n * interval '1 second' * ($2::float8 / $3::float8), n % 100, 1 + n % $4::int
         FROM generate_series(0, $3::int - 1) n`,
        [new Date(from), DAY_MS / 1000, Math.floor(total / DAYS), SERIES],
      );
      await client.query('COMMIT');
      client.release();
    }
  });
  await pool.query('ANALYZE telemetry_readings');
  const history = createSqlHistory(pool, { now: () => END }, parseRetention('30'));
  const times: number[] = [];
  const plans: Plan[] = [];
  let rows = 0;
  for (let n = 0; n < READ; n += 1) {
    const series = 1 + ((n * 7919) % SERIES);
    const from = END - DAYS * DAY_MS + ((n * 104_729) % (DAYS * 24 - 6)) * 3_600_000;
    const window = {
      ...{ tenant: `tenant${series % TENANTS}`, resource: `interface/e${series}_edge/ge0/0`, limit: 1000 },
      ...{ from: new Date(from).toISOString(), to: new Date(from + 6 * 3_600_000).toISOString() },
    };
    times.push(await timed(async () => (rows += (await history.readings(window)).length)));
    plans.push(await explain(pool, [[series], window.from, window.to, window.limit]));
  }
  times.sort((a, b) => a - b);
  const inServer = plans.map(({ ms }) => ms).sort((a, b) => a - b);
  const hours = await timed(() => history.tend());
  const size = await pool.query<{ bytes: string }>(
    `SELECT sum(pg_total_relation_size(i.inhrelid)) AS bytes FROM pg_inherits i WHERE i.inhparent = 'telemetry_readings'::regclass`,
  );
  return [
    { what: 'readings in the store', value: total, unit: '' },
    { what: 'made in the server', value: filled, unit: 's' },
    { what: 'bytes a reading on disk, index included', value: Number(size.rows[0]?.bytes) / total, unit: 'B' },
    {
      what: `window of 6 h of one resource, median of ${READ}`,
      value: 1000 * (times[READ / 2] ?? 0),
      unit: 'ms',
      aim: 'ms',
    },
    { what: 'the same, 99 of 100', value: 1000 * (times[Math.floor(READ * 0.99)] ?? 0), unit: 'ms' },
    { what: 'rows of such a window', value: rows / READ, unit: '' },
    {
      what: '… in the server alone, planned and executed, median',
      value: inServer[READ / 2] ?? 0,
      unit: 'ms',
      aim: 'ms',
    },
    { what: '… 99 of 100', value: inServer[Math.floor(READ * 0.99)] ?? 0, unit: 'ms' },
    { what: '… pages of 8 kB looked at, most', value: Math.max(...plans.map(({ pages }) => pages)), unit: '' },
    {
      what: `… partitions read of ${DAYS}, most (a window over midnight: 2)`,
      value: Math.max(...plans.map(({ partitions }) => partitions)),
      ...{ unit: '', aim: '2' },
    },
    { what: 'hours of everything summarised, old partitions dropped', value: hours, unit: 's' },
  ];
}

interface Plan {
  readonly ms: number;
  readonly pages: number;
  readonly partitions: number;
}

/** How the server answers the same question: its time and pages are its own, whatever else the machine does. */
async function explain(pool: Database['pool'], values: readonly unknown[]): Promise<Plan> {
  const text = `EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) ${READINGS_QUERY}`;
  const { rows } = await pool.query<{ 'QUERY PLAN': unknown }>(text, [...values]);
  const [plan] = planned.parse(rows[0]?.['QUERY PLAN']);
  return {
    ms: plan['Planning Time'] + plan['Execution Time'],
    pages: plan.Plan['Shared Hit Blocks'] + plan.Plan['Shared Read Blocks'],
    partitions: new Set(JSON.stringify(plan).match(/telemetry_readings_\d{8}(?=")/g)).size,
  };
}
const pages = z.looseObject({ 'Shared Hit Blocks': z.number(), 'Shared Read Blocks': z.number() });
const planned = z.tuple([z.looseObject({ Plan: pages, 'Planning Time': z.number(), 'Execution Time': z.number() })]);
