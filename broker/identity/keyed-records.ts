/** A small store of records by name, for what identity remembers: versions of agents, second factors, schedules, people of an issuer. */
import type { Pool } from 'pg';
import type { z } from 'zod';
import { inTransaction } from '../../storage/in-transaction.ts';

export interface KeyedRecords<T> {
  get(id: string): Promise<T | undefined>;
  /** Sorted by id. */
  list(): Promise<readonly T[]>;
  /** Replaces a record by what `change` makes of it, one at a time; throws what `change` throws and then changes nothing. */
  update(id: string, change: (before: T | undefined) => T): Promise<T>;
}

export const IDENTITY_MIGRATIONS = [
  {
    name: 'identity-1',
    sql: `
CREATE TABLE identity_records (
  kind text NOT NULL, id text NOT NULL, record text NOT NULL, PRIMARY KEY (kind, id));
CREATE TABLE identity_epoch (one boolean PRIMARY KEY, epoch bigint NOT NULL);
INSERT INTO identity_epoch (one, epoch) VALUES (true, 0);`,
  },
  {
    name: 'identity-2',
    sql: `
CREATE TABLE identity_proofs (proof text PRIMARY KEY, expires_at timestamptz NOT NULL);
CREATE INDEX identity_proofs_old ON identity_proofs (expires_at);`,
  },
] as const;

export function createMemoryRecords<T>(): KeyedRecords<T> {
  const records = new Map<string, T>();
  return {
    get: async (id) => structuredClone(records.get(id)),
    list: async () =>
      [...records].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, record]) => structuredClone(record)),
    async update(id, change) {
      const after = change(structuredClone(records.get(id)));
      records.set(id, structuredClone(after));
      return after;
    },
  };
}

/** `pool` must have run `IDENTITY_MIGRATIONS`; what lies there is parsed with `form`. */
export function createSqlRecords<T>(pool: Pool, kind: string, form: z.ZodType<T>): KeyedRecords<T> {
  const parse = (rows: readonly { readonly record: string }[]): readonly T[] =>
    rows.map(({ record }) => form.parse(JSON.parse(record)));
  return {
    async get(id) {
      const sql = 'SELECT record FROM identity_records WHERE kind = $1 AND id = $2';
      return parse((await pool.query<{ record: string }>(sql, [kind, id])).rows)[0];
    },
    async list() {
      const sql = 'SELECT record FROM identity_records WHERE kind = $1 ORDER BY id COLLATE "C"';
      return parse((await pool.query<{ record: string }>(sql, [kind])).rows);
    },
    async update(id, change) {
      return inTransaction(pool, async (client) => {
        await client.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [`identity ${kind} ${id}`]);
        const sql = 'SELECT record FROM identity_records WHERE kind = $1 AND id = $2';
        const after = change(parse((await client.query<{ record: string }>(sql, [kind, id])).rows)[0]);
        await client.query(
          `INSERT INTO identity_records (kind, id, record) VALUES ($1, $2, $3)
           ON CONFLICT (kind, id) DO UPDATE SET record = excluded.record`,
          [kind, id, JSON.stringify(after)],
        );
        return after;
      });
    },
  };
}
