/** Opens the database a process was given: a PostgreSQL server by URL, or PGlite in a folder; both speak through `pg.Pool`. */
import path from 'node:path';
import pg from 'pg';
import { WayleaveError } from '../broker/errors.ts';
import { lockFolder } from './folder-lock.ts';
import type { Migration } from './migrate.ts';
import { openDurablePglite } from './pglite-durable.ts';
import { createPglitePool } from './pglite-pool.ts';

export interface Database {
  readonly pool: pg.Pool;
  readonly kind: 'postgres' | 'pglite';
  /** Ends the pool, closes PGlite and gives up the folder. */
  close(): Promise<void>;
}

export type DatabaseLocation =
  /** `postgres://user@host/database`; `schema` (created when missing) separates installations on one database. */
  | { readonly url: string; readonly schema: string }
  /** Folder of this process alone: holds `lock` and `pg/`. What is migrated next may be in a new one already. */
  | { readonly folder: string; readonly migrations?: readonly Migration[] };

const POSTGRES_CONNECTIONS = 16;
/** Logical connections take turns anyway: more of them only keeps transactions from waiting for a slot. */
const PGLITE_CONNECTIONS = 16;

/**
 * Opens the database and proves that it answers. Throws `LOCKED` or `FOLDER_UNUSABLE` for a folder and
 * `UNAVAILABLE` for a server that does not answer or refuses (the message never has the URL, which may hold a password).
 */
export function openDatabase(location: DatabaseLocation): Promise<Database> {
  return 'url' in location
    ? openPostgres(location.url, location.schema)
    : openFolder(location.folder, location.migrations);
}

async function openPostgres(url: string, schema: string): Promise<Database> {
  const pool = new pg.Pool({
    connectionString: url,
    max: POSTGRES_CONNECTIONS,
    connectionTimeoutMillis: 10_000,
    // What was acknowledged survives the server's death, also where its own default trades that for speed.
    options: `-c search_path=${pg.escapeIdentifier(schema)} -c synchronous_commit=on`,
  });
  // An idle client that loses its server reports here; the next query fails on its own.
  pool.on('error', () => undefined);
  // One that is in use and waits for no answer would end the process: between two statements of a transaction, say.
  pool.on('connect', (client) => void client.on('error', () => undefined));
  try {
    await openSchema(pool, schema);
  } catch (error) {
    await pool.end();
    if (error instanceof WayleaveError) throw error;
    throw new WayleaveError('UNAVAILABLE', `The PostgreSQL server cannot be used${nameCause(error)}.`);
  }
  return { pool, kind: 'postgres', close: () => pool.end() };
}

/** Looks first: where an administrator made the schema, its user needs no right to create one. */
async function openSchema(pool: pg.Pool, schema: string): Promise<void> {
  const find = 'SELECT to_regnamespace($1) IS NOT NULL AS found, current_schema() AS current';
  const look = async () =>
    (await pool.query<{ found: boolean; current: string }>(find, [pg.escapeIdentifier(schema)])).rows[0];
  if ((await look())?.found !== true) {
    await pool.query(`CREATE SCHEMA IF NOT EXISTS ${pg.escapeIdentifier(schema)}`).catch(async (error: unknown) => {
      // Two that start at once may both find nothing, and one of them then collides (23505).
      if ((await look())?.found !== true) throw error;
    });
  }
  // `?options=` in the URL takes the place of ours: then the tables would land somewhere else, and less durably.
  if ((await look())?.current !== schema) {
    throw new WayleaveError(
      'CONFIG_INVALID',
      `PostgreSQL does not use the schema ${schema}: its URL must set no options, and its user needs USAGE on the schema.`,
    );
  }
}

/** SQLSTATE (`28P01`: wrong password) or the name of a network error (`ECONNREFUSED`); messages may quote the URL. */
function nameCause(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return /^[A-Z0-9_]{5,20}$/.test(code) ? ` (${code})` : '';
}

async function openFolder(folder: string, migrations: readonly Migration[] = []): Promise<Database> {
  const lock = lockFolder(folder);
  try {
    const pglite = await openDurablePglite(path.join(folder, 'pg'), migrations);
    const pool = createPglitePool(pglite, { max: PGLITE_CONNECTIONS });
    const close = async (): Promise<void> => {
      await pool.end();
      await pglite.close();
      lock.release();
    };
    return { pool, kind: 'pglite', close };
  } catch (error) {
    lock.release();
    throw error;
  }
}
