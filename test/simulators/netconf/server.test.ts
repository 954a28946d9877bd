/** The simulated device's NETCONF server, operation by operation, over real sockets. Over 300 lines because every operation has its case. */
import ssh2 from 'ssh2';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { generateSshKeyPair } from '../../../protocols/netconf/ssh-key.ts';
import { childText } from '../../../protocols/netconf/xml.ts';
import {
  editBox,
  itemB,
  keyOf,
  NS,
  openClient,
  START,
  startDevice,
  type TestClient,
  type TestDevice,
} from './device.ts';

let device: TestDevice;
let one: TestClient;
let two: TestClient;
/** Timers of two idle sessions. */
let quiet: number;

beforeEach(async () => {
  device = await startDevice();
  one = await openClient(device);
  two = await openClient(device);
  quiet = device.timers.pending;
});
afterEach(() => device.close());

const LOCK = '<lock><target><candidate/></target></lock>';
const LOCK_RUNNING = '<lock><target><running/></target></lock>';
const UNLOCK = '<unlock><target><candidate/></target></unlock>';
const commit = (inner = '') => `<commit>${inner}</commit>`;
const confirmed = (inner = '') => commit(`<confirmed/>${inner}`);
const closed = (client: TestClient) => new Promise<void>((resolve) => client.session.onClosed(resolve));

describe('reading', () => {
  it('says what it is capable of', () => {
    const caps = one.session.capabilities;
    expect(caps).toContain('urn:ietf:params:netconf:capability:confirmed-commit:1.1');
    expect(caps).toContain(`${NS}?module=box&revision=2026-01-01`);
    expect(caps.join()).not.toContain('writable-running');
  });

  it('gets configuration, state and parts of them', async () => {
    expect(await one.read('running')).toBe(START);
    const state = await one.rpc('<get/>');
    expect(state.data?.children.map(({ name }) => name)).toEqual([
      'box',
      'uptime',
      'netconf-state',
      'yang-library',
      'modules-state',
    ]);
    const filtered = await one.rpc(`<get><filter type="subtree"><uptime xmlns="${NS}"/></filter></get>`);
    expect(filtered.data?.children.map(({ name }) => name)).toEqual(['uptime']);
    const none = await one.rpc('<get><filter type="subtree"/></get>');
    expect(none.data?.children).toEqual([]);
    expect(await one.outcome('<get><filter type="xpath" select="/"/></get>')).toBe('bad-attribute');
  });

  it('runs RPCs of its own and refuses others', async () => {
    const [rtt] = (await one.rpc(`<ping xmlns="${NS}"/>`)).nodes;
    expect(rtt?.text).toBe('7');
    expect(await one.outcome(`<format-disk xmlns="${NS}"/>`)).toBe('operation-not-supported');
    expect(await one.outcome('<delete-config/>')).toBe('operation-not-supported');
    expect(await one.outcome('<constructor/>')).toBe('operation-not-supported');
    expect(await one.outcome('<get-config/>')).toBe('missing-element');
    expect(await one.outcome('<get-config><source><startup/></source></get-config>')).toBe('invalid-value');
  });
});

describe('editing', () => {
  it('edits the candidate only, and commits it', async () => {
    expect(await one.outcome('<edit-config><target><running/></target><config/></edit-config>')).toBe(
      'operation-not-supported',
    );
    expect(await one.outcome(editBox(itemB))).toBe('ok');
    expect(await one.read('candidate')).toBe(START + itemB);
    expect(device.running()).toBe(START);
    expect(await one.outcome(commit())).toBe('ok');
    expect(device.running()).toBe(START + itemB);
    expect(device.commits).toEqual(['admin']);
  });

  it('does an edit wholly or not at all', async () => {
    const half = editBox(
      `${itemB}<item nc:operation="delete"><name>q</name></item>`,
      '<error-option>rollback-on-error</error-option>',
    );
    expect(await one.outcome(half)).toBe('data-missing');
    expect(await one.read('candidate')).toBe(START);
    expect(await one.outcome(editBox('<item nc:operation="create"><name>a</name></item>'))).toBe('data-exists');
    expect(await one.outcome(editBox(itemB, '<default-operation>none</default-operation>'))).toBe('data-missing');
    expect(await one.outcome(editBox(itemB, '<default-operation>nonsense</default-operation>'))).toBe('invalid-value');
  });

  it('validates when asked and before a commit', async () => {
    const bad = '<item><name>a</name><mtu>9999</mtu></item>';
    expect(await one.outcome(editBox(bad, '<test-option>test-then-set</test-option>'))).toBe('invalid-value');
    expect(await one.outcome(editBox(itemB, '<test-option>test-only</test-option>'))).toBe('ok');
    expect(await one.read('candidate')).toBe(START);
    expect(await one.outcome(editBox(bad))).toBe('ok');
    expect(await one.outcome('<validate><source><candidate/></source></validate>')).toBe('invalid-value');
    expect(await one.outcome('<validate><source><running/></source></validate>')).toBe('ok');
    expect(await one.outcome(commit())).toBe('invalid-value');
    expect(device.running()).toBe(START);
    expect(await one.outcome('<discard-changes/>')).toBe('ok');
    expect(await one.read('candidate')).toBe(START);
  });

  it('tells that the device itself failed', async () => {
    await one.rpc(editBox('<item><name>explode</name></item>'));
    const reply = await one.rpc(confirmed());
    expect(reply.errors).toMatchObject([{ tag: 'operation-failed', message: 'the disk is full' }]);
    expect(device.running()).toBe(START);
    expect(device.timers.pending).toBe(quiet); // nothing is left to lapse
  });
});

describe('locks', () => {
  it('denies a lock that another session holds and names it', async () => {
    expect(await one.outcome(LOCK)).toBe('ok');
    const [error] = (await two.rpc(LOCK)).errors;
    expect(error?.tag).toBe('lock-denied');
    expect(error?.info?.[0]).toMatchObject({ name: 'session-id', text: '1' });
    expect(await two.outcome(editBox(itemB))).toBe('in-use');
    expect(await two.outcome(commit())).toBe('in-use');
    expect(await two.outcome('<discard-changes/>')).toBe('in-use');
    expect(await two.outcome(UNLOCK)).toBe('operation-failed');
    expect(await one.outcome(UNLOCK)).toBe('ok');
    expect(await two.outcome(LOCK)).toBe('ok');
  });

  it('denies a lock of a modified candidate', async () => {
    await one.rpc(editBox(itemB));
    const [error] = (await two.rpc(LOCK)).errors;
    expect(error?.tag).toBe('lock-denied');
    expect(error?.info?.[0]?.text).toBe('0');
    expect(await two.outcome(LOCK_RUNNING)).toBe('ok');
  });

  it('frees locks and discards the candidate when a session ends', async () => {
    await one.rpc(LOCK);
    await one.rpc(editBox(itemB));
    expect(await one.outcome('<close-session/>')).toBe('ok');
    await closed(one);
    const three = await openClient(device);
    expect(await three.read('candidate')).toBe(START);
    expect(await three.outcome(LOCK)).toBe('ok');
  });

  it('kills another session, not its own', async () => {
    await one.rpc(LOCK);
    expect(await two.outcome('<kill-session><session-id>2</session-id></kill-session>')).toBe('invalid-value');
    expect(await two.outcome('<kill-session><session-id>99</session-id></kill-session>')).toBe('invalid-value');
    const end = closed(one);
    expect(await two.outcome('<kill-session><session-id>1</session-id></kill-session>')).toBe('ok');
    await end;
    expect(await two.outcome(LOCK)).toBe('ok');
  });
});

describe('confirmed commit', () => {
  beforeEach(async () => {
    await one.rpc(editBox(itemB));
  });

  it('lapses after its time, by default 600 s', async () => {
    expect(await one.outcome(confirmed('<persist>p1</persist>'))).toBe('ok');
    expect(device.running()).toBe(START + itemB);
    device.timers.advance(599_999);
    expect(device.running()).toBe(START + itemB);
    device.timers.advance(1);
    expect(device.running()).toBe(START);
    expect(await one.outcome(commit('<persist-id>p1</persist-id>'))).toBe('invalid-value');
  });

  it('stays when it is confirmed, also from another session', async () => {
    await one.rpc(confirmed('<confirm-timeout>30</confirm-timeout><persist>p1</persist>'));
    one.session.destroy();
    expect(await two.outcome(commit())).toBe('invalid-value');
    expect(await two.outcome(commit('<persist-id>other</persist-id>'))).toBe('invalid-value');
    expect(await two.outcome(commit('<persist-id>p1</persist-id>'))).toBe('ok');
    device.timers.advance(1_000_000);
    expect(device.running()).toBe(START + itemB);
  });

  it('starts its time again with a follow-up, and reverts the whole sequence', async () => {
    await one.rpc(confirmed('<confirm-timeout>30</confirm-timeout><persist>p1</persist>'));
    device.timers.advance(20_000);
    await two.rpc(editBox('<item><name>c</name></item>'));
    expect(await two.outcome(confirmed('<confirm-timeout>30</confirm-timeout><persist-id>p1</persist-id>'))).toBe('ok');
    device.timers.advance(20_000);
    expect(device.running()).toContain('<name>c</name>');
    device.timers.advance(10_000);
    expect(device.running()).toBe(START);
  });

  it('is cancelled by its persist-id only', async () => {
    await one.rpc(confirmed('<persist>p1</persist>'));
    expect(await two.outcome('<cancel-commit/>')).toBe('invalid-value');
    expect(await two.outcome('<cancel-commit><persist-id>p1</persist-id></cancel-commit>')).toBe('ok');
    expect(device.running()).toBe(START);
    expect(await two.outcome('<cancel-commit/>')).toBe('operation-failed');
    expect(await two.outcome('<cancel-commit><persist-id>p1</persist-id></cancel-commit>')).toBe('invalid-value');
    expect(device.timers.pending).toBe(quiet);
  });

  it('belongs to its session when it does not persist, and ends with it', async () => {
    await one.rpc(confirmed());
    expect(await two.outcome(commit())).toBe('in-use');
    expect(await two.outcome('<cancel-commit/>')).toBe('in-use');
    expect(await two.outcome(LOCK_RUNNING)).toBe('lock-denied');
    expect(await two.outcome('<kill-session><session-id>1</session-id></kill-session>')).toBe('ok');
    expect(device.running()).toBe(START);
  });

  it('does not survive the device', async () => {
    await one.rpc(confirmed('<persist>p1</persist>'));
    await device.close();
    expect(device.running()).toBe(START);
  });

  it('refuses what makes no sense', async () => {
    expect(await one.outcome(confirmed('<confirm-timeout>0</confirm-timeout>'))).toBe('invalid-value');
    expect(await one.outcome(commit('<persist>p1</persist>'))).toBe('missing-element');
    expect(await one.outcome(commit('<persist-id>p1</persist-id>'))).toBe('invalid-value');
    expect(device.running()).toBe(START);
  });
});

describe('access', () => {
  it('lets a viewer read and probe, nothing more', async () => {
    const viewer = await openClient(device, 'viewer');
    expect(await viewer.read('running')).toBe(START);
    expect(await viewer.outcome(`<ping xmlns="${NS}"/>`)).toBe('ok');
    const writes = [
      editBox(itemB),
      LOCK,
      UNLOCK,
      commit(),
      '<discard-changes/>',
      '<cancel-commit/>',
      '<kill-session/>',
    ];
    for (const each of writes) expect(await viewer.outcome(each)).toBe('access-denied');
    expect(device.running()).toBe(START);
  });
});

describe('authentication', () => {
  /** Shows one public key and signs with another, as who has only seen the administrator's key would. */
  class Pretender extends ssh2.BaseAgent<string> {
    getIdentities(reply: (error: null, keys: string[]) => void): void {
      reply(null, [keyOf('admin')]);
    }
    sign(_key: string, data: Buffer, ...rest: unknown[]): void {
      const own = ssh2.utils.parseKey(generateSshKeyPair().privateKey);
      const reply = rest.at(-1);
      if (own instanceof Error || typeof reply !== 'function') throw new Error('a key and a callback are due');
      reply(null, own.sign(data));
    }
  }

  it('demands the private key, not only the sight of the public one', async () => {
    const { host, port } = device.endpoint().netconf;
    const client = new ssh2.Client();
    const outcome = new Promise<string>((resolve) => {
      client.on('ready', () => resolve('in'));
      client.on('error', ({ level }) => resolve(level ?? 'error'));
    });
    client.connect({ host, port, username: 'admin', authHandler: ['agent'], agent: new Pretender() });
    expect(await outcome).toBe('client-authentication');
    client.destroy();
  });
});

describe('trouble', () => {
  it('holds an rpc before it acts', async () => {
    await one.rpc(editBox(itemB));
    const hold = device.server.hold({ operation: 'commit', when: 'before' });
    const outcome = one.outcome(commit());
    await hold.reached;
    expect(device.running()).toBe(START);
    hold.release();
    expect(await outcome).toBe('ok');
    expect(device.running()).toBe(START + itemB);
  });

  it('does not act for a session that died while it was held', async () => {
    await one.rpc(editBox(itemB));
    const hold = device.server.hold({ operation: 'commit', when: 'before' });
    const outcome = one.outcome(commit()).catch(() => 'lost');
    await hold.reached;
    expect(await two.outcome('<kill-session><session-id>1</session-id></kill-session>')).toBe('ok');
    hold.release();
    expect(await outcome).toBe('lost');
    expect(device.commits).toEqual([]);
  });

  it('holds an rpc that has acted', async () => {
    await one.rpc(editBox(itemB));
    const hold = device.server.hold({ operation: 'commit', when: 'after' });
    const outcome = one.outcome(commit());
    await hold.reached;
    expect(device.running()).toBe(START + itemB);
    hold.release();
    expect(await outcome).toBe('ok');
  });

  it('dies to everybody when it is found unreachable', async () => {
    const ends = Promise.all([closed(one), closed(two)]);
    device.setReachable(false);
    await expect(openClient(device)).rejects.toMatchObject({ code: 'UNREACHABLE' });
    await ends;
    device.setReachable(true);
    const three = await openClient(device);
    expect(childText((await three.rpc('<get/>')).data ?? expect.fail('data is due'), 'uptime')).toBe('42');
  });
});
