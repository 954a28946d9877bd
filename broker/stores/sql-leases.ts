/**
 * Leases of devices in SQL. A holder is gone as soon as the server has lost its connection, which holds an advisory lock
 * for it, and taken for gone when it has not renewed in time: a process that was killed is followed at once, one that hangs
 * after `LEASE_MS`. The server's clock counts, for all brokers.
 */
import type { Pool, PoolClient } from 'pg';
import { LEASE_MS, type LeaseStore } from '../execution/leases.ts';

/** First key of the advisory locks, the second is the holder: "wayl" in ASCII. */
const PRESENCE = 0x7761796c;
const FREE = `'-infinity'::timestamptz`;

export interface SqlLeases extends LeaseStore {
  close(): Promise<void>;
}

export interface SqlLeasesOptions {
  /** 31 random bits, other ones for each broker process. */
  readonly holder: number;
  /** Nobody else uses the database, so that every lease which is found is left over. */
  readonly alone: boolean;
}

/** `pool` must have run `STORE_MIGRATIONS`. */
export async function openSqlLeases(pool: Pool, { holder, alone }: SqlLeasesOptions): Promise<SqlLeases> {
  let presence: PoolClient | undefined;
  let coming: Promise<void> | undefined;
  const appear = async (): Promise<void> => {
    const client = await pool.connect();
    let isLost = false;
    const lost = (): void => {
      if (isLost) return;
      isLost = true;
      if (presence === client) presence = undefined;
      client.release(true);
    };
    client.once('error', lost);
    client.once('end', lost);
    try {
      await client.query('SELECT pg_advisory_lock($1, $2)', [PRESENCE, holder]);
      presence = client;
    } catch (error) {
      lost();
      throw error;
    }
  };
  /** Whoever takes a lease is seen to be there. */
  const bePresent = async (): Promise<void> => {
    if (alone || presence !== undefined) return;
    coming ??= appear().finally(() => {
      coming = undefined;
    });
    await coming;
  };
  if (alone) await pool.query(`UPDATE device_leases SET until = ${FREE}`);
  await bePresent();
  return {
    async take(key) {
      await bePresent();
      const { rows } = await pool.query<{ token: string }>(
        `INSERT INTO device_leases AS l (key, token, holder, until)
         VALUES ($1, 1, $2, clock_timestamp() + $3 * interval '1 millisecond')
         ON CONFLICT (key) DO UPDATE SET token = l.token + 1, holder = excluded.holder, until = excluded.until
         WHERE l.holder = excluded.holder OR l.until <= clock_timestamp() OR NOT EXISTS (
           SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND objsubid = 2 AND granted
             AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
             AND classid = $4 AND objid = l.holder)
         RETURNING token`,
        [key, holder, LEASE_MS, PRESENCE],
      );
      const token = rows[0]?.token;
      return token === undefined ? undefined : Number(token);
    },
    async renew(key, token) {
      await bePresent();
      await pool.query(
        `UPDATE device_leases SET until = clock_timestamp() + $3 * interval '1 millisecond' WHERE key = $1 AND token = $2`,
        [key, token, LEASE_MS],
      );
    },
    async release(key, token) {
      await pool.query(`UPDATE device_leases SET until = ${FREE} WHERE key = $1 AND token = $2`, [key, token]);
    },
    async close() {
      const client = presence;
      presence = undefined;
      if (client === undefined) return;
      client.removeAllListeners('end');
      client.release(true); // the lock ends with the connection
    },
  };
}
