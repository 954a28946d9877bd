/**
 * Restores a backup into an installation that has nothing yet: embedded or on servers, whichever it came from. Everything
 * is verified before anything is written: digests, signature, the log against its checkpoints and against the witness.
 */
import { copyFileSync, existsSync, readdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import pg, { type ClientBase, type Pool } from 'pg';
import { createFilePort } from '../../broker/audit/file-port.ts';
import { createFileAuditStore } from '../../broker/audit/file-store.ts';
import { openLaterKeys } from '../../broker/audit/keys.ts';
import { createAuditLog } from '../../broker/audit/log.ts';
import { printVerifier } from '../../broker/audit/note.ts';
import { replayBatches } from '../../broker/audit/replay.ts';
import { createSqlAuditStore, insertBatch } from '../../broker/audit/sql-store.ts';
import type { AuditStore } from '../../broker/audit/store.ts';
import type { Approval } from '../../broker/contract.ts';
import { WayleaveError } from '../../broker/errors.ts';
import type { AuditEntry } from '../../broker/ports.ts';
import { makePartition, readPartition } from '../../broker/stores/partitions.ts';
import { fillTable, listTables } from '../../storage/dump-tables.ts';
import { makeFolder, syncPath } from '../../storage/durable-files.ts';
import { inTransaction } from '../../storage/in-transaction.ts';
import { migrate } from '../../storage/migrate.ts';
import { type DatabaseLocation, openDatabase } from '../../storage/open-database.ts';
import { BROKER_MIGRATIONS } from '../compose/broker-migrations.ts';
import { readLines } from '../verify/read-lines.ts';
import { acceptLoss, compareSeen, describeLoss, type Loss } from './compare-witness.ts';
import { type Manifest, readManifest } from './manifest.ts';
import { describePlace, openLog, type Places, whileStopped, withoutFlushes } from './places.ts';

/** The list of LangGraph's own migrations: what made the tables fills it. */
const AGENTS_MIGRATIONS = 'checkpoint_migrations';
/** Tables that are not empty in a new installation. */
const SEEDED: ReadonlySet<string> = new Set(['migrations', 'audit_writer', 'telemetry_tended', AGENTS_MIGRATIONS]);

export interface RestoreOptions {
  readonly source: string;
  readonly places: Places;
  /** Why an old backup is taken all the same; undefined = it is not. */
  readonly acceptLoss?: string | undefined;
  /** Files with checkpoints that were kept elsewhere. */
  readonly anchors: readonly string[];
  /** The same installation goes on elsewhere at once: sessions and open approvals stay good. */
  readonly moves: boolean;
  /** Makes the tables of the agents, in a schema of theirs or in PGlite's own. */
  readonly prepareAgents: (pool: Pool, schema: string | undefined) => Promise<unknown>;
  readonly now: () => number;
  readonly progress: (line: string) => void;
}

export interface Restored {
  readonly manifest: Manifest;
  readonly loss: Loss | undefined;
  /** Of the entry that tells of the restoration. */
  readonly entry: number;
}

/** Throws `BACKUP_INVALID`, `AUDIT_BROKEN`, `BACKUP_OLD`, `NOT_EMPTY`, `LOCKED`, `UNAVAILABLE`; then nothing was written. */
export async function restore(options: RestoreOptions): Promise<Restored> {
  const { source, places, progress } = options;
  const { keys } = openLog(places.home);
  const manifest = readManifest(source, keys);
  const known = new Set(BROKER_MIGRATIONS.map(({ name }) => name));
  const unknown = manifest.migrations.find((name) => !known.has(name));
  if (unknown !== undefined)
    throw new WayleaveError('BACKUP_INVALID', `The backup is of a newer Wayleave: it has the migration ${unknown}.`);
  const log = await replayBatches({ store: logOf(source), verifier: keys.root });
  if (log.tree.size !== manifest.audit.size || log.tree.root().toString('base64') !== manifest.audit.root)
    throw new WayleaveError('BACKUP_INVALID', 'The audit log of the backup is not the one that its manifest names.');
  progress(`the backup is whole; its audit log of ${log.tree.size} entries verifies`);
  const loss = compareSeen(log, places.home, options.anchors);
  if (loss !== undefined && options.acceptLoss === undefined) throw new WayleaveError('BACKUP_OLD', describeLoss(loss));
  // Where the broker alone moves, the agents stay as they are.
  const parts = options.moves && 'folder' in places.agents ? [places.broker] : [places.broker, places.agents];
  return whileStopped([places], async () => {
    await demandEmpty(places, parts);
    try {
      if (parts.includes(places.agents)) await fillAgents(options);
      const entry = await fillBroker(options, manifest, loss);
      for (const [name, file] of Object.entries(places.files)) {
        const kept = path.join(source, 'files', name);
        if (existsSync(kept) && !options.moves) copyFileSync(kept, file);
      }
      if (loss !== undefined) acceptLoss(log, places.home, printVerifier(keys.signer(log.generation), 'log'));
      return { manifest, loss, entry };
    } catch (error) {
      await takeBack(places, parts).catch(() => progress('what was begun could not be taken back'));
      throw error;
    }
  });
}

const logOf = (source: string): AuditStore => createFileAuditStore(withoutFlushes(path.join(source, 'audit')));

/** Embedded parts: folders that do not exist before a restoration. */
const foldersOf = (places: Places, parts: readonly DatabaseLocation[]): readonly string[] => [
  ...parts.flatMap((one) => ('folder' in one ? [one.folder] : [])),
  ...(places.audit === undefined ? [] : [places.audit]),
];

/** Calls `visit` with each table of the parts on servers that a new installation leaves empty. */
async function eachTable(
  parts: readonly DatabaseLocation[],
  visit: (pool: Pool, table: string, place: string) => Promise<void>,
): Promise<void> {
  for (const location of parts) {
    if ('folder' in location) continue;
    const database = await openDatabase(location);
    try {
      // What refers to others stands behind them, and goes before them.
      for (const table of [...(await listTables(database.pool))].reverse())
        if (!SEEDED.has(table)) await visit(database.pool, pg.escapeIdentifier(table), describePlace(location));
    } finally {
      await database.close();
    }
  }
}

async function demandEmpty(places: Places, parts: readonly DatabaseLocation[]): Promise<void> {
  const folder = foldersOf(places, parts).find((one) => existsSync(one) && readdirSync(one).length > 0);
  if (folder !== undefined) throw new WayleaveError('NOT_EMPTY', `${folder} holds data already.`);
  await eachTable(parts, async (pool, table, place) => {
    const { rows } = await pool.query(`SELECT 1 FROM ${table} LIMIT 1`);
    if (rows.length > 0) throw new WayleaveError('NOT_EMPTY', `${place} holds data already (table ${table}).`);
  });
}

/** A restoration that failed leaves the place as empty as it was found. */
async function takeBack(places: Places, parts: readonly DatabaseLocation[]): Promise<void> {
  for (const folder of foldersOf(places, parts)) rmSync(folder, { recursive: true, force: true });
  await eachTable(parts, async (pool, table) => void (await pool.query(`DELETE FROM ${table}`)));
}

async function fillAgents({ source, places, prepareAgents, progress }: RestoreOptions): Promise<void> {
  const { agents } = places;
  const database = await openDatabase(agents);
  try {
    await prepareAgents(database.pool, 'url' in agents ? agents.schema : undefined);
    await inTransaction(database.pool, (client) => fillTables(client, path.join(source, 'agents'), progress));
  } finally {
    await database.close();
  }
}

async function fillBroker(options: RestoreOptions, manifest: Manifest, loss: Loss | undefined): Promise<number> {
  const { source, places, moves, now, progress } = options;
  const database = await openDatabase(places.broker);
  try {
    const { pool } = database;
    // First as the backup was, then as this program is: the migrations between take its rows along.
    await migrate(
      pool,
      BROKER_MIGRATIONS.filter(({ name }) => manifest.migrations.includes(name)),
    );
    await inTransaction(pool, async (client) => {
      await fillTables(client, path.join(source, 'broker'), progress);
      if (!moves) await endWhatIsOpen(client);
      if (places.audit === undefined)
        for await (const batch of logOf(source).batches(0)) await insertBatch(client, batch);
    });
    await migrate(pool, BROKER_MIGRATIONS);
    if (places.audit !== undefined) copySegments(path.join(source, 'audit'), places.audit);
    const store =
      places.audit === undefined ? createSqlAuditStore(pool) : createFileAuditStore(createFilePort(places.audit));
    return await tellLog(store, {
      backupAt: manifest.at,
      entries: manifest.audit.size,
      from: manifest.from,
      moved: moves,
      ...(loss === undefined ? {} : { lost: { ...loss }, why: options.acceptLoss ?? '' }),
    });
  } finally {
    await database.close();
  }

  async function tellLog(store: AuditStore, content: AuditEntry['content']): Promise<number> {
    const { signer } = openLog(places.home);
    const laterKeys = openLaterKeys(places.home.brokerKeys, signer.name);
    const audit = await createAuditLog({ store, signer, laterKeys, clock: { now } });
    const entry = { at: new Date(now()).toISOString(), tenant: '-', kind: 'storage.restored', content };
    try {
      return await audit.append(entry);
    } finally {
      await audit.close();
    }
  }
}

function copySegments(from: string, to: string): void {
  makeFolder(to);
  for (const name of readdirSync(from)) {
    copyFileSync(path.join(from, name), path.join(to, name));
    syncPath(path.join(to, name));
  }
  syncPath(to);
}

/** Every table that the backup has; one that this program does not know would be lost, and says so. */
async function fillTables(client: ClientBase, folder: string, progress: (line: string) => void): Promise<void> {
  const wanted = new Set(readdirSync(folder).map((name) => name.replace(/\.ndjson$/, '')));
  const there = new Set(await listTables(client));
  // What is divided by time has the partitions of the backup.
  for (const table of wanted)
    if (!there.has(table) && readPartition(table) !== undefined) await makePartition(client, table);
  for (const table of await listTables(client)) {
    if (!wanted.delete(table) || table === AGENTS_MIGRATIONS) continue;
    const rows = await fillTable(client, table, readLines(path.join(folder, `${table}.ndjson`)));
    if (rows > 0) progress(`${path.basename(folder)}: ${rows} rows of ${table}`);
  }
  wanted.delete(AGENTS_MIGRATIONS);
  const [unknown] = wanted;
  if (unknown !== undefined) throw new WayleaveError('BACKUP_INVALID', `There is no table ${unknown} here.`);
}

/**
 * What was ended or used up since the backup must not come back to life: sessions end, and approvals that were open or
 * not yet used are void.
 */
async function endWhatIsOpen(client: ClientBase): Promise<void> {
  await client.query('DELETE FROM sessions');
  const open = await client.query<{ tenant: string; id: string; record: string }>(
    "SELECT tenant, id, record FROM approvals WHERE status IN ('pending', 'approved')",
  );
  for (const { tenant, id, record } of open.rows) {
    const approval: Approval = JSON.parse(record);
    await client.query("UPDATE approvals SET status = 'void', record = $3 WHERE tenant = $1 AND id = $2", [
      ...[tenant, id],
      JSON.stringify({ ...approval, status: 'void' }),
    ]);
  }
}
