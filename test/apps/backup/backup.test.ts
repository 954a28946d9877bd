/** Backup and restoration, on PGlite and PostgreSQL and across: everything comes up, a damaged or old backup does not pass. */
import { appendFileSync, cpSync, existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { AUDIT_TABLES, backUp, MIGRATIONS_TABLE } from '../../../apps/backup/back-up.ts';
import { moveToServers } from '../../../apps/backup/move.ts';
import type { Places } from '../../../apps/backup/places.ts';
import { restore } from '../../../apps/backup/restore.ts';
import { migrateBroker, readStatus } from '../../../apps/backup/status.ts';
import { BROKER_MIGRATIONS } from '../../../apps/compose/broker-migrations.ts';
import { MEMORY_FILE } from '../../../broker/audit/witness/state.ts';
import { lockFolder } from '../../../storage/folder-lock.ts';
import { postgresUrl, reportSkippedPostgres } from '../../storage/sql-databases.ts';
import { clock, type Lab, openLab, rowsOf } from './lab.ts';

const quiet = { now: clock.now, progress: () => undefined };
/** Puts aside what a disk failure takes: data, not keys and not the witness. */
function loseData({ home, broker, agents, audit }: Places): void {
  for (const folder of [broker, agents].flatMap((one) => ('folder' in one ? [one.folder] : [])).concat(audit ?? []))
    rmSync(folder, { recursive: true, force: true });
  rmSync(path.join(home.broker, 'users.json'), { force: true });
}
/** What a restoration leaves as it was: no log of its own, no sessions, no open approvals. */
const lasting = (rows: { readonly [table: string]: readonly string[] }) =>
  Object.fromEntries(
    Object.entries(rows).filter(
      ([table]) =>
        ![...AUDIT_TABLES, MIGRATIONS_TABLE, 'sessions', 'approvals', 'checkpoint_migrations'].includes(table),
    ),
  );

describe.each(postgresUrl === undefined ? ['pglite' as const] : ['pglite' as const, 'postgres' as const])(
  '%s',
  (kind) => {
    let lab: Lab;
    let folder: string;
    beforeEach(async () => {
      lab = openLab(kind);
      folder = path.join(lab.root, 'backup');
      writeFileSync(path.join(lab.places.home.broker, 'users.json'), '{"users":[]}');
      await lab.write(5);
    });
    afterEach(() => lab.close());
    const target = (): Places => {
      if (kind === 'pglite') loseData(lab.places);
      return kind === 'pglite' ? lab.places : (lab.onServer?.() ?? lab.places);
    };

    it('writes over nothing, and brings back every row and the log, which tells of it and which the witness follows', async () => {
      const before = [await rowsOf(lab.places, 'broker'), await rowsOf(lab.places, 'agents')] as const;
      const manifest = await backUp({ places: lab.places, target: folder, ...quiet });
      expect(manifest).toMatchObject({
        audit: { size: 5, generation: 0 },
        from: kind === 'pglite' ? 'embedded' : 'postgres',
      });
      const at = target();
      const restored = await restore(lab.options(folder, at));
      expect(restored).toMatchObject({ loss: undefined, entry: 5 });
      const after = [await rowsOf(at, 'broker'), await rowsOf(at, 'agents')] as const;
      expect(lasting(after[0])).toEqual(lasting(before[0]));
      expect(lasting(after[1])).toEqual(lasting(before[1]));
      expect(after[0]['sessions']).toEqual([]);
      expect(after[0]['approvals']).toEqual([expect.stringContaining('void')]);
      expect(readFileSync(path.join(at.home.broker, 'users.json'), 'utf8')).toBe('{"users":[]}');
      expect(await lab.open(at)).toBe(6);
      expect(await readStatus(at)).toMatchObject({ audit: { entries: 6, witness: 'agrees' }, broker: { missing: [] } });
    });

    it('knows an old backup by the witness, and takes it only when somebody says why, which the log keeps', async () => {
      await backUp({ places: lab.places, target: folder, ...quiet });
      await lab.write(3);
      const at = target();
      await expect(restore(lab.options(folder, at))).rejects.toMatchObject({
        code: 'BACKUP_OLD',
        message: expect.stringMatching(/before entry 5 .* the witness saw entries up to 7/),
      });
      if (at.audit !== undefined) expect(existsSync(at.audit)).toBe(false);
      const restored = await restore({ ...lab.options(folder, at), acceptLoss: 'the disk failed' });
      expect(restored.loss).toMatchObject({ from: 5, to: 7 });
      expect(existsSync(path.join(at.home.witness, `${MEMORY_FILE}.lost-1`))).toBe(true);
      expect(await lab.open(at)).toBe(6);
    });
  },
);

describe('a damaged backup', () => {
  let lab: Lab;
  let whole: string;
  let folder: string;
  beforeAll(async () => {
    lab = openLab('pglite');
    whole = path.join(lab.root, 'whole');
    folder = path.join(lab.root, 'backup');
    await lab.write(2);
    await backUp({ places: lab.places, target: whole, ...quiet });
    loseData(lab.places);
  });
  beforeEach(() => {
    rmSync(folder, { recursive: true, force: true });
    cpSync(whole, folder, { recursive: true });
  });
  afterAll(() => lab.close());

  it.each([
    ['a row was added to a table', () => appendFileSync(path.join(folder, 'broker', 'evidence_blocks.ndjson'), '{}\n')],
    ['a file is missing', () => rmSync(path.join(folder, 'agents', 'checkpoints.ndjson'))],
    ['a file was put in', () => writeFileSync(path.join(folder, 'broker', 'stranger.ndjson'), '')],
    ['the log was cut', () => writeFileSync(path.join(folder, 'audit', 'log-000000000000000.ndjson'), '')],
    [
      'the manifest was edited',
      () => edit(path.join(folder, 'manifest.txt'), (text) => text.replace('"size":2', '"size":1')),
    ],
    ['the manifest is gone', () => rmSync(path.join(folder, 'manifest.txt'))],
  ])('is refused when %s, and nothing is written', async (_, damage) => {
    damage();
    await expect(restore(lab.options(folder))).rejects.toMatchObject({ code: 'BACKUP_INVALID' });
    expect(existsSync(path.join(lab.places.home.broker, 'database'))).toBe(false);
  });

  it('is refused under another key, with the way out', async () => {
    const { brokerKeys } = lab.places.home;
    renameSync(brokerKeys, `${brokerKeys}.old`);
    await expect(restore(lab.options(folder))).rejects.toMatchObject({
      message: expect.stringContaining('broker-keys'),
    });
    rmSync(brokerKeys, { recursive: true });
    renameSync(`${brokerKeys}.old`, brokerKeys);
  });

  it('is refused where the witness saw another log, whatever is accepted', async () => {
    const other = { size: 1, root: Buffer.alloc(32, 7).toString('base64') };
    const memory = path.join(lab.places.home.witness, MEMORY_FILE);
    const seen = readFileSync(memory);
    writeFileSync(memory, JSON.stringify(other));
    await expect(restore({ ...lab.options(folder), acceptLoss: 'I want it' })).rejects.toMatchObject({
      code: 'AUDIT_BROKEN',
    });
    writeFileSync(memory, seen);
  });

  it('leaves an empty place when it fails half way', async () => {
    const prepareAgents = (): Promise<never> => Promise.reject(new Error('the disk is full'));
    await expect(restore({ ...lab.options(folder), prepareAgents })).rejects.toThrow('the disk is full');
    expect(await restore(lab.options(folder))).toMatchObject({ entry: 2 });
  });
});

it('does not touch an embedded installation that runs', async () => {
  const lab = openLab('pglite');
  const lock = lockFolder(lab.places.home.root);
  try {
    const target = path.join(lab.root, 'backup');
    await expect(backUp({ places: lab.places, target, ...quiet })).rejects.toMatchObject({ code: 'LOCKED' });
    await expect(readStatus(lab.places)).rejects.toMatchObject({ code: 'LOCKED' });
    expect(existsSync(target)).toBe(false);
  } finally {
    lock.release();
    await lab.close();
  }
});

it('brings an older schema up to date', async () => {
  const lab = openLab('pglite');
  try {
    expect(await readStatus(lab.places)).toMatchObject({ broker: { applied: 0 }, audit: { entries: 0 } });
    expect(await migrateBroker(lab.places)).toHaveLength(BROKER_MIGRATIONS.length);
    expect(await migrateBroker(lab.places)).toEqual([]);
  } finally {
    await lab.close();
  }
});

describe('a move to servers', () => {
  reportSkippedPostgres();
  it.runIf(postgresUrl !== undefined)('carries everything over, and nobody goes on in the old folders', async () => {
    const lab = openLab('pglite');
    try {
      await lab.write(4);
      const before = lasting(await rowsOf(lab.places, 'broker'));
      const talks = await rowsOf(lab.places, 'agents');
      const kept = path.join(lab.root, 'kept');
      cpSync(lab.places.audit ?? '', kept, { recursive: true });
      const to = lab.onServer?.() ?? lab.places;
      const { prepareAgents } = lab.options('');
      const moved = await moveToServers({
        from: lab.places,
        to,
        backup: path.join(lab.root, 'between'),
        prepareAgents,
        ...quiet,
      });
      expect(moved).toMatchObject({ entry: 4, loss: undefined });
      const rows = await rowsOf(to, 'broker');
      expect(lasting(rows)).toEqual(before);
      expect(talks['asked_turns']).toHaveLength(1);
      expect(await rowsOf(to, 'agents')).toEqual(talks);
      expect(rows['sessions']).toHaveLength(1);
      expect(rows['approvals']).toEqual([expect.stringContaining('pending')]);
      expect(moved.aside).toHaveLength(3);
      expect(existsSync(lab.places.audit ?? '')).toBe(false);
      // The same tree goes on: the witness that saw the files follows it, and refuses the files once it has.
      expect(await lab.open(to)).toBe(5);
      cpSync(kept, lab.places.audit ?? '', { recursive: true });
      await expect(lab.open()).rejects.toMatchObject({ code: 'AUDIT_BROKEN' });
    } finally {
      await lab.close();
    }
  });
});

function edit(file: string, change: (text: string) => string): void {
  writeFileSync(file, change(readFileSync(file, 'utf8')));
}
