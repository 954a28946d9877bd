/**
 * The revocation epoch: a number that rises whenever a session, a person, an agent or a key changes, so that whatever was
 * remembered under an older number is looked up again. One broker counts in memory; several share a row of PostgreSQL.
 */
import type { Pool } from 'pg';
import type { Clock } from '../ports.ts';

export interface Revocation {
  /** The epoch; undefined while it is not known, and then nothing that is remembered may be used. */
  current(): number | undefined;
  /** Raises it here and everywhere. What it is for must have been written before. */
  bump(): Promise<void>;
  /** Hears of what others raised. */
  refresh(): Promise<void>;
}

/** Older than this, what is known of a shared epoch is no longer known: other brokers hear of an end within a second. */
const STALE_MS = 1_000;
/** How often a broker that shares its database should refresh. */
export const REFRESH_MS = 400;

export function createMemoryRevocation(): Revocation {
  let epoch = 0;
  return {
    current: () => epoch,
    bump: async () => {
      epoch += 1;
    },
    refresh: async () => undefined,
  };
}

/** `pool` must have run `IDENTITY_MIGRATIONS`. `refresh` is to be called every `REFRESH_MS`; when it fails, the epoch is soon unknown. */
export function createSqlRevocation(pool: Pool, clock: Clock): Revocation {
  let known: { readonly epoch: number; readonly at: number } | undefined;
  const take = (rows: readonly { readonly epoch: string | number }[], at: number): void => {
    const epoch = Number(rows[0]?.epoch ?? 0);
    known = { epoch: Math.max(epoch, known?.epoch ?? 0), at };
  };
  return {
    current: () => (known !== undefined && clock.now() - known.at <= STALE_MS ? known.epoch : undefined),
    async bump() {
      known = undefined; // nothing that is remembered counts until the new number is known
      const at = clock.now();
      const { rows } = await pool.query<{ epoch: string }>(
        `INSERT INTO identity_epoch (one, epoch) VALUES (true, 1)
         ON CONFLICT (one) DO UPDATE SET epoch = identity_epoch.epoch + 1 RETURNING epoch`,
      );
      take(rows, at);
    },
    async refresh() {
      const at = clock.now();
      const { rows } = await pool.query<{ epoch: string }>('SELECT epoch FROM identity_epoch');
      take(rows, at);
    },
  };
}
