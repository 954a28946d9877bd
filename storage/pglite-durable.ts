/**
 * Opens PGlite so that a committed transaction survives a power cut.
 *
 * As shipped it runs with `-F` (fsync off) and its NODEFS file system has no fsync at all. Here `-F` is left out,
 * WAL is flushed with plain `fsync` calls, and those reach the disk as `fdatasync`, or as `fsync` for a
 * folder, whose new names fdatasync may leave behind.
 *
 * Under Node's permission model fsync is disabled altogether (node:fs throws ERR_ACCESS_DENIED): there the database
 * survives the death of its process, but after a power cut it may lose its last transactions. What must survive
 * belongs to the broker.
 */
import { constants, existsSync, fdatasyncSync, fsyncSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import { z } from 'zod';
import { makeFolder, syncPath } from './durable-files.ts';
import type { Migration } from './migrate.ts';
import { copyTemplate } from './template.ts';

/** What we touch of PGlite's Emscripten module; its types leave NODEFS out. */
const DurableModule = z.object({
  NODEFS: z.object({ stream_ops: z.custom<{ fsync?: unknown }>(isObject) }),
});

/**
 * Opens (or creates) the database in `folder`; the caller holds the folder's lock. A new one may be a copy in which
 * `migrations` are applied already.
 */
export async function openDurablePglite(folder: string, migrations: readonly Migration[] = []): Promise<PGlite> {
  const isNew = !existsSync(path.join(folder, 'PG_VERSION'));
  if (isNew) {
    makeFolder(path.dirname(folder));
    if (!existsSync(folder)) copyTemplate(folder, migrations);
  }
  makeFolder(folder);
  const pglite = await PGlite.create({
    dataDir: folder,
    startParams: [
      ...PGlite.defaultStartParams.filter((parameter) => parameter !== '-F'),
      ...['-c', 'wal_sync_method=fsync'],
      // Halves the memory of the process; the sets kept here are small.
      ...['-c', 'shared_buffers=16MB'],
    ],
  });
  if (process.permission !== undefined) return pglite;
  const { NODEFS } = DurableModule.parse(pglite.Module);
  NODEFS.stream_ops.fsync = (stream: { readonly nfd: number; readonly node: { readonly mode: number } }): number => {
    if ((stream.node.mode & constants.S_IFMT) === constants.S_IFDIR) fsyncSync(stream.nfd);
    else fdatasyncSync(stream.nfd);
    return 0;
  };
  // initdb or the copy ran before the hook was there: what was written is made durable once, by us.
  if (isNew) {
    syncTree(folder);
    syncPath(path.dirname(folder));
  }
  return pglite;
}

function syncTree(folder: string): void {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const name = path.join(folder, entry.name);
    if (entry.isDirectory()) syncTree(name);
    else if (entry.isFile()) syncPath(name);
  }
  syncPath(folder);
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null;
}
