/** One suite for every adapter of the evidence: memory, SQL on PGlite, SQL on PostgreSQL. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Evidence } from '../../../broker/contract.ts';
import type { EvidenceStore } from '../../../broker/ports.ts';
import { createMemoryEvidence } from '../../../broker/stores/memory-evidence.ts';
import { STORE_MIGRATIONS } from '../../../broker/stores/migrations.ts';
import { KEPT_SLOTS, MOST_SAMPLES, SLOT_MS, thin } from '../../../broker/stores/samples.ts';
import { createSqlEvidence } from '../../../broker/stores/sql-evidence.ts';
import { migrate } from '../../../storage/migrate.ts';
import { reportSkippedPostgres, sqlDatabases } from '../../storage/sql-databases.ts';

interface Opened {
  readonly evidence: EvidenceStore;
  readonly close: () => Promise<void>;
}

const adapters: readonly (readonly [string, () => Promise<Opened>])[] = [
  ['memory', async () => ({ evidence: createMemoryEvidence(), close: async () => undefined })],
  ...Object.entries(sqlDatabases).map(
    ([name, open]) =>
      [
        name,
        async (): Promise<Opened> => {
          const { pool, close } = await open();
          await migrate(pool, STORE_MIGRATIONS);
          return { evidence: createSqlEvidence(pool), close };
        },
      ] as const,
  ),
];

reportSkippedPostgres();

describe.each(adapters)('evidence: %s', (_, open) => {
  let opened: Opened;
  let evidence: EvidenceStore;
  beforeAll(async () => {
    opened = await open();
    ({ evidence } = opened);
  }, 60_000);
  afterAll(() => opened.close());

  it('keeps evidence as it was first put, in the order asked for', async () => {
    const record = (id: string, value: string, tenant = 'acme'): Evidence => ({
      id,
      tenant,
      resource: 'node/br2_edge',
      signal: 'device',
      value,
      observedAt: 't',
      collectedAt: 't',
      source: 'records',
      intent: 'int_e',
    });
    const nul = record('evd_1', 'a\u0000b \ud800');
    await evidence.put([nul, record('evd_2', 'two'), record('evd_2', 'forged'), record('evd_3', 'other', 'globex')]);
    await evidence.put([record('evd_2', 'forged'), ...[]]);
    await evidence.put([]);
    expect(await evidence.get('acme', ['evd_2', 'evd_9', 'evd_3', 'evd_1', 'evd_2'])).toEqual([
      record('evd_2', 'two'),
      nul,
    ]);
  });

  it('tells the course of what is watched over time: by device and signal, a time once, evenly thinned, and no older than it is kept', async () => {
    const start = Date.parse('2026-03-02T00:00:00Z');
    const sample = (id: string, at: number, more: Partial<Evidence> = {}): Evidence => ({
      ...{ id: `evd_c${id}`, tenant: 'acme', resource: 'interface/br7_edge/ge0/0', signal: 'if.util_pct', value: '40' },
      ...{
        observedAt: new Date(start + at * SLOT_MS).toISOString(),
        collectedAt: 't',
        source: 'rest',
        intent: 'int_c',
      },
      ...more,
    });
    const course = (of = 'br7_edge', signals: readonly string[] = ['if.util_pct'], tenant = 'acme') =>
      evidence.history(tenant, [of], signals);
    await evidence.put([
      sample('a', 0),
      sample('b', 0.5),
      sample('c', 1),
      sample('d', 2, { resource: 'interface/br8_edge/ge0/0' }),
      sample('e', 2, { tenant: 'globex' }),
      sample('f', 2, { signal: 'dev.mem_pct', resource: 'node/br7_edge' }),
      sample('g', 2, { signal: 'if.state', value: 'up' }),
      sample('h', 2, { value: 'many' }),
    ]);
    expect((await course()).map(({ id }) => id)).toEqual(['evd_ca', 'evd_cc']);
    expect((await course('br7_edge', ['dev.mem_pct', 'if.state'])).map(({ id }) => id)).toEqual(['evd_cf']);
    expect((await course('br7_edge', ['if.util_pct'], 'globex')).map(({ id }) => id)).toEqual(['evd_ce']);
    expect(await course('br9_edge')).toEqual([]);
    await evidence.put(Array.from({ length: 100 }, (_, at) => sample(String(at), at + 10)));
    const thinned = (await course()).map(({ observedAt }) => (Date.parse(observedAt) - start) / SLOT_MS);
    expect(thinned).toHaveLength(MOST_SAMPLES);
    expect([thinned[1], thinned.at(-1)]).toEqual([13, 109]);
    expect(thinned).toEqual(thin([0, 1, ...Array.from({ length: 100 }, (_, at) => at + 10)]));
    await evidence.put([sample('z', 60 + KEPT_SLOTS)]);
    expect((await course()).map(({ observedAt }) => (Date.parse(observedAt) - start) / SLOT_MS)[0]).toBeGreaterThan(59);
  });
});
