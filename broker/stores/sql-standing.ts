/** The standing of people and agents in SQL: one transaction a save, so that records and position agree. */
import type { Pool } from 'pg';
import { inTransaction } from '../../storage/in-transaction.ts';
import type { StandingRecord } from '../risk/standing.ts';
import type { StandingStore } from '../risk/standing-store.ts';

interface Row {
  readonly kind: StandingRecord['kind'];
  readonly name: string;
  readonly record: string;
}
interface Position {
  readonly rules: string;
  readonly up_to: string;
}

/** `pool` must have run `STORE_MIGRATIONS`. */
export function createSqlStanding(pool: Pool): StandingStore {
  return {
    async load() {
      // One statement: the position belongs to the records.
      const { rows } = await pool.query<Position & { readonly [Column in keyof Row]: Row[Column] | null }>(
        `SELECT p.rules, p.up_to, r.kind, r.name, r.record FROM standing_position p LEFT JOIN standing r ON true
         ORDER BY r.kind COLLATE "C", r.name COLLATE "C"`,
      );
      const first = rows[0];
      if (first === undefined) return undefined;
      const records = rows.flatMap(({ kind, name, record }): readonly StandingRecord[] =>
        kind === null || name === null || record === null ? [] : [{ kind, name, record: JSON.parse(record) }],
      );
      return { rules: first.rules, upTo: Number(first.up_to), records };
    },
    async save({ rules, upTo, records }) {
      return inTransaction(pool, async (client) => {
        await client.query(`SELECT pg_advisory_xact_lock(hashtextextended('standing', 0))`);
        const before = (await client.query<Position>('SELECT rules, up_to FROM standing_position')).rows[0];
        if (before?.rules !== rules || Number(before.up_to) < upTo) {
          if (before?.rules !== rules) await client.query('DELETE FROM standing');
          await client.query(
            `INSERT INTO standing (kind, name, record) SELECT * FROM unnest($1::text[], $2::text[], $3::text[])
             ON CONFLICT (kind, name) DO UPDATE SET record = excluded.record`,
            [
              records.map(({ kind }) => kind),
              records.map(({ name }) => name),
              records.map(({ record }) => JSON.stringify(record)),
            ],
          );
          await client.query(
            `INSERT INTO standing_position (one, rules, up_to) VALUES (true, $1, $2)
             ON CONFLICT (one) DO UPDATE SET rules = excluded.rules, up_to = excluded.up_to`,
            [rules, upTo],
          );
        }
      });
    },
  };
}
