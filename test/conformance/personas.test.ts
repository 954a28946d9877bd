/** Every persona against the driver of its protocol: what a read and a commit are said to have come to, and what the device then holds. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Operation } from '../../broker/contract.ts';
import type { WriteDriver } from '../../broker/drivers/driver.ts';
import { createNetconfDriver } from '../../broker/drivers/netconf/driver.ts';
import { NETCONF_PERSONAS, type NetconfPersona } from '../../simulators/protocols/persona.ts';
import { itemB, NS, START, startDevice, type TestDevice } from '../simulators/netconf/device.ts';
import { createDriver, endpointOf, SYS_NAME, startAgent } from '../simulators/snmp/lab.ts';

interface Outcome {
  readonly read: string;
  readonly commit: string;
  /** Whether the change is in running right after the commit: where `commit` is `ok` the two need not agree. */
  readonly changed: boolean;
}

/** PROTOCOL, LOST and TIMEOUT after a commit mean that its outcome is unknown: the device may hold the change or not. */
const OUTCOMES: Readonly<Record<NetconfPersona, Outcome>> = {
  slow: { read: 'ok', commit: 'ok', changed: true },
  hung: { read: 'TIMEOUT', commit: 'TIMEOUT', changed: false },
  'garbage-banner': { read: 'UNREACHABLE', commit: 'ok', changed: true },
  'wrong-host-key': { read: 'HOST_KEY', commit: 'ok', changed: true },
  'drops-session': { read: 'LOST', commit: 'LOST', changed: true },
  'ok-and-nothing': { read: 'ok', commit: 'ok', changed: false },
  'no-rollback-while-locked': { read: 'ok', commit: 'ok', changed: true },
  'loses-candidate': { read: 'ok', commit: 'ok', changed: false },
  'reboots-during-commit': { read: 'ok', commit: 'LOST', changed: false },
  warns: { read: 'ok', commit: 'ok', changed: true },
  'no-confirmed-commit': { read: 'ok', commit: 'RPC_ERROR', changed: false },
  'only-running': { read: 'ok', commit: 'RPC_ERROR', changed: false },
  'broken-xml': { read: 'PROTOCOL', commit: 'PROTOCOL', changed: true },
  'truncated-chunk': { read: 'LOST', commit: 'LOST', changed: true },
  'wrong-message-id': { read: 'PROTOCOL', commit: 'PROTOCOL', changed: true },
  'duplicate-message-id': { read: 'ok', commit: 'ok', changed: true },
  'huge-reply': { read: 'PROTOCOL', commit: 'PROTOCOL', changed: true },
  'xml-bomb': { read: 'PROTOCOL', commit: 'PROTOCOL', changed: true },
};
const READ: Operation = { protocol: 'netconf', kind: 'get', device: 'box1', filter: `<uptime xmlns="${NS}"/>` };

describe('NETCONF', () => {
  let device: TestDevice;
  let driver: WriteDriver;
  beforeEach(async () => {
    device = await startDevice();
  });
  afterEach(async () => {
    await driver.close();
    await device.close();
  });

  /** The code or `ok`; the device's time passes meanwhile, which is what a slow one waits for. */
  async function end(promise: Promise<unknown>): Promise<string> {
    const done: string[] = [];
    promise.then(
      () => done.push('ok'),
      (error: unknown) => done.push(error instanceof Error && 'code' in error ? String(error.code) : String(error)),
    );
    while (done.length === 0) {
      device.timers.advance(100);
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    return done.join();
  }

  it.each(NETCONF_PERSONAS)('%s', async (name) => {
    driver = createNetconfDriver(name === 'hung' ? { deadlines: { readMs: 200, writeMs: 200 } } : {});
    const session = await driver.openWriteSession(device.endpoint());
    await session.editCandidate(`<box xmlns="${NS}">${itemB}</box>`);
    // Of this session the commit is the second rpc, of a fresh one the read is the first.
    device.server.setPersona(name === 'drops-session' ? { name, step: 2 } : { name });
    const commit = await end(session.commitConfirmed({ timeoutSeconds: 86_400, persistId: 'chg' }));
    const changed = device.running() !== START;
    if (name === 'drops-session') device.server.setPersona({ name, step: 1 });
    const read = await end(driver.run(device.endpoint(), READ));
    expect({ read, commit, changed }).toEqual(OUTCOMES[name]);
    device.server.setPersona({ name: 'none' });
    await end(driver.run(device.endpoint(), READ)); // what a spoiled session may still cost
    expect(await end(driver.run(device.endpoint(), READ))).toBe('ok');
  });
});

describe('SNMP', () => {
  it.each([
    ['engine-boots-change', 'ok'],
    ['counter-reset', 'ok'],
    ['wrong-clock', 'PROTOCOL'],
  ] as const)('%s', async (persona, expected) => {
    const agent = await startAgent();
    const driver = createDriver();
    const read = () =>
      driver.run(endpointOf(agent.port), { protocol: 'snmp', kind: 'get', device: 'br2_edge', oids: [SYS_NAME] }).then(
        () => 'ok',
        (error: { readonly code: string }) => error.code,
      );
    expect(await read()).toBe('ok');
    agent.setPersona(persona);
    expect(await read()).toBe(expected);
    agent.setPersona(undefined);
    await read(); // after a clock that went back the engine is met anew
    expect(await read()).toBe('ok');
    await driver.close();
    await agent.close();
  });
});
