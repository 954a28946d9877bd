/** What people approved, and what left it, is known after a restart: on each database. */
import { describe, expect, it } from 'vitest';
import { createSqlRecords, IDENTITY_MIGRATIONS } from '../../../broker/identity/keyed-records.ts';
import { serverPins } from '../../../broker/upstream/pins.ts';
import { migrate } from '../../../storage/migrate.ts';
import { reportSkippedPostgres, sqlDatabases } from '../../storage/sql-databases.ts';
import { federate } from './federated-bench.ts';
import { closeAfterEach, upstream } from './started.ts';
import { SEARCH } from './upstream-server.ts';

closeAfterEach();

describe.each(Object.entries(sqlDatabases))('pins in %s', (_, open) => {
  it('outlive the broker, and so does a quarantine', { timeout: 60_000 }, async () => {
    const database = await open();
    try {
      await migrate(database.pool, IDENTITY_MIGRATIONS);
      const start = async (tickets: Awaited<ReturnType<typeof upstream>>) =>
        federate([tickets.server()], { records: createSqlRecords(database.pool, 'upstream-pins', serverPins) });
      const tickets = await upstream();
      await (await start(tickets)).approve();
      const second = await start(tickets);
      expect(await second.outcome()).toBe('done');
      tickets.turn.tools = [{ ...SEARCH, description: 'Another.' }];
      expect(await second.outcome()).toBe('NOT_FOUND');
      tickets.turn.tools = [SEARCH];
      const third = await start(tickets);
      expect(await third.outcome()).toBe('NOT_FOUND');
      expect(await third.states()).toEqual({ search: 'quarantined' });
    } finally {
      await database.close();
    }
  });
});
reportSkippedPostgres();
