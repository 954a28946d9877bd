/** The databases a suite over SQL runs on: PGlite always, and PostgreSQL in a schema of its own when `DATABASE_URL` names a server. */
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { it } from 'vitest';
import { type Database, openDatabase } from '../../storage/open-database.ts';

export const postgresUrl = process.env['DATABASE_URL'] || undefined;

/** Each opens a new and empty database, which `close` removes. */
export const sqlDatabases: Readonly<Record<string, () => Promise<Database>>> = {
  pglite: async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'wayleave-sql-'));
    const database = await openDatabase({ folder });
    const close = async (): Promise<void> => {
      await database.close();
      rmSync(folder, { recursive: true, force: true });
    };
    return { ...database, close };
  },
  ...(postgresUrl === undefined ? {} : { postgres: () => openPostgres(postgresUrl) }),
};

export const makeSchemaName = (): string => `test_${randomBytes(6).toString('hex')}`;

async function openPostgres(url: string): Promise<Database> {
  const schema = makeSchemaName();
  const database = await openDatabase({ url, schema });
  const close = async (): Promise<void> => {
    await database.pool.query(`DROP SCHEMA ${schema} CASCADE`);
    await database.close();
  };
  return { ...database, close };
}

/** Puts into the report that this suite did not run on PostgreSQL, and why. */
export function reportSkippedPostgres(): void {
  if (postgresUrl !== undefined) return;
  it('PostgreSQL', ({ skip }) => skip('DATABASE_URL is not set: this suite ran on PGlite only'));
}
