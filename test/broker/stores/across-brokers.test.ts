/** Two brokers on one database: what one suspends, stops or decides is known at the other by its next look, and it looks twice a second. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Approval } from '../../../broker/contract.ts';
import { IDENTITY_MIGRATIONS } from '../../../broker/identity/keyed-records.ts';
import { createSqlRevocation, REFRESH_MS } from '../../../broker/identity/revocation.ts';
import { followOthers } from '../../../broker/stores/follow-others.ts';
import { STORE_MIGRATIONS } from '../../../broker/stores/migrations.ts';
import { createSqlApprovals } from '../../../broker/stores/sql-approvals.ts';
import { createSqlQuarantine } from '../../../broker/stores/sql-quarantine.ts';
import { migrate } from '../../../storage/migrate.ts';
import type { Database } from '../../../storage/open-database.ts';
import { reportSkippedPostgres, sqlDatabases } from '../../storage/sql-databases.ts';

reportSkippedPostgres();
describe.each(Object.keys(sqlDatabases))('%s', (kind) => {
  let database: Database;
  beforeAll(async () => {
    const open = sqlDatabases[kind];
    if (open === undefined) throw new Error(`there is no ${kind}`);
    database = await open();
    await migrate(database.pool, [...STORE_MIGRATIONS, ...IDENTITY_MIGRATIONS]);
  }, 60_000);
  afterAll(() => database.close());

  it('hears of it by its next look, and of nothing twice; one that cannot look may not act', async () => {
    let now = 0;
    const clock = { now: () => now };
    const [here, there] = [createSqlRevocation(database.pool, clock), createSqlRevocation(database.pool, clock)];
    const quarantine = createSqlQuarantine(database.pool);
    let known: readonly string[] = [];
    let looks = 0;
    const follow = followOthers({
      epoch: there,
      reloads: [
        async () => {
          looks += 1;
          known = (await quarantine.list()).map(({ device }) => device);
        },
      ],
    });
    await follow();
    const entry = { tenant: 'acme', device: 'br1_edge', reason: 'host-key', detail: 'other', since: '2026' } as const;
    await quarantine.put(entry);
    await here.bump();
    expect(known).toEqual([]);
    await follow();
    await follow();
    expect([known, looks]).toEqual([['br1_edge'], 2]);
    // Two looks fit into a second, and what is older than a second is known no more.
    expect(2 * REFRESH_MS).toBeLessThanOrEqual(1_000);
    now = 1_001;
    expect(there.current()).toBeUndefined();
  });

  it('has one row an approval: of two that use it at once one does', async () => {
    const [here, there] = [createSqlApprovals(database.pool), createSqlApprovals(database.pool)];
    const intent = { id: 'int_1', tenant: 'acme' };
    const approval = { id: 'apr_1', intent, status: 'pending', createdAt: '2026' } as unknown as Approval;
    await here.create(approval);
    const approved: Approval = { ...approval, status: 'approved' };
    expect(await here.update(approved, 'pending')).toBe(true);
    expect(await there.get('acme', 'apr_1')).toMatchObject({ status: 'approved' });
    const used = { ...approved, status: 'consumed' } as const;
    const both = await Promise.all([here.update(used, 'approved'), there.update(used, 'approved')]);
    expect(both.filter(Boolean)).toHaveLength(1);
  });
});
