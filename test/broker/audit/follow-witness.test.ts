/** Following a witness goes on after the log could not be read for a moment; nobody has to be there when that fails. */
import { expect, it } from 'vitest';
import type { WitnessAnswer } from '../../../broker/audit/witness/client.ts';
import { followWitness } from '../../../broker/audit/witness/follow.ts';

it('is behind while another broker is ahead and the log cannot be read, and follows with the next checkpoint', async () => {
  const seen = { ahead: false, reads: 0 };
  const follower = await followWitness({
    client: {
      verifier: 'w',
      add: async (_old, _proof, note): Promise<WitnessAnswer> =>
        seen.ahead ? { kind: 'conflict', size: 9 } : { kind: 'signed', line: `— w of ${note}\n` },
    },
    clock: { now: () => 0 },
    proof: () => [],
    handovers: () => [],
    head: { note: 'first', size: 1 },
    latest: () => {
      seen.reads += 1;
      return Promise.reject(Object.assign(new Error('connect'), { code: 'ECONNREFUSED' }));
    },
  });
  expect(follower.state().status).toBe('following');
  seen.ahead = true;
  follower.submit('second', 2);
  await follower.close(); // does not reject either
  expect(seen.reads).toBe(1);
  expect(follower.state().status).toBe('behind');
  seen.ahead = false;
  follower.submit('third', 3);
  await follower.close();
  expect(follower.state()).toMatchObject({ status: 'following', size: 3 });
});

it('goes on from what another broker showed the witness between two questions, and from nothing that contradicts it', async () => {
  const asked: number[] = [];
  const follow = (sizes: readonly number[], signsAt: number) =>
    followWitness({
      client: {
        verifier: 'w',
        add: async (old): Promise<WitnessAnswer> => {
          asked.push(old);
          const size = sizes[Math.min(asked.length, sizes.length) - 1] ?? 0;
          return old === signsAt ? { kind: 'signed', line: '— w\n' } : { kind: 'conflict', size };
        },
      },
      clock: { now: () => 0 },
      proof: () => [],
      handovers: () => [],
      head: { note: 'mine', size: 5 },
    });
  // It had 3 when we asked, 4 by our next question, and the very tree that we show by the third.
  const follower = await follow([3, 4, 5], 5);
  expect(asked).toEqual([0, 3, 4, 5]);
  expect(follower.state()).toMatchObject({ status: 'following', size: 5 });
  asked.length = 0;
  // As long as ours, and another one; and one that goes back in its answers.
  await expect(follow([5], -1)).rejects.toMatchObject({ code: 'AUDIT_BROKEN' });
  expect(asked).toEqual([0, 5]);
  asked.length = 0;
  await expect(follow([4, 3, 4, 3], -1)).rejects.toMatchObject({ code: 'AUDIT_BROKEN' });
  expect(asked).toEqual([0, 4]);
});
