/** Used proofs of several brokers on one database: the first of them that writes a proof down may accept it. */
import type { Pool } from 'pg';
import type { SingleUse } from '../../protocols/oauth/single-use.ts';

export interface SqlSingleUse extends SingleUse {
  /** Forgets what could not be accepted any more; to be called now and then. */
  sweep(): Promise<void>;
}

interface Waiting {
  readonly key: string;
  readonly settle: (first: boolean) => void;
  readonly fail: (error: unknown) => void;
}

/**
 * `pool` must have run `IDENTITY_MIGRATIONS`. What asks within one turn of the event loop goes in one statement.
 * `retentionMs` as of `createSingleUse`, by the clock of the database, which all brokers share. It survives a restart.
 */
export function createSqlSingleUse(pool: Pool, retentionMs: number): SqlSingleUse {
  let waiting: Waiting[] = [];

  async function write(): Promise<void> {
    const batch = waiting;
    waiting = [];
    // Twice in one batch: the second one comes too late.
    const firsts = new Map<string, Waiting>();
    for (const one of batch) {
      if (firsts.has(one.key)) one.settle(false);
      else firsts.set(one.key, one);
    }
    try {
      const { rows } = await pool.query<{ proof: string }>(
        `INSERT INTO identity_proofs (proof, expires_at)
         SELECT proof, now() + $2 * interval '1 millisecond' FROM unnest($1::text[]) AS proof ORDER BY proof
         ON CONFLICT (proof) DO NOTHING RETURNING proof`,
        [[...firsts.keys()], retentionMs],
      );
      const written = new Set(rows.map(({ proof }) => proof));
      for (const [key, { settle }] of firsts) settle(written.has(key));
    } catch (error) {
      for (const { fail } of firsts.values()) fail(error); // whoever waits is refused
    }
  }

  return {
    useOnce: (key) =>
      new Promise((settle, fail) => {
        if (waiting.push({ key, settle, fail }) === 1) setImmediate(() => void write());
      }),
    async sweep() {
      await pool.query('DELETE FROM identity_proofs WHERE expires_at < now()');
    },
  };
}
