/** Login sessions in SQL. An end is final: no later write brings a session back. */
import type { Pool } from 'pg';
import type { Session, Sessions } from '../ports.ts';

/** `pool` must have run `STORE_MIGRATIONS`. */
export function createSqlSessions(pool: Pool): Sessions {
  return {
    async put(session) {
      await pool.query(
        `INSERT INTO sessions (id, tenant, created_at, record) VALUES ($1, $2, $3, $4)
         ON CONFLICT (id) DO UPDATE SET record = excluded.record
         WHERE sessions.tenant = excluded.tenant AND NOT (sessions.record::jsonb ? 'endedAt')`,
        [session.id, session.tenant, session.createdAt, JSON.stringify(session)],
      );
    },
    async get(id) {
      const { rows } = await pool.query<{ record: string }>('SELECT record FROM sessions WHERE id = $1', [id]);
      return rows.map((row): Session => JSON.parse(row.record))[0];
    },
    async list(tenant) {
      const { rows } = await pool.query<{ record: string }>(
        'SELECT record FROM sessions WHERE tenant = $1 ORDER BY created_at, id',
        [tenant],
      );
      return rows.map((row): Session => JSON.parse(row.record));
    },
  };
}
