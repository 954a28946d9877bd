/** Each persona does over a real session what its sentence says, and the device is itself again afterwards. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createNetconfDriver } from '../../../broker/drivers/netconf/driver.ts';
import { CAPABILITIES, WRITABLE_RUNNING } from '../../../protocols/netconf/messages.ts';
import { NETCONF_PERSONAS, type NetconfPersona } from '../../../simulators/protocols/persona.ts';
import {
  createManualTimers,
  editBox,
  itemB,
  openClient,
  START,
  startDevice,
  type TestClient,
  type TestDevice,
} from './device.ts';

let device: TestDevice;
beforeEach(async () => {
  device = await startDevice();
});
afterEach(() => device.close());

const COMMIT = '<commit/>';
const CONFIRMED = '<commit><confirmed/></commit>';
const LOCK = '<lock><target><running/></target></lock>';
const become = (name: NetconfPersona | 'none', step?: number): void =>
  device.server.setPersona({ name, ...(step !== undefined && { step }) });
const closed = (client: TestClient) => new Promise<void>((resolve) => client.session.onClosed(resolve));

describe('a device that answers', () => {
  it('ok-and-nothing keeps what it has', async () => {
    const client = await openClient(device);
    become('ok-and-nothing');
    for (const each of [editBox(itemB), COMMIT, LOCK]) expect(await client.outcome(each)).toBe('ok');
    expect(await client.read('candidate')).toBe(START);
    expect(device.commits).toEqual([]);
  });

  it('warns does what it is asked', async () => {
    const client = await openClient(device);
    become('warns');
    const reply = await client.rpc(editBox(itemB));
    expect(reply).toMatchObject({ ok: false, errors: [], warnings: [{ tag: 'partial-operation' }] });
    expect(await client.read('candidate')).toBe(START + itemB);
  });

  it('no-confirmed-commit commits for good, and only so', async () => {
    become('no-confirmed-commit');
    const client = await openClient(device);
    expect(client.session.capabilities).toContain(CAPABILITIES.candidate);
    expect(client.session.capabilities).not.toContain(CAPABILITIES.confirmedCommit);
    await client.rpc(editBox(itemB));
    expect(await client.outcome(CONFIRMED)).toBe('operation-not-supported');
    expect(await client.outcome('<cancel-commit/>')).toBe('operation-not-supported');
    expect(await client.outcome(COMMIT)).toBe('ok');
    expect(device.running()).toBe(START + itemB);
  });

  it('only-running takes edits of running, whole or not at all, and knows no candidate', async () => {
    become('only-running');
    const client = await openClient(device);
    expect(client.session.capabilities).toContain(WRITABLE_RUNNING);
    expect(client.session.capabilities).not.toContain(CAPABILITIES.candidate);
    for (const each of [COMMIT, '<discard-changes/>', editBox(itemB), '<lock><target><candidate/></target></lock>'])
      expect(await client.outcome(each)).toBe('operation-not-supported');
    const direct = (items: string): string => editBox(items).replace('candidate', 'running');
    expect(await client.outcome(direct('<item><name>b</name><mtu>9999</mtu></item>'))).toBe('invalid-value');
    expect(device.running()).toBe(START);
    expect(await client.outcome(direct(itemB))).toBe('ok');
    expect(device.running()).toBe(START + itemB);
  });

  it('loses-candidate shows the candidate and commits none of it', async () => {
    const client = await openClient(device);
    become('loses-candidate');
    await client.rpc(editBox(itemB));
    expect(await client.read('candidate')).toBe(START + itemB);
    expect(await client.outcome(COMMIT)).toBe('ok');
    expect(device.running()).toBe(START);
  });

  it('no-rollback-while-locked keeps a lapsed commit under a lock, and only there', async () => {
    const client = await openClient(device);
    become('no-rollback-while-locked');
    await client.rpc(LOCK);
    await client.rpc(editBox(itemB));
    await client.rpc(CONFIRMED);
    device.timers.advance(600_000);
    expect(device.running()).toBe(START + itemB);
    await client.rpc('<unlock><target><running/></target></unlock>');
    await client.rpc(editBox('<item><name>c</name></item>'));
    await client.rpc(CONFIRMED);
    expect(device.running()).toContain('<name>c</name>');
    device.timers.advance(600_000);
    expect(device.running()).toBe(START + itemB);
  });

  it('slow answers when two seconds are over', async () => {
    const client = await openClient(device);
    const idle = device.timers.pending;
    become('slow');
    let done = false;
    const hold = device.server.hold({ operation: 'get', when: 'after' });
    const outcome = client.outcome('<get/>').finally(() => {
      done = true;
    });
    await hold.reached;
    hold.release();
    while (device.timers.pending === idle) await new Promise((resolve) => setImmediate(resolve));
    device.timers.advance(1_999);
    expect(done).toBe(false);
    device.timers.advance(1);
    expect(await outcome).toBe('ok');
  });
});

describe('a device that is lost', () => {
  it('drops-session at its step, with the work done', async () => {
    const client = await openClient(device);
    become('drops-session', 2);
    expect(await client.outcome(editBox(itemB))).toBe('ok');
    await expect(client.rpc(COMMIT)).rejects.toMatchObject({ code: 'LOST' });
    expect(device.running()).toBe(START + itemB);
  });

  it.each([
    [COMMIT, START + itemB],
    [CONFIRMED, START],
  ])('reboots-during-commit: %s', async (commit, running) => {
    const client = await openClient(device);
    await client.rpc(editBox(itemB));
    become('reboots-during-commit');
    await expect(client.rpc(commit)).rejects.toMatchObject({ code: 'LOST' });
    expect(device.running()).toBe(running);
  });

  it('hung takes rpcs and answers none, until it is killed', async () => {
    const client = await openClient(device);
    become('hung');
    const outcome = client.outcome('<get/>').catch(() => 'lost');
    become('none');
    const end = closed(client);
    device.server.dropConnections();
    await end;
    expect(await outcome).toBe('lost');
  });
});

/** What our driver makes of a read from each. */
const SEEN: Readonly<Partial<Record<NetconfPersona, string>>> = {
  'garbage-banner': 'UNREACHABLE',
  'wrong-host-key': 'HOST_KEY',
  'drops-session': 'LOST',
  'broken-xml': 'PROTOCOL',
  'truncated-chunk': 'LOST',
  'wrong-message-id': 'PROTOCOL',
  'huge-reply': 'PROTOCOL',
  'xml-bomb': 'PROTOCOL',
};

describe('a read by our driver', () => {
  const read = async (): Promise<string> => {
    const driver = createNetconfDriver({ timers: createManualTimers() });
    try {
      await driver.run(device.endpoint(), { protocol: 'netconf', kind: 'get', device: 'box1', filter: '' });
      return 'done';
    } catch (error) {
      return error instanceof Error && 'code' in error ? String(error.code) : String(error);
    }
  };

  it.each(NETCONF_PERSONAS.filter((name) => SEEN[name] !== undefined))('%s', async (name) => {
    become(name);
    expect(await read()).toBe(SEEN[name]);
    become('none');
    expect(await read()).toBe('done');
  });
});
