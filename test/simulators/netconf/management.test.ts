/** Notifications, what the server tells of itself, base 1.0, partial edits, and bytes that make no sense. */
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createUnframer, frameMessage } from '../../../protocols/netconf/framing.ts';
import { BASE_NS, buildHello, CAPABILITIES, type RpcErrorFields } from '../../../protocols/netconf/messages.ts';
import { child, childText, el, parseXml, renderXml, type XmlNode } from '../../../protocols/netconf/xml.ts';
import type { NetconfBackend } from '../../../simulators/protocols/netconf/backend.ts';
import { createDatastores } from '../../../simulators/protocols/netconf/datastores.ts';
import { createHolds } from '../../../simulators/protocols/netconf/holds.ts';
import { createCounters } from '../../../simulators/protocols/netconf/management-state.ts';
import { openServerSession, type ServerSession } from '../../../simulators/protocols/netconf/session.ts';
import { createManualTimers, editBox, itemB, NS, openClient, START, startDevice, type TestDevice } from './device.ts';

let device: TestDevice;
beforeEach(async () => {
  device = await startDevice();
});
afterEach(() => device.close());

const MONITORING = 'urn:ietf:params:xml:ns:yang:ietf-netconf-monitoring';
const tags = (errors: readonly RpcErrorFields[]) => errors.map(({ tag }) => tag);

describe('what the server tells of itself', () => {
  it('lists sessions, locks and modules', async () => {
    const one = await openClient(device);
    await openClient(device, 'viewer');
    await one.rpc('<lock><target><candidate/></target></lock>');
    const { data } = await one.rpc(`<get><filter><netconf-state xmlns="${MONITORING}"/></filter></get>`);
    const state = child(data ?? expect.fail('data is due'), 'netconf-state') ?? expect.fail('a state is due');
    const users = child(state, 'sessions')?.children.map((each) => childText(each, 'username'));
    expect(users).toEqual(['admin', 'viewer']);
    expect(renderXml(state)).toContain('<locked-by-session>1</locked-by-session>');
    expect(child(state, 'statistics')).toBeDefined();
  });

  it('gives schemas', async () => {
    const one = await openClient(device);
    const ask = (more: string) => one.rpc(`<get-schema xmlns="${MONITORING}">${more}</get-schema>`);
    expect((await ask('<identifier>box</identifier>')).nodes[0]).toMatchObject({
      text: 'module box {}',
    });
    expect(tags((await ask('<identifier>ox</identifier>')).errors)).toEqual(['invalid-value']);
    expect(tags((await ask('<identifier>box</identifier><version>1</version>')).errors)).toEqual(['invalid-value']);
    expect(tags((await ask('<identifier>box</identifier><format>yin</format>')).errors)).toEqual(['invalid-value']);
  });
});

describe('edits', () => {
  it('continues on error, tells every error and does the rest', async () => {
    const one = await openClient(device);
    const bad = '<item nc:operation="delete"><name>x</name></item><item nc:operation="create"><name>a</name></item>';
    const edit = (option: string) => editBox(bad + itemB, `<error-option>${option}</error-option>`);
    for (const option of ['stop-on-error', 'rollback-on-error']) {
      expect(tags((await one.rpc(edit(option))).errors)).toEqual(['data-missing']);
      expect(await one.read('candidate')).toBe(START);
    }
    expect(tags((await one.rpc(edit('continue-on-error'))).errors)).toEqual(['data-missing', 'data-exists']);
    expect(await one.read('candidate')).toBe(START + itemB);
  });

  it('copies running or a configuration of the client to the candidate, and validates one', async () => {
    const one = await openClient(device);
    const copy = (source: string) =>
      `<copy-config><target><candidate/></target><source>${source}</source></copy-config>`;
    const inline = `<config><box xmlns="${NS}">${itemB}</box></config>`;
    expect(await one.outcome(copy(inline))).toBe('ok');
    expect(await one.read('candidate')).toBe(itemB);
    expect(await one.outcome(copy('<running/>'))).toBe('ok');
    expect(await one.read('candidate')).toBe(START);
    expect(await one.outcome(copy('<candidate/>'))).toBe('invalid-value');
    const invalid = inline.replace('1400', '9999');
    expect(await one.outcome(`<validate><source>${inline}</source></validate>`)).toBe('ok');
    expect(await one.outcome(`<validate><source>${invalid}</source></validate>`)).toBe('invalid-value');
  });
});

/** A session without a network below it: what it writes is collected. */
function openBare(more: Partial<NetconfBackend> = {}) {
  const timers = createManualTimers();
  const written: Buffer[] = [];
  let ended: string | undefined;
  let running: XmlNode = parseXml(`<data><box xmlns="${NS}">${START}</box></data>`);
  const backend: NetconfBackend = {
    reachable: () => true,
    now: () => 0,
    modules: [],
    schema: () => '',
    listen: () => () => undefined,
    keys: (path) => (path.join('/') === 'box/item' ? ['name'] : undefined),
    running: () => running,
    state: () => running,
    validate: () => [],
    commit(config) {
      running = config;
    },
    rpc: () => undefined,
    ...more,
  };
  const datastores = createDatastores(backend, timers, { tell: () => undefined, keepsWhileLocked: () => false });
  const session: ServerSession = openServerSession({
    id: 1,
    user: { name: 'u', access: 'read-write' },
    backend,
    datastores,
    holds: createHolds(),
    persona: () => ({ name: 'none' }),
    timers,
    capabilities: Object.values(CAPABILITIES),
    totals: createCounters(),
    management: {},
    killSession: () => false,
    reboot: () => undefined,
    onUnreachable: () => undefined,
    onEnded: (reason) => {
      ended = reason;
    },
    write: (bytes) => void written.push(bytes),
    hangUp: () => session.end('dropped'),
  });
  const settle = () => new Promise<void>((resolve) => setImmediate(resolve));
  return { session, timers, settle, ended: () => ended, written: () => Buffer.concat(written) };
}

const hello = (...capabilities: readonly string[]): Buffer =>
  frameMessage(renderXml(buildHello({ capabilities })), 'end-of-message');
const GET = `<rpc xmlns="${BASE_NS}" message-id="7"><get/></rpc>`;

describe('the session', () => {
  it('speaks base 1.0 to who speaks only that', async () => {
    const { session, settle, written } = openBare();
    session.receive(hello(CAPABILITIES.base10));
    session.receive(frameMessage(GET, 'end-of-message'));
    await settle();
    const messages: string[] = [];
    createUnframer({ maxBytes: 100_000, onMessage: (message) => messages.push(message) }).push(written());
    expect(messages).toHaveLength(2);
    expect(messages[1]).toContain('message-id="7"');
  });

  it('ends who says no hello, a wrong one, or nothing for an hour', () => {
    const silent = openBare();
    silent.timers.advance(10_000);
    expect(silent.ended()).toBe('timeout');
    const wrong = openBare();
    wrong.session.receive(hello('urn:nothing'));
    expect(wrong.ended()).toBe('bad-hello');
    const idle = openBare();
    idle.session.receive(hello(CAPABILITIES.base11));
    idle.timers.advance(3_599_999);
    expect(idle.ended()).toBeUndefined();
    idle.timers.advance(1);
    expect(idle.ended()).toBe('timeout');
    expect(idle.timers.pending).toBe(0);
  });

  it('survives any bytes, and says nothing itself that is no message', async () => {
    const piece = fc.oneof(
      fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes)),
      fc
        .constantFrom(GET, GET.replace('<get/>', ''), GET.replace(' message-id="7"', ''), '<a>', '<!DOCTYPE a><a/>', '')
        .map((text) => frameMessage(text, 'chunked')),
      fc.constantFrom('\n##\n', '\n#0\n', '\n#99999999999\n', ']]>]]>').map((text) => Buffer.from(text)),
    );
    await fc.assert(
      fc.asyncProperty(fc.boolean(), fc.array(piece, { maxLength: 6 }), async (greets, pieces) => {
        const { session, settle, written, ended } = openBare();
        if (greets) session.receive(hello(CAPABILITIES.base11));
        for (const each of pieces) session.receive(each);
        await settle();
        const said: string[] = [];
        const unframer = createUnframer({
          maxBytes: 100_000,
          onMessage(message) {
            if (said.push(parseXml(message).name) === 1) unframer.useChunks();
          },
        });
        unframer.push(written());
        expect(said[0]).toBe('hello');
        expect(said.slice(1).every((each) => greets && each === 'rpc-reply')).toBe(true);
        // Without a hello everything that could be a message is a wrong one.
        if (!greets && Buffer.concat(pieces).includes(']]>]]>')) expect(ended()).toBe('bad-hello');
      }),
      { numRuns: 300 },
    );
  });

  it('survives any element as an operation', async () => {
    const name = fc.constantFrom(
      'edit-config',
      'commit',
      'get',
      'copy-config',
      'lock',
      'target',
      'config',
      'source',
      'filter',
      'candidate',
      'x',
      'persist-id',
    );
    const namespace = fc.constantFrom(BASE_NS, BASE_NS, NS, '');
    const { node } = fc.letrec<{ node: XmlNode; leaf: XmlNode; box: XmlNode }>((tie) => ({
      node: fc.oneof({ maxDepth: 4 }, tie('leaf'), tie('box')),
      leaf: fc.tuple(name, namespace).map(([local, ns]) => el(ns, local)),
      box: fc
        .tuple(name, namespace, fc.array(tie('node'), { maxLength: 3 }))
        .map(([local, ns, inner]) => el(ns, local, inner)),
    }));
    await fc.assert(
      fc.asyncProperty(node, async (operation) => {
        const { session, settle, written } = openBare();
        session.receive(hello(CAPABILITIES.base11));
        const before = written().length;
        session.receive(frameMessage(renderXml(el(BASE_NS, 'rpc', [operation], { 'message-id': '1' })), 'chunked'));
        await settle();
        const said = written().subarray(before).toString();
        expect(said).toContain('rpc-reply');
        expect(said).not.toContain('the device failed');
      }),
      { numRuns: 300 },
    );
  });
});

describe('notifications', () => {
  const SUBSCRIBE = `<create-subscription xmlns="urn:ietf:params:xml:ns:netconf:notification:1.0"/>`;
  const events = (bytes: Buffer): readonly string[] =>
    [...bytes.toString().matchAll(/<\/eventTime><([\w-]+)/g)].map(([, name]) => name ?? '');
  const rpc = (operation: string): Buffer =>
    frameMessage(`<rpc xmlns="${BASE_NS}" message-id="1">${operation}</rpc>`, 'chunked');

  it('go to who asked, once, filtered, between the replies', async () => {
    const { session, settle, written } = openBare();
    session.receive(hello(CAPABILITIES.base11));
    session.notify(0, el(NS, 'early'));
    session.receive(rpc(SUBSCRIBE.replace('/>', `><filter><wanted xmlns="${NS}"/></filter></create-subscription>`)));
    await settle();
    session.notify(0, el(NS, 'unwanted'));
    session.notify(1_000, el(NS, 'wanted'));
    session.receive(rpc('<get/>'));
    session.receive(rpc(SUBSCRIBE));
    await settle();
    expect(events(written())).toEqual(['wanted']);
    expect(written().toString()).toContain('<eventTime>1970-01-01T00:00:01.000Z</eventTime>');
    expect(written().toString()).toContain('the session has a subscription already');
  });

  it.each([
    ['<stream>other</stream>', 'invalid-value'],
    ['<startTime>2026-01-01T00:00:00Z</startTime>', 'operation-not-supported'],
    ['<stopTime>2026-01-01T00:00:00Z</stopTime>', 'missing-element'],
    ['<filter type="xpath" select="/"/>', 'invalid-value'],
  ])('are refused with %s', async (parameter, tag) => {
    const one = await openClient(device);
    expect(await one.outcome(SUBSCRIBE.replace('/>', `>${parameter}</create-subscription>`))).toBe(tag);
  });
});
