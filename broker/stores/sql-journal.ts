/** Journal in SQL: idempotency by primary key, receipts, and the transactions that a crash left unfinished. */
import type { Pool } from 'pg';
import type { Intent, Receipt, StepRecord, Subject } from '../contract.ts';
import { sameDigest } from '../digest.ts';
import { WayleaveError } from '../errors.ts';
import type { IntentState, Journal, TransactionRecord } from '../ports.ts';

interface IntentRow {
  readonly tenant: string;
  readonly digest: string;
  readonly state: IntentState;
  readonly intent: string;
  readonly subject: string;
  readonly receipt: string | null;
}

/** `pool` must have run `STORE_MIGRATIONS`. */
export function createSqlJournal(pool: Pool): Journal {
  return {
    async begin(intent, subject) {
      const added = await pool.query(
        `INSERT INTO intents (id, tenant, digest, state, intent, subject) VALUES ($1, $2, $3, 'received', $4, $5)
         ON CONFLICT (id) DO NOTHING`,
        [intent.id, intent.tenant, intent.digest, JSON.stringify(intent), JSON.stringify(subject)],
      );
      if (added.rowCount === 1) return { known: false, state: 'received' };
      const { rows } = await pool.query<IntentRow>('SELECT * FROM intents WHERE id = $1', [intent.id]);
      const row = rows[0];
      // The digest covers the tenant too; an id of another tenant is the same conflict and tells nothing more.
      if (row === undefined || row.tenant !== intent.tenant || !sameDigest(row.digest, intent.digest)) {
        throw new WayleaveError('CONFLICT');
      }
      return { known: true, state: row.state, ...readReceipt(row) };
    },
    async setState(intent, state) {
      expectOne(await pool.query('UPDATE intents SET state = $2 WHERE id = $1', [intent, state]));
    },
    async finish(intent, receipt) {
      expectOne(
        await pool.query(`UPDATE intents SET state = 'done', receipt = $3 WHERE id = $1 AND tenant = $2`, [
          intent,
          receipt.intent.tenant,
          JSON.stringify(receipt),
        ]),
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
      await pool.query('INSERT INTO transactions (intent, device, tenant, state, record) VALUES ($1, $2, $3, $4, $5)', [
        record.intent,
        record.device,
        record.tenant,
        record.state,
        JSON.stringify(record),
      ]);
    },
    async recordStep(intent, step) {
      expectOne(
        await pool.query(
          `INSERT INTO transaction_steps (intent, device, step)
           SELECT intent, device, $3 FROM transactions WHERE intent = $1 AND device = $2`,
          [intent, step.device, JSON.stringify(step)],
        ),
      );
    },
    async closeTransaction(intent, device) {
      await pool.query(`UPDATE transactions SET state = 'closed' WHERE intent = $1 AND device = $2`, [intent, device]);
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

function expectOne(result: { readonly rowCount: number | null }): void {
  if (result.rowCount !== 1) throw new WayleaveError('NOT_FOUND');
}
