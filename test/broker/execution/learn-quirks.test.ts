/** What a certification learns of devices that keep their promises and of devices that do not, over the real driver and server. */
import { afterEach, describe, expect, it } from 'vitest';
import { createNetconfDriver } from '../../../broker/drivers/netconf/driver.ts';
import { type Learnt, learnQuirks } from '../../../broker/execution/learn-quirks.ts';
import { canonical, parseData, readRunning } from '../../../broker/execution/running.ts';
import type { NetconfPersona } from '../../../simulators/protocols/persona.ts';
import { itemB, NS, START, startDevice } from '../../simulators/netconf/device.ts';

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});
const config = (items: string): string => `<box xmlns="${NS}">${items}</box>`;
const TRIAL = {
  edit: config(itemB),
  inverse: `<box xmlns="${NS}"><item xmlns:nc="urn:ietf:params:xml:ns:netconf:base:1.0" nc:operation="delete"><name>b</name></item></box>`,
  before: canonical(parseData(config(START))),
  expected: canonical(parseData(config(START + itemB))),
  persistId: 'wl_1',
};

async function learn(persona?: NetconfPersona) {
  const device = await startDevice();
  const driver = createNetconfDriver();
  closers.push(
    () => device.close(),
    () => driver.close(),
  );
  if (persona !== undefined) device.server.setPersona({ name: persona });
  const learnt = await learnQuirks(
    {
      open: () => driver.openWriteSession(device.endpoint(), undefined, 'running'),
      running: readRunning,
      // The device hears of an end of a session in its own time.
      wait: async (ms) => {
        await new Promise((resolve) => setTimeout(resolve, 5));
        device.timers.advance(ms);
      },
    },
    TRIAL,
  );
  return { learnt, device };
}
const GOOD: Learnt = {
  ladder: 'confirmed',
  base: ['1.0', '1.1'],
  quirks: {
    ...{ candidate: true, confirmedCommit: true, writableRunning: false, rollbackOnError: true, validate: true },
    ...{ locks: true, maxChunk: 65_000, keepsValidatedCandidate: true },
    ...{ revertsOnCancel: true, revertsOnTimeout: true, revertsOnSessionLoss: true },
  },
};

describe('certification', () => {
  it('finds that a good device is one, and leaves it as it was', async () => {
    const { learnt, device } = await learn();
    expect(learnt).toEqual(GOOD);
    expect(device.running()).toBe(START);
  });

  it.each(['no-confirmed-commit', 'only-running'] as const)('finds the rung of a device with %s', async (persona) => {
    const { learnt, device } = await learn(persona);
    const candidate = persona === 'no-confirmed-commit';
    expect(learnt).toEqual({
      ladder: candidate ? 'candidate' : 'running',
      base: ['1.0', '1.1'],
      quirks: {
        ...{ candidate, confirmedCommit: false, writableRunning: !candidate, rollbackOnError: true },
        ...{ validate: candidate, locks: true, maxChunk: 65_000 },
      },
    });
    expect(device.running()).toBe(START);
  });

  it('finds that a device does nothing', async () => {
    const { learnt, device } = await learn('ok-and-nothing');
    expect(learnt.ladder).toBeUndefined();
    expect(learnt.quirks).not.toHaveProperty('revertsOnTimeout');
    expect(learnt.quirks.locks).toBe(false);
    expect(device.running()).toBe(START);
  });

  it('finds that a device commits without its candidate', async () => {
    const { learnt } = await learn('loses-candidate');
    expect(learnt.ladder).toBeUndefined();
  });
});
