/** Journal in SQL: idempotency by primary key, receipts, and the transactions that a crash left unfinished. */
import type { Pool } from 'pg';
import type { Intent, Receipt, StepRecord, Subject } from '../contract.ts';
import { sameDigest } from '../digest.ts';
import { WayleaveError } from '../errors.ts';
import type { IntentState, Journal, TransactionRecord } from '../ports.ts';
import { takenOver } from './taken-over.ts';

interface IntentRow {
  readonly tenant: string;
  readonly digest: string;
  readonly state: IntentState;
  readonly intent: string;
  readonly subject: string;
  readonly receipt: string | null;
}

/** Claims the journal: whoever had it before writes no more. `pool` must have run `STORE_MIGRATIONS`. */
export async function openSqlJournal(pool: Pool): Promise<Journal> {
  const claimed = await pool.query<{ epoch: string }>(
    'UPDATE journal_epoch SET epoch = epoch + 1 RETURNING epoch::text AS epoch',
  );
  const epoch = claimed.rows[0]?.epoch;
  if (epoch === undefined) throw new Error('the journal has no epoch');
  /**
   * Runs a write that begins with `WITH mine AS (…)`. The lock on the row makes a claim wait for the write that is under
   * way, and a write that waited for a claim sees the new epoch: nothing lands behind a claim unseen.
   */
  const write = async (sql: string, values: readonly unknown[]): Promise<number> => {
    const mine = `mine AS (SELECT 1 FROM journal_epoch WHERE epoch = $1 FOR SHARE)`;
    const { rows } = await pool.query<{ mine: string; written: string }>(
      `WITH ${mine}, written AS (${sql} RETURNING 1)
       SELECT (SELECT count(*) FROM mine) AS mine, (SELECT count(*) FROM written) AS written`,
      [epoch, ...values],
    );
    if (Number(rows[0]?.mine) !== 1) throw takenOver();
    return Number(rows[0]?.written);
  };
  return {
    async demandClaim() {
      const { rowCount } = await pool.query('SELECT 1 FROM journal_epoch WHERE epoch = $1', [epoch]);
      if (rowCount !== 1) throw takenOver();
    },
    async begin(intent, subject) {
      const added = await write(
        `INSERT INTO intents (id, tenant, digest, state, intent, subject)
         SELECT $2, $3, $4, 'received', $5, $6 FROM mine ON CONFLICT (id) DO NOTHING`,
        [intent.id, intent.tenant, intent.digest, JSON.stringify(intent), JSON.stringify(subject)],
      );
      if (added === 1) return { known: false, state: 'received' };
      const { rows } = await pool.query<IntentRow>('SELECT * FROM intents WHERE id = $1', [intent.id]);
      const row = rows[0];
      // The digest covers the tenant too; an id of another tenant is the same conflict and tells nothing more.
      if (row === undefined || row.tenant !== intent.tenant || !sameDigest(row.digest, intent.digest)) {
        throw new WayleaveError('CONFLICT');
      }
      return { known: true, state: row.state, ...readReceipt(row) };
    },
    async setState(intent, state) {
      expectOne(
        await write('UPDATE intents SET state = $3 WHERE id = $2 AND EXISTS (SELECT 1 FROM mine)', [intent, state]),
      );
    },
    async finish(intent, receipt) {
      expectOne(
        await write(
          `UPDATE intents SET state = 'done', receipt = $4 WHERE id = $2 AND tenant = $3 AND EXISTS (SELECT 1 FROM mine)`,
          [intent, receipt.intent.tenant, JSON.stringify(receipt)],
        ),
      );
    },
    async find(tenant, id) {
      const { rows } = await pool.query<IntentRow>('SELECT * FROM intents WHERE tenant = $1 AND id = $2', [tenant, id]);
      const row = rows[0];
      if (row === undefined) return undefined;
      const intent: Intent = JSON.parse(row.intent);
      const subject: Subject = JSON.parse(row.subject);
      return { intent, subject, state: row.state, ...readReceipt(row) };
    },
    async openTransaction(record) {
      await write(
        'INSERT INTO transactions (intent, device, tenant, state, record) SELECT $2, $3, $4, $5, $6 FROM mine',
        [record.intent, record.device, record.tenant, record.state, JSON.stringify(record)],
      );
    },
    async recordStep(intent, step) {
      expectOne(
        await write(
          `INSERT INTO transaction_steps (intent, device, step)
           SELECT intent, device, $4 FROM transactions, mine WHERE intent = $2 AND device = $3`,
          [intent, step.device, JSON.stringify(step)],
        ),
      );
    },
    async closeTransaction(intent, device) {
      await write(
        `UPDATE transactions SET state = 'closed' WHERE intent = $2 AND device = $3 AND EXISTS (SELECT 1 FROM mine)`,
        [intent, device],
      );
    },
    async changes(tenant, limit) {
      const { rows } = await pool.query<{ receipt: string; subject: string }>(
        `SELECT receipt, subject FROM intents WHERE tenant = $1 AND receipt IS NOT NULL
         ORDER BY (receipt::jsonb ->> 'auditIndex')::bigint DESC LIMIT $2`,
        [tenant, limit],
      );
      return rows.map((row) => {
        const receipt: Receipt = JSON.parse(row.receipt);
        const subject: Subject = JSON.parse(row.subject);
        return { receipt, subject };
      });
    },
    async unfinished() {
      const { rows } = await pool.query<{ record: string; steps: readonly string[] }>(
        `SELECT t.record, ARRAY(SELECT s.step FROM transaction_steps s
           WHERE s.intent = t.intent AND s.device = t.device ORDER BY s.seq) AS steps
         FROM transactions t WHERE t.state = 'open' ORDER BY t.intent, t.device`,
      );
      return rows.map(readTransaction);
    },
    async executing() {
      const { rows } = await pool.query<{ tenant: string; intent: string }>(
        `SELECT tenant, id AS intent FROM intents WHERE state = 'executing' AND receipt IS NULL ORDER BY id`,
      );
      return rows;
    },
  };
}

function readReceipt(row: IntentRow): { readonly receipt?: Receipt } {
  if (row.receipt === null) return {};
  const receipt: Receipt = JSON.parse(row.receipt);
  return { receipt };
}

function readTransaction(row: { readonly record: string; readonly steps: readonly string[] }): TransactionRecord {
  const record: TransactionRecord = JSON.parse(row.record);
  const later = row.steps.map((text): StepRecord => JSON.parse(text));
  return { ...record, steps: [...record.steps, ...later] };
}

function expectOne(written: number): void {
  if (written !== 1) throw new WayleaveError('NOT_FOUND');
}
