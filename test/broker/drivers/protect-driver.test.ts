/** Quarantine, circuit breaker and second try, over a driver that does as it is told. */
import { describe, expect, it } from 'vitest';
import type { Operation } from '../../../broker/contract.ts';
import {
  type DeviceEndpoint,
  DriverError,
  type DriverErrorCode,
  type WriteDriver,
} from '../../../broker/drivers/driver.ts';
import { protectDriver } from '../../../broker/drivers/protect-driver.ts';
import { openQuarantine } from '../../../broker/inventory/quarantine.ts';
import type { AuditEntry } from '../../../broker/ports.ts';
import type { Quarantine, QuarantineEntry } from '../../../broker/standing.ts';
import { createMemoryQuarantine } from '../../../broker/stores/memory-quarantine.ts';

const READ: Operation = { protocol: 'netconf', kind: 'get', device: 'box', filter: '' };
const PROBE: Operation = { protocol: 'netconf', kind: 'rpc', device: 'box', request: '<ping xmlns="urn:x"/>' };
const endpoint = (device = 'box', hostKey = 'SHA256:a'): DeviceEndpoint => ({
  ...{ tenant: 'acme', device },
  netconf: { host: '::1', port: 1, hostKey, user: 'u', privateKey: 'k' },
});

const openEmpty = () => {
  const entries = new Set<QuarantineEntry>();
  const quarantine: Quarantine = {
    of: (_tenant, device) => [...entries].filter((one) => one.device === device),
    enter: async (entry) => void entries.add({ ...entry, since: 't' }),
    async leave() {
      const ended = [...entries];
      entries.clear();
      return ended;
    },
  };
  return quarantine;
};

/** A driver whose calls end as `outcomes` say, one after the other, then well; its pauses end at once. */
function setUp(...outcomes: readonly (DriverErrorCode | 'ok')[]) {
  return setUpWith(openEmpty(), outcomes);
}

function setUpWith(quarantine: Quarantine, outcomes: readonly (DriverErrorCode | 'ok')[]) {
  const clock = { now: 0 };
  const calls = { run: 0, write: 0 };
  const left = [...outcomes];
  const act = (): void => {
    const next = left.shift() ?? 'ok';
    if (next !== 'ok') throw new DriverError(next, 'as told');
  };
  const driver: WriteDriver = {
    protocol: 'netconf',
    run: async () => {
      calls.run += 1;
      act();
      return { protocol: 'netconf', xml: '' };
    },
    openWriteSession: async () => {
      calls.write += 1;
      act();
      throw new DriverError('UNSUPPORTED', 'no session here');
    },
    close: async () => undefined,
  };
  const timers = {
    set: (_ms: number, run: () => void) => {
      queueMicrotask(run);
      return () => undefined;
    },
  };
  const log = { error: () => undefined };
  const safe = protectDriver(driver, { timers, now: () => clock.now, quarantine, log });
  const ask = (at = endpoint(), operation = READ): Promise<string> =>
    safe.run(at, operation).then(
      () => 'ok',
      (error: unknown) => (error instanceof DriverError ? error.code : 'other'),
    );
  return { safe, ask, clock, calls };
}
const times = <T>(count: number, value: T): readonly T[] => Array.from({ length: count }, () => value);

it('tries a read that was lost once more, and nothing else', async () => {
  const lost = setUp('LOST', 'ok', 'LOST', 'UNREACHABLE', 'LOST', 'TIMEOUT');
  expect(await lost.ask()).toBe('ok');
  expect(await lost.ask()).toBe('UNREACHABLE');
  expect(lost.calls.run).toBe(4);
  expect(await lost.ask(endpoint(), PROBE)).toBe('LOST');
  expect(await lost.ask()).toBe('TIMEOUT');
  expect(lost.calls.run).toBe(6);
  const write = setUp('LOST');
  await expect(write.safe.openWriteSession(endpoint())).rejects.toMatchObject({ code: 'LOST' });
  expect(write.calls.write).toBe(1);
});

it('opens after five failures in a row, tries again after 30 s, then after twice as long', async () => {
  const { ask, clock, calls } = setUp(...times(4, 'TIMEOUT' as const), 'RPC_ERROR', ...times(6, 'TIMEOUT' as const));
  for (let i = 0; i < 10; i += 1) await ask();
  expect([calls.run, await ask(), calls.run]).toEqual([10, 'CIRCUIT_OPEN', 10]);
  expect(await ask(endpoint('other'))).toBe('TIMEOUT'); // the eleventh outcome: another device is asked all the same
  clock.now = 29_999;
  expect(await ask()).toBe('CIRCUIT_OPEN');
  clock.now = 30_000;
  expect(await ask()).toBe('ok');
  expect(await ask()).toBe('ok');
});

it('doubles the pause when the trial fails, and lets one trial through at a time', async () => {
  const { ask, clock, calls } = setUp(...times(6, 'TIMEOUT' as const));
  for (let i = 0; i < 5; i += 1) await ask();
  clock.now = 30_000;
  expect((await Promise.all([ask(), ask()])).sort()).toEqual(['CIRCUIT_OPEN', 'TIMEOUT']);
  clock.now = 89_999;
  expect([await ask(), calls.run]).toEqual(['CIRCUIT_OPEN', 6]);
  clock.now = 90_000;
  expect(await ask()).toBe('ok');
});

it('opens a write session though the circuit is open: it may be the one that takes a change back', async () => {
  const { ask, safe, calls } = setUp(...times(5, 'TIMEOUT' as const));
  for (let i = 0; i < 5; i += 1) await ask();
  await expect(safe.openWriteSession(endpoint())).rejects.toMatchObject({ code: 'UNSUPPORTED' });
  expect(calls.write).toBe(1);
});

it('leaves a device with a wrong identity alone until it has another pin', async () => {
  const { ask, safe, calls, clock } = setUp('HOST_KEY');
  expect([await ask(), await ask()]).toEqual(['HOST_KEY', 'HOST_KEY']);
  clock.now = 1e9;
  expect(await ask()).toBe('HOST_KEY');
  await expect(safe.openWriteSession(endpoint())).rejects.toMatchObject({ code: 'HOST_KEY' });
  expect(calls).toEqual({ run: 1, write: 0 });
  expect(await ask(endpoint('box', 'SHA256:b'))).toBe('ok');
});

describe('a quarantine', () => {
  async function open(store = createMemoryQuarantine()) {
    const log: AuditEntry[] = [];
    const quarantine = await openQuarantine({
      store,
      clock: { now: () => 0 },
      record: async (entry) => void log.push(entry),
    });
    return { quarantine, log, store };
  }

  it('outlives the driver and its process', async () => {
    const { quarantine, log, store } = await open();
    expect(await setUpWith(quarantine, ['HOST_KEY']).ask()).toBe('HOST_KEY');
    const restarted = setUpWith((await open(store)).quarantine, []);
    expect([await restarted.ask(), restarted.calls.run]).toEqual(['HOST_KEY', 0]);
    expect(log.map(({ kind, content }) => [kind, content['reason']])).toEqual([['device.quarantined', 'host-key']]);
  });

  it('lets a released device prove itself once, and holds it again when it does not', async () => {
    const { quarantine, log } = await open();
    const device = setUpWith(quarantine, ['HOST_KEY', 'HOST_KEY']);
    await device.ask();
    expect(await quarantine.leave('acme', 'box', { human: 'admin@acme', why: 'looked at it' })).toMatchObject([
      { reason: 'host-key' },
    ]);
    expect([await device.ask(), await device.ask(), device.calls.run]).toEqual(['HOST_KEY', 'HOST_KEY', 2]);
    expect(log.map(({ kind, human }) => `${kind} ${human}`)).toEqual([
      'device.quarantined undefined',
      'device.released admin@acme',
      'device.quarantined undefined',
    ]);
  });

  it('holds although its store fails, and is stored when that works again', async () => {
    const kept = createMemoryQuarantine();
    let broken = true;
    const store = {
      ...kept,
      put: (one: QuarantineEntry) => (broken ? Promise.reject(new Error('disk')) : kept.put(one)),
    };
    const { quarantine } = await open(store);
    const device = setUpWith(quarantine, ['HOST_KEY']);
    expect([await device.ask(), await device.ask(), device.calls.run]).toEqual(['HOST_KEY', 'HOST_KEY', 1]);
    expect(await kept.list()).toEqual([]);
    await expect(quarantine.reload()).rejects.toThrow('disk');
    expect(quarantine.of('acme', 'box')).toHaveLength(1);
    broken = false;
    await quarantine.reload();
    expect(await kept.list()).toMatchObject([{ tenant: 'acme', device: 'box', reason: 'host-key' }]);
  });
});
