/**
 * Audit store in PostgreSQL: a batch is one transaction that holds the writer's row, so that of several brokers one writes
 * at a time, knows what is before its entries, and cannot fork the log. A writer that hangs is ended by the server.
 */
import type { ClientBase, Pool, PoolClient } from 'pg';
import { type AuditBatch, type AuditStore, type AuditTurn, FencedError } from './store.ts';

/** After so long without a word from a writer whose turn it is, the server ends its transaction, and another one writes. */
const TURN_MS = 3000;

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
    inTurn: (from, epoch, make) => writeInTurn(pool, from, epoch, make),
    batches: (from) => readSqlBatches(pool, from),
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

/** Batches from the one that holds entry `from` onwards, as this connection sees them. */
export async function* readSqlBatches(client: Pick<ClientBase, 'query'>, from: number): AsyncGenerator<AuditBatch> {
  // Batches are contiguous, so the one that holds `from` is the first that ends behind it.
  for (let next = from; ; ) {
    const { rows } = await client.query<Row>(
      'SELECT first_index, size, lines, checkpoint FROM audit_batches WHERE size > $1 ORDER BY first_index LIMIT $2',
      [next, PAGE],
    );
    for (const row of rows) yield readBatch(row);
    const last = rows.at(-1);
    if (last === undefined) return;
    next = Number(last.size);
  }
}

interface Row {
  readonly first_index: string;
  readonly size: string;
  readonly lines: readonly string[];
  readonly checkpoint: string;
}

const readBatch = (row: Row): AuditBatch => ({
  from: Number(row.first_index),
  lines: row.lines,
  checkpoint: row.checkpoint,
});

/** One transaction; a connection of unknown state is not given back: closing it ends its transaction. */
async function inTransaction(pool: Pool, work: (client: PoolClient) => Promise<boolean>): Promise<void> {
  const client = await pool.connect();
  let broken: unknown;
  try {
    await client.query(
      `BEGIN; SET LOCAL synchronous_commit = on; SET LOCAL idle_in_transaction_session_timeout = ${TURN_MS}`,
    );
    await client.query((await work(client)) ? 'COMMIT' : 'ROLLBACK');
  } catch (error) {
    broken = error;
    throw error;
  } finally {
    client.release(broken !== undefined);
  }
}

/** Puts a batch behind the others, in the caller's transaction. */
export const insertBatch = (client: ClientBase, batch: AuditBatch): Promise<unknown> =>
  client.query('INSERT INTO audit_batches (first_index, size, lines, checkpoint) VALUES ($1, $2, $3, $4)', [
    batch.from,
    batch.from + batch.lines.length,
    batch.lines,
    batch.checkpoint,
  ]);

const appendBatch = (pool: Pool, batch: AuditBatch, epoch: number): Promise<void> =>
  inTransaction(pool, async (client) => {
    const { rows } = await client.query<{ epoch: string }>('SELECT epoch FROM audit_writer FOR UPDATE');
    if (Number(rows[0]?.epoch) !== epoch) throw new FencedError();
    await insertBatch(client, batch);
    return true;
  });

const writeInTurn = (
  pool: Pool,
  from: number,
  known: number,
  make: (turn: AuditTurn) => AuditBatch | undefined,
): Promise<void> =>
  inTransaction(pool, async (client) => {
    const { rows } = await client.query<{ epoch: string }>('SELECT epoch FROM audit_writer FOR UPDATE');
    const epoch = Number(rows[0]?.epoch);
    // Nobody has claimed or written since: what is stored is what the caller knows.
    if (epoch === known) {
      const batch = make({ epoch, missed: [] });
      if (batch !== undefined) await insertBatch(client, batch);
      return batch !== undefined;
    }
    const missed = await client.query<Row>(
      'SELECT first_index, size, lines, checkpoint FROM audit_batches WHERE size > $1 ORDER BY first_index',
      [from],
    );
    await client.query('UPDATE audit_writer SET epoch = $1', [epoch + 1]);
    const batch = make({ epoch: epoch + 1, missed: missed.rows.map(readBatch) });
    if (batch !== undefined) await insertBatch(client, batch);
    return true; // the turn was taken, also without a batch
  });
