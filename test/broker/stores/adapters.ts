/** The places where a small store can lie, for suites that each of them passes. */
import type { Pool } from 'pg';
import { STORE_MIGRATIONS } from '../../../broker/stores/migrations.ts';
import { migrate } from '../../../storage/migrate.ts';
import { sqlDatabases } from '../../storage/sql-databases.ts';

export interface OpenedStore<Store> {
  readonly store: Store;
  close(): Promise<void>;
}

/** Rows for `describe.each`: memory, PGlite, and PostgreSQL where there is a server. */
export const storeAdapters = <Store>(
  inMemory: () => Store,
  inSql: (pool: Pool) => Store,
): readonly (readonly [string, () => Promise<OpenedStore<Store>>])[] => [
  ['memory', async () => ({ store: inMemory(), close: async () => undefined })],
  ...Object.entries(sqlDatabases).map(
    ([name, open]) =>
      [
        name,
        async () => {
          const { pool, close } = await open();
          await migrate(pool, STORE_MIGRATIONS);
          return { store: inSql(pool), close };
        },
      ] as const,
  ),
];
