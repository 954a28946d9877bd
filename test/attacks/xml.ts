/** Attacks of a hostile NETCONF peer on whoever reads it: documents, frames, replies, hellos (RFC 6241, RFC 6242). */
import { createServer } from 'node:net';
import { DriverError } from '../../broker/drivers/driver.ts';
import { createNetconfDriver } from '../../broker/drivers/netconf/driver.ts';
import { frameMessage } from '../../protocols/netconf/framing.ts';
import { CAPABILITIES, WRITABLE_RUNNING } from '../../protocols/netconf/messages.ts';
import { generateSshKeyPair } from '../../protocols/netconf/ssh-key.ts';
import {
  ALL_CAPABILITIES,
  HELLO,
  helloOf,
  replyTo,
  type Script,
  startScriptedPeer,
} from '../broker/drivers/netconf/scripted-peer.ts';
import { createManualTimers } from '../simulators/netconf/device.ts';
import { type Attack, type Attempt, attemptAll } from './attack.ts';
import type { DefenceName } from './defences.ts';

type Driver = ReturnType<typeof createNetconfDriver>;
type Peer = Awaited<ReturnType<typeof startScriptedPeer>>;

/** Tries work against a peer. Refused means a `DriverError`: anything that succeeds was believed. */
async function against(
  peer: { readonly hello?: string; readonly script: Script },
  work: (driver: Driver, peer: Peer) => Promise<string>,
): Promise<Attempt> {
  const started = await startScriptedPeer(peer.hello ?? HELLO, peer.script);
  const driver = createNetconfDriver({ timers: createManualTimers() });
  try {
    return { refused: false, how: await work(driver, started) };
  } catch (error) {
    if (!(error instanceof DriverError)) throw error;
    // One line of printable text, whatever the device said.
    return { refused: /^[ -~]*$/.test(error.message), how: `${error.code}: ${error.message.slice(0, 60)}` };
  } finally {
    await driver.close();
    await started.close();
  }
}

const lock = async (driver: Driver, { endpoint }: Peer): Promise<string> => {
  await (await driver.openWriteSession(endpoint)).lockCandidate();
  return 'took it for ok';
};
const GET = { protocol: 'netconf', kind: 'get', device: 'odd', filter: '' } as const;
const read = async (driver: Driver, { endpoint }: Peer): Promise<string> =>
  `took it for data: ${JSON.stringify(await driver.run(endpoint, GET)).slice(0, 60)}`;

const ok = (id: string): string => replyTo(id, '<ok/>');

/** What the peer says in the place of `<ok/>`, in several spellings. */
const replies = (
  id: string,
  guard: DefenceName,
  spellings: Readonly<Record<string, (messageId: string) => readonly string[] | Buffer>>,
): Attack => ({
  id,
  guard,
  attempt: () =>
    attemptAll(Object.entries(spellings).map(([what, script]) => [what, () => against({ script }, lock)] as const)),
});

const chunked = (header: string, body: string): Buffer => Buffer.from(`${header}${body}\n##\n`);

const bomb = (id: string): string => {
  const levels = Array.from({ length: 9 }, (_, level) => `<!ENTITY a${level + 1} "${`&a${level};`.repeat(10)}">`);
  return `<!DOCTYPE rpc-reply [<!ENTITY a0 "lol">${levels.join('')}]>${replyTo(id, '<ok/><x>&a9;</x>')}`;
};
const entity = (id: string, declaration: string, use: string): string =>
  `<!DOCTYPE rpc-reply [${declaration}]>${replyTo(id, `<ok/><x>${use}</x>`)}`;

export const XML_ATTACKS: readonly Attack[] = [
  replies('XML-01', 'no-document-type', { 'nine levels of ten': (id) => [bomb(id)] }),
  replies('XML-02', 'no-document-type', {
    SYSTEM: (id) => [entity(id, '<!ENTITY f SYSTEM "file:///etc/passwd">', '&f;')],
    PUBLIC: (id) => [entity(id, '<!ENTITY f PUBLIC "x" "file:///etc/passwd">', '&f;')],
    'without a DOCTYPE': (id) => [replyTo(id, '<ok/><x>&f;</x>')],
  }),
  {
    id: 'XML-03',
    guard: 'no-document-type',
    attempt: async () => {
      let connections = 0;
      const web = createServer((socket) => {
        connections += 1;
        socket.destroy();
      });
      await new Promise<void>((resolve) => web.listen(0, '127.0.0.1', () => resolve()));
      const bound = web.address();
      const url = `http://127.0.0.1:${typeof bound === 'object' && bound !== null ? bound.port : 0}/x.dtd`;
      const spellings = {
        entity: (id: string) => [entity(id, `<!ENTITY w SYSTEM "${url}">`, '&w;')],
        'parameter entity': (id: string) => [entity(id, `<!ENTITY % w SYSTEM "${url}"> %w;`, '')],
        'external DTD': (id: string) => [`<!DOCTYPE rpc-reply SYSTEM "${url}">${ok(id)}`],
      };
      const tried = await attemptAll(
        Object.entries(spellings).map(([what, script]) => [what, () => against({ script }, lock)] as const),
      );
      await new Promise((resolve) => web.close(resolve));
      return connections === 0 ? tried : { refused: false, how: `${connections} connections` };
    },
  },
  replies('XML-04', 'no-document-type', {
    '50 kB, 20,000 times': (id) => [entity(id, `<!ENTITY b "${'x'.repeat(50_000)}">`, '&b;'.repeat(20_000))],
  }),
  replies('XML-06', 'attribute-cap', {
    '65': (id) => [manyAttributes(id, 65)],
    '100,000': (id) => [manyAttributes(id, 100_000)],
    'as namespaces': (id) => [replyTo(id, `<ok/><x${list(65, (n) => ` xmlns:n${n}="urn:${n}"`)}/>`)],
  }),
  replies('XML-07', 'message-size', {
    'a text node of 6 MB in chunks of 64 kB': (id) =>
      frameMessage(replyTo(id, `<ok/><x>${'x'.repeat(6 * 1024 * 1024)}</x>`), 'chunked'),
    'a chunk of 50 MB': () => Buffer.from(`\n#${50 * 1024 * 1024}\n<rpc-reply>`),
  }),
  {
    id: 'XML-08',
    guard: 'well-formed',
    attempt: () => {
      const whole = ok('1');
      const cuts = Array.from({ length: 45 }, (_, at) => whole.slice(0, -1 - 2 * at));
      return attemptAll([
        ...cuts.map((cut) => [`cut after ${cut.length} bytes`, () => against({ script: () => [cut] }, lock)] as const),
        ['never closed', () => against({ script: (id) => [`${replyTo(id, '<ok/>').slice(0, -12)}<a><b>`] }, lock)],
      ]);
    },
  },
  replies('XML-09', 'well-formed', {
    'message-id': (id) => [ok(id).replace('message-id=', `message-id="${id}" message-id=`)],
    'under two prefixes of one namespace': (id) => [
      replyTo(id, '<ok xmlns:a="urn:x" xmlns:b="urn:x" a:y="1" b:y="2"/>'),
    ],
  }),
  {
    id: 'XML-11',
    guard: 'demanded-capabilities',
    attempt: () => {
      const old = helloOf(ALL_CAPABILITIES.filter((uri) => uri !== CAPABILITIES.base11));
      const forged = (id: string): Buffer =>
        Buffer.from(`${ok(id)}]]>]]>${replyTo(String(Number(id) + 1), '<ok/>')}]]>]]>`);
      return attemptAll([
        ['a write under base:1.0', () => against({ hello: old, script: (id) => [ok(id)] }, lock)],
        ['a forged second reply', () => against({ hello: old, script: forged }, read)],
        [
          'a mark after the chunks',
          () => against({ script: (id) => Buffer.concat([frameMessage(ok(id), 'chunked'), forged('1')]) }, lockTwice),
        ],
      ]);
    },
  },
  replies('XML-12', 'chunk-sizes', {
    'leading zero': (id) => chunked(`\n#0${Buffer.byteLength(ok(id))}\n`, ok(id)),
    '#0': (id) => chunked('\n#0\n', ok(id)),
    '#-1': (id) => chunked('\n#-1\n', ok(id)),
    '#4294967296': (id) => chunked('\n#4294967296\n', ok(id)),
    'no line feed': (id) => chunked(`\n#${Buffer.byteLength(ok(id))}`, ok(id)),
    'no chunk': () => Buffer.from('\n##\n'),
    'a huge first chunk': () => chunked('\n#4294967295\n', ''),
    'a size without end': () => Buffer.from(`\n#${'1'.repeat(4_000)}`),
  }),
  {
    id: 'XML-13',
    guard: 'demanded-capabilities',
    attempt: () =>
      attemptAll(
        [CAPABILITIES.confirmedCommit, CAPABILITIES.candidate, CAPABILITIES.validate, CAPABILITIES.base11].map(
          (uri) => {
            const hello = helloOf([...ALL_CAPABILITIES.filter((each) => each !== uri), WRITABLE_RUNNING]);
            return [
              `without ${uri.split(':').at(-2)}`,
              () => against({ hello, script: (id) => [ok(id)] }, lock),
            ] as const;
          },
        ),
      ),
  },
  replies('XML-14', 'reply-correlation', {
    wrong: () => [ok('7')],
    missing: () => [ok('1').replace(' message-id="1"', '')],
    'with a blank': (id) => [ok(` ${id}`)],
    'a reply before the request, then none': () => [ok('2'), ok('3')],
  }),
  {
    id: 'XML-16',
    guard: 'reply-deadline',
    attempt: async () => {
      const timers = createManualTimers();
      const driver = createNetconfDriver({ timers });
      const heard: ((bytes: Buffer) => void)[] = [];
      const peer = await startScriptedPeer(HELLO, (_id, _message, write) => {
        heard.push(write);
        return Buffer.alloc(0);
      });
      const bytes = frameMessage(replyTo('1', `<data>${' '.repeat(3_400)}</data>`), 'chunked');
      try {
        const ends: Attempt[] = [];
        void driver.run(peer.endpoint, GET).then(
          () => ends.push({ refused: false, how: 'waited an hour for the data' }),
          (error: unknown) => {
            if (!(error instanceof DriverError)) throw error;
            ends.push({ refused: error.code === 'TIMEOUT', how: error.code });
          },
        );
        while (heard.length === 0) await new Promise((resolve) => setImmediate(resolve));
        for (let second = 0; ends.length === 0; second += 1) {
          if (second < bytes.length) heard[0]?.(bytes.subarray(second, second + 1));
          timers.advance(1_000);
          await new Promise((resolve) => setImmediate(resolve));
        }
        const [ended = { refused: false, how: 'no end' }] = ends;
        return ended;
      } finally {
        await driver.close();
        await peer.close();
      }
    },
  },
  {
    id: 'XML-22',
    guard: 'no-control-characters',
    attempt: () => {
      const data = (content: string) => ({
        script: (id: string) => [replyTo(id, `<data><a xmlns="urn:a">${content}</a></data>`)],
      });
      const raw = (bytes: Buffer) => ({
        script: (id: string) => {
          const [head = '', tail = ''] = replyTo(id, '<data><a xmlns="urn:a">@</a></data>').split('@');
          const body = Buffer.concat([Buffer.from(head), bytes, Buffer.from(tail)]);
          return Buffer.concat([Buffer.from(`\n#${body.length}\n`), body, Buffer.from('\n##\n')]);
        },
      });
      return attemptAll([
        ...['\u0000', '\u000b', '\u001b[2J', '\u007f', '\u009b2J', '&#0;', '&#11;', '&#27;', '&#x9b;', '&#xd800;'].map(
          (text) => [JSON.stringify(text), () => against(data(text), read)] as const,
        ),
        ...['ff', 'c080', 'eda080', 'f4908080', 'c3'].map(
          (hex) => [`bytes ${hex}`, () => against(raw(Buffer.from(hex, 'hex')), read)] as const,
        ),
        [
          'a second line in an error message',
          () =>
            against(
              {
                script: (id) => [
                  replyTo(
                    id,
                    '<rpc-error><error-tag>in-use</error-tag><error-message>no\n2026 ok\u2028granted</error-message></rpc-error>',
                  ),
                ],
              },
              read,
            ),
        ],
      ]);
    },
  },
  {
    id: 'XML-23',
    guard: 'pinned-host-key',
    attempt: () => {
      const other = generateSshKeyPair().fingerprint;
      const swapped = async (driver: Driver, peer: Peer): Promise<string> =>
        lock(driver, {
          ...peer,
          endpoint: { ...peer.endpoint, netconf: { ...peer.endpoint.netconf, hostKey: other } },
        });
      return attemptAll([
        ['another key', () => against({ script: (id) => [ok(id)] }, swapped)],
        [
          'no pin',
          () =>
            against({ script: (id) => [ok(id)] }, (driver, peer) =>
              lock(driver, {
                ...peer,
                endpoint: { ...peer.endpoint, netconf: { ...peer.endpoint.netconf, hostKey: '' } },
              }),
            ),
        ],
      ]);
    },
  },
];

async function lockTwice(driver: Driver, { endpoint }: Peer): Promise<string> {
  const session = await driver.openWriteSession(endpoint);
  await session.lockCandidate();
  await session.validateCandidate();
  return 'took the forged reply for ok';
}

const list = (count: number, text: (n: number) => string): string =>
  Array.from({ length: count }, (_, n) => text(n)).join('');
const manyAttributes = (id: string, count: number): string =>
  replyTo(id, `<ok/><x${list(count, (n) => ` a${n}="1"`)}/>`);
