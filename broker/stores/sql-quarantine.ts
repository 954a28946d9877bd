/** Devices in quarantine, in SQL. */
import type { Pool } from 'pg';
import type { QuarantineEntry, QuarantineStore } from '../standing.ts';

/** `pool` must have run `STORE_MIGRATIONS`. */
export function createSqlQuarantine(pool: Pool): QuarantineStore {
  return {
    async put(entry) {
      await pool.query(
        'INSERT INTO quarantine (tenant, device, reason, record) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING',
        [entry.tenant, entry.device, entry.reason, JSON.stringify(entry)],
      );
    },
    async remove(tenant, device, reason) {
      await pool.query('DELETE FROM quarantine WHERE tenant = $1 AND device = $2 AND reason = $3', [
        ...[tenant, device, reason],
      ]);
    },
    async list() {
      const { rows } = await pool.query<{ record: string }>(
        'SELECT record FROM quarantine ORDER BY tenant COLLATE "C", device COLLATE "C", reason COLLATE "C"',
      );
      return rows.map((row): QuarantineEntry => JSON.parse(row.record));
    },
  };
}
