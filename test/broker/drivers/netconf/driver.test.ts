/**
 * The NETCONF driver against the simulated device: reads, the confirmed-commit transaction, and exact errors when things go wrong.
 * Over 300 lines because all of it is about one driver and one device that each test starts anew.
 */
import { once } from 'node:events';
import { createServer } from 'node:net';
import ssh2 from 'ssh2';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Operation } from '../../../../broker/contract.ts';
import type { WriteDriver, WriteSession } from '../../../../broker/drivers/driver.ts';
import { NETCONF_DEADLINES } from '../../../../broker/drivers/netconf/deadlines.ts';
import { createNetconfDriver } from '../../../../broker/drivers/netconf/driver.ts';
import { generateSshKeyPair } from '../../../../protocols/netconf/ssh-key.ts';
import {
  createManualTimers,
  HOST_KEY,
  itemB,
  type ManualTimers,
  NS,
  openClient,
  START,
  startDevice,
  type TestDevice,
} from '../../../simulators/netconf/device.ts';

let device: TestDevice;
let timers: ManualTimers;
let driver: WriteDriver;

beforeEach(async () => {
  device = await startDevice();
  timers = createManualTimers();
  driver = createNetconfDriver({ timers });
});
afterEach(async () => {
  await driver.close();
  await device.close();
});

const get: Operation = { protocol: 'netconf', kind: 'get', device: 'box1', filter: `<uptime xmlns="${NS}"/>` };
const getConfig: Operation = { protocol: 'netconf', kind: 'get-config', device: 'box1', source: 'running', filter: '' };
const ping: Operation = { protocol: 'netconf', kind: 'rpc', device: 'box1', request: `<ping xmlns="${NS}"/>` };
const change = `<box xmlns="${NS}">${itemB}</box>`;
const write = (): Promise<WriteSession> => driver.openWriteSession(device.endpoint());
const code = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => 'done',
    (error: unknown) => (error instanceof Error && 'code' in error ? String(error.code) : String(error)),
  );

describe('reading', () => {
  it('gets state, configuration and device RPCs', async () => {
    expect(await driver.run(device.endpoint(), get)).toEqual({
      protocol: 'netconf',
      xml: `<uptime xmlns="${NS}">42</uptime>`,
    });
    expect(await driver.run(device.endpoint(), getConfig)).toEqual({
      protocol: 'netconf',
      xml: `<box xmlns="${NS}">${START}</box>`,
    });
    expect(await driver.run(device.endpoint(), ping)).toEqual({
      protocol: 'netconf',
      xml: `<rtt xmlns="${NS}">7</rtt>`,
    });
  });

  it.each<[string, Operation]>([
    ['an edit', { protocol: 'netconf', kind: 'edit-config', device: 'box1', config: change }],
    [
      'a NETCONF operation dressed as a device RPC',
      { ...ping, request: '<commit xmlns="urn:ietf:params:xml:ns:netconf:base:1.0"/>' },
    ],
    ['two RPCs in one', { ...ping, request: `<ping xmlns="${NS}"/><ping xmlns="${NS}"/>` }],
    ['a filter that closes itself', { ...get, filter: '</filter></get><commit/><get><filter>' }],
    ['a filter that is text', { ...get, filter: 'everything' }],
    ['another protocol', { protocol: 'snmp', kind: 'get', device: 'box1', oids: [] }],
  ])('does not run %s', async (_name, operation) => {
    expect(await code(driver.run(device.endpoint(), operation))).toBe('UNSUPPORTED');
  });

  it('shares one session, and closes it when it is idle', async () => {
    await Promise.all(Array.from({ length: 30 }, () => driver.run(device.endpoint(), get)));
    const other = await openClient(device);
    // Session 1 served all of them: this client is the second.
    expect(await other.outcome('<kill-session><session-id>2</session-id></kill-session>')).toBe('invalid-value');
    timers.advance(NETCONF_DEADLINES.idleMs);
    await driver.run(device.endpoint(), get);
    expect(await other.outcome('<kill-session><session-id>3</session-id></kill-session>')).toBe('ok');
  });

  it('keeps at most eight rpcs in the pipe, fewer than a device bears', async () => {
    const hold = device.server.hold({ operation: 'get', when: 'before' });
    const all = Promise.all(Array.from({ length: 100 }, () => driver.run(device.endpoint(), get)));
    await hold.reached;
    await (await openClient(device)).rpc('<get/>');
    hold.release();
    expect(new Set((await all).map((body) => JSON.stringify(body))).size).toBe(1);
  });

  it('opens a new session after the device came back', async () => {
    await driver.run(device.endpoint(), get);
    device.setReachable(false);
    expect(await code(driver.run(device.endpoint(), get))).toBe('LOST');
    expect(await code(driver.run(device.endpoint(), get))).toBe('UNREACHABLE');
    device.setReachable(true);
    expect(await code(driver.run(device.endpoint(), get))).toBe('done');
  });

  it('reports what the device says no to', async () => {
    const operation: Operation = { ...ping, request: `<format-disk xmlns="${NS}"/>` };
    await expect(driver.run(device.endpoint(), operation)).rejects.toMatchObject({
      code: 'RPC_ERROR',
      tag: 'operation-not-supported',
    });
  });
});

describe('writing', () => {
  it('goes through the whole transaction', async () => {
    const session = await write();
    await session.lockCandidate();
    await session.editCandidate(change);
    await session.validateCandidate();
    expect(await session.getConfig('candidate', `<box xmlns="${NS}"/>`)).toContain('<name>b</name>');
    await session.commitConfirmed({ timeoutSeconds: 60, persistId: 'chg_1' });
    await session.confirmCommit('chg_1');
    await session.unlockCandidate();
    await session.close();
    device.timers.advance(1_000_000);
    expect(device.running()).toBe(START + itemB);
  });

  it('sees a commit lapse, and cannot confirm it then', async () => {
    const session = await write();
    await session.editCandidate(change);
    await session.commitConfirmed({ timeoutSeconds: 60, persistId: 'chg_1' });
    device.timers.advance(60_000);
    expect(device.running()).toBe(START);
    await expect(session.confirmCommit('chg_1')).rejects.toMatchObject({ code: 'RPC_ERROR', tag: 'invalid-value' });
  });

  it('cancels and discards, from another session too', async () => {
    const session = await write();
    await session.editCandidate(change);
    await session.commitConfirmed({ timeoutSeconds: 60, persistId: 'chg_1' });
    await session.close();
    const second = await write();
    await second.cancelCommit('chg_1');
    expect(device.running()).toBe(START);
    await second.editCandidate(change);
    await second.discardChanges();
    expect(await second.getConfig('candidate', '')).toBe(`<box xmlns="${NS}">${START}</box>`);
  });

  it('renews a confirmed commit under the same persist-id, from another session too', async () => {
    const session = await write();
    await session.editCandidate(change);
    await session.commitConfirmed({ timeoutSeconds: 60, persistId: 'chg_1' });
    await session.close();
    device.timers.advance(59_000);
    const second = await write();
    await second.commitConfirmed({ timeoutSeconds: 60, persistId: 'chg_1', renews: true });
    await second.close();
    device.timers.advance(59_000);
    expect(device.running()).toBe(START + itemB);
    device.timers.advance(1_000);
    expect(device.running()).toBe(START);
    const late = (await write()).commitConfirmed({ timeoutSeconds: 60, persistId: 'chg_1', renews: true });
    await expect(late).rejects.toMatchObject({ code: 'RPC_ERROR', tag: 'invalid-value' });
  });

  it('reports a lock that another holds', async () => {
    await (await write()).lockCandidate();
    await expect((await write()).lockCandidate()).rejects.toMatchObject({ code: 'RPC_ERROR', tag: 'lock-denied' });
  });

  it('may not write as a viewer', async () => {
    const session = await driver.openWriteSession(device.endpoint('viewer'));
    await expect(session.editCandidate(change)).rejects.toMatchObject({ code: 'RPC_ERROR', tag: 'access-denied' });
  });

  it('refuses to send what is no XML', async () => {
    const session = await write();
    expect(await code(session.editCandidate('<box>'))).toBe('UNSUPPORTED');
    expect(await code(session.validateCandidate())).toBe('done');
  });

  it('ends with the driver', async () => {
    const session = await write();
    await driver.close();
    expect(await code(session.lockCandidate())).toBe('UNREACHABLE');
    expect(await code(write())).toBe('UNREACHABLE');
    expect(await code(driver.run(device.endpoint(), get))).toBe('UNREACHABLE');
  });
});

describe('getting in', () => {
  it('refuses another host key before it says who it is', async () => {
    let attempts = 0;
    const server = new ssh2.Server({ hostKeys: [generateSshKeyPair().privateKey] }, (connection) => {
      connection.on('error', () => undefined);
      connection.on('authentication', (context) => {
        attempts += 1;
        context.reject();
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as { port: number };
    const endpoint = device.endpoint();
    expect(await code(driver.run({ ...endpoint, netconf: { ...endpoint.netconf, port } }, get))).toBe('HOST_KEY');
    expect(attempts).toBe(0);
    await new Promise((resolve) => server.close(resolve));
  });

  it.each([
    ['another key', { privateKey: generateSshKeyPair().privateKey }, 'AUTHENTICATION'],
    ['another user', { user: 'root' }, 'AUTHENTICATION'],
    ['the key of another user', { user: 'viewer' }, 'AUTHENTICATION'],
    ['a name that every object has', { user: 'constructor' }, 'AUTHENTICATION'],
    ['a key that is none', { privateKey: 'secret-text' }, 'AUTHENTICATION'],
    ['an empty pin', { hostKey: '' }, 'HOST_KEY'],
    ['the right pin, padded', { hostKey: `${HOST_KEY.fingerprint}=` }, 'done'],
  ])('with %s', async (_name, part, expected) => {
    const endpoint = device.endpoint();
    const result = driver.run({ ...endpoint, netconf: { ...endpoint.netconf, ...part } }, get);
    await result.catch((error: unknown) => expect(String(error)).not.toContain('secret-text'));
    expect(await code(result)).toBe(expected);
  });

  it('gives up on a peer that says nothing', async () => {
    const greeted: Promise<unknown>[] = [];
    const server = createServer((socket) => {
      socket.on('error', () => undefined);
      greeted.push(once(socket, 'data'));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as { port: number };
    const endpoint = device.endpoint();
    const result = code(driver.openWriteSession({ ...endpoint, netconf: { ...endpoint.netconf, port } }));
    await once(server, 'connection');
    await Promise.all(greeted); // its SSH version: the TCP part is over
    timers.advance(NETCONF_DEADLINES.helloMs);
    expect(await result).toBe('UNREACHABLE');
    await new Promise((resolve) => server.close(resolve));
  });

  it('says so when nobody listens, or nobody was asked to', async () => {
    const endpoint = device.endpoint();
    await device.close();
    expect(await code(driver.run(endpoint, get))).toBe('UNREACHABLE');
    expect(await code(driver.run({ tenant: 'acme', device: 'box1' }, get))).toBe('UNSUPPORTED');
  });
});

describe('when it is not known what happened', () => {
  it('tells a lost reply from an rpc that was never sent', async () => {
    const session = await write();
    await session.editCandidate(change);
    const hold = device.server.hold({ operation: 'commit', when: 'after' });
    const outcome = code(session.commitConfirmed({ timeoutSeconds: 60, persistId: 'chg_1' }));
    await hold.reached;
    device.server.dropConnections();
    expect(await outcome).toBe('LOST');
    expect(device.running()).toBe(START + itemB); // it did act
    expect(await code(session.confirmCommit('chg_1'))).toBe('UNREACHABLE');
    const second = await write();
    await second.confirmCommit('chg_1');
  });

  it('times out after 60 s of silence and closes', async () => {
    const session = await write();
    await session.editCandidate(change);
    const hold = device.server.hold({ operation: 'commit', when: 'before' });
    const outcome = code(session.commitConfirmed({ timeoutSeconds: 60, persistId: 'chg_1' }));
    await hold.reached;
    timers.advance(NETCONF_DEADLINES.writeMs - 1);
    timers.advance(1);
    expect(await outcome).toBe('TIMEOUT');
    expect(await code(session.discardChanges())).toBe('UNREACHABLE');
  });

  it('reads under two deadlines: that of the rpc and that of everything', async () => {
    for (const deadlines of [{}, { readMs: 1_000_000 }]) {
      const own = createNetconfDriver({ timers, deadlines });
      const hold = device.server.hold({ operation: 'get', when: 'before' });
      const outcome = code(own.run(device.endpoint(), get));
      await hold.reached;
      timers.advance('readMs' in deadlines ? NETCONF_DEADLINES.runMs : NETCONF_DEADLINES.readMs);
      expect(await outcome).toBe('TIMEOUT');
      await own.close();
    }
  });

  it('can be told to give up', async () => {
    expect(await code(driver.run(device.endpoint(), get, AbortSignal.abort()))).toBe('UNREACHABLE');
    expect(await code(driver.openWriteSession(device.endpoint(), AbortSignal.abort()))).toBe('UNREACHABLE');
    const abort = new AbortController();
    const hold = device.server.hold({ operation: 'get', when: 'before' });
    const outcome = code(driver.run(device.endpoint(), get, abort.signal));
    await hold.reached;
    abort.abort();
    expect(await outcome).toBe('TIMEOUT');
  });

  it('loses no other read when one is given up, and no reply is taken for another', async () => {
    const abort = new AbortController();
    const hold = device.server.hold({ operation: 'get', when: 'before' });
    const outcome = code(driver.run(device.endpoint(), get, abort.signal));
    const others = [driver.run(device.endpoint(), getConfig), driver.run(device.endpoint(), ping)];
    await hold.reached;
    abort.abort();
    expect(await outcome).toBe('TIMEOUT');
    hold.release();
    const [config, pong] = await Promise.all(others);
    expect(JSON.stringify(config)).toContain('1500');
    expect(JSON.stringify(pong)).toContain('rtt');
  });

  it.each([
    ['broken-xml', 'PROTOCOL'],
    ['wrong-message-id', 'PROTOCOL'],
    ['truncated-chunk', 'LOST'],
  ] as const)('takes %s for %s', async (trouble, expected) => {
    const session = await write();
    await session.editCandidate(change);
    device.server.setPersona({ name: trouble });
    expect(await code(session.commitConfirmed({ timeoutSeconds: 60, persistId: 'chg_1' }))).toBe(expected);
    expect(await code(session.confirmCommit('chg_1'))).toBe('UNREACHABLE');
    expect(await code(driver.run(device.endpoint(), get))).toBe(expected);
    device.server.setPersona({ name: 'none' });
    expect(await code(driver.run(device.endpoint(), get))).toBe('done');
  });
});
