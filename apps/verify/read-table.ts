/** Reads a log that is kept in PostgreSQL for the verifier, page by page. */
import pg from 'pg';
import type { StoredBatch } from './verify-stored.ts';

const PAGE = 256;

type Queryable = Pick<pg.Pool, 'query'>;

/** Connects to the server, to read only; `schema` is that of the broker. Throws what the server says. */
export async function* readDatabase(url: string, schema: string): AsyncGenerator<StoredBatch> {
  const options = `-c default_transaction_read_only=on -c search_path=${pg.escapeIdentifier(schema)}`;
  const pool = new pg.Pool({ connectionString: url, options, max: 1 });
  try {
    yield* readTable(pool);
  } finally {
    await pool.end();
  }
}

/** Rows in the order of their first index, as they are. */
export async function* readTable(database: Queryable): AsyncGenerator<StoredBatch> {
  for (let after = '-1'; ; ) {
    const { rows } = await database.query<{ first_index: string; lines: string[]; checkpoint: string }>(
      'SELECT first_index, lines, checkpoint FROM audit_batches WHERE first_index > $1 ORDER BY first_index LIMIT $2',
      [after, PAGE],
    );
    for (const { first_index: from, lines, checkpoint } of rows) yield { from: Number(from), lines, checkpoint };
    const last = rows.at(-1);
    if (last === undefined) return;
    after = last.first_index;
  }
}
