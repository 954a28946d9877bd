/** The NETCONF driver against peers that follow a script: what a faulty or hostile device may say and what comes of it. */
import { afterEach, describe, expect, it } from 'vitest';
import type { DeviceEndpoint } from '../../../../broker/drivers/driver.ts';
import { NETCONF_DEADLINES } from '../../../../broker/drivers/netconf/deadlines.ts';
import { createNetconfDriver } from '../../../../broker/drivers/netconf/driver.ts';
import { BASE_NS, buildHello, CAPABILITIES, WRITABLE_RUNNING } from '../../../../protocols/netconf/messages.ts';
import { NOTIFICATION_CAPABILITY, NOTIFICATION_NS, STREAMS_NS } from '../../../../protocols/netconf/notification.ts';
import { renderXml, XML_LIMITS } from '../../../../protocols/netconf/xml.ts';
import { createManualTimers } from '../../../simulators/netconf/device.ts';
import {
  ALL_CAPABILITIES as ALL,
  HELLO,
  replyTo as reply,
  type Script,
  type ScriptedPeer,
  startScriptedPeer,
} from './scripted-peer.ts';

const GET = { protocol: 'netconf', kind: 'get', device: 'odd', filter: '' } as const;

let peer: ScriptedPeer | undefined;
const driver = createNetconfDriver({ timers: createManualTimers() });
afterEach(() => peer?.close());

/** The endpoint of a peer that lives as long as the test. */
async function startPeer(hello: string, answer: Script): Promise<DeviceEndpoint> {
  peer = await startScriptedPeer(hello, answer);
  return peer.endpoint;
}

const error = (tag: string, severity = 'error', message = 'no'): string =>
  `<rpc-error><error-type>application</error-type><error-tag>${tag}</error-tag><error-severity>${severity}</error-severity><error-path>/a</error-path><error-message>${message}</error-message></rpc-error>`;

describe('a peer that lets the first rpc lie until more comes', () => {
  it('is brought to mind, and takes what follows as it should', async () => {
    const ids: string[] = [];
    const answer: Script = (id) => {
      ids.push(id);
      return [reply(id, '<ok/>')];
    };
    peer = await startScriptedPeer(HELLO, answer, true);
    const timers = createManualTimers();
    const patient = createNetconfDriver({ timers });
    const session = await patient.openWriteSession(peer.endpoint);
    const locked = session.lockCandidate();
    timers.advance(NETCONF_DEADLINES.remindMs);
    await locked;
    await session.discardChanges();
    await session.unlockCandidate();
    expect(ids).toEqual(['1', '2', '3']);
    await patient.close();
  });
});

describe('replies', () => {
  it('fails on the first of two errors and counts them', async () => {
    const endpoint = await startPeer(HELLO, (id) => [reply(id, error('data-missing') + error('in-use'))]);
    const session = await driver.openWriteSession(endpoint);
    await expect(session.lockCandidate()).rejects.toMatchObject({
      code: 'RPC_ERROR',
      tag: 'data-missing',
      message: 'data-missing at /a: no (first of 2 errors)',
    });
  });

  it('fails on an error beside ok or data', async () => {
    const endpoint = await startPeer(HELLO, (id) => [reply(id, `<ok/><data/>${error('in-use')}`)]);
    await expect((await driver.openWriteSession(endpoint)).lockCandidate()).rejects.toMatchObject({ tag: 'in-use' });
    await expect(driver.run(endpoint, GET)).rejects.toMatchObject({ tag: 'in-use' });
  });

  it('keeps the first few warnings of a write session until they are taken', async () => {
    const endpoint = await startPeer(HELLO, (id) => [
      reply(id, error('in-use', 'warning', `w${id}`) + error('in-use', 'warning', '\u0009x'.repeat(400))),
    ]);
    const session = await driver.openWriteSession(endpoint);
    for (let n = 0; n < 9; n += 1) await session.discardChanges();
    const taken = session.takeWarnings();
    expect(taken).toHaveLength(8);
    expect(taken[0]).toBe('in-use at /a: w1');
    expect(taken[1]?.length).toBe(200);
    expect(session.takeWarnings()).toEqual([]);
  });

  it('does not fail on warnings', async () => {
    const endpoint = await startPeer(HELLO, (id) => [reply(id, error('in-use', 'warning'))]);
    await (await driver.openWriteSession(endpoint)).lockCandidate();
  });

  it('does not take silence for consent', async () => {
    const endpoint = await startPeer(HELLO, (id) => [reply(id, '')]);
    await expect((await driver.openWriteSession(endpoint)).lockCandidate()).rejects.toMatchObject({ code: 'PROTOCOL' });
    await expect(driver.run(endpoint, GET)).rejects.toMatchObject({ code: 'PROTOCOL' });
  });

  it('keeps device text short and printable', async () => {
    const endpoint = await startPeer(HELLO, (id) => [reply(id, error('in-use', 'error', `é\n${'x'.repeat(5_000)}`))]);
    const failure = await driver.run(endpoint, GET).catch((caught: unknown) => caught);
    expect(failure).toMatchObject({ code: 'RPC_ERROR' });
    expect(String(failure)).toMatch(/^[ -~]{1,230}$/);
  });

  it('understands replies with prefixes', async () => {
    const endpoint = await startPeer(HELLO, (id) => [
      `<n:rpc-reply xmlns:n="${BASE_NS}" message-id="${id}"><n:ok/></n:rpc-reply>`,
    ]);
    await (await driver.openWriteSession(endpoint)).lockCandidate();
  });

  it('closes on a reply that comes twice', async () => {
    const endpoint = await startPeer(HELLO, (id) => [reply(id, '<ok/>'), reply(id, '<ok/>')]);
    const session = await driver.openWriteSession(endpoint);
    await session.lockCandidate();
    await expect(session.validateCandidate()).rejects.toMatchObject({ code: 'UNREACHABLE' });
  });

  it.each<[string, (id: string) => readonly string[] | Buffer]>([
    ['a DOCTYPE', (id) => [`<!DOCTYPE a>${reply(id, '<ok/>')}`]],
    ['depth', (id) => [reply(id, '<a>'.repeat(100_000))]],
    ['size', () => Buffer.from(`\n#${XML_LIMITS.bytes + 1}\n`)],
    ['no message-id', () => [`<rpc-reply xmlns="${BASE_NS}"><ok/></rpc-reply>`]],
    ['a hello', () => [HELLO]],
    ['bytes without frame', () => Buffer.from(reply('1', '<ok/>'))],
    ['no UTF-8', () => Buffer.from('\n#1\n\xff\n##\n', 'latin1')],
  ])('refuses %s', async (_name, answer) => {
    const session = await driver.openWriteSession(await startPeer(HELLO, answer));
    await expect(session.lockCandidate()).rejects.toMatchObject({ code: 'PROTOCOL' });
  });
});

describe('notifications', () => {
  const NOTICE = (time: string, content = '<e xmlns="urn:e"/>'): string =>
    `<notification xmlns="${NOTIFICATION_NS}"><eventTime>${time}</eventTime>${content}</notification>`;
  const GOOD = NOTICE('2026-01-05T09:00:00.250+01:00');
  const hello = renderXml(buildHello({ capabilities: [...ALL, NOTIFICATION_CAPABILITY], sessionId: 1 }));
  const streams = (replay: boolean): string =>
    `<data><netconf xmlns="${STREAMS_NS}"><streams><stream><name>NETCONF</name><replaySupport>${replay}</replaySupport></stream></streams></netconf></data>`;

  it('that nobody asked for break the protocol', async () => {
    await expect(driver.run(await startPeer(hello, () => [GOOD]), GET)).rejects.toMatchObject({ code: 'PROTOCOL' });
  });

  it.each([
    ['lists a stream with replay', (id: string) => reply(id, streams(true)), true],
    ['lists one without', (id: string) => reply(id, streams(false)), false],
    ['lists none', (id: string) => reply(id, '<data/>'), false],
    ['knows no list', (id: string) => reply(id, error('unknown-element')), false],
  ] as const)('are asked for from where they were lost when the device %s', async (_name, list, replays) => {
    const asked: string[] = [];
    const endpoint = await startPeer(hello, (id, message) => {
      asked.push(message);
      return id === '1' ? [list(id)] : [reply(id, '<ok/>'), GOOD];
    });
    const heard: number[] = [];
    const session = await driver.subscribe(endpoint, Date.UTC(2026, 0, 5), ({ at }) => heard.push(at));
    expect(session.replays).toBe(replays);
    expect(asked[1]?.includes('<startTime>2026-01-05T00:00:00.000Z</startTime>')).toBe(replays);
    while (heard.length === 0) await new Promise((resolve) => setImmediate(resolve));
    expect(heard).toEqual([Date.UTC(2026, 0, 5, 8, 0, 0, 250)]);
    session.close();
    await session.ended;
  });

  it.each([
    ['no time', NOTICE('yesterday')],
    ['two contents', NOTICE('2026-01-05T09:00:00Z', '<e xmlns="urn:e"/><e xmlns="urn:e"/>')],
    ['no content', NOTICE('2026-01-05T09:00:00Z', '')],
  ])('with %s end the session', async (_name, notice) => {
    const session = await driver.subscribe(
      await startPeer(hello, (id) => [reply(id, '<ok/>'), notice]),
      undefined,
      () => expect.fail('heard'),
    );
    await session.ended;
  });

  it('are not asked of a device that sends none, and a refusal is told', async () => {
    const none = driver.subscribe(await startPeer(HELLO, () => []), undefined, () => undefined);
    await expect(none).rejects.toMatchObject({ code: 'UNSUPPORTED' });
    await peer?.close();
    const refused = driver.subscribe(
      await startPeer(hello, (id) => [reply(id, error('operation-failed'))]),
      undefined,
      () => undefined,
    );
    await expect(refused).rejects.toMatchObject({ code: 'RPC_ERROR' });
  });
});

describe('hellos', () => {
  it('reads from a base:1.0 device, and does not write to it', async () => {
    const old = renderXml(buildHello({ capabilities: ALL.filter((uri) => uri !== CAPABILITIES.base11), sessionId: 1 }));
    const endpoint = await startPeer(old, (id) => [reply(id, '<data><a xmlns="urn:a">1</a></data>')]);
    expect(await driver.run(endpoint, GET)).toEqual({ protocol: 'netconf', xml: '<a xmlns="urn:a">1</a>' });
    await expect(driver.openWriteSession(endpoint)).rejects.toMatchObject({ code: 'UNSUPPORTED' });
  });

  it.each(ALL.filter((uri) => uri !== CAPABILITIES.base10 && uri !== CAPABILITIES.base11))(
    'does not write without %s',
    async (uri) => {
      const less = renderXml(buildHello({ capabilities: ALL.filter((each) => each !== uri), sessionId: 1 }));
      await expect(driver.openWriteSession(await startPeer(less, () => []))).rejects.toMatchObject({
        code: 'UNSUPPORTED',
      });
    },
  );

  it.each([
    ['all of it', ALL, 'confirmed', 'confirmed'],
    ['all of it', ALL, 'running', 'confirmed'],
    ['no confirmed commit', ALL.filter((uri) => uri !== CAPABILITIES.confirmedCommit), 'candidate', 'candidate'],
    ['no confirmed commit', ALL.filter((uri) => uri !== CAPABILITIES.confirmedCommit), 'confirmed', 'UNSUPPORTED'],
    ['running only', [CAPABILITIES.base10, WRITABLE_RUNNING], 'running', 'running'],
    ['running only', [CAPABILITIES.base10, WRITABLE_RUNNING], 'candidate', 'UNSUPPORTED'],
    ['nothing to write', [CAPABILITIES.base11], 'running', 'UNSUPPORTED'],
  ] as const)(
    'of a device with %s (%#) is taken the highest rung, and none below what the caller can use',
    async (_name, capabilities, lowest, rung) => {
      const endpoint = await startPeer(renderXml(buildHello({ capabilities, sessionId: 1 })), () => []);
      const opened = driver.openWriteSession(endpoint, undefined, lowest);
      expect(
        await opened.then(
          ({ ladder }) => ladder,
          (refusal: { readonly code: string }) => refusal.code,
        ),
      ).toBe(rung);
    },
  );

  it.each([
    ['no base in common', renderXml(buildHello({ capabilities: ['urn:x'], sessionId: 1 })), 'UNSUPPORTED'],
    ['no session-id', renderXml(buildHello({ capabilities: ALL })), 'PROTOCOL'],
    ['no hello', '<good-day/>', 'PROTOCOL'],
    ['no XML', 'Welcome!', 'PROTOCOL'],
  ])('refuses %s', async (_name, hello, code) => {
    await expect(driver.run(await startPeer(hello, () => []), GET)).rejects.toMatchObject({ code });
  });
});
