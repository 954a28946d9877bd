/** Opens the database a process was given: a PostgreSQL server by URL, or PGlite in a folder; both speak through `pg.Pool`. */
import path from 'node:path';
import pg from 'pg';
import { WayleaveError } from '../broker/errors.ts';
import { lockFolder } from './folder-lock.ts';
import { openDurablePglite } from './pglite-durable.ts';
import { createPglitePool } from './pglite-pool.ts';

export interface Database {
  readonly pool: pg.Pool;
  readonly kind: 'postgres' | 'pglite';
  /** Ends the pool, closes PGlite and gives up the folder. */
  close(): Promise<void>;
}

export type DatabaseLocation =
  /** `postgres://…`; `schema` (created when missing) separates installations on one server. */
  | { readonly url: string; readonly schema?: string }
  /** Folder of this process alone: holds `lock` and `pg/`. */
  | { readonly folder: string };

const POSTGRES_CONNECTIONS = 16;
/** Logical connections take turns anyway: more of them only keeps transactions from waiting for a slot. */
const PGLITE_CONNECTIONS = 16;

/**
 * Opens the database and proves that it answers. Throws `LOCKED` or `FOLDER_UNUSABLE` for a folder and
 * `UNAVAILABLE` for a server that does not answer (the message never has the URL, which may hold a password).
 */
export function openDatabase(location: DatabaseLocation): Promise<Database> {
  return 'url' in location ? openPostgres(location.url, location.schema) : openFolder(location.folder);
}

async function openPostgres(url: string, schema?: string): Promise<Database> {
  const pool = new pg.Pool({
    connectionString: url,
    max: POSTGRES_CONNECTIONS,
    connectionTimeoutMillis: 10_000,
    ...(schema === undefined ? {} : { options: `-c search_path=${pg.escapeIdentifier(schema)}` }),
  });
  // An idle client that loses its server reports here; the next query fails on its own.
  pool.on('error', () => undefined);
  try {
    if (schema !== undefined) await pool.query(`CREATE SCHEMA IF NOT EXISTS ${pg.escapeIdentifier(schema)}`);
    await pool.query('SELECT 1');
  } catch {
    await pool.end();
    throw new WayleaveError('UNAVAILABLE', 'The PostgreSQL server does not answer.');
  }
  return { pool, kind: 'postgres', close: () => pool.end() };
}

async function openFolder(folder: string): Promise<Database> {
  const lock = lockFolder(folder);
  try {
    const pglite = await openDurablePglite(path.join(folder, 'pg'));
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
