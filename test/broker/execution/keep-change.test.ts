/** Changes on the lower rungs over the real driver and server: what is said of them is what the device holds, also after a crash. */
import { afterEach, describe, expect, it } from 'vitest';
import { DriverError, type WriteSession } from '../../../broker/drivers/driver.ts';
import { createNetconfDriver } from '../../../broker/drivers/netconf/driver.ts';
import { keepChange } from '../../../broker/execution/keep-change.ts';
import { progressOf, reconcile } from '../../../broker/execution/reconcile.ts';
import { canonical, parseData, readRunning } from '../../../broker/execution/running.ts';
import type { TransactionDeps } from '../../../broker/execution/transaction.ts';
import type { TransactionRecord } from '../../../broker/ports.ts';
import { createMemoryJournal } from '../../../broker/stores/memory-journal.ts';
import type { NetconfPersona } from '../../../simulators/protocols/persona.ts';
import { editBox, itemB, NS, openClient, START, startDevice } from '../../simulators/netconf/device.ts';

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});
const RUNGS = [
  ['candidate', 'no-confirmed-commit', 'commit'],
  ['running', 'only-running', 'editRunning'],
] as const;
const config = (items: string): string => `<box xmlns="${NS}">${items}</box>`;

async function setUp([rung, persona]: readonly ['candidate' | 'running', NetconfPersona, string]) {
  const device = await startDevice();
  const driver = createNetconfDriver();
  closers.push(
    () => device.close(),
    () => driver.close(),
  );
  device.server.setPersona({ name: persona });
  const record: TransactionRecord = {
    ...{ intent: 'int_1', tenant: 'acme', device: 'box1', persistId: 'wl_1', edit: config(itemB), ladder: rung },
    inverse: `<box xmlns="${NS}"><item xmlns:nc="urn:ietf:params:xml:ns:netconf:base:1.0" nc:operation="delete"><name>b</name></item></box>`,
    ...{ before: canonical(parseData(config(START))), beforeHash: '', steps: [], state: 'open' },
    expected: canonical(parseData(config(START + itemB))),
  };
  /** What a test puts in the way of a request; called with its name before it is sent. */
  const turn = { before: (_name: string): void => undefined, after: (_name: string): void => undefined, crash: '' };
  const meddle = (session: WriteSession): WriteSession =>
    new Proxy(session, {
      get(target, name) {
        const value: unknown = Reflect.get(target, name);
        if (typeof value !== 'function' || name === 'takeWarnings' || name === 'then') return value;
        return async (...given: readonly unknown[]) => {
          turn.before(String(name));
          const result: unknown = await value.apply(target, given);
          turn.after(String(name));
          return result;
        };
      },
    });
  const journal = createMemoryJournal();
  const deps: TransactionDeps = {
    devices: {
      read: () => Promise.reject(new Error('not used')),
      write: async (_tenant, _device, lowest) =>
        meddle(await driver.openWriteSession(device.endpoint(), undefined, lowest)),
    },
    journal,
    clock: { now: () => 0 },
    wait: async () => undefined,
    running: readRunning,
    announce: (_intent, _tenant, { step }) => {
      if (step === turn.crash) throw new TypeError('the process dies');
    },
  };
  const run = (ok = true) => keepChange(deps, { record, verify: async () => ({ ok, detail: 'looked' }) }, rung);
  const recover = async () => {
    turn.crash = '';
    const [open] = await journal.unfinished();
    if (open === undefined) throw new Error('nothing is open');
    return reconcile(deps, open, progressOf(open));
  };
  return { device, turn, run, recover };
}
const lose = (request: string) => (name: string) => {
  if (name === request) throw new DriverError('LOST', 'connection lost');
};

describe.each(RUNGS)('a change on the rung %s', (...rung) => {
  const write = rung[2];

  it('stands when its checks hold, and is put back when they do not', async () => {
    const good = await setUp(rung);
    const result = await good.run();
    expect(result).toMatchObject({ outcome: 'succeeded', detail: 'looked' });
    expect(result.steps.every(({ ok }) => ok)).toBe(true);
    expect(good.device.running()).toBe(START + itemB);
    const bad = await setUp(rung);
    expect(await bad.run(false)).toMatchObject({
      outcome: 'reverted',
      detail: expect.stringContaining('verify: looked'),
    });
    expect(bad.device.running()).toBe(START);
  });

  it('is not made on a device that drifted, or that others have locked', async () => {
    const drifted = await setUp(rung);
    const client = await openClient(drifted.device);
    const other = editBox('<item><name>c</name></item>');
    await client.rpc(rung[0] === 'running' ? other.replace('candidate', 'running') : other);
    await client.rpc('<commit/>');
    expect((await drifted.run()).outcome).toBe('failed');
    expect(drifted.device.running()).not.toContain('<name>b</name>');
    client.session.destroy();
    const locked = await setUp(rung);
    const holder = await openClient(locked.device);
    await holder.rpc(`<lock><target><${rung[0]}/></target></lock>`);
    expect(await locked.run()).toMatchObject({ outcome: 'failed', detail: expect.stringContaining('lock-denied') });
    expect(locked.device.running()).toBe(START);
    holder.session.destroy();
  });

  it('that is lost on the way is read back and put back, never sent twice', async () => {
    for (const when of ['before', 'after'] as const) {
      const { device, turn, run } = await setUp(rung);
      let sent = 0;
      turn[when] = (name) => {
        if (name !== write || sent > 0) return;
        sent += 1;
        lose(write)(name);
      };
      expect((await run()).outcome).toBe('reverted');
      expect(device.running()).toBe(START);
    }
  });

  it('that the device keeps is ROLLBACK_FAILED, and put back by recovery when it can be', async () => {
    const { device, turn, run, recover } = await setUp(rung);
    let sent = 0;
    turn.before = (name) => {
      if (name === write) sent += 1;
      if (name === write && sent > 1) throw new DriverError('RPC_ERROR', 'read-only', 'access-denied');
    };
    expect(await run(false)).toMatchObject({ outcome: 'unknown', code: 'ROLLBACK_FAILED' });
    expect(device.running()).toBe(START + itemB);
    turn.before = () => undefined;
    expect(await recover()).toMatchObject({ outcome: 'reverted' });
    expect(device.running()).toBe(START);
  });

  it.each([
    ['prepare', 'failed', START],
    ['lock', 'failed', START],
    ['validate', 'reverted', START],
    ['read-back', 'reverted', START],
    ['verify', 'succeeded', START + itemB],
  ])('whose broker dies after %s is found out to be %s', async (step, outcome, holds) => {
    const { device, turn, run, recover } = await setUp(rung);
    turn.crash = step;
    await expect(run()).rejects.toThrow('the process dies');
    expect(await recover()).toMatchObject({ outcome });
    expect(device.running()).toBe(holds);
  });
});
