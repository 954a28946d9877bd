/** Approvals in SQL; a vote and an expiry that race are decided by the status in the update's condition. */
import type { Pool } from 'pg';
import type { Approval } from '../contract.ts';
import type { Approvals } from '../ports.ts';

/** `pool` must have run `STORE_MIGRATIONS`. */
export function createSqlApprovals(pool: Pool): Approvals {
  const select = async (condition: string, values: readonly string[]): Promise<readonly Approval[]> => {
    const { rows } = await pool.query<{ record: string }>(
      `SELECT record FROM approvals WHERE ${condition} ORDER BY created_at, id`,
      [...values],
    );
    return rows.map((row): Approval => JSON.parse(row.record));
  };
  return {
    async create(approval) {
      await pool.query(
        'INSERT INTO approvals (tenant, id, intent, status, created_at, record) VALUES ($1, $2, $3, $4, $5, $6)',
        [
          approval.intent.tenant,
          approval.id,
          approval.intent.id,
          approval.status,
          approval.createdAt,
          JSON.stringify(approval),
        ],
      );
    },
    get: async (tenant, id) => (await select('tenant = $1 AND id = $2', [tenant, id]))[0],
    findByIntent: async (tenant, intent) => (await select('tenant = $1 AND intent = $2', [tenant, intent])).at(-1),
    list: (tenant, status) =>
      status === undefined ? select('tenant = $1', [tenant]) : select('tenant = $1 AND status = $2', [tenant, status]),
    pending: () => select("status = 'pending'", []),
    async update(approval, expected, before) {
      const { rowCount } = await pool.query(
        `UPDATE approvals SET status = $4, record = $5 WHERE tenant = $1 AND id = $2 AND status = $3
         AND record = coalesce($6, record)`,
        [
          approval.intent.tenant,
          approval.id,
          expected,
          approval.status,
          JSON.stringify(approval),
          before === undefined ? null : JSON.stringify(before),
        ],
      );
      return rowCount === 1;
    },
  };
}
