/** Brings a database to the present schema: each migration once, in order, all or none, also with two starters. */
import { createHash } from 'node:crypto';
import type { Pool } from 'pg';
import { inTransaction } from './in-transaction.ts';

export interface Migration {
  /** Unique and never reused, e.g. `journal-1`. */
  readonly name: string;
  /** Plain SQL, one or more statements; must not end the transaction. */
  readonly sql: string;
}

/** Key of the transaction-level advisory lock that lets one starter migrate at a time ("wayl" in ASCII). */
const MIGRATION_LOCK = 0x7761796c;

/** Applies what is missing and returns its names. Throws when a migration changed after it was applied. */
export async function migrate(pool: Pool, migrations: readonly Migration[]): Promise<readonly string[]> {
  return inTransaction(pool, async (client) => {
    await client.query('SELECT pg_advisory_xact_lock($1)', [MIGRATION_LOCK]);
    await client.query(
      'CREATE TABLE IF NOT EXISTS migrations (name text PRIMARY KEY, digest text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now())',
    );
    const { rows } = await client.query<{ name: string; digest: string }>('SELECT name, digest FROM migrations');
    const applied = new Map(rows.map((row) => [row.name, row.digest]));
    const added: string[] = [];
    for (const { name, sql } of migrations) {
      const digest = createHash('sha256').update(sql).digest('hex');
      const known = applied.get(name);
      if (known === digest) continue;
      if (known !== undefined) throw new Error(`migration ${name} was changed after it had been applied`);
      await client.query(sql);
      await client.query('INSERT INTO migrations (name, digest) VALUES ($1, $2)', [name, digest]);
      added.push(name);
    }
    return added;
  });
}
