/** Journal in SQL: idempotency by primary key, receipts, and the transactions that a crash left unfinished. */
import type { Pool } from 'pg';
import type { Intent, Receipt, StepRecord, Subject } from '../contract.ts';
import { sameDigest } from '../digest.ts';
import { WayleaveError } from '../errors.ts';
import type { HeldToken } from '../execution/leases.ts';
import { deviceKey } from '../execution/serial.ts';
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

/** Devices that a write is about. */
interface Place {
  readonly tenant: string;
  readonly devices: readonly string[];
}

const placeOf = ({ tenant, target }: Intent): Place => ({ tenant, devices: target.devices });

/** Rows of the leases of which `$1` has the keys and `$2` the tokens. */
const LEASES = `SELECT l.key FROM device_leases l JOIN unnest($1::text[], $2::bigint[]) AS held (key, token)
  ON l.key = held.key AND l.token = held.token`;

/** `held` knows the leases of this broker. `pool` must have run `STORE_MIGRATIONS`. */
export function createSqlJournal(pool: Pool, held: HeldToken): Journal {
  const tokensOf = ({ tenant, devices }: Place): readonly [readonly string[], readonly number[]] => {
    const keys = [...new Set(devices)].map((device) => deviceKey(tenant, device));
    const tokens = keys.flatMap((key) => held(key) ?? []);
    if (keys.length === 0 || tokens.length < keys.length) throw takenOver();
    return [keys, tokens];
  };
  /**
   * Runs a write under the leases of its devices; it selects from `mine`, or demands that there is a row in it. The locks on
   * the rows make whoever takes a lease wait for the write that is under way, and a write that waited for that sees the
   * new token: nothing lands behind a lease unseen.
   */
  const write = async (place: Place, sql: string, values: readonly unknown[]): Promise<number> => {
    const [keys, tokens] = tokensOf(place);
    const { rows } = await pool.query<{ mine: string; written: string }>(
      `WITH leases AS (${LEASES} FOR SHARE OF l),
         mine AS (SELECT 1 FROM (SELECT count(*) AS n FROM leases) counted WHERE n = cardinality($1::text[])),
         written AS (${sql} RETURNING 1)
       SELECT (SELECT count(*) FROM mine) AS mine, (SELECT count(*) FROM written) AS written`,
      [keys, tokens, ...values],
    );
    if (Number(rows[0]?.mine) !== 1) throw takenOver();
    return Number(rows[0]?.written);
  };
  return {
    async demandLease(tenant, devices) {
      const [keys, tokens] = tokensOf({ tenant, devices });
      const { rowCount } = await pool.query(LEASES, [keys, tokens]);
      if (rowCount !== keys.length) throw takenOver();
    },
    async begin(intent, subject) {
      const added = await write(
        placeOf(intent),
        `INSERT INTO intents (id, tenant, digest, state, intent, subject)
         SELECT $3, $4, $5, 'received', $6, $7 FROM mine ON CONFLICT (id) DO NOTHING`,
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
        await write(placeOf(intent), 'UPDATE intents SET state = $4 WHERE id = $3 AND EXISTS (SELECT 1 FROM mine)', [
          intent.id,
          state,
        ]),
      );
    },
    async finish(intent, receipt) {
      expectOne(
        await write(
          placeOf(receipt.intent),
          `UPDATE intents SET state = 'done', receipt = $5, audit_index = $6
           WHERE id = $3 AND tenant = $4 AND EXISTS (SELECT 1 FROM mine)`,
          [intent, receipt.intent.tenant, JSON.stringify(receipt), receipt.auditIndex],
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
        { tenant: record.tenant, devices: [record.device] },
        'INSERT INTO transactions (intent, device, tenant, state, record) SELECT $3, $4, $5, $6, $7 FROM mine',
        [record.intent, record.device, record.tenant, record.state, JSON.stringify(record)],
      );
    },
    async recordStep({ intent, tenant }, step) {
      expectOne(
        await write(
          { tenant, devices: [step.device] },
          `INSERT INTO transaction_steps (intent, device, step)
           SELECT intent, device, $5 FROM transactions, mine WHERE intent = $3 AND device = $4`,
          [intent, step.device, JSON.stringify(step)],
        ),
      );
    },
    async closeTransaction({ intent, tenant, device }) {
      await write(
        { tenant, devices: [device] },
        `UPDATE transactions SET state = 'closed' WHERE intent = $3 AND device = $4 AND EXISTS (SELECT 1 FROM mine)`,
        [intent, device],
      );
    },
    async changes(tenant, limit) {
      const { rows } = await pool.query<{ receipt: string; subject: string }>(
        `SELECT receipt, subject FROM intents WHERE tenant = $1 AND receipt IS NOT NULL
         ORDER BY audit_index DESC LIMIT $2`,
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
