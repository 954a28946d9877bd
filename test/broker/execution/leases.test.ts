/** Two brokers at one device: one waits, gives up, or leaves it; whoever was silent for too long has lost it. */
import { expect, it } from 'vitest';
import { createLeases, LEASE_MS } from '../../../broker/execution/leases.ts';
import { createSerial } from '../../../broker/execution/serial.ts';
import { createMemoryLeases } from '../../../broker/stores/memory-leases.ts';

const KEY = JSON.stringify(['acme', 'br1_edge']);

function openPair() {
  let now = 0;
  const shared = createMemoryLeases({ now: () => now });
  const renewals: (() => Promise<unknown>)[] = [];
  const open = (holder: string) =>
    createLeases({
      store: shared.open(holder),
      serial: createSerial(),
      wait: async (ms) => {
        now += ms;
        await Promise.all(renewals.map((renew) => renew()));
      },
      every: (_ms, work) => {
        renewals.push(work);
        return { stop: () => void renewals.splice(renewals.indexOf(work), 1) };
      },
    });
  return {
    one: open('one'),
    two: open('two'),
    shared,
    renewals,
    pass: (ms: number): void => {
      now += ms;
    },
  };
}

/** Work that goes on until it is told to end. */
function openWork() {
  let end = (): void => undefined;
  const ended = new Promise<void>((resolve) => {
    end = resolve;
  });
  return { end, work: () => ended.then(() => 'done') };
}

it('lets the second wait until the first is done', async () => {
  const { one, two, pass, renewals } = openPair();
  const { work, end } = openWork();
  const first = one.perDevice.run(KEY, work);
  await new Promise((resolve) => setImmediate(resolve));
  pass(LEASE_MS - 1);
  await Promise.all(renewals.map((renew) => renew())); // so that it holds on for as long as it works
  pass(2);
  expect(await two.perDevice.runIfFree([KEY], async () => 'too early')).toBeUndefined();
  const second = two.perDevice.run(KEY, async () => two.held(KEY));
  end();
  expect(await first).toBe('done');
  expect(await second).toBe(2);
  expect([one.held(KEY), two.held(KEY)]).toEqual([undefined, undefined]);
});

it('says that another broker is at the device when it does not let go', async () => {
  const { one, two } = openPair();
  const { work, end } = openWork();
  const first = one.perDevice.run(KEY, work);
  await new Promise((resolve) => setImmediate(resolve));
  await expect(two.perDevice.run(KEY, async () => 'never')).rejects.toMatchObject({ code: 'CHANGES_STOPPED' });
  end();
  await first;
});

it('gives what was not renewed to the next, under a higher token, and takes nothing back from the first', async () => {
  const { one, two, shared, pass } = openPair();
  const { work, end } = openWork();
  const first = one.perDevice.run(KEY, work);
  await new Promise((resolve) => setImmediate(resolve));
  pass(LEASE_MS);
  expect(await two.perDevice.runIfFree([KEY], async () => [one.held(KEY), two.held(KEY)])).toEqual([1, 2]);
  end();
  await first;
  expect(shared.token(KEY)).toBe(2);
});

it('is free at once when the broker that held it is gone', async () => {
  const { one, two, shared } = openPair();
  const { work, end } = openWork();
  const first = one.perDevice.run(KEY, work);
  await new Promise((resolve) => setImmediate(resolve));
  shared.end('one');
  expect(await two.perDevice.runIfFree([KEY], async () => 'mine')).toBe('mine');
  end();
  await first;
});
