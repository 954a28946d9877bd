/** Who starts the broker anew does not let changes go on; who releases the brake does. */
import { expect, it, vi } from 'vitest';
import { createMemoryRecords } from '../../../broker/identity/keyed-records.ts';
import { type BrakeRecord, openKeptBrake } from '../../../broker/stores/kept-brake.ts';

const open = (records = createMemoryRecords<BrakeRecord>(), told: string[] = []) =>
  openKeptBrake({
    records,
    report: (why) => void told.push(why),
    failed: () => told.push('not kept'),
    changed: async () => undefined,
  });

it('stays pulled over a restart, says so again, and is free after a release', async () => {
  const records = createMemoryRecords<BrakeRecord>();
  const told: string[] = [];
  const first = await open(records, told);
  expect(first.reason()).toBeUndefined();
  first.pull('they disagree');
  first.pull('something later');
  await vi.waitFor(async () => expect(await records.get('brake')).toEqual({ why: 'they disagree' }));
  const second = await open(records, told);
  expect(second.reason()).toBe('they disagree');
  expect(told).toEqual(['they disagree', 'they disagree']);
  expect(second.release()).toBe('they disagree');
  await vi.waitFor(async () => expect(await records.get('brake')).toEqual({}));
  expect((await open(records)).reason()).toBeUndefined();
});

it('holds when it cannot be kept, and keeps a broker that cannot read it from starting', async () => {
  const records = createMemoryRecords<BrakeRecord>();
  const told: string[] = [];
  const broken = { ...records, update: () => Promise.reject(new Error('disk full')) };
  const brake = await open(broken, told);
  brake.pull('they disagree');
  expect(brake.reason()).toBe('they disagree');
  await vi.waitFor(() => expect(told).toContain('not kept'));
  await expect(open({ ...records, get: () => Promise.reject(new Error('disk full')) })).rejects.toThrow('disk full');
});

it('is pulled and released by another broker, which alone tells of it', async () => {
  const records = createMemoryRecords<BrakeRecord>();
  const told: string[] = [];
  const [one, two] = [await open(records, told), await open(records, told)];
  one.pull('they disagree');
  await vi.waitFor(async () => expect(await records.get('brake')).toEqual({ why: 'they disagree' }));
  await two.reload();
  expect([two.reason(), told]).toEqual(['they disagree', ['they disagree']]);
  two.release();
  await vi.waitFor(async () => expect(await records.get('brake')).toEqual({}));
  await one.reload();
  expect(one.reason()).toBeUndefined();
  // What could not be kept is nobody else's to release.
  const alone = await open({ ...records, update: () => Promise.reject(new Error('disk full')) }, told);
  alone.pull('once more');
  await alone.reload();
  expect(alone.reason()).toBe('once more');
});
