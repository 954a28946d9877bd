/**
 * Backs an installation up into one folder, whole or not at all: the tables of broker and agents, the audit log, the user
 * file, and a signed manifest. Keys and the witness's memory stay out of it: a backup proves itself against those.
 */
import { copyFileSync, existsSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import path from 'node:path';
import type { ClientBase } from 'pg';
import { createFileAuditStore } from '../../broker/audit/file-store.ts';
import { replayBatches } from '../../broker/audit/replay.ts';
import { readSqlBatches } from '../../broker/audit/sql-store.ts';
import type { AuditBatch } from '../../broker/audit/store.ts';
import { WayleaveError } from '../../broker/errors.ts';
import { dumpTable, listTables } from '../../storage/dump-tables.ts';
import { makeFolder, syncPath } from '../../storage/durable-files.ts';
import { type DatabaseLocation, openDatabase } from '../../storage/open-database.ts';
import { digestFile, listFiles, MANIFEST, type Manifest, printManifest } from './manifest.ts';
import { openLog, type Places, whileStopped, withoutFlushes } from './places.ts';

/** Written on its own, as a log: files have none of these tables, and databases get them from the log's files. */
export const AUDIT_TABLES: readonly string[] = ['audit_batches', 'audit_writer'];
/** The schema's own list goes into the manifest. */
export const MIGRATIONS_TABLE = 'migrations';

export interface BackUpOptions {
  readonly places: Places;
  /** Folder that does not exist yet. */
  readonly target: string;
  readonly now: () => number;
  readonly progress: (line: string) => void;
}

/** Throws `NOT_EMPTY`, `LOCKED` (embedded parts, while it runs), `AUDIT_BROKEN` when the log does not verify, `UNAVAILABLE`. */
export async function backUp({ places, target, now, progress }: BackUpOptions): Promise<Manifest> {
  if (existsSync(target)) throw new WayleaveError('NOT_EMPTY', `${target} is there already: name a new folder.`);
  const draft = `${path.resolve(target)}.partial`;
  rmSync(draft, { recursive: true, force: true }); // of a backup that was broken off
  makeFolder(draft);
  try {
    const content = await whileStopped([places], () => writeParts(places, draft, now, progress));
    const text = printManifest(content, openLog(places.home).keys);
    writeFileSync(path.join(draft, MANIFEST), text, { mode: 0o600 });
    for (const name of listFiles(draft)) syncPath(path.join(draft, name));
    for (const folder of ['agents', 'broker', 'audit', 'files', '.']) syncPath(path.join(draft, folder));
    renameSync(draft, target);
    syncPath(path.dirname(path.resolve(target)));
    return { form: 'wayleave-backup/1', ...content };
  } catch (error) {
    rmSync(draft, { recursive: true, force: true });
    throw error;
  }
}

async function writeParts(
  places: Places,
  draft: string,
  now: () => number,
  progress: (line: string) => void,
): Promise<Omit<Manifest, 'form'>> {
  const at = new Date(now()).toISOString();
  for (const part of ['agents', 'broker', 'audit', 'files']) makeFolder(path.join(draft, part));
  // The agents first: what a conversation names is then in the broker's part, also when both go on meanwhile.
  await inSnapshot(places.agents, (client) => writeTables(client, path.join(draft, 'agents'), [], progress));
  const kept = await inSnapshot(places.broker, async (client) => {
    const { rows } = await client.query<{ name: string }>('SELECT name FROM migrations ORDER BY applied_at, name');
    await writeTables(client, path.join(draft, 'broker'), [...AUDIT_TABLES, MIGRATIONS_TABLE], progress);
    const audit = await writeLog(places, readLog(places, client), path.join(draft, 'audit'), progress);
    return { audit, migrations: rows.map(({ name }) => name) };
  });
  for (const [name, file] of Object.entries(places.files))
    if (existsSync(file)) copyFileSync(file, path.join(draft, 'files', name));
  const files = Object.fromEntries(listFiles(draft).map((name) => [name, digestFile(path.join(draft, name))]));
  return { at, from: places.audit === undefined ? 'postgres' : 'embedded', ...kept, files };
}

const readLog = (places: Places, client: ClientBase): AsyncIterable<AuditBatch> =>
  places.audit === undefined
    ? readSqlBatches(client, 0)
    : createFileAuditStore(withoutFlushes(places.audit)).batches(0);

/** One state of the database, whatever is written meanwhile; nothing is changed. */
async function inSnapshot<T>(location: DatabaseLocation, work: (client: ClientBase) => Promise<T>): Promise<T> {
  const database = await openDatabase(location);
  try {
    const client = await database.pool.connect();
    try {
      await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
      const result = await work(client);
      await client.query('COMMIT');
      return result;
    } finally {
      client.release(true);
    }
  } finally {
    await database.close();
  }
}

async function writeTables(
  client: ClientBase,
  folder: string,
  without: readonly string[],
  progress: (line: string) => void,
): Promise<void> {
  for (const table of await listTables(client)) {
    if (without.includes(table)) continue;
    const file = await open(path.join(folder, `${table}.ndjson`), 'wx', 0o600);
    let rows = 0;
    try {
      for await (const row of dumpTable(client, table)) {
        await file.write(`${row}\n`);
        rows += 1;
      }
    } finally {
      await file.close();
    }
    if (rows > 0) progress(`${path.basename(folder)}: ${rows} rows of ${table}`);
  }
}

/** Copies the log as it was signed, in segments, and reads the copy back against its checkpoints. */
async function writeLog(
  { home }: Places,
  batches: AsyncIterable<AuditBatch>,
  folder: string,
  progress: (line: string) => void,
): Promise<Manifest['audit']> {
  const copy = createFileAuditStore(withoutFlushes(folder));
  const epoch = await copy.claim(1);
  for await (const batch of batches) await copy.append(batch, epoch);
  const { tree, generation } = await replayBatches({ store: copy, verifier: openLog(home).keys.root });
  await copy.close();
  rmSync(path.join(folder, 'epoch'));
  progress(`audit log: ${tree.size} entries, verified`);
  return { size: tree.size, root: tree.root().toString('base64'), generation };
}
