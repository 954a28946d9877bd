/**
 * The power goes while PGlite commits: from what had reached the disk, and a random part of what had not, every
 * acknowledged entry of an audit log kept there comes back.
 *
 * What reached the disk is what was flushed: the content of a file at its last fsync or fdatasync, under the names that
 * its folder had at the folder's last fsync. Sectors that were written later are there or not, by chance.
 */
import { generateKeyPairSync } from 'node:crypto';
import type * as NodeFs from 'node:fs';
import fs, { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { createAuditLog } from '../../broker/audit/log.ts';
import { AUDIT_MIGRATIONS, createSqlAuditStore } from '../../broker/audit/sql-store.ts';
import { migrate } from '../../storage/migrate.ts';
import { openDatabase } from '../../storage/open-database.ts';
import { type Random, seeded } from '../broker/audit/power-disk.ts';

const SECTOR = 512;
const root = mkdtempSync(path.join(tmpdir(), 'wayleave-power-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

/** The platter, by inode; undefined while nothing is watched. */
let platter:
  | { readonly folder: string; readonly contents: Map<number, Buffer>; readonly names: Map<string, number> }
  | undefined;

/** `descriptor` was flushed: its content is durable, or the names in it. */
function flush(descriptor: number): void {
  if (platter === undefined) return;
  const name = fs.readlinkSync(`/proc/self/fd/${descriptor}`);
  if (!name.startsWith(platter.folder)) return;
  const stat = statSync(name);
  if (!stat.isDirectory()) {
    platter.contents.set(stat.ino, readFileSync(name));
    return;
  }
  for (const known of platter.names.keys()) if (path.dirname(known) === name) platter.names.delete(known);
  for (const entry of readdirSync(name, { withFileTypes: true })) {
    const inner = path.join(name, entry.name);
    if (entry.isFile()) platter.names.set(inner, statSync(inner).ino);
  }
}

vi.mock('node:fs', async (importOriginal) => {
  const real = await importOriginal<typeof NodeFs>();
  const watch = (sync: (descriptor: number) => void) => (descriptor: number) => {
    sync(descriptor);
    flush(descriptor);
  };
  return { ...real, fsyncSync: watch(real.fsyncSync), fdatasyncSync: watch(real.fdatasyncSync) };
});

/** Everything below the folder as durable: what an orderly start leaves. */
function watchFrom(folder: string): void {
  const contents = new Map<number, Buffer>();
  const names = new Map<string, number>();
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const name = path.join(entry.parentPath, entry.name);
    const { ino } = statSync(name);
    names.set(name, ino);
    contents.set(ino, readFileSync(name));
  }
  platter = { folder, contents, names };
}

/** The disk as the next start finds it, in another folder; the lock of the dead process is left out. */
function cut(to: string, random: Random): void {
  if (platter === undefined) throw new Error('nothing is watched');
  const { folder, contents, names } = platter;
  platter = undefined;
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (entry.isDirectory())
      mkdirSync(path.join(to, path.relative(folder, path.join(entry.parentPath, entry.name))), { recursive: true });
  }
  for (const [name, inode] of names) {
    if (name === path.join(folder, 'lock')) continue;
    const durable = contents.get(inode) ?? Buffer.alloc(0);
    const seen = fs.existsSync(name) && statSync(name).ino === inode ? readFileSync(name) : durable;
    const target = path.join(to, path.relative(folder, name));
    mkdirSync(path.dirname(target), { recursive: true });
    writeFileSync(target, seen.equals(durable) ? durable : mix(durable, seen, random));
  }
}

function mix(durable: Buffer, seen: Buffer, random: Random): Buffer {
  const size = random() < 0.5 ? durable.length : seen.length;
  const bytes = Buffer.alloc(size);
  for (let at = 0; at < size; at += SECTOR) {
    const source = random() < 0.5 ? durable : seen;
    bytes.set(source.subarray(at, Math.min(at + SECTOR, size)), at);
  }
  return bytes;
}

describe.skipIf(!fs.existsSync('/proc/self/fd'))('a power cut (skipped where /proc does not name open files)', () => {
  it('loses no acknowledged entry on PGlite, in three cuts', { timeout: 120_000 }, async () => {
    const signer = { name: 'wayleave/test', key: generateKeyPairSync('ed25519').privateKey };
    const clock = { now: () => 0 };
    let folder = path.join(root, 'first');
    let acknowledged = 0;
    for (let seed = 1; seed <= 3; seed += 1) {
      const random = seeded(seed);
      const database = await openDatabase({ folder });
      await migrate(database.pool, AUDIT_MIGRATIONS);
      const log = await createAuditLog({ store: createSqlAuditStore(database.pool), signer, clock });
      await log.verified();
      expect(log.size()).toBeGreaterThanOrEqual(acknowledged);
      watchFrom(folder);
      const last = 10 + Math.floor(random() * 20);
      const writes = Array.from({ length: 2 * last }, (_, n) =>
        log.append({ at: 't', tenant: 'acme', kind: 'k', content: { seed, n, text: 'x'.repeat(2_000) } }),
      );
      for (const write of writes.slice(0, last)) acknowledged = (await write) + 1;
      for (let n = 0; n < last; n += 1)
        acknowledged = (await log.append({ at: 't', tenant: 'acme', kind: 'k', content: { seed, n } })) + 1;
      // Some more that nobody was told of, then the cut: what is on the platter now is all there is.
      const open = log.append({ at: 't', tenant: 'acme', kind: 'k', content: { seed, late: true } });
      await new Promise((resolve) => setImmediate(resolve));
      const next = path.join(root, `after-${seed}`);
      cut(next, random);
      await open;
      await log.close();
      await database.close();
      folder = next;
    }
    const database = await openDatabase({ folder });
    const log = await createAuditLog({ store: createSqlAuditStore(database.pool), signer, clock });
    expect(log.size()).toBeGreaterThanOrEqual(acknowledged);
    expect(acknowledged).toBeGreaterThan(90);
    await log.close();
    await database.close();
  });
});
