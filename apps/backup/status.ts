/** What is kept where, at which state of the schema, and how much of it; and bringing the schema to the present state. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import type { Pool } from 'pg';
import { createFileAuditStore } from '../../broker/audit/file-store.ts';
import { replayBatches } from '../../broker/audit/replay.ts';
import { createSqlAuditStore } from '../../broker/audit/sql-store.ts';
import { migrate } from '../../storage/migrate.ts';
import { type DatabaseLocation, openDatabase } from '../../storage/open-database.ts';
import { BROKER_MIGRATIONS } from '../compose/broker-migrations.ts';
import { compareSeen, describeLoss } from './compare-witness.ts';
import { describePlace, openLog, type Places, whileStopped, withoutFlushes } from './places.ts';

export interface StorageStatus {
  readonly broker: {
    readonly place: string;
    readonly bytes: number;
    readonly applied: number;
    readonly missing: readonly string[];
  };
  readonly agents: { readonly place: string; readonly bytes: number };
  /** The whole log is read for it. */
  readonly audit: { readonly entries: number; readonly witness: string };
}

/** Reads only; a place where nothing is yet is told as empty and not made. Throws `LOCKED`, `UNAVAILABLE`, `AUDIT_BROKEN`. */
export async function readStatus(places: Places): Promise<StorageStatus> {
  return whileStopped([places], async () => {
    const broker = await look(places.broker, async (pool) => {
      const known = await pool.query<{ found: boolean }>("SELECT to_regclass('migrations') IS NOT NULL AS found");
      const names =
        known.rows[0]?.found === true
          ? (await pool.query<{ name: string }>('SELECT name FROM migrations')).rows.map(({ name }) => name)
          : [];
      const isThere = names.includes('audit-1') || places.audit !== undefined;
      return { names, bytes: await sizeOf(pool), log: isThere ? await readLog(places, pool) : undefined };
    });
    const agents = await look(places.agents, sizeOf);
    const names = broker?.names ?? [];
    return {
      broker: {
        place: describePlace(places.broker),
        bytes: broker?.bytes ?? 0,
        applied: names.length,
        missing: BROKER_MIGRATIONS.map(({ name }) => name).filter((name) => !names.includes(name)),
      },
      agents: { place: describePlace(places.agents), bytes: agents ?? 0 },
      audit: broker?.log ?? { entries: 0, witness: 'nothing is there yet' },
    };
  });
}

/** Applies to the broker's tables what is missing and answers with the names. Throws `LOCKED`, `UNAVAILABLE`. */
export function migrateBroker(places: Places): Promise<readonly string[]> {
  return whileStopped([places], async () => {
    const database = await openDatabase(places.broker);
    try {
      return await migrate(database.pool, BROKER_MIGRATIONS);
    } finally {
      await database.close();
    }
  });
}

async function look<T>(place: DatabaseLocation, read: (pool: Pool) => Promise<T>): Promise<T | undefined> {
  if ('folder' in place && !existsSync(path.join(place.folder, 'pg'))) return undefined;
  const database = await openDatabase(place);
  try {
    return await read(database.pool);
  } finally {
    await database.close();
  }
}

async function sizeOf(pool: Pool): Promise<number> {
  const { rows } = await pool.query<{ bytes: string }>(
    `SELECT coalesce(sum(pg_total_relation_size(c.oid)), 0) AS bytes FROM pg_class c
     JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = current_schema() AND c.relkind = 'r'`,
  );
  return Number(rows[0]?.bytes);
}

async function readLog(places: Places, pool: Pool): Promise<StorageStatus['audit']> {
  const store =
    places.audit === undefined ? createSqlAuditStore(pool) : createFileAuditStore(withoutFlushes(places.audit));
  const log = await replayBatches({ store, verifier: openLog(places.home).keys.root });
  const loss = compareSeen(log, places.home, []);
  return { entries: log.tree.size, witness: loss === undefined ? 'agrees' : describeLoss(loss) };
}
