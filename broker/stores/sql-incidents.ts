/** Incidents in SQL. */
import type { Pool } from 'pg';
import type { Incident } from '../contract.ts';
import type { Incidents } from '../ports.ts';

/** `pool` must have run `STORE_MIGRATIONS`. */
export function createSqlIncidents(pool: Pool): Incidents {
  const select = async (condition: string, values: readonly string[]): Promise<readonly Incident[]> => {
    const { rows } = await pool.query<{ record: string }>(
      `SELECT record FROM incidents WHERE ${condition} ORDER BY opened_at, id`,
      [...values],
    );
    return rows.map((row): Incident => JSON.parse(row.record));
  };
  return {
    async put(incident) {
      await pool.query(
        `INSERT INTO incidents (tenant, id, state, opened_at, record) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (tenant, id) DO UPDATE SET state = excluded.state, record = excluded.record`,
        [incident.tenant, incident.id, incident.state, incident.openedAt, JSON.stringify(incident)],
      );
    },
    get: async (tenant, id) => (await select('tenant = $1 AND id = $2', [tenant, id]))[0],
    list: (tenant, state) =>
      state === undefined ? select('tenant = $1', [tenant]) : select('tenant = $1 AND state = $2', [tenant, state]),
  };
}
