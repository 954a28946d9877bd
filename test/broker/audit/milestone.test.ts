/** A start from a milestone: what it reads, what it believes, and what happens when old entries were changed. */
import { generateKeyPairSync } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createAuditLog, type WitnessedAuditLog } from '../../../broker/audit/log.ts';
import { createMemoryAuditStore } from '../../../broker/audit/memory-store.ts';
import { printMilestone, readMilestone } from '../../../broker/audit/milestone.ts';
import { parseVerifier, printVerifier } from '../../../broker/audit/note.ts';
import type { AuditBatch, AuditStore } from '../../../broker/audit/store.ts';
import { HashTree, hashLeaf, verifyConsistency } from '../../../broker/audit/tree.ts';

const signer = { name: 'wayleave/test', key: generateKeyPairSync('ed25519').privateKey };
const clock = { now: () => 0 };
const deps = { signer, clock, milestoneEvery: 16 };
const keyOf = () => parseVerifier(printVerifier(signer, 'log'));

const write = async (log: WitnessedAuditLog, count: number): Promise<void> => {
  for (let n = 0; n < count; n += 1) await log.append({ at: 't', tenant: 'acme', kind: 'k', content: { n } });
};
/** A store that counts what is read, and shows some batches changed. */
function watch(store: AuditStore, change: (batch: AuditBatch) => AuditBatch = (batch) => batch) {
  const reads: number[] = [];
  return {
    reads,
    store: {
      ...store,
      async *batches(from: number) {
        for await (const batch of store.batches(from)) {
          reads.push(batch.from);
          yield change(batch);
        }
      },
    } satisfies AuditStore,
  };
}
async function filled(): Promise<AuditStore> {
  const store = createMemoryAuditStore();
  const log = await createAuditLog({ store, ...deps });
  await write(log, 50);
  await log.close();
  return store;
}

describe('a start from a milestone', () => {
  it('reads the tail first, goes on with the same tree, and verifies the rest', async () => {
    const { store, reads } = watch(await filled());
    const log = await createAuditLog({ store, ...deps });
    expect([reads[0], reads[1], reads[2], reads.length < 5]).toEqual([47, 48, 49, true]);
    expect(log.size()).toBe(50);
    await write(log, 5);
    await log.verified();
    expect(Math.min(...reads)).toBe(0);
    await write(log, 5);
    const whole = await createAuditLog({ store: createMemoryAuditStore(), ...deps });
    await write(whole, 50);
    await write(whole, 5);
    await write(whole, 5);
    const root = (note: string): string | undefined => note.split('\n')[2];
    expect(root(log.checkpoint())).toBe(root(whole.checkpoint()));
    expect(await log.prove(3)).toMatchObject({ hashes: (await whole.prove(3))?.hashes });
    expect((await log.entries(0, 100)).length).toBe(60);
  });

  it('stops the log when an old entry turns out to be changed, and gives none of it out', async () => {
    const alarms: string[] = [];
    const { store } = watch(await filled(), (batch) =>
      batch.from === 7 ? { ...batch, lines: batch.lines.map((line) => line.replace('"n":7', '"n":8')) } : batch,
    );
    const log = await createAuditLog({ store, ...deps, alarm: (what) => void alarms.push(what) });
    await expect(log.entries(0, 1)).rejects.toMatchObject({ code: 'AUDIT_BROKEN' });
    await expect(write(log, 1)).rejects.toMatchObject({
      code: 'AUDIT_BROKEN',
      message: expect.stringContaining('entry 7'),
    });
    expect(alarms[0]).toContain('entry 7');
  });

  it('believes no milestone that the log did not sign: then it reads everything', async () => {
    const store = await filled();
    const tree = new HashTree();
    for (let n = 0; n < 50; n += 1) tree.append(hashLeaf(Buffer.from(String(n))));
    const thief = { name: signer.name, key: generateKeyPairSync('ed25519').privateKey };
    const forged = printMilestone({ tree, size: 50, generation: 0, epoch: 1, lastAt: 't' }, thief);
    for (const text of [forged, '', 'nonsense', `${await store.milestone()}x`, await otherMilestone()]) {
      await store.keepMilestone(text);
      const { store: watched, reads } = watch(store);
      await createAuditLog({ store: watched, ...deps });
      expect(reads).toContain(0);
    }
  });

  it('does not start on a log that lost its tail, or what the milestone stands behind', async () => {
    const store = await filled();
    const cut = { ...store, batches: (from: number) => upTo(store.batches(from), 30) };
    // Read whole and consistent, but shorter: only a witness tells.
    expect((await createAuditLog({ store: cut, ...deps })).size()).toBe(30);
    const hole = { ...store, batches: (from: number) => without(store.batches(from), 49) };
    expect((await createAuditLog({ store: hole, ...deps })).size()).toBe(49);
    const inside = { ...store, batches: (from: number) => without(store.batches(from), 48) };
    await expect(createAuditLog({ store: inside, ...deps })).rejects.toMatchObject({ code: 'AUDIT_BROKEN' });
  });
});

async function otherMilestone(): Promise<string> {
  const store = createMemoryAuditStore();
  const log = await createAuditLog({ store, ...deps });
  for (let n = 0; n < 40; n += 1) await log.append({ at: 't', tenant: 'globex', kind: 'other', content: {} });
  await log.close();
  return (await store.milestone()) ?? '';
}
async function* upTo(batches: AsyncIterable<AuditBatch>, size: number): AsyncIterable<AuditBatch> {
  for await (const batch of batches) if (batch.from < size) yield batch;
}
async function* without(batches: AsyncIterable<AuditBatch>, index: number): AsyncIterable<AuditBatch> {
  for await (const batch of batches) if (batch.from !== index) yield batch;
}

describe('a resumed tree', () => {
  it('has every root and consistency proof of the whole one from its size on', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 80 }), fc.integer({ min: 0, max: 80 }), (base, more) => {
        const whole = new HashTree();
        let resumed = new HashTree();
        for (let n = 0; n < base + more; n += 1) {
          if (n === base) resumed = HashTree.resume(base, whole.peaks());
          const leaf = hashLeaf(Buffer.from(String(n)));
          whole.append(leaf);
          if (n >= base) resumed.append(leaf);
        }
        if (more === 0) resumed = HashTree.resume(base, whole.peaks());
        expect(resumed.size).toBe(whole.size);
        for (let size = base; size <= whole.size; size += 1) {
          expect(resumed.root(size)).toEqual(whole.root(size));
          const proof = resumed.consistencyProof(size, whole.size);
          expect(verifyConsistency(size, whole.size, proof, whole.root(size), whole.root())).toBe(true);
        }
      }),
    );
  });

  it('does not take the wrong number of peaks, and reads back what was printed', () => {
    const tree = new HashTree();
    for (let n = 0; n < 11; n += 1) tree.append(hashLeaf(Buffer.from(String(n))));
    expect(() => HashTree.resume(11, tree.peaks().slice(1))).toThrow(RangeError);
    expect(() => HashTree.resume(8, tree.peaks())).toThrow(RangeError);
    const text = printMilestone({ tree, size: 11, generation: 0, epoch: 3, lastAt: 't' }, signer);
    const read = readMilestone(text, keyOf);
    expect(read).toMatchObject({ size: 11, generation: 0, epoch: 3, lastAt: 't' });
    expect(read?.tree.root()).toEqual(tree.root());
  });
});
