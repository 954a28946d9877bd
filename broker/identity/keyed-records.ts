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
  /** Puts records in the place of whatever was under their ids, all of them or none: one statement, however many they are. */
  replace(records: readonly (readonly [id: string, record: T])[]): Promise<void>;
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
  {
    name: 'identity-3',
    sql: `
CREATE TABLE identity_artefacts (
  name text PRIMARY KEY, model text NOT NULL, of_grant text, sealed text NOT NULL, consumed bigint,
  expires_at bigint NOT NULL);
CREATE INDEX identity_artefacts_of ON identity_artefacts (of_grant);
CREATE INDEX identity_artefacts_old ON identity_artefacts (expires_at);`,
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
    async replace(given) {
      for (const [id, record] of given) records.set(id, structuredClone(record));
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
    async replace(given) {
      if (given.length === 0) return;
      // In one order, so that two that replace the same ones do not wait for each other.
      const sorted = [...new Map(given)].toSorted(([a], [b]) => (a < b ? -1 : 1));
      await pool.query(
        `INSERT INTO identity_records (kind, id, record) SELECT $1, * FROM unnest($2::text[], $3::text[])
         ON CONFLICT (kind, id) DO UPDATE SET record = excluded.record`,
        [kind, sorted.map(([id]) => id), sorted.map(([, record]) => JSON.stringify(record))],
      );
    },
  };
}
