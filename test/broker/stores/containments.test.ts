/** One suite for every store of containments: memory, SQL on PGlite, SQL on PostgreSQL. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Containment, Containments } from '../../../broker/containment/containment.ts';
import { createMemoryContainments } from '../../../broker/stores/memory-containments.ts';
import { createSqlContainments } from '../../../broker/stores/sql-containments.ts';
import { reportSkippedPostgres } from '../../storage/sql-databases.ts';
import { type OpenedStore, storeAdapters } from './adapters.ts';

const adapters = storeAdapters<Containments>(createMemoryContainments, createSqlContainments);
reportSkippedPostgres();

const make = (id: string, more: Partial<Containment> = {}): Containment => ({
  ...{ id, tenant: 'acme', intent: 'int_1', tool: 'host.quarantine', purpose: 'inc_1', requestedBy: 'operator@acme' },
  ...{ agent: 'threat-watcher', approvedBy: ['admin@acme'], state: 'active', reversed: [], failures: 0 },
  ...{ from: '2026-01-01T00:00:00.000Z', until: '2026-01-01T01:00:00.000Z' },
  traces: [
    {
      ...{ device: 'br1_edge', entry: 'contain-1', lists: ['wayleave-containment'] },
      measure: { kind: 'deny-traffic', source: '10.1.30.11' },
    },
  ],
  ...more,
});

describe.each(adapters)('containments: %s', (_name, open) => {
  let opened: OpenedStore<Containments>;
  beforeAll(async () => {
    opened = await open();
  });
  afterAll(() => opened.close());

  it('are kept whole, apart by tenant, the latest first, and open ones are found in all tenants', async () => {
    const { store } = opened;
    const first = make('con_1');
    const later = make('con_2', {
      from: '2026-01-01T00:30:00.000Z',
      endedBy: { human: 'a@acme', at: 'x', reason: 'ä"' },
    });
    const theirs = make('con_3', { tenant: 'globex', state: 'placing' });
    for (const one of [first, later, theirs]) await store.add(one);
    await expect(store.add(first)).rejects.toThrow();
    expect(await store.get('acme', 'con_1')).toEqual(first);
    expect(await store.get('globex', 'con_1')).toBeUndefined();
    expect(await store.list('acme', 10)).toEqual([later, first]);
    expect(await store.list('acme', 1)).toEqual([later]);
    expect((await store.open()).map(({ id }) => id).toSorted()).toEqual(['con_1', 'con_2', 'con_3']);
    await store.update('acme', 'con_1', (before) => ({ ...before, state: 'ended' }));
    await store.update('globex', 'con_3', (before) => ({ ...before, state: 'void' }));
    expect((await store.open()).map(({ id }) => id)).toEqual(['con_2']);
    expect(await store.get('acme', 'con_1')).toEqual({ ...first, state: 'ended' });
  });

  it('are changed one at a time, and not at all by a change that fails', async () => {
    const { store } = opened;
    await store.add(make('con_4'));
    const count = () => store.update('acme', 'con_4', (before) => ({ ...before, failures: before.failures + 1 }));
    await Promise.all(Array.from({ length: 8 }, count));
    const fail = store.update('acme', 'con_4', () => {
      throw new Error('no');
    });
    await expect(fail).rejects.toThrow('no');
    expect((await store.get('acme', 'con_4'))?.failures).toBe(8);
    await expect(store.update('globex', 'con_4', (before) => before)).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });
});
