/**
 * Readings and events in SQL, divided by time (`partitions.ts`): a window reads only the partitions that it touches, and
 * what is too old goes with its partition. A signal of a resource is a series with a number, so that a reading is 24 bytes.
 */
import type { ClientBase, Pool } from 'pg';
import { inTransaction } from '../../storage/in-transaction.ts';
import { createSerial } from '../execution/serial.ts';
import type { Clock } from '../ports.ts';
import {
  type History,
  type HourOfReadings,
  type Reading,
  type Retention,
  STATE_SIGNALS,
  type StateSeen,
  type Tended,
  type Window,
} from '../telemetry/history.ts';
import type { ReceivedEvent } from '../telemetry/received-event.ts';
import { keepChanges, stateTold } from '../telemetry/states.ts';
import { type Divided, dropPartitions, makePartition, partitionAt } from './partitions.ts';

export const READINGS: Divided = { table: 'telemetry_readings', by: 'day' };
export const EVENTS: Divided = { table: 'telemetry_events', by: 'day' };
export const HOURS: Divided = { table: 'telemetry_hours', by: 'month' };

/** `telemetry_tended` names the hour up to which readings are summarised. */
export const HISTORY_MIGRATIONS = [
  {
    name: 'telemetry-1',
    sql: `
CREATE TABLE telemetry_series (
  id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY, tenant text NOT NULL, resource text NOT NULL, signal text NOT NULL,
  UNIQUE (tenant, resource, signal));
CREATE TABLE telemetry_readings (
  at timestamptz NOT NULL, value double precision NOT NULL, series integer NOT NULL) PARTITION BY RANGE (at);
CREATE INDEX telemetry_readings_of ON telemetry_readings (series, at);
CREATE TABLE telemetry_hours (
  at timestamptz NOT NULL, series integer NOT NULL, readings integer NOT NULL,
  lowest double precision NOT NULL, highest double precision NOT NULL, total double precision NOT NULL,
  PRIMARY KEY (series, at)) PARTITION BY RANGE (at);
CREATE TABLE telemetry_events (
  at timestamptz NOT NULL, tenant text NOT NULL, device text NOT NULL, resource text NOT NULL, record text NOT NULL)
  PARTITION BY RANGE (at);
CREATE INDEX telemetry_events_of ON telemetry_events (tenant, resource, at);
CREATE INDEX telemetry_events_at ON telemetry_events (tenant, device, at);
CREATE TABLE telemetry_tended (one boolean PRIMARY KEY DEFAULT true CHECK (one), up_to timestamptz);
INSERT INTO telemetry_tended (up_to) VALUES (NULL);`,
  },
] as const;

const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;
/** A reading that comes later than this after its hour is kept, but not summarised. */
const GRACE_MS = 10 * 60_000;
/** Hours summarised in one transaction. */
const HOURS_AT_ONCE = 24;
/** Numbers of series that are remembered: 100 bytes each. */
const MOST_KNOWN = 1_000_000;

interface Series extends Pick<Reading, 'tenant' | 'resource' | 'signal'> {
  readonly id: number;
}

/** Keeps events in the transaction that numbers them for the feed as well. */
export interface EventHistory {
  /** To be called before that transaction begins: it makes partitions in one of its own. */
  prepareEvents(events: readonly ReceivedEvent[]): Promise<void>;
  keepEvents(client: ClientBase, events: readonly ReceivedEvent[]): Promise<void>;
}
export type SqlHistory = History & EventHistory;

/** `pool` must have run `HISTORY_MIGRATIONS`. */
export function createSqlHistory(pool: Pool, clock: Clock, retention: Retention): SqlHistory {
  const serial = createSerial();
  const known = new Map<string, number>();
  const made = new Set<string>();

  /** Partitions of all these moments; made in a transaction of their own, so that writers do not wait for each other. */
  const prepare = async (divided: Divided, moments: readonly number[]): Promise<void> => {
    const days = new Set(moments.map((at) => Math.floor(at / DAY_MS)));
    const names = [...days].map((day) => partitionAt(divided, day * DAY_MS).name);
    const missing = new Set(names.filter((name) => !made.has(name)));
    if (missing.size === 0) return;
    await inTransaction(pool, async (client) => {
      for (const name of missing) await makePartition(client, name);
    });
    for (const name of missing) made.add(name);
  };

  const seriesOf = async (readings: readonly Reading[]): Promise<readonly number[]> => {
    const keys = readings.map(keyOf);
    const unknown = readings.filter((_, at) => !known.has(keys[at] ?? ''));
    if (unknown.length > 0) {
      if (known.size > MOST_KNOWN) known.clear();
      const columns = [unknown.map((r) => r.tenant), unknown.map((r) => r.resource), unknown.map((r) => r.signal)];
      const made = await pool.query<Series>(
        `INSERT INTO telemetry_series (tenant, resource, signal)
         SELECT DISTINCT * FROM unnest($1::text[], $2::text[], $3::text[]) AS n (t, r, s) ORDER BY t, r, s
         ON CONFLICT DO NOTHING RETURNING *`,
        columns,
      );
      for (const row of made.rows) known.set(keyOf(row), row.id);
      // Others made them, or an earlier life of this process.
      const elsewhere = unknown.filter((one) => !known.has(keyOf(one)));
      if (elsewhere.length > 0) {
        const { rows } = await pool.query<Series>(
          `SELECT DISTINCT s.* FROM telemetry_series s
           JOIN unnest($1::text[], $2::text[], $3::text[]) AS n (t, r, g) ON s.tenant = t AND s.resource = r AND s.signal = g`,
          [elsewhere.map((r) => r.tenant), elsewhere.map((r) => r.resource), elsewhere.map((r) => r.signal)],
        );
        for (const row of rows) known.set(keyOf(row), row.id);
      }
    }
    return keys.map((key) => known.get(key) ?? 0);
  };

  return {
    async append(readings) {
      if (readings.length === 0) return;
      await prepare(
        READINGS,
        readings.map(({ at }) => Date.parse(at)),
      );
      await pool.query(
        `INSERT INTO telemetry_readings (at, value, series) SELECT * FROM unnest($1::timestamptz[], $2::float8[], $3::int[])`,
        [readings.map(({ at }) => at), readings.map(({ value }) => value), await seriesOf(readings)],
      );
    },
    prepareEvents: (events) =>
      prepare(
        EVENTS,
        events.map(({ receivedAt }) => Date.parse(receivedAt)),
      ),
    async keepEvents(client, events) {
      await client.query(
        `INSERT INTO telemetry_events (at, tenant, device, resource, record)
         SELECT * FROM unnest($1::timestamptz[], $2::text[], $3::text[], $4::text[], $5::text[])`,
        [
          events.map(({ receivedAt }) => receivedAt),
          events.map(({ tenant }) => tenant),
          events.map(({ device }) => device),
          events.map(({ resource }) => resource),
          events.map((event) => JSON.stringify(event)),
        ],
      );
    },
    async readings(window, signal) {
      const { rows } = await pool.query<{ resource: string; signal: string; at: Date; value: number }>(
        READINGS_QUERY,
        await valuesOf(pool, window, signal),
      );
      return rows.map((row) => ({ ...row, tenant: window.tenant, at: row.at.toISOString() }));
    },
    async hours(window, signal) {
      const { rows } = await pool.query<Omit<HourOfReadings, 'at'> & { at: Date }>(
        HOURS_QUERY,
        await valuesOf(pool, window, signal),
      );
      return rows.map((row) => ({ ...row, at: row.at.toISOString() }));
    },
    async events({ tenant, resource, from, to, limit }) {
      const device = /^node\/([^/]+)$/.exec(resource)?.[1];
      const { rows } = await pool.query<{ record: string }>(
        `SELECT record FROM telemetry_events WHERE tenant = $1 AND ${device === undefined ? 'resource' : 'device'} = $2
         AND at >= $3 AND at < $4 ORDER BY at DESC LIMIT $5`,
        [tenant, device ?? resource, from, to, limit],
      );
      return rows.map((row): ReceivedEvent => JSON.parse(row.record));
    },
    async states({ tenant, from, to, limit }) {
      const told = await pool.query<{ record: string }>(
        `SELECT record FROM telemetry_events WHERE tenant = $1 AND at >= $2 AND at < $3
         AND (resource LIKE 'tunnel/%' OR resource LIKE 'interface/%') ORDER BY at DESC LIMIT $4`,
        [tenant, from, to, limit],
      );
      const { rows } = await pool.query<{ resource: string; at: Date; value: number }>(STATES_QUERY, [
        ...[await statesOf(pool, tenant), from, to, limit],
      ]);
      return keepChanges([
        ...told.rows.flatMap(({ record }) => stateTold(JSON.parse(record)) ?? []),
        ...rows.map(
          (row): StateSeen => ({
            ...{ resource: row.resource, up: row.value === 1, at: row.at.toISOString(), how: 'read' },
          }),
        ),
      ]);
    },
    keeps: (tenant) => ({ days: retention.tenants[tenant] ?? retention.days, hourlyDays: retention.hourlyDays }),
    // One after the other: who asks for it and what tends by itself would drop the same partition.
    tend: () => serial.run('tend', tendNow),
  };

  async function tendNow(): Promise<Tended> {
    const now = clock.now();
    const hours = await summarise(pool, now, prepare);
    const dropped: string[] = [];
    const longest = Math.max(retention.days, ...Object.values(retention.tenants));
    for (const divided of [READINGS, EVENTS])
      dropped.push(...(await dropPartitions(pool, divided, now - longest * DAY_MS)));
    dropped.push(...(await dropPartitions(pool, HOURS, now - retention.hourlyDays * DAY_MS)));
    for (const name of dropped) made.delete(name);
    return { hours, dropped, deleted: await forgetEarly(pool, retention, longest, now) };
  }
}

const keyOf = ({ tenant, resource, signal }: Pick<Reading, 'tenant' | 'resource' | 'signal'>): string =>
  JSON.stringify([tenant, resource, signal]);

/** Series first: the planner then sees the numbers, the window as constants, and leaves other partitions out. */
async function valuesOf(pool: Pool, window: Window, signal: string | undefined): Promise<unknown[]> {
  const { rows } = await pool.query<{ id: number }>(
    'SELECT id FROM telemetry_series WHERE tenant = $1 AND resource = $2 AND ($3::text IS NULL OR signal = $3) ORDER BY id',
    [window.tenant, window.resource, signal],
  );
  return [rows.map(({ id }) => id), window.from, window.to, window.limit];
}

async function statesOf(pool: Pool, tenant: string): Promise<readonly number[]> {
  const { rows } = await pool.query<{ id: number }>(
    'SELECT id FROM telemetry_series WHERE tenant = $1 AND signal = ANY ($2) ORDER BY id',
    [tenant, STATE_SIGNALS],
  );
  return rows.map(({ id }) => id);
}

/** $1 series, $2 from, $3 to, $4 how many; newest first. */
export const READINGS_QUERY = `
SELECT s.resource, s.signal, r.at, r.value FROM telemetry_readings r JOIN telemetry_series s ON s.id = r.series
WHERE r.series = ANY ($1::int[]) AND r.at >= $2 AND r.at < $3 ORDER BY r.at DESC, r.series LIMIT $4`;
/** The same of states: of each series the first, and what differs from the one before. */
const STATES_QUERY = `
SELECT s.resource, r.at, r.value FROM (
  SELECT series, at, value, lag(value) OVER (PARTITION BY series ORDER BY at) AS before FROM telemetry_readings
  WHERE series = ANY ($1::int[]) AND at >= $2 AND at < $3) AS r JOIN telemetry_series s ON s.id = r.series
WHERE r.before IS DISTINCT FROM r.value ORDER BY r.at DESC LIMIT $4`;
const HOURS_QUERY = `
SELECT s.resource, s.signal, h.at, h.readings AS count, h.lowest AS min, h.highest AS max, h.total / h.readings AS mean
FROM telemetry_hours h JOIN telemetry_series s ON s.id = h.series
WHERE h.series = ANY ($1::int[]) AND h.at >= $2 AND h.at < $3 ORDER BY h.at DESC, h.series LIMIT $4`;

/** Hours that are over, in order, some at a time; doing it again, or two at once, makes the same of them. */
async function summarise(
  pool: Pool,
  now: number,
  prepare: (divided: Divided, moments: readonly number[]) => Promise<void>,
): Promise<number> {
  const end = Math.floor((now - GRACE_MS) / HOUR_MS) * HOUR_MS;
  let count = 0;
  for (;;) {
    const { rows } = await pool.query<{ from: Date | null }>(
      "SELECT coalesce(up_to, (SELECT date_trunc('hour', min(at), 'UTC') FROM telemetry_readings)) AS from FROM telemetry_tended",
    );
    const from = rows[0]?.from?.getTime();
    if (from === undefined || from >= end) return count;
    const to = Math.min(end, from + HOURS_AT_ONCE * HOUR_MS);
    await prepare(HOURS, [from, to]);
    count += await inTransaction(pool, async (client) => {
      await client.query('SELECT 1 FROM telemetry_tended FOR UPDATE');
      const { rowCount } = await client.query(
        `INSERT INTO telemetry_hours (at, series, readings, lowest, highest, total)
         SELECT date_trunc('hour', at, 'UTC'), series, count(*), min(value), max(value), sum(value)
         FROM telemetry_readings WHERE at >= $1 AND at < $2 GROUP BY 1, 2
         ON CONFLICT (series, at) DO UPDATE SET readings = excluded.readings, lowest = excluded.lowest,
           highest = excluded.highest, total = excluded.total`,
        [new Date(from), new Date(to)],
      );
      await client.query('UPDATE telemetry_tended SET up_to = greatest(up_to, $1)', [new Date(to)]);
      return rowCount ?? 0;
    });
  }
}

/** Rows of tenants that keep less than the partitions are there for. */
async function forgetEarly(pool: Pool, { days, tenants }: Retention, longest: number, now: number): Promise<number> {
  const named = Object.entries(tenants);
  const rules: (readonly [condition: string, names: readonly string[], days: number])[] = [
    ...named.filter(([, own]) => own < longest).map(([name, own]) => ['= ANY' as const, [name], own] as const),
    ...(days < longest ? [['<> ALL' as const, named.map(([name]) => name), days] as const] : []),
  ];
  let deleted = 0;
  for (const [condition, names, own] of rules) {
    const before = new Date(now - own * DAY_MS);
    const events = await pool.query(`DELETE FROM telemetry_events WHERE tenant ${condition} ($1) AND at < $2`, [
      names,
      before,
    ]);
    const readings = await pool.query(
      `DELETE FROM telemetry_readings WHERE at < $2 AND series IN (SELECT id FROM telemetry_series WHERE tenant ${condition} ($1))`,
      [names, before],
    );
    deleted += (events.rowCount ?? 0) + (readings.rowCount ?? 0);
  }
  return deleted;
}
