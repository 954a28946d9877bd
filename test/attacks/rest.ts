/** Attacks by way of REST: addresses that are none of a controller's, hostile answers, and requests that two parsers read differently. */
import { connect } from 'node:net';
import { gzipSync } from 'node:zlib';
import { startHttpServer } from '../../broker/http/server.ts';
import { createCertificateAuthority } from '../../simulators/protocols/rest/certificate.ts';
import { createManualTimers } from '../simulators/netconf/device.ts';
import { type Attack, type Attempt, attemptAll } from './attack.ts';
import { GOOD, JSON_TYPE, openRestLab, PATH, type RestLab } from './rest-lab.ts';

/** Hosts that nobody may be made to call; refused means: with this reason, and without a connection. */
async function dial(hosts: readonly string[]): Promise<Attempt> {
  const lab = await openRestLab();
  const listener = await lab.startListener();
  return attemptAll(
    hosts.map((host) => [
      host,
      async () => {
        const options = { loopback: false, deadlineMs: 500 };
        const { how } = await lab.read(`https://${host}:${listener.port}`, PATH, options);
        const refused = how === 'UNSUPPORTED: a controller cannot have this address' && listener.connections() === 0;
        return { refused, how: refused ? how : `dialled: ${how}` };
      },
    ]),
  );
}

export const REST_ATTACKS: readonly Attack[] = [
  {
    id: 'NET-01',
    guard: 'controller-addresses',
    attempt: () =>
      dial([
        ...['127.0.0.1', '[::1]', '0.0.0.0', '[::]', 'localhost', '127.9.9.9'],
        ...['169.254.169.254', '[fe80::1]', '[fd00:ec2::254]', '224.0.0.1', '255.255.255.255'],
      ]),
  },
  {
    id: 'NET-02',
    guard: 'controller-addresses',
    attempt: () =>
      dial([
        ...['2130706433', '0x7f000001', '0177.0.0.1', '127.1', '0x7f.1', '127.0.0.1.'],
        ...['[::ffff:127.0.0.1]', '[::ffff:a9fe:a9fe]', '[64:ff9b::7f00:1]', '2852039166'],
        ...['１２７.0.0.1', '127。0。0。1', 'ⓛocalhost'],
      ]),
  },
  {
    id: 'NET-03',
    guard: 'controller-addresses',
    attempt: async () => {
      const lab = await openRestLab();
      const listener = await lab.startListener();
      // What a check before the request would have seen is spent; who connects is told another address.
      const answers = [['192.0.2.1', '0.0.0.0'], ['0.0.0.0'], ['169.254.169.254', '127.0.0.1']];
      return attemptAll(
        answers.map((addresses) => [
          addresses.join(' and '),
          async () => {
            const { how } = await lab.read(`https://director.example:${listener.port}`, PATH, {
              deadlineMs: 500,
              resolve: (_host, done) =>
                done(
                  null,
                  addresses.map((address) => ({ address, family: 4 })),
                ),
            });
            const refused = how.startsWith('UNSUPPORTED') && listener.connections() === 0;
            return { refused, how: refused ? how : `dialled: ${how}` };
          },
        ]),
      );
    },
  },
  {
    id: 'NET-04',
    guard: 'no-redirects',
    attempt: async () => {
      const lab = await openRestLab();
      const inside = await lab.startRogue((_, response) => response.writeHead(200, JSON_TYPE).end(GOOD));
      const targets = [`${inside.url}/dataservice/secret`, '/dataservice/other', `http://127.0.0.1:${inside.port}/`];
      return attemptAll(
        [302, 307, 301, 308].flatMap((status) =>
          targets.map((location) => [
            `${status} to ${location}`,
            async () => {
              const rogue = await lab.startRogue((request, response) => {
                if (request.url === PATH) response.writeHead(status, { location }).end();
                else response.writeHead(200, JSON_TYPE).end(GOOD);
              });
              const tried = await lab.read(rogue.url);
              const followed = [...inside.asked, ...rogue.asked].filter((path) => /secret|other/.test(path));
              return { refused: tried.refused && followed.length === 0, how: tried.how };
            },
          ]),
        ),
      );
    },
  },
  {
    id: 'NET-06',
    guard: 'strict-paths',
    attempt: async () => {
      const lab = await openRestLab();
      const rogue = await lab.startRogue((_, response) => response.writeHead(200, JSON_TYPE).end(GOOD));
      const paths = [
        ...['/dataservice/a\r\nX-Evil: 1', '/dataservice/a\nHost: b', '/dataservice/a HTTP/1.1\r\n\r\nDELETE /b'],
        ...['/dataservice/a%0d%0ab', '/dataservice/\u010d\u010ab', '/dataservice/a\u0000', '//other/dataservice/a'],
      ];
      return attemptAll(
        paths.map((path) => [
          JSON.stringify(path),
          async () => {
            const { how } = await lab.read(rogue.url, path);
            return { refused: how.startsWith('UNSUPPORTED') && rogue.asked.length === 0, how };
          },
        ]),
      );
    },
  },
  { id: 'NET-07', guard: 'strict-http', attempt: smuggle },
  {
    id: 'NET-08',
    guard: 'no-compression',
    attempt: async () => {
      const lab = await openRestLab();
      const bombs = { '6 MB in 6 kB': 6_000_000, '16 MB in 16 kB': 16_000_000 };
      return attemptAll(
        Object.entries(bombs).flatMap(([what, bytes]) =>
          ['gzip', 'x-gzip', 'deflate', 'br'].map((encoding) => [
            `${what}, ${encoding}`,
            async () => {
              const body = gzipSync(GOOD.replace('[1]', `[${' '.repeat(bytes)}1]`));
              const headers = { ...JSON_TYPE, 'content-encoding': encoding };
              const rogue = await lab.startRogue((_, response) => response.writeHead(200, headers).end(body));
              return lab.read(rogue.url);
            },
          ]),
        ),
      );
    },
  },
  {
    id: 'NET-09',
    guard: 'whole-deadline',
    attempt: () =>
      attemptAll([
        ['one byte in 10 s', drip],
        ['without end', endless],
      ]),
  },
  {
    id: 'NET-11',
    guard: 'pinned-authority',
    attempt: async () => {
      const lab = await openRestLab();
      const own = await createCertificateAuthority({ notBefore: new Date('2020-01-01T00:00:00Z'), days: 36_500 });
      const [stranger, expired, future, other] = await Promise.all([
        lab.certify({ ca: own }),
        lab.certify({ validity: { notBefore: new Date('2020-01-01T00:00:00Z'), days: 30 } }),
        lab.certify({ validity: { notBefore: new Date('2090-01-01T00:00:00Z'), days: 30 } }),
        lab.certify({ ipAddresses: ['127.0.0.9'] }),
      ]);
      const servers = {
        ...{
          'self-signed': own,
          'another authority': stranger,
          expired,
          'not yet valid': future,
          'another name': other,
        },
        'TLS 1.1': { ...lab.tls, minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' },
      } as const;
      return attemptAll(
        Object.entries(servers).map(([what, options]) => [
          what,
          async () => {
            const rogue = await lab.startRogue((_, response) => response.writeHead(200, JSON_TYPE).end(GOOD), options);
            return lab.read(rogue.url);
          },
        ]),
      );
    },
  },
];

/** Requests whose end two parsers see in two places. Refused means 400 and the connection closed, and nothing handed on. */
async function smuggle(): Promise<Attempt> {
  let handed = 0;
  const server = await startHttpServer({
    host: '127.0.0.1',
    port: 0,
    createApp: () => ({
      fetch: async (request: Request) => {
        await request.text();
        handed += 1;
        return new Response('handed on');
      },
    }),
  });
  const { port } = new URL(server.url);
  const say = (text: string): Promise<string> =>
    new Promise((resolve) => {
      let said = '';
      const socket = connect(Number(port), '127.0.0.1', () => socket.write(text));
      socket.setEncoding('latin1').on('data', (more: string) => {
        said += more;
        if (said.includes('handed on')) socket.destroy();
      });
      socket.on('error', () => undefined).on('close', () => resolve(said));
    });
  const head = (...lines: readonly string[]): string => ['POST / HTTP/1.1', 'Host: a', ...lines, '', ''].join('\r\n');
  const chunked = 'Transfer-Encoding: chunked';
  const requests = {
    'both lengths': `${head('Content-Length: 4', chunked)}0\r\n\r\nGET /b HTTP/1.1\r\nHost: a\r\n\r\n`,
    'both, the other way round': `${head(chunked, 'Content-Length: 4')}0\r\n\r\n`,
    'two lengths': `${head('Content-Length: 4', 'Content-Length: 5')}abcde`,
    'chunked, then something else': `${head(`${chunked}, identity`)}0\r\n\r\n`,
    'a folded line': head('X-A: b', ' Content-Length: 5'),
    'a blank before the colon': head('Content-Length : 5'),
    'a sign before a length': `${head('Content-Length: +5')}abcde`,
    'a chunk size in disguise': `${head(chunked)}0x3\r\nabc\r\n0\r\n\r\n`,
    'a bare line feed in a chunk': `${head(chunked)}3\nabc\r\n0\r\n\r\n`,
    'no host': 'GET / HTTP/1.1\r\n\r\n',
  };
  try {
    return await attemptAll(
      Object.entries(requests).map(([what, text]) => [
        what,
        async () => {
          const said = await say(text);
          const status = said.slice(9, 12);
          return { refused: status === '400' && handed === 0, how: `${status}, ${handed} handed on` };
        },
      ]),
    );
  } finally {
    await server.close();
  }
}

/** A byte every ten seconds of the driver's clock, of an answer that is right once it is whole. */
async function drip(): Promise<Attempt> {
  const lab = await openRestLab();
  const timers = createManualTimers();
  const writers: ((text: string) => void)[] = [];
  const rogue = await lab.startRogue((_, response) => {
    response.writeHead(200, { ...JSON_TYPE, 'content-length': GOOD.length });
    writers.push((text) => response.write(text));
  });
  const ends: Attempt[] = [];
  const reading = lab.read(rogue.url, PATH, { timers }).then((end) => ends.push(end));
  while (writers.length === 0) await new Promise((resolve) => setImmediate(resolve));
  for (let at = 0; ends.length === 0 && at < GOOD.length; at += 1) {
    writers[0]?.(GOOD.charAt(at));
    timers.advance(10_000);
    await new Promise((resolve) => setImmediate(resolve));
  }
  await waitThrough(timers, reading);
  return ends[0] ?? { refused: false, how: 'no end' };
}

/** Blanks for ever, as fast as they are taken. */
async function endless(): Promise<Attempt> {
  const lab: RestLab = await openRestLab();
  const rogue = await lab.startRogue((_, response) => {
    response.writeHead(200, JSON_TYPE);
    const more = (): void => {
      while (!response.destroyed && response.write(Buffer.alloc(65_536, ' ')));
    };
    response.on('drain', more).on('error', () => undefined);
    more();
  });
  return lab.read(rogue.url);
}

/** Lets the goodbye of a driver whose clock stands still come to its deadline. */
async function waitThrough(timers: { advance(ms: number): void }, work: Promise<unknown>): Promise<void> {
  const done: true[] = [];
  const ended = work.then(() => done.push(true));
  while (done.length === 0) {
    timers.advance(1_000);
    await new Promise((resolve) => setImmediate(resolve));
  }
  await ended;
}
