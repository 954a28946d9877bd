/** The gate lets so many in, one more for each that leaves, and lets the waiting go. */
import { expect, it } from 'vitest';
import { createConnectGate } from '../../../../broker/drivers/netconf/connect-gate.ts';

it('keeps work under way at its limit, through failures and aborts', async () => {
  const gate = createConnectGate(2);
  const leave: (() => void)[] = [];
  let most = 0;
  let inside = 0;
  const work = async (): Promise<void> => {
    inside += 1;
    most = Math.max(most, inside);
    await new Promise<void>((resolve) => leave.push(resolve));
    inside -= 1;
    throw new Error('as every third connection');
  };
  const abort = new AbortController();
  const all = [gate(work), gate(work), gate(work, abort.signal), gate(work)];
  const settled = Promise.allSettled(all);
  abort.abort();
  await expect(all[2]).rejects.toMatchObject({ code: 'UNREACHABLE' });
  for (let i = 0; i < 3; i += 1) {
    leave.shift()?.();
    await new Promise((resolve) => setImmediate(resolve));
  }
  await settled;
  expect([most, inside, leave.length]).toEqual([2, 0, 0]);
});
