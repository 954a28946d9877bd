/** What reaches the disk, and when: commits of PGlite, renamed WAL segments, audit batches, new segments, new folders and keys. */
import type * as NodeFs from 'node:fs';
import fs, { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createFilePort } from '../../broker/audit/file-port.ts';
import { createFileAuditStore } from '../../broker/audit/file-store.ts';
import { createOnce, makeFolder } from '../../storage/durable-files.ts';
import { openDatabase } from '../../storage/open-database.ts';

/** Paths behind open descriptors, as Linux tells them. */
const pathOf = (descriptor: number): string => fs.readlinkSync(`/proc/self/fd/${descriptor}`);
const flushed: string[] = [];

vi.mock('node:fs', async (importOriginal) => {
  const real = await importOriginal<typeof NodeFs>();
  return {
    ...real,
    fsyncSync: (descriptor: number) => {
      flushed.push(pathOf(descriptor));
      real.fsyncSync(descriptor);
    },
    fdatasyncSync: (descriptor: number) => {
      flushed.push(`data of ${pathOf(descriptor)}`);
      real.fdatasyncSync(descriptor);
    },
  };
});

const root = mkdtempSync(path.join(tmpdir(), 'wayleave-durable-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));
beforeEach(() => {
  flushed.length = 0;
});

describe.skipIf(!fs.existsSync('/proc/self/fd'))(
  'what is flushed (skipped where /proc does not name open files)',
  () => {
    it('flushes the WAL before a commit is acknowledged, and the folder of a new segment', async () => {
      const folder = path.join(root, 'database');
      const { pool, close } = await openDatabase({ folder });
      expect(flushed).toEqual(
        expect.arrayContaining([root, folder, path.join(folder, 'pg'), path.join(folder, 'pg/global/pg_control')]),
      );
      await pool.query('CREATE TABLE n (v int)');
      const wal = expect.stringMatching(/^data of .*pg_wal\/[0-9A-F]{24}$/);
      for (let n = 0; n < 3; n += 1) {
        flushed.length = 0;
        await pool.query('INSERT INTO n VALUES ($1)', [n]);
        expect(flushed).toContainEqual(wal);
      }
      flushed.length = 0;
      await pool.query('SELECT pg_switch_wal()');
      await pool.query('INSERT INTO n VALUES (9)');
      expect(flushed).toContain(path.join(folder, 'pg/pg_wal'));
      await close();
    });

    it('makes new folders and new key files durable by name, and never replaces a file', () => {
      makeFolder(path.join(root, 'a/b/c'));
      expect(flushed).toEqual([path.join(root, 'a/b'), path.join(root, 'a'), root]);
      flushed.length = 0;
      makeFolder(path.join(root, 'a/b/c'));
      expect(flushed).toEqual([]);
      const file = path.join(root, 'keys/one');
      createOnce(file, () => 'first');
      createOnce(file, () => 'second');
      expect(readFileSync(file, 'utf8')).toBe('first');
      expect(statSync(file).mode & 0o777).toBe(0o600);
      expect(flushed).toEqual([root, `${file}.${process.pid}`, path.dirname(file)]);
    });
  },
);

describe('audit files', () => {
  const calls: string[] = [];
  let prototype: FileHandle;
  beforeEach(async () => {
    calls.length = 0;
    const handle = await open(root, 'r');
    prototype = Object.getPrototypeOf(handle);
    await handle.close();
    for (const name of ['sync', 'datasync', 'appendFile'] as const) {
      const real: (this: FileHandle, ...values: never[]) => Promise<void> = prototype[name];
      vi.spyOn(prototype, name).mockImplementation(async function (this: FileHandle, ...values: unknown[]) {
        calls.push(`${name} ${path.basename(pathOf(this.fd))}`);
        await real.apply(this, values as never[]);
      });
    }
  });
  afterEach(() => vi.restoreAllMocks());

  it('flushes the data of every batch once, and the folder for every new segment', async () => {
    const store = createFileAuditStore(createFilePort(path.join(root, 'audit')), 40);
    const epoch = await store.claim(1);
    calls.length = 0;
    await store.append({ from: 0, lines: ['{"n":0}'], checkpoint: 'one' }, epoch);
    expect(calls).toEqual([
      'sync audit',
      'appendFile log-000000000000000.ndjson',
      'datasync log-000000000000000.ndjson',
    ]);
    calls.length = 0;
    await store.append({ from: 1, lines: ['{"n":1}', '{"n":2}', '{"n":3}'], checkpoint: 'two' }, epoch);
    expect(calls).toEqual(['appendFile log-000000000000000.ndjson', 'datasync log-000000000000000.ndjson']);
    calls.length = 0;
    await store.append({ from: 4, lines: ['{"n":4}'], checkpoint: 'three' }, epoch);
    expect(calls).toEqual([
      'sync audit',
      'appendFile log-000000000000004.ndjson',
      'datasync log-000000000000004.ndjson',
    ]);
    await store.close();
  });
});
