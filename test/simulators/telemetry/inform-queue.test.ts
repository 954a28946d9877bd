/** Informs of a storm: some at a time, in order, and the last ones dropped. */
import { expect, it } from 'vitest';
import { createInformQueue } from '../../../simulators/protocols/traps/inform-queue.ts';

it('sends so many at once, the others when one is done, and drops what does not fit', async () => {
  const ends: (() => void)[] = [];
  const begun: number[] = [];
  const queue = createInformQueue(2, 2);
  for (const number of [1, 2, 3, 4, 5])
    queue(() => {
      begun.push(number);
      return new Promise<void>((resolve) => ends.push(resolve));
    });
  expect(begun).toEqual([1, 2]);
  ends[0]?.();
  await expect.poll(() => begun).toEqual([1, 2, 3]);
  ends[1]?.();
  ends[2]?.();
  await expect.poll(() => begun).toEqual([1, 2, 3, 4]);
});
