/** The power goes in the middle of any operation, again and again: nothing that was acknowledged is lost or changed. */
import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { createFileAuditStore } from '../../../broker/audit/file-store.ts';
import { createAuditLog } from '../../../broker/audit/log.ts';
import { PowerDisk, seeded } from './power-disk.ts';

const signer = { name: 'wayleave/test', key: generateKeyPairSync('ed25519').privateKey };
const clock = { now: () => 0 };
const SEGMENT = 1_500;
const ROUNDS = 4;
const SEEDS = 60;

/** Writes until the power is gone; resolves with what was acknowledged. */
async function writeUntilCut(disk: PowerDisk, acknowledged: Map<number, number>, from: number): Promise<number> {
  let next = from;
  const log = await createAuditLog({
    store: createFileAuditStore(disk.port, SEGMENT),
    signer,
    clock,
    milestoneEvery: 16,
  });
  for (const [index, n] of acknowledged) expect((await log.entries(index, 1))[0]?.content).toEqual({ n });
  const writer = async (): Promise<void> => {
    for (;;) {
      const n = next++;
      const index = await log.append({ at: 't', tenant: 'acme', kind: 'k', content: { n } });
      expect(acknowledged.has(index)).toBe(false);
      acknowledged.set(index, n);
    }
  };
  const ends = await Promise.allSettled([writer(), writer(), writer()]);
  expect(ends.every((end) => end.status === 'rejected' && end.reason.code === 'UNAVAILABLE')).toBe(true);
  return next;
}

describe('a power cut', () => {
  it('loses no acknowledged entry of the file, whatever became of the sectors behind the last sync', async () => {
    let checked = 0;
    for (let seed = 0; seed < SEEDS; seed += 1) {
      const random = seeded(seed);
      const cutAt = (): number => 2 + Math.floor(random() * 40);
      const acknowledged = new Map<number, number>();
      let disk = new PowerDisk(random, cutAt());
      let next = 0;
      for (let round = 0; round < ROUNDS; round += 1) {
        // A cut while it starts is one too.
        next = await writeUntilCut(disk, acknowledged, next).catch((error: unknown) => {
          expect(String(error), `seed ${seed}`).toContain('the power is gone');
          return next;
        });
        disk = disk.afterCut(round === ROUNDS - 1 ? undefined : cutAt());
      }
      const log = await createAuditLog({ store: createFileAuditStore(disk.port, SEGMENT), signer, clock });
      await log.verified();
      const kept = new Map((await log.entries(0, 100_000)).map(({ index, content }) => [index, content['n']]));
      for (const [index, n] of acknowledged) expect(kept.get(index), `seed ${seed}, entry ${index}`).toBe(n);
      checked += acknowledged.size;
    }
    expect(checked).toBeGreaterThan(SEEDS * 20);
  });

  it('would lose some without the sync, or the test could not fail', async () => {
    let lost = 0;
    for (let seed = 0; seed < 20; seed += 1) {
      const disk = new PowerDisk(seeded(seed), 60);
      const careless = {
        ...disk.port,
        open: async (name: string) => ({ ...(await disk.port.open(name)), sync: async () => undefined }),
      };
      const log = await createAuditLog({ store: createFileAuditStore(careless), signer, clock });
      const acknowledged: number[] = [];
      try {
        for (;;) acknowledged.push(await log.append({ at: 't', tenant: 'acme', kind: 'k', content: {} }));
      } catch {
        const left = await createAuditLog({ store: createFileAuditStore(disk.afterCut().port), signer, clock }).catch(
          () => undefined,
        );
        if ((left?.size() ?? 0) < acknowledged.length) lost += 1;
      }
    }
    expect(lost).toBeGreaterThan(10);
  });
});
