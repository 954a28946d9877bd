/** The history of readings and events on PGlite and PostgreSQL: what a window shows, what it reads, and what is kept for how long. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Evidence } from '../../../broker/contract.ts';
import { STORE_MIGRATIONS } from '../../../broker/stores/migrations.ts';
import { dropPartitions, makePartition, partitionAt, readPartition } from '../../../broker/stores/partitions.ts';
import { createSqlEvents } from '../../../broker/stores/sql-events.ts';
import {
  createSqlHistory,
  EVENTS,
  HISTORY_MIGRATIONS,
  HOURS,
  READINGS,
  READINGS_QUERY,
  type SqlHistory,
} from '../../../broker/stores/sql-history.ts';
import { gatherReadings } from '../../../broker/telemetry/gather-readings.ts';
import { parseRetention, type Reading, readingsOf, type Window } from '../../../broker/telemetry/history.ts';
import type { ReceivedEvent } from '../../../broker/telemetry/received-event.ts';
import { migrate } from '../../../storage/migrate.ts';
import type { Database } from '../../../storage/open-database.ts';
import { reportSkippedPostgres, sqlDatabases } from '../../storage/sql-databases.ts';

const START = Date.parse('2026-03-10T00:00:00Z');
const HOUR = 3_600_000;
const PORT = 'interface/br1_edge/ge0/0';
const iso = (at: number): string => new Date(at).toISOString();
const reading = (at: number, value: number, tenant = 'acme', resource = PORT, signal = 'if.util_pct'): Reading => ({
  ...{ tenant, resource, signal, value },
  at: iso(at),
});
const event = (at: number, more: Partial<ReceivedEvent> = {}): ReceivedEvent => ({
  ...{ tenant: 'acme', device: 'br1_edge', channel: 'trap', name: 'trap.linkDown', resource: PORT, severity: 'major' },
  ...{ detail: 'down', observedAt: iso(at), receivedAt: iso(at) },
  ...more,
});
const window = (from: number, to: number, more: Partial<Window> = {}): Window => ({
  ...{ tenant: 'acme', resource: PORT, from: iso(from), to: iso(to), limit: 100 },
  ...more,
});

reportSkippedPostgres();
describe.each(Object.keys(sqlDatabases))('%s', (kind) => {
  let database: Database;
  let now: number;
  let history: SqlHistory;
  beforeAll(async () => {
    const open = sqlDatabases[kind];
    if (open === undefined) throw new Error(`there is no ${kind}`);
    database = await open();
    await migrate(database.pool, [...STORE_MIGRATIONS, ...HISTORY_MIGRATIONS]);
  }, 60_000);
  beforeEach(async () => {
    for (const divided of [READINGS, EVENTS, HOURS])
      await dropPartitions(database.pool, divided, Number.POSITIVE_INFINITY);
    await database.pool.query('DELETE FROM telemetry_series; DELETE FROM events; DELETE FROM event_counters');
    await database.pool.query('UPDATE telemetry_tended SET up_to = NULL');
    now = START + 40 * 24 * HOUR;
    history = createSqlHistory(database.pool, { now: () => now }, parseRetention('7,short=2,long=9'));
  });
  afterAll(() => database.close());

  it('shows a window of a resource: its own, its tenant’s, newest first, the end left out', async () => {
    await history.append([
      reading(START, 1),
      reading(START + HOUR, 2),
      reading(START + HOUR, 20, 'acme', PORT, 'if.errors'),
      reading(START + 2 * HOUR, 3),
      reading(START + HOUR, 7, 'globex'),
      reading(START + HOUR, 8, 'acme', 'interface/br2_edge/ge0/0'),
    ]);
    const found = await history.readings(window(START, START + 2 * HOUR));
    expect(found.map(({ signal, value }) => [signal, value])).toEqual([
      ['if.errors', 20],
      ['if.util_pct', 2],
      ['if.util_pct', 1],
    ]);
    expect(await history.readings(window(START, START + 3 * HOUR), 'if.errors')).toHaveLength(1);
    expect(await history.readings(window(START, START + 3 * HOUR, { limit: 1 }))).toHaveLength(1);
    expect(await history.readings(window(START, START + 3 * HOUR, { tenant: 'nobody' }))).toEqual([]);
  });

  it('reads only the partitions that the window touches', async () => {
    const days = Array.from({ length: 10 }, (_, day) => START + day * 24 * HOUR);
    await history.append(days.flatMap((at) => Array.from({ length: 50 }, (_, n) => reading(at + n * 1000, n))));
    const { rows: series } = await database.pool.query<{ id: number }>('SELECT id FROM telemetry_series');
    const { rows } = await database.pool.query<{ 'QUERY PLAN': string }>(`EXPLAIN (ANALYZE) ${READINGS_QUERY}`, [
      ...[series.map(({ id }) => id), iso(START + 3 * 24 * HOUR), iso(START + 4 * 24 * HOUR), 100],
    ]);
    const plan = rows.map((row) => row['QUERY PLAN']).join('\n');
    expect([...new Set(plan.match(/telemetry_readings_\d+/g))]).toEqual(['telemetry_readings_20260313']);
  });

  it('keeps events in the transaction that numbers them, and finds them by resource and by device', async () => {
    const events = createSqlEvents(database.pool, undefined, history);
    await events.append([
      event(START),
      event(START + HOUR, { resource: 'tunnel/a--b', name: 'bfd.down' }),
      event(START + HOUR, { tenant: 'globex' }),
    ]);
    expect((await history.events(window(START, START + 2 * HOUR))).map(({ name }) => name)).toEqual(['trap.linkDown']);
    const ofDevice = await history.events(window(START, START + 2 * HOUR, { resource: 'node/br1_edge' }));
    expect(ofDevice.map(({ name }) => name)).toEqual(['bfd.down', 'trap.linkDown']);
    await expect(
      events.append([event(START), event(START, { detail: '\u0000', resource: '\u0000' })]),
    ).rejects.toThrow();
    expect(await history.events(window(START, START + HOUR))).toHaveLength(1);
    expect(await events.after('acme', 'events', 0, 10)).toHaveLength(2);
  });

  it('tells when ports and tunnels were up and down: what was read and what was told, only where it differs', async () => {
    const tunnel = 'tunnel/br1_edge:mpls--hub1_edge:mpls';
    const events = createSqlEvents(database.pool, undefined, history);
    const state = (at: number, value: number, of = tunnel, tenant = 'acme') =>
      reading(at, value, tenant, of, 'bfd.state');
    await history.append([
      ...[state(START, 1), state(START + HOUR, 1), state(START + 3 * HOUR, 0), state(START + 4 * HOUR, 1)],
      ...[state(START, 1, 'tunnel/br2_edge:mpls--hub1_edge:mpls'), state(START, 0, tunnel, 'globex')],
      reading(START, 55), // no state
    ]);
    const told = (at: number, name: string, detail: string, of = tunnel) => event(at, { name, detail, resource: of });
    await events.append([
      told(START + 2 * HOUR, 'trap.bfd_state', 'tun-mpls-hub1_edge bfd down (detection-time-expired)'),
      told(START + 2 * HOUR + 5, 'trap.bfd_state', 'tun-mpls-br1_edge bfd down (detection-time-expired)'),
      told(START + 2 * HOUR, 'trap.linkDown', 'ge0/0 admin up oper down', PORT),
      told(START + 2 * HOUR, 'trap.bfd_state', 'who knows', PORT),
      told(START + 2 * HOUR, 'trap.ctrl_conn', 'ctrl1 mpls down (timeout)', 'session/control/ctrl1--br1_edge:mpls'),
    ]);
    const states = async (from: number, to: number, limit = 100) =>
      (await history.states({ tenant: 'acme', from: iso(from), to: iso(to), limit })).map(
        ({ resource, up, at, how }) =>
          `${resource.split(':')[0]} ${up ? 'up' : 'down'} ${(Date.parse(at) - START) / HOUR} ${how}`,
      );
    expect((await states(START, START + 5 * HOUR)).sort()).toEqual([
      'interface/br1_edge/ge0/0 down 2 trap',
      'tunnel/br1_edge down 2 trap',
      'tunnel/br1_edge up 0 read',
      'tunnel/br1_edge up 4 read',
      'tunnel/br2_edge up 0 read',
    ]);
    expect(await states(START + HOUR, START + 2 * HOUR)).toEqual(['tunnel/br1_edge up 1 read']);
    expect(await states(START + 6 * HOUR, START + 7 * HOUR)).toEqual([]);
  });

  it('summarises hours that are over, once, and a late reading of an hour not yet summarised counts', async () => {
    now = START + 2 * HOUR + 11 * 60_000;
    await history.append([
      reading(START, 1),
      reading(START + 1, 5),
      reading(START + HOUR, 9),
      reading(START + 2 * HOUR, 100),
    ]);
    expect(await history.tend()).toMatchObject({ hours: 2 });
    expect(await history.tend()).toMatchObject({ hours: 0 });
    expect(await history.hours(window(START, START + 5 * HOUR))).toEqual([
      { resource: PORT, signal: 'if.util_pct', at: iso(START + HOUR), count: 1, min: 9, max: 9, mean: 9 },
      { resource: PORT, signal: 'if.util_pct', at: iso(START), count: 2, min: 1, max: 5, mean: 3 },
    ]);
    await history.append([reading(START + 2 * HOUR + 5, 50)]);
    now += HOUR;
    await history.tend();
    expect((await history.hours(window(START, START + 5 * HOUR)))[0]).toMatchObject({ count: 2, min: 50, max: 100 });
  });

  it('drops whole days when they are over, and what a tenant keeps for less time, and leaves the hours', async () => {
    const tenants = ['acme', 'short', 'long'];
    const days = [0, 3, 6].flatMap((day) => tenants.map((tenant) => reading(START + day * 24 * HOUR, 1, tenant)));
    await history.append(days);
    now = START + 10 * 24 * HOUR;
    const { dropped, deleted, hours } = await history.tend();
    expect(hours).toBe(9);
    expect(dropped).toEqual(['telemetry_readings_20260310']);
    const left = async (tenant: string) =>
      (await history.readings(window(START - HOUR, now, { tenant }))).map(({ at }) => at.slice(8, 10));
    expect([await left('acme'), await left('short'), await left('long')]).toEqual([['16', '13'], [], ['16', '13']]);
    expect(deleted).toBe(2);
    expect(await history.hours(window(START, now, { tenant: 'short' }))).toHaveLength(3);
    // What was dropped can come again.
    await history.append([reading(START, 4)]);
  });

  it('takes readings beside the evidence, without a second answer for what was read back', async () => {
    const armed: (() => void)[] = [];
    const timers = {
      set(_: number, run: () => void) {
        armed.push(run);
        return () => undefined;
      },
    };
    const kept: Evidence[] = [];
    const store = {
      put: async (records: readonly Evidence[]) => void kept.push(...records),
      get: async () => [],
      history: async () => [],
    };
    const gathered = gatherReadings(store, history, timers, () => undefined);
    const record = (value: Evidence['value'], source: string): Evidence => ({
      ...{ id: `evd_${kept.length}`, tenant: 'acme', resource: PORT, signal: 'if.util_pct', value, source },
      ...{ observedAt: iso(START), collectedAt: iso(START + 1000), intent: 'int_1' },
    });
    await gathered.evidence.put([
      record(42, 'snmp:br1_edge'),
      record('up', 'snmp:br1_edge'),
      record(7, 'history:reading'),
    ]);
    expect([kept.length, armed.length]).toEqual([3, 1]);
    await gathered.close();
    expect(await history.readings(window(START, START + HOUR))).toMatchObject([{ value: 42, at: iso(START) }]);
    expect(gathered.lost()).toBe(0);
  });
});

it('keeps the words up and down of a port or tunnel as 1 and 0, and no other words', () => {
  const of = (signal: string, value: Evidence['value']): Evidence => ({
    ...{ id: 'e', tenant: 'acme', resource: PORT, signal, value, source: 'snmp:br1_edge', intent: 'i' },
    ...{ observedAt: iso(START), collectedAt: iso(START) },
  });
  const told = [of('if.oper', 'up'), of('bfd.state', 'down'), of('if.oper', 'constructor'), of('if.admin', 'up')];
  expect(readingsOf(told).map(({ signal, value }) => [signal, value])).toEqual([
    ['if.oper', 1],
    ['bfd.state', 0],
  ]);
});

it('files a reading under the time that the device tells only when that can be', () => {
  const told = (observedAt: number): string | undefined => {
    const base = {
      id: 'e',
      tenant: 'acme',
      resource: PORT,
      signal: 's',
      value: 1,
      source: 'rest:director',
      intent: 'i',
    };
    return readingsOf([{ ...base, observedAt: iso(observedAt), collectedAt: iso(START) }])[0]?.at;
  };
  expect([told(START - 600_000), told(START + 1), told(0)]).toEqual([iso(START - 600_000), iso(START), iso(START)]);
});

it('names partitions by their time, and reads the names back', async () => {
  expect(partitionAt(READINGS, START).name).toBe('telemetry_readings_20260310');
  expect(partitionAt({ table: 'h', by: 'month' }, Date.parse('2026-12-31T23:59:59Z'))).toEqual({
    ...{ name: 'h_202612', from: Date.UTC(2026, 11), to: Date.UTC(2027, 0) },
  });
  expect(readPartition('telemetry_readings_20260310')).toMatchObject({ table: 'telemetry_readings', from: START });
  expect(readPartition('telemetry_readings')).toBeUndefined();
  await expect(makePartition({} as never, 'x; DROP TABLE y')).rejects.toThrow(TypeError);
});
