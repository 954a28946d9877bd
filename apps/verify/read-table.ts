/** Reads a log that is kept in PostgreSQL for the verifier, page by page. */
import pg from 'pg';
import type { StoredBatch } from './verify-stored.ts';

const PAGE = 256;

/** `schema` is that of the broker. Reads only; throws what the server says. */
export async function* readTable(url: string, schema: string): AsyncGenerator<StoredBatch> {
  const client = new pg.Client({ connectionString: url, options: '-c default_transaction_read_only=on' });
  await client.connect();
  try {
    const table = `${pg.escapeIdentifier(schema)}.audit_batches`;
    // By place, not by what a row says of itself: a page begins behind the last one even where indexes were changed.
    for (let after = -1n; ; ) {
      const { rows } = await client.query<{ first_index: string; lines: string[]; checkpoint: string }>(
        `SELECT first_index, lines, checkpoint FROM ${table} WHERE first_index > $1 ORDER BY first_index LIMIT $2`,
        [after.toString(), PAGE],
      );
      for (const { first_index: from, lines, checkpoint } of rows) yield { from: Number(from), lines, checkpoint };
      const last = rows.at(-1);
      if (last === undefined) return;
      after = BigInt(last.first_index);
    }
  } finally {
    await client.end();
  }
}
