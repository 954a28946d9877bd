/** The outbox in SQL: rows and position in one transaction; a claim skips what another broker holds. */
import type { Pool } from 'pg';
import type { Outbox, OutboxRow } from '../notify/outbox.ts';

interface Row {
  readonly notice: string;
  readonly tenant: string;
  readonly channel: string;
  readonly type: string;
  readonly body: string;
  readonly state: OutboxRow['state'];
  readonly attempts: number;
  readonly created_at: string;
  readonly next_at: string;
  readonly error: string | null;
}

const iso = (ms: string): string => new Date(Number(ms)).toISOString();

const toRow = ({ created_at, next_at, error, ...row }: Row): OutboxRow => ({
  ...row,
  ...{ createdAt: iso(created_at), nextAt: iso(next_at) },
  ...(error === null ? {} : { error }),
});

const COLUMNS = 'notice, tenant, channel, type, body, state, attempts, created_at, next_at, error';

/** `pool` must have run `STORE_MIGRATIONS`. */
export function createSqlOutbox(pool: Pool): Outbox {
  return {
    async position(start) {
      await pool.query('INSERT INTO outbox_position (one, up_to) VALUES (true, $1) ON CONFLICT DO NOTHING', [start]);
      const { rows } = await pool.query<{ up_to: string }>('SELECT up_to FROM outbox_position');
      return Number(rows[0]?.up_to ?? start);
    },
    async add(rows, upTo) {
      // One statement is one transaction.
      await pool.query(
        `WITH added AS (
           INSERT INTO outbox (notice, tenant, channel, type, body, state, attempts, created_at, next_at)
           SELECT n, t, c, y, b, 'waiting', 0, at, at
           FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::bigint[]) AS r (n, t, c, y, b, at)
           ON CONFLICT (notice, tenant, channel) DO NOTHING)
         UPDATE outbox_position SET up_to = greatest(up_to, $7::bigint)`,
        [
          rows.map(({ notice }) => notice),
          rows.map(({ tenant }) => tenant),
          rows.map(({ channel }) => channel),
          rows.map(({ type }) => type),
          rows.map(({ body }) => body),
          rows.map(({ createdAt }) => Date.parse(createdAt)),
          upTo ?? 0,
        ],
      );
    },
    async claim(tenant, channel, now, leaseMs) {
      const { rows } = await pool.query<Row>(
        `WITH due AS MATERIALIZED (
           SELECT seq AS found FROM outbox
           WHERE tenant = $1 AND channel = $2 AND state = 'waiting' AND next_at <= $3::bigint
           ORDER BY seq LIMIT 1 FOR UPDATE SKIP LOCKED)
         UPDATE outbox SET next_at = $3::bigint + $4::bigint FROM due WHERE seq = due.found
         RETURNING ${COLUMNS}`,
        [tenant, channel, now, leaseMs],
      );
      return rows.map(toRow)[0];
    },
    async settle({ notice, tenant, channel }, { state, attempts, nextAt, error }) {
      await pool.query(
        `UPDATE outbox SET state = $4, attempts = $5, next_at = $6, error = $7
         WHERE notice = $1 AND tenant = $2 AND channel = $3`,
        [notice, tenant, channel, state, attempts, nextAt, error ?? null],
      );
    },
    async list(tenants, limit) {
      const { rows } = await pool.query<Row>(
        `SELECT ${COLUMNS} FROM outbox WHERE tenant = ANY($1) ORDER BY seq DESC LIMIT $2`,
        [tenants, limit],
      );
      return rows.map(toRow);
    },
    async find(tenants, notice) {
      const { rows } = await pool.query<Row>(
        `SELECT ${COLUMNS} FROM outbox WHERE tenant = ANY($1) AND notice = $2 ORDER BY seq`,
        [tenants, notice],
      );
      return rows.map(toRow);
    },
    async replay(tenants, which, now) {
      const { rowCount } = await pool.query(
        `UPDATE outbox SET state = 'waiting', attempts = 0, next_at = $2, error = NULL
         WHERE tenant = ANY($1) AND CASE WHEN $3::text IS NULL THEN state = 'failed' ELSE notice = $3 END`,
        [tenants, now, which === 'failed' ? null : which.notice],
      );
      return rowCount ?? 0;
    },
    async forget(before) {
      await pool.query('DELETE FROM outbox WHERE created_at < $1', [before]);
    },
  };
}
