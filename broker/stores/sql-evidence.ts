/** Evidence in SQL: what one call collected is one statement, and a stored record is never replaced. */
import type { Pool } from 'pg';
import type { Evidence } from '../contract.ts';
import type { EvidenceStore } from '../ports.ts';

/** `pool` must have run `STORE_MIGRATIONS`. */
export function createSqlEvidence(pool: Pool): EvidenceStore {
  return {
    async put(records) {
      if (records.length === 0) return;
      await pool.query(
        `INSERT INTO evidence (tenant, id, record) SELECT * FROM unnest($1::text[], $2::text[], $3::text[])
         ON CONFLICT DO NOTHING`,
        [records.map(({ tenant }) => tenant), records.map(({ id }) => id), records.map((one) => JSON.stringify(one))],
      );
    },
    async get(tenant, ids) {
      if (ids.length === 0) return [];
      const { rows } = await pool.query<{ record: string }>(
        `SELECT e.record FROM unnest($2::text[]) WITH ORDINALITY AS wanted (id, n)
         JOIN evidence e ON e.tenant = $1 AND e.id = wanted.id ORDER BY wanted.n`,
        [tenant, [...new Set(ids)]],
      );
      return rows.map((row): Evidence => JSON.parse(row.record));
    },
  };
}
