/** The audit log over each of its stores: durability, order, recovery, fencing and the witness. */
import { generateKeyPairSync } from 'node:crypto';
import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createFilePort, type FilePort } from '../../../broker/audit/file-port.ts';
import { createFileAuditStore } from '../../../broker/audit/file-store.ts';
import { createAuditLog } from '../../../broker/audit/log.ts';
import { createMemoryAuditStore } from '../../../broker/audit/memory-store.ts';
import { parseCheckpoint, parseNote, parseVerifier, printVerifier, verifyNote } from '../../../broker/audit/note.ts';
import { AUDIT_MIGRATIONS, createSqlAuditStore } from '../../../broker/audit/sql-store.ts';
import type { AuditStore } from '../../../broker/audit/store.ts';
import { createWitnessClient } from '../../../broker/audit/witness/client.ts';
import { startWitness } from '../../../broker/audit/witness/server.ts';
import type { AuditEntry } from '../../../broker/ports.ts';
import { migrate } from '../../../storage/migrate.ts';
import { reportSkippedPostgres, sqlDatabases } from '../../storage/sql-databases.ts';

const root = mkdtempSync(path.join(tmpdir(), 'wayleave-audit-'));
const closers: (() => Promise<void>)[] = [];
afterAll(async () => {
  for (const close of closers) await close();
  rmSync(root, { recursive: true, force: true });
});
const signer = { name: 'wayleave/test', key: generateKeyPairSync('ed25519').privateKey };
const clock = { now: () => 1_767_225_600_000 };
const entry = (n: number, at = '2026-01-01T00:00:00.000Z'): AuditEntry => ({
  at,
  tenant: 'acme',
  kind: 'test',
  content: { n },
});
const folder = (name: string): string => path.join(root, name);

/** Each gives a function that opens the same log again. */
const stores: readonly (readonly [string, () => Promise<() => AuditStore>])[] = [
  [
    'memory',
    async () => {
      const store = createMemoryAuditStore();
      return () => store;
    },
  ],
  ['files', async () => () => createFileAuditStore(createFilePort(folder('conformance')), 2_000)],
  ...Object.entries(sqlDatabases).map(([name, openSql]) => {
    const prepare = async () => {
      const database = await openSql();
      closers.push(() => database.close());
      await migrate(database.pool, AUDIT_MIGRATIONS);
      return () => createSqlAuditStore(database.pool);
    };
    return [name, prepare] as const;
  }),
];

reportSkippedPostgres();

describe.each(stores)('audit log on %s', (_, prepare) => {
  let open: () => AuditStore;
  beforeAll(async () => {
    open = await prepare();
  });
  it('keeps order over batches, restarts and a clock that goes back; two writers take turns, or the older one is fenced', async () => {
    const log = await createAuditLog({ store: open(), signer, clock });
    const first = await Promise.all(Array.from({ length: 20 }, (_unused, n) => log.append(entry(n))));
    expect(first).toEqual(Array.from({ length: 20 }, (_unused, n) => n));
    expect(await log.append(entry(20, '2025-12-31T00:00:00.000Z'))).toBe(20);
    const big = { ...entry(0), content: { text: 'x'.repeat(70_000) } };
    const mixed = await Promise.allSettled([log.append(big), log.append(entry(21))]);
    expect(mixed).toMatchObject([{ reason: { code: 'TOO_LARGE' } }, { value: 21 }]);
    await log.append({ ...entry(22), content: { text: 'a\n\u001b[2J\u009b\u2028\u202e\ud800' } });

    const again = await createAuditLog({ store: open(), signer, clock });
    expect(again.size()).toBe(23);
    const kept = await again.entries(19, 3);
    expect(kept.map(({ index }) => index)).toEqual([19, 20, 21]);
    expect(kept[1]).toMatchObject({ clockBack: true });
    expect((await again.entries(22, 9))[0]?.content['text']).toBe('a\n\u001b[2J\\u009b\\u2028\\u202e\\ud800');
    expect(verifyNote(parseNote(again.checkpoint()), parseVerifier(printVerifier(signer, 'log')))).toBe(true);

    if (open().inTurn === undefined) {
      await expect(log.append(entry(99))).rejects.toMatchObject({ code: 'UNAVAILABLE' });
      await expect(log.append(entry(99))).rejects.toMatchObject({ code: 'UNAVAILABLE' });
      expect(await again.append(entry(23))).toBe(23);
    } else {
      expect(await log.append(entry(23))).toBe(23);
      const both = await Promise.all(
        Array.from({ length: 200 }, async (_unused, n) => {
          for (let wait = 0; wait < n % 7; wait += 1) await new Promise((resolve) => setImmediate(resolve));
          return (n % 2 === 0 ? log : again).append(entry(24 + n));
        }),
      );
      expect(both.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 200 }, (_unused, n) => 24 + n));
      await log.refresh();
      await again.refresh();
      expect([log.size(), again.checkpoint()]).toEqual([224, log.checkpoint()]);
      const epochs: number[] = [];
      for await (const { checkpoint } of open().batches(0))
        epochs.push(parseCheckpoint(parseNote(checkpoint).text).epoch);
      expect(epochs).toEqual(epochs.toSorted((a, b) => a - b));
      expect(new Set(epochs).size).toBeGreaterThan(3); // it changed hands
    }
    await log.close();
    await again.close();
    const third = await createAuditLog({ store: open(), signer, clock });
    expect(third.size()).toBe(open().inTurn === undefined ? 24 : 224);
    await third.close();
  });

  it('finds out in the next turn what became of a batch', async ({ skip }) => {
    const store = open();
    const { inTurn } = store;
    if (inTurn === undefined) return skip('only where writers take turns');
    let fails: 'before' | 'after' | undefined;
    const log = await createAuditLog({
      store: {
        ...store,
        async inTurn(from, epoch, make) {
          if (fails === 'before') throw new Error('no connection');
          await inTurn(from, epoch, make);
          if (fails === 'after') throw new Error('the answer is lost');
        },
      },
      signer,
      clock,
    });
    const size = log.size();
    for (const [way, kept] of [
      ['before', 0],
      ['after', 1],
    ] as const) {
      const before = log.size();
      fails = way;
      await expect(log.append(entry(300))).rejects.toMatchObject({ code: 'UNAVAILABLE' });
      fails = undefined;
      expect(await log.append(entry(301))).toBe(before + kept);
    }
    await log.close();
    const again = await createAuditLog({ store: open(), signer, clock });
    expect(again.size()).toBe(size + 3);
    await again.close();
  });

  it('refuses a log that another key signed', async () => {
    const other = { name: signer.name, key: generateKeyPairSync('ed25519').privateKey };
    await expect(createAuditLog({ store: open(), signer: other, clock })).rejects.toMatchObject({
      code: 'AUDIT_BROKEN',
    });
  });
});

/** A file port that counts syncs and can fail them. */
function watchSyncs(port: FilePort): { readonly port: FilePort; readonly syncs: () => number; fail: () => void } {
  let [syncs, failing] = [0, false];
  const open: FilePort['open'] = async (name) => {
    const file = await port.open(name);
    const sync = async (): Promise<void> => {
      syncs += 1;
      if (failing) {
        failing = false;
        throw new Error('EIO');
      }
      await file.sync();
    };
    return { ...file, sync };
  };
  return {
    port: { ...port, open },
    syncs: () => syncs,
    fail: () => {
      failing = true;
    },
  };
}

describe('audit file', () => {
  it('makes a whole group durable with one sync, and stops for good when a sync fails', async () => {
    const { port, syncs, fail } = watchSyncs(createFilePort(folder('batch')));
    const log = await createAuditLog({ store: createFileAuditStore(port), signer, clock });
    await Promise.all(Array.from({ length: 500 }, (_, n) => log.append(entry(n))));
    expect(syncs()).toBe(1);
    await log.append(entry(500));
    expect(syncs()).toBe(2);
    fail();
    await expect(log.append(entry(501))).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    await expect(log.append(entry(502))).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    expect([syncs(), log.size()]).toEqual([3, 501]);
    await log.close();
  });

  it('cuts a torn tail, keeps a copy of it, and refuses damage inside', async () => {
    const place = folder('torn');
    const open = () => createAuditLog({ store: createFileAuditStore(createFilePort(place)), signer, clock });
    const log = await open();
    await log.append(entry(0));
    await log.append(entry(1));
    await log.close();
    const segment = path.join(place, 'log-000000000000000.ndjson');
    const whole = readFileSync(segment);
    appendFileSync(segment, '{"never":"acknowledged"}\n"half a check');
    const recovered = await open();
    expect(recovered.size()).toBe(2);
    expect(readFileSync(segment)).toEqual(whole);
    expect(readdirSync(place).filter((name) => name.startsWith('torn-'))).toHaveLength(1);
    await recovered.close();
    const changedEntry = whole.toString().replace('"n":0', '"n":7');
    const checkpointOnly = `${whole.toString().trimEnd().split('\n').at(-1)}\n`;
    for (const damaged of [changedEntry, checkpointOnly, '"foreign"\n']) {
      writeFileSync(segment, damaged);
      await expect(open()).rejects.toMatchObject({ code: 'AUDIT_BROKEN', message: expect.stringContaining('entry 0') });
      expect(readFileSync(segment, 'utf8')).toBe(damaged);
    }
  });
});

describe('witness', () => {
  it('follows the log, and a log that was cut back or forked does not start', async () => {
    const witnessSigner = { name: 'witness', key: generateKeyPairSync('ed25519').privateKey };
    const log = parseVerifier(printVerifier(signer, 'log'));
    const start = () => startWitness({ files: createFilePort(folder('witness')), signer: witnessSigner, log, clock });
    const verifier = printVerifier(witnessSigner, 'witness');
    const server = await start();
    const witness = createWitnessClient({ url: server.url, verifier });
    const store = createMemoryAuditStore();
    const first = await createAuditLog({ store, signer, witness, clock });
    await Promise.all([first.append(entry(0)), first.append(entry(1))]);
    await first.append(entry(2));
    await first.close();
    expect(first.witnessed()).toMatchObject({ status: 'following', size: 3 });
    expect(verifyNote(parseNote(first.checkpoint()), parseVerifier(verifier))).toBe(true);
    await server.close();

    const later = await start();
    closers.push(() => later.close());
    const again = createWitnessClient({ url: later.url, verifier });
    const restarted = await createAuditLog({ store, signer, witness: again, clock });
    expect(restarted.witnessed()).toMatchObject({ status: 'following', size: 3 });
    const empty = createAuditLog({ store: createMemoryAuditStore(), signer, witness: again, clock });
    await expect(empty).rejects.toMatchObject({ code: 'AUDIT_BROKEN' });
    const fork = createMemoryAuditStore();
    const forked = await createAuditLog({ store: fork, signer, clock });
    for (const n of [0, 1, 7, 8]) await forked.append(entry(n));
    await expect(createAuditLog({ store: fork, signer, witness: again, clock })).rejects.toMatchObject({
      code: 'AUDIT_BROKEN',
    });
    const absent = createWitnessClient({ url: server.url, verifier });
    await expect(createAuditLog({ store, signer, witness: absent, clock })).rejects.toMatchObject({
      code: 'UNAVAILABLE',
    });
  });
});
