/** One suite for the outbox in memory, on PGlite and on PostgreSQL: what is added once is claimed by one, and comes back when nobody settled it. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Outbox } from '../../../broker/notify/outbox.ts';
import { createMemoryOutbox } from '../../../broker/stores/memory-outbox.ts';
import { createSqlOutbox } from '../../../broker/stores/sql-outbox.ts';
import { reportSkippedPostgres } from '../../storage/sql-databases.ts';
import { type OpenedStore, storeAdapters } from './adapters.ts';

const adapters = storeAdapters<Outbox>(createMemoryOutbox, createSqlOutbox);
reportSkippedPostgres();

const AT = '2026-01-01T00:00:00.000Z';
const T0 = Date.parse(AT);
const row = (notice: string, tenant = 'acme', channel = 'security') => ({
  ...{ notice, tenant, channel, type: 'policy.stopped', body: `{"id":"${notice}"}`, createdAt: AT },
});

describe.each(adapters)('the outbox: %s', (_name, open) => {
  let opened: OpenedStore<Outbox>;
  beforeAll(async () => {
    opened = await open();
  }, 60_000);
  afterAll(() => opened.close());
  const names = async (tenants: readonly string[]): Promise<readonly string[]> =>
    (await opened.store.list(tenants, 100)).map(({ notice, state }) => `${notice} ${state}`);

  it('keeps rows and position, once each and never backwards', async () => {
    const { store: outbox } = opened;
    expect(await outbox.position(7)).toBe(7);
    expect(await outbox.position(100)).toBe(7);
    await outbox.add([row('a'), row('a'), row('b')], 9);
    await outbox.add([row('a'), row('c', 'globex')], 8);
    await outbox.add([row('d', '-')]);
    expect(await outbox.position(0)).toBe(9);
    expect(await names(['acme'])).toEqual(['b waiting', 'a waiting']);
    expect(await names(['globex', '-'])).toEqual(['d waiting', 'c waiting']);
  });

  it('gives each to one claimer, in order, and again when the lease is over', async () => {
    const { store: outbox } = opened;
    const claim = (now: number) => outbox.claim('acme', 'security', now, 1000);
    const both = await Promise.all([claim(T0), claim(T0)]);
    expect(both.map((one) => one?.notice).toSorted()).toEqual(['a', 'b']);
    expect(await claim(T0 + 999)).toBeUndefined();
    expect(await claim(T0 + 1000)).toMatchObject({ notice: 'a', attempts: 0, body: '{"id":"a"}', createdAt: AT });
    expect(await outbox.claim('acme', 'other', T0, 1000)).toBeUndefined();
  });

  it('remembers what became of a row, and sends it again when it is asked to, within the tenant', async () => {
    const { store: outbox } = opened;
    await outbox.settle(row('a'), { state: 'failed', attempts: 3, nextAt: T0 + 5000, error: 'it answers 500' });
    await outbox.settle(row('b'), { state: 'delivered', attempts: 1, nextAt: T0 + 5000 });
    expect(await outbox.find(['acme'], 'a')).toMatchObject([{ state: 'failed', attempts: 3, error: 'it answers 500' }]);
    expect(await outbox.find(['globex'], 'a')).toEqual([]);
    expect(await outbox.claim('acme', 'security', T0 + 10_000, 1000)).toBeUndefined();
    expect(await outbox.replay(['globex'], 'failed', T0)).toBe(0);
    expect(await outbox.replay(['globex'], { notice: 'b' }, T0)).toBe(0);
    expect(await outbox.replay(['acme'], 'failed', T0)).toBe(1);
    const again = (await outbox.find(['acme'], 'a'))[0];
    expect(again).toMatchObject({ state: 'waiting', attempts: 0 });
    expect(again).not.toHaveProperty('error');
    expect(await outbox.replay(['acme'], { notice: 'b' }, T0)).toBe(1);
    expect((await outbox.claim('acme', 'security', T0, 1000))?.notice).toBe('a');
  });

  it('forgets what is old', async () => {
    const { store: outbox } = opened;
    await outbox.forget(T0);
    expect(await names(['acme'])).toHaveLength(2);
    await outbox.forget(T0 + 1);
    expect(await names(['acme', 'globex', '-'])).toEqual([]);
    expect(await outbox.position(0)).toBe(9);
  });
});
