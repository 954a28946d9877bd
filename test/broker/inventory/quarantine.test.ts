/** A quarantine in SQL outlives the process that wrote it, and what another broker wrote is taken over. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openQuarantine } from '../../../broker/inventory/quarantine.ts';
import type { AuditEntry } from '../../../broker/ports.ts';
import { STORE_MIGRATIONS } from '../../../broker/stores/migrations.ts';
import { createSqlQuarantine } from '../../../broker/stores/sql-quarantine.ts';
import { migrate } from '../../../storage/migrate.ts';
import type { Database } from '../../../storage/open-database.ts';
import { reportSkippedPostgres, sqlDatabases } from '../../storage/sql-databases.ts';

reportSkippedPostgres();

describe.each(Object.entries(sqlDatabases))('the quarantine on %s', (_, open) => {
  let database: Database;
  beforeAll(async () => {
    database = await open();
    await migrate(database.pool, STORE_MIGRATIONS);
  });
  afterAll(() => database.close());
  const log: AuditEntry[] = [];
  const start = () =>
    openQuarantine({
      store: createSqlQuarantine(database.pool),
      clock: { now: () => Date.UTC(2026, 0, 1) },
      record: async (entry) => void log.push(entry),
    });
  const ENTRY = {
    tenant: 'acme',
    device: 'br2_edge',
    reason: 'rollback-failed',
    detail: 'kept',
    intent: 'int_1',
  } as const;

  it('holds after a restart, in its tenant only, until somebody ends it', async () => {
    const first = await start();
    await Promise.all([first.enter(ENTRY), first.enter({ ...ENTRY, detail: 'again' })]);
    const second = await start();
    expect(second.of('acme', 'br2_edge')).toEqual([{ ...ENTRY, since: '2026-01-01T00:00:00.000Z' }]);
    expect(second.of('globex', 'br2_edge')).toEqual([]);
    await second.leave('acme', 'br2_edge', { why: 'another reason' }, 'outcome-unknown');
    expect(second.of('acme', 'br2_edge')).toHaveLength(1);
    await second.leave('acme', 'br2_edge', { human: 'admin@acme', session: 'ses_1', why: 'seen' });
    expect((await start()).of('acme', 'br2_edge')).toEqual([]);
    expect(log.map(({ kind, human, intent }) => [kind, human, intent])).toEqual([
      ['device.quarantined', undefined, 'int_1'],
      ['device.released', 'admin@acme', undefined],
    ]);
    // The first broker hears of it when it looks.
    expect(first.of('acme', 'br2_edge')).toHaveLength(1);
    await first.reload();
    expect(first.of('acme', 'br2_edge')).toEqual([]);
    log.length = 0;
  });

  it('does not end what the log does not take', async () => {
    const quarantine = await start();
    await quarantine.enter(ENTRY);
    const broken = await openQuarantine({
      store: createSqlQuarantine(database.pool),
      clock: { now: () => 0 },
      record: () => Promise.reject(new Error('the log is down')),
    });
    await expect(broken.leave('acme', 'br2_edge', { why: 'x' })).rejects.toThrow('the log is down');
    expect(broken.of('acme', 'br2_edge')).toHaveLength(1);
    await quarantine.leave('acme', 'br2_edge', { why: 'end of the test' });
    log.length = 0;
  });
});
