/** Notifications over real NETCONF sessions: what is kept of them, a foreign change, a session that is lost, and a device that replays. */
import { getEventListeners } from 'node:events';
import { afterEach, describe, expect, it } from 'vitest';
import { type DeviceEndpoint, DriverError } from '../../../broker/drivers/driver.ts';
import { createNetconfDriver } from '../../../broker/drivers/netconf/driver.ts';
import { createDevices } from '../../../broker/execution/devices.ts';
import { type FollowOptions, followDevices } from '../../../broker/telemetry/follow-devices.ts';
import { readNotice } from '../../../broker/telemetry/receive-notices.ts';
import type { ReceivedEvent } from '../../../broker/telemetry/received-event.ts';
import { BASE_EVENTS_NS, type Notification, STREAMS_NS } from '../../../protocols/netconf/notification.ts';
import type { Timers } from '../../../protocols/netconf/timers.ts';
import { el } from '../../../protocols/netconf/xml.ts';
import { SDWAN_NS } from '../../../protocols/yang/namespaces.ts';
import { createManualTimers, editBox, itemB, openClient, startDevice } from '../../simulators/netconf/device.ts';
import { AT, startReceivers } from './lab.ts';

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});
/** Pauses end when the event loop has had a turn. */
const hasty: Timers = {
  set(_ms, run) {
    const timer = setImmediate(run);
    return () => clearImmediate(timer);
  },
};
const FROM = { tenant: 'acme', device: 'box1', user: 'admin' };
const deviceEvent = (leaves: Readonly<Record<string, string>>) =>
  el(
    SDWAN_NS,
    'device-event',
    Object.entries(leaves).map(([name, text]) => el(SDWAN_NS, name, text)),
  );
const EVENT = { name: 'trap.linkDown', resource: 'interface/box1/ge0/0', severity: 'major', detail: 'down' };

/** Follows one simulated device with the real driver, receivers and feed. */
async function setUp() {
  const device = await startDevice();
  const driver = createNetconfDriver();
  const receivers = await startReceivers();
  const devices = createDevices({
    ...{ netconf: driver, snmp: driver, rest: driver, clock: { now: () => AT } },
    endpoint: async (): Promise<DeviceEndpoint> => device.endpoint(),
  });
  const following = followDevices({
    devices: [{ tenant: 'acme', device: 'box1' }],
    ...{ subscribe: devices.subscribe, admit: receivers.admit },
    ...{ clock: { now: () => AT }, timers: hasty, random: () => 0 },
  });
  closers.push(
    () => device.close(),
    () => receivers.close(),
    () => driver.close(),
    () => following.close(),
  );
  const connected = async (): Promise<void> => {
    while (following.count() === 0) await new Promise((resolve) => setImmediate(resolve));
  };
  /** The next events after the cursor, waited for as an agent does. */
  const read = (since: number) =>
    receivers.feed.read({ ...{ tenant: 'acme', stream: 'events', since, limit: 10, waitSeconds: 20 } });
  await connected();
  return { device, connected, read, following };
}

describe('a followed device', () => {
  it('wakes an agent that waits with what it tells', async () => {
    const { device, read } = await setUp();
    const waiting = read(0);
    device.happen(deviceEvent(EVENT));
    expect(await waiting).toMatchObject([
      { ...EVENT, seq: 1, device: 'box1', channel: 'notification', observedAt: '2027-01-15T08:00:00.000Z' },
    ]);
  });

  it('tells a foreign change from one of the broker', async () => {
    const { device, read } = await setUp();
    const own = await openClient(device);
    closers.push(() => own.session.destroy());
    await own.rpc(editBox(itemB));
    await own.rpc('<commit/>');
    expect(await read(0)).toMatchObject([{ name: 'config.change', severity: 'info', resource: 'node/box1' }]);
    const [foreign] = [readNotice({ at: AT, content: configChange('netops') }, FROM, AT)];
    expect(foreign).toMatchObject({
      ...{ name: 'config.foreign-change', severity: 'warning', channel: 'notification' },
      detail: 'netops (session 7) changed running: /d:box (merge)',
    });
  });

  it('is followed again after the session is lost, and the gap is said', async () => {
    const { device, connected, read, following } = await setUp();
    device.happen(deviceEvent(EVENT));
    expect(await read(0)).toHaveLength(1);
    device.server.dropConnections();
    while (following.count() > 0) await new Promise((resolve) => setImmediate(resolve));
    await connected();
    expect(await read(1)).toMatchObject([{ name: 'notification.gap', severity: 'warning' }]);
    device.happen(deviceEvent({ ...EVENT, detail: 'up' }));
    expect(await read(2)).toMatchObject([{ detail: 'up' }]);
  });
});

const configChange = (user: string) => {
  const leaf = (name: string, text: string) => el(BASE_EVENTS_NS, name, text);
  return el(BASE_EVENTS_NS, 'netconf-config-change', [
    el(BASE_EVENTS_NS, 'changed-by', [leaf('username', user), leaf('session-id', '7')]),
    leaf('datastore', 'running'),
    el(BASE_EVENTS_NS, 'edit', [leaf('target', '/d:box'), leaf('operation', 'merge')]),
  ]);
};

describe('a device that replays', () => {
  const notice = (at: number, detail: string): Notification => ({ at, content: deviceEvent({ ...EVENT, detail }) });

  /** Each subscription tells what the script has for it, then ends; the last one stays. */
  async function follow(
    script: readonly ((since: number | undefined) => readonly Notification[] | DriverError)[],
    replays = true,
  ) {
    const asked: (number | undefined)[] = [];
    const events: ReceivedEvent[] = [];
    let finish: () => void = () => undefined;
    const finished = new Promise<void>((resolve) => {
      finish = resolve;
    });
    const subscribe: FollowOptions['subscribe'] = async (_tenant, _device, since, onNotice) => {
      asked.push(since);
      const told = script[asked.length - 1]?.(since) ?? [];
      if (told instanceof DriverError) {
        if (asked.length === script.length) finish();
        throw told;
      }
      told.slice(0, 1).forEach(onNotice); // before the answer to the subscription
      let end: () => void = () => undefined;
      const ended = new Promise<void>((resolve) => {
        end = resolve;
      });
      setImmediate(() => {
        told.slice(1).forEach(onNotice);
        if (asked.length < script.length) end();
        else finish();
      });
      return { replays: replays && since !== undefined, ended, user: 'admin', close: end };
    };
    const following = followDevices({
      ...{ devices: [FROM], subscribe, clock: { now: () => AT }, timers: hasty, random: () => 0 },
      admit: (event) => void events.push(event),
    });
    await finished;
    await following.close();
    return { asked, details: events.map(({ detail, name }) => (name === 'notification.gap' ? 'gap' : detail)) };
  }

  it('is asked for what was missed, and what it repeats counts once', async () => {
    const first = [notice(1_000, 'a'), notice(2_000, 'b'), notice(2_000, 'b')];
    const again = [notice(2_000, 'b'), notice(2_000, 'c'), notice(3_000, 'd')];
    expect(await follow([() => first, () => again])).toEqual({
      asked: [undefined, 2_000],
      details: ['a', 'b', 'b', 'c', 'd'],
    });
  });

  it('is tried again while it is away, and left alone when it has no notifications', async () => {
    const away = () => new DriverError('UNREACHABLE', 'away');
    expect(await follow([() => [notice(1, 'a')], away, away, () => [notice(9, 'z')]], false)).toEqual({
      asked: [undefined, 1, 1, 1],
      details: ['a', 'gap', 'z'],
    });
    expect((await follow([() => new DriverError('UNSUPPORTED', 'none')])).asked).toHaveLength(1);
  });

  it('waits at a signal of its own, however many are followed', async () => {
    const signals: AbortSignal[] = [];
    const devices = Array.from({ length: 40 }, (_, n) => ({ tenant: 'acme', device: `box${n}` }));
    const gone = new DriverError('UNREACHABLE', 'away');
    const timers: Timers = { set: (ms, run) => (ms === 0 ? hasty.set(ms, run) : () => undefined) }; // only the first pause ends
    const following = followDevices({
      ...{ devices, clock: { now: () => AT }, timers, random: () => 0, admit: () => undefined },
      subscribe: (_tenant, _device, _since, _onNotice, signal) => {
        signals.push(signal);
        return Promise.reject(gone);
      },
    });
    while (signals.length < devices.length) await new Promise((resolve) => setImmediate(resolve));
    await new Promise((resolve) => setImmediate(resolve)); // now each waits before its next try
    expect(new Set(signals).size).toBe(devices.length);
    expect(signals.map((signal) => getEventListeners(signal, 'abort').length)).toEqual(devices.map(() => 1));
    await following.close();
    expect(signals.every(({ aborted }) => aborted)).toBe(true);
    expect(signals.flatMap((signal) => getEventListeners(signal, 'abort'))).toEqual([]);
  });
});

describe('what a device tells', () => {
  const told = (content: Notification['content']) => readNotice({ at: AT, content }, FROM, AT);

  it('is data: cut, printable, and of a known severity', () => {
    const event = told(
      deviceEvent({ name: 'x'.repeat(500), resource: 'r\u0007\n', severity: 'huge', detail: 'd'.repeat(9_999) }),
    );
    expect(event).toMatchObject({ severity: 'info', resource: 'r ' });
    expect([event?.name.length, event?.detail.length]).toEqual([64, 1_000]);
    const many = el(
      BASE_EVENTS_NS,
      'x',
      Array.from({ length: 10_000 }, () => el('urn:y', 'leaf', 'z'.repeat(99))),
    );
    expect(told(many)?.detail.length).toBe(1_000);
  });

  it('is nothing at the end of a replay and for sessions of the broker', () => {
    expect(told(el(STREAMS_NS, 'replayComplete'))).toBeUndefined();
    const start = (user: string) =>
      told(el(BASE_EVENTS_NS, 'netconf-session-start', [el(BASE_EVENTS_NS, 'username', user)]));
    expect(start('admin')).toBeUndefined();
    expect(start('netops')).toMatchObject({ name: 'netconf-session-start', detail: 'username netops' });
  });

  it('is dropped and counted beyond the rate of one device', async () => {
    const receivers = await startReceivers({ rate: { perSecond: 1, burst: 3 }, timers: createManualTimers() });
    closers.push(() => receivers.close());
    const event = told(deviceEvent(EVENT));
    for (let n = 0; n < 10; n += 1) if (event !== undefined) receivers.admit(event);
    await receivers.flush();
    expect(receivers.counts()).toMatchObject({ received: 10, kept: 3, drops: { 'too-many': 7 } });
  });
});
