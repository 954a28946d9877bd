/** Audit store in PostgreSQL: a batch is one transaction that also checks the writer's epoch, so two brokers cannot fork it. */
import type { Pool } from 'pg';
import { type AuditBatch, type AuditStore, FencedError } from './store.ts';

/** Rows of one page while reading. */
const PAGE = 64;

export const AUDIT_MIGRATIONS = [
  {
    name: 'audit-1',
    sql: `CREATE TABLE audit_writer (one boolean PRIMARY KEY DEFAULT true CHECK (one), epoch bigint NOT NULL);
          INSERT INTO audit_writer (epoch) VALUES (0);
          CREATE TABLE audit_batches (
            first_index bigint PRIMARY KEY, size bigint NOT NULL UNIQUE, lines text[] NOT NULL, checkpoint text NOT NULL,
            CHECK (size = first_index + cardinality(lines)));`,
  },
  { name: 'audit-2', sql: 'ALTER TABLE audit_writer ADD COLUMN milestone text' },
] as const;

/** `pool` must have run `AUDIT_MIGRATIONS`. Commits are synchronous whatever the server's default says. */
export function createSqlAuditStore(pool: Pool): AuditStore {
  return {
    async claim(floor) {
      const { rows } = await pool.query<{ epoch: string }>(
        'UPDATE audit_writer SET epoch = greatest(epoch + 1, $1) RETURNING epoch',
        [floor],
      );
      return Number(rows[0]?.epoch);
    },
    append: (batch, epoch) => appendBatch(pool, batch, epoch),
    async *batches(from) {
      // Batches are contiguous, so the one that holds `from` is the first that ends behind it.
      for (let next = from; ; ) {
        const { rows } = await pool.query<{ first_index: string; size: string; lines: string[]; checkpoint: string }>(
          'SELECT first_index, size, lines, checkpoint FROM audit_batches WHERE size > $1 ORDER BY first_index LIMIT $2',
          [next, PAGE],
        );
        for (const row of rows) yield { from: Number(row.first_index), lines: row.lines, checkpoint: row.checkpoint };
        const last = rows.at(-1);
        if (last === undefined) return;
        next = Number(last.size);
      }
    },
    async milestone() {
      const { rows } = await pool.query<{ milestone: string | null }>('SELECT milestone FROM audit_writer');
      return rows[0]?.milestone ?? undefined;
    },
    async keepMilestone(text) {
      await pool.query('UPDATE audit_writer SET milestone = $1', [text]);
    },
    async close() {},
  };
}

async function appendBatch(pool: Pool, batch: AuditBatch, epoch: number): Promise<void> {
  const client = await pool.connect();
  let broken: unknown;
  try {
    await client.query('BEGIN');
    await client.query('SET LOCAL synchronous_commit = on');
    const { rows } = await client.query<{ epoch: string }>('SELECT epoch FROM audit_writer FOR SHARE');
    if (Number(rows[0]?.epoch) !== epoch) throw new FencedError();
    await client.query('INSERT INTO audit_batches (first_index, size, lines, checkpoint) VALUES ($1, $2, $3, $4)', [
      batch.from,
      batch.from + batch.lines.length,
      batch.lines,
      batch.checkpoint,
    ]);
    await client.query('COMMIT');
  } catch (error) {
    broken = error;
    throw error;
  } finally {
    // A connection of unknown state is not given back: closing it ends its transaction.
    client.release(broken !== undefined);
  }
}
