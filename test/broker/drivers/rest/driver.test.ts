/** The REST driver against the simulated controller, and against servers that break the rules, over real TLS. */

import type { RequestListener } from 'node:http';
import { createServer } from 'node:https';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Operation } from '../../../../broker/contract.ts';
import { type DeviceEndpoint, DriverError } from '../../../../broker/drivers/driver.ts';
import { createRestDriver, type RestDriverOptions } from '../../../../broker/drivers/rest/driver.ts';
import { systemTimers, type Timers } from '../../../../protocols/netconf/timers.ts';
import {
  type CertifiedKey,
  createCertificateAuthority,
  issueCertificate,
} from '../../../../simulators/protocols/rest/certificate.ts';
import { type RestControllerOptions, startRestController } from '../../../../simulators/protocols/rest/controller.ts';

const VALIDITY = { notBefore: new Date('2020-01-01T00:00:00Z'), days: 36_500 };
const NOW = 1_700_000_000_000;
const USER = { name: 'wayleave', password: 'a password & more' };
const EVENTS = Array.from({ length: 25 }, (_, i) => ({ id: i, name: 'bfd-state-change' }));

let ca: CertifiedKey;
let tls: CertifiedKey;
beforeAll(async () => {
  ca = await createCertificateAuthority(VALIDITY);
  tls = await issueCertificate({ ca, commonName: 'director', ipAddresses: ['127.0.0.1'], validity: VALIDITY });
});

const open: { close(): unknown }[] = [];
const keep = <T extends { close(): unknown }>(thing: T): T => {
  open.push(thing);
  return thing;
};
afterEach(async () => {
  for (const thing of open.splice(0).reverse()) await thing.close();
});

const startController = (overrides: Partial<RestControllerOptions> = {}) =>
  startRestController({
    ...{ host: '127.0.0.1', port: 0, tls, users: [USER], clock: () => NOW },
    routes: {
      '/dataservice/device': ({ system }) => [{ 'host-name': system ?? 'all', reachability: 'reachable' }],
      '/dataservice/event': () => EVENTS,
    },
    ...overrides,
  });
const createDriver = (overrides: Partial<RestDriverOptions> = {}) =>
  keep(createRestDriver({ timers: systemTimers, loopback: true, ...overrides }));
const endpointOf = (baseUrl: string, rest: { ca?: string; password?: string } = {}): DeviceEndpoint => ({
  ...{ tenant: 'acme', device: 'br2_edge' },
  rest: { baseUrl, ca: ca.cert, user: USER.name, password: USER.password, ...rest },
});
const get = (path: string, query: Readonly<Record<string, string>> = {}): Operation => ({
  ...{ protocol: 'rest', kind: 'get', device: 'br2_edge', path, query },
});
const failure = async (run: Promise<unknown>): Promise<string> => {
  const error: unknown = await run.then(
    (value) => expect.fail(`got ${JSON.stringify(value)}`),
    (reason) => reason,
  );
  expect(error).toBeInstanceOf(DriverError);
  return error instanceof DriverError ? error.code : '';
};

describe('reading', () => {
  it('logs in once and keeps its session', async () => {
    const controller = keep(await startController({ requestsPerSecond: 3 }));
    const driver = createDriver();
    for (let i = 0; i < 2; i += 1) {
      expect(
        await driver.run(endpointOf(controller.baseUrl), get('/dataservice/device', { system: '10.0.0.1 &x=y' })),
      ).toEqual({
        protocol: 'rest',
        json: { header: { generatedOn: NOW }, data: [{ 'host-name': '10.0.0.1 &x=y', reachability: 'reachable' }] },
      });
    }
  });

  it('logs in again when its session has ended', async () => {
    let now = NOW;
    const controller = keep(await startController({ clock: () => now }));
    const driver = createDriver();
    await driver.run(endpointOf(controller.baseUrl), get('/dataservice/device'));
    now += 3_600_000;
    expect(await driver.run(endpointOf(controller.baseUrl), get('/dataservice/device'))).toMatchObject({
      json: { header: { generatedOn: now } },
    });
  });

  it('follows the pages of a scroll, up to its limit', async () => {
    const controller = keep(await startController());
    const events = get('/dataservice/event', { count: '10' });
    expect(await createDriver().run(endpointOf(controller.baseUrl), events)).toMatchObject({ json: { data: EVENTS } });
    expect(await failure(createDriver({ maxRows: 24 }).run(endpointOf(controller.baseUrl), events))).toBe('PROTOCOL');
  });

  it('waits once when it is told to, and no second time', async () => {
    let now = NOW;
    const waits: number[] = [];
    const timersThat = (passing: number): Timers => ({
      set: (ms, run) => {
        if (ms >= 10_000) return () => undefined;
        waits.push(ms);
        now += passing;
        return systemTimers.set(0, run);
      },
    });
    const controller = keep(await startController({ clock: () => now, requestsPerSecond: 2 }));
    const patient = createDriver({ timers: timersThat(1_000) });
    await patient.run(endpointOf(controller.baseUrl), get('/dataservice/device'));
    await patient.run(endpointOf(controller.baseUrl), get('/dataservice/device'));
    expect(waits).toEqual([1_000]);
    const hasty = createDriver({ timers: timersThat(0) });
    now += 1_000;
    await hasty.run(endpointOf(controller.baseUrl), get('/dataservice/device'));
    expect(await failure(hasty.run(endpointOf(controller.baseUrl), get('/dataservice/device')))).toBe('PROTOCOL');
    expect(waits).toEqual([1_000, 1_000]);
  });
});

describe('failing', () => {
  it('says AUTHENTICATION for a wrong password', async () => {
    const controller = keep(await startController());
    const run = createDriver().run(endpointOf(controller.baseUrl, { password: 'guess' }), get('/dataservice/device'));
    expect(await failure(run)).toBe('AUTHENTICATION');
  });

  it('says HOST_KEY for another authority and for a certificate of another address', async () => {
    const other = await createCertificateAuthority(VALIDITY);
    const elsewhere = await issueCertificate({
      ca,
      commonName: '127.0.0.1',
      ipAddresses: ['127.0.0.9'],
      validity: VALIDITY,
    });
    const controller = keep(await startController());
    const displaced = keep(await startController({ tls: elsewhere }));
    const driver = createDriver();
    expect(
      await failure(driver.run(endpointOf(controller.baseUrl, { ca: other.cert }), get('/dataservice/device'))),
    ).toBe('HOST_KEY');
    expect(await failure(driver.run(endpointOf(displaced.baseUrl), get('/dataservice/device')))).toBe('HOST_KEY');
  });

  it('says RPC_ERROR with the status for what the controller does not have', async () => {
    const controller = keep(await startController());
    const error = await createDriver()
      .run(endpointOf(controller.baseUrl), get('/dataservice/nothing'))
      .catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: 'RPC_ERROR', tag: '404' });
  });

  it('says UNREACHABLE when nobody listens, LOST when the controller hangs up', async () => {
    const gone = await startController();
    await gone.close();
    const silent = keep(await startController({ reachable: () => false }));
    expect(await failure(createDriver().run(endpointOf(gone.baseUrl), get('/dataservice/device')))).toBe('UNREACHABLE');
    expect(await failure(createDriver().run(endpointOf(silent.baseUrl), get('/dataservice/device')))).toBe('LOST');
  });

  it.each([
    ...[
      '/',
      '/dataservice',
      '/dataservice/',
      '/dataservices/device',
      '//other/dataservice/device',
      'dataservice/device',
    ],
    ...[
      '/dataservice/../admin',
      '/dataservice/./device',
      '/dataservice/%2e%2e/admin',
      '/dataservice/a\r\nb',
      '/dataservice/a?b=c',
    ],
    ...['/dataservice/a\\..\\b', '/dataservice/a#b', '/dataservice/a b'],
  ])('refuses the path %j before anything is sent', async (path) => {
    expect(await failure(createDriver().run(endpointOf('https://127.0.0.1:9'), get(path)))).toBe('UNSUPPORTED');
  });

  it('refuses to speak without TLS', async () => {
    expect(await failure(createDriver().run(endpointOf('http://127.0.0.1:9'), get('/dataservice/device')))).toBe(
      'UNSUPPORTED',
    );
  });
});

describe('a controller that breaks the rules', () => {
  /** Lets everybody in, then answers as it likes. */
  async function startRogue(answer: RequestListener): Promise<string> {
    const server = createServer(tls, (request, response) => {
      if (request.url !== '/j_security_check') return answer(request, response);
      request.resume();
      response.setHeader('set-cookie', 'JSESSIONID=abc; Path=/').end();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
    keep({
      close: () => {
        server.close();
        server.closeAllConnections();
      },
    });
    const bound = server.address();
    return `https://127.0.0.1:${typeof bound === 'object' && bound !== null ? bound.port : 0}`;
  }
  const json = { 'content-type': 'application/json' };
  const header = { generatedOn: NOW };
  const deep = (levels: number): string =>
    `{"header":{"generatedOn":1},"data":[${'['.repeat(levels)}${']'.repeat(levels)}]}`;

  const rogues: readonly (readonly [string, RequestListener])[] = [
    ['redirects', (_, response) => response.writeHead(302, { location: '/dataservice/other' }).end()],
    ['compresses', (_, response) => response.writeHead(200, { ...json, 'content-encoding': 'gzip' }).end('x')],
    [
      'announces too much',
      (_, response) => response.writeHead(200, { ...json, 'content-length': '8388609' }).write(' '),
    ],
    ['sends too much', (_, response) => response.writeHead(200, json).end(Buffer.alloc(8_388_609, ' '))],
    ['nests deeply', (_, response) => response.writeHead(200, json).end(deep(15))],
    ['nests very deeply', (_, response) => response.writeHead(200, json).end(deep(1_000_000))],
    ['sends a page of HTML', (_, response) => response.writeHead(200, { 'content-type': 'text/html' }).end('{}')],
    ['sends half of its JSON', (_, response) => response.writeHead(200, json).end('{"header":')],
    ['sends another form', (_, response) => response.writeHead(200, json).end('{"data":{}}')],
    [
      'sends a number JSON has not',
      (_, response) => response.writeHead(200, json).end('{"header":{"generatedOn":1},"data":[1e999]}'),
    ],
    [
      'says one name twice',
      (_, response) => response.writeHead(200, json).end('{"header":{"generatedOn":1},"data":[],"data":[1]}'),
    ],
    [
      'scrolls for ever',
      (_, response) =>
        response
          .writeHead(200, json)
          .end(JSON.stringify({ header, data: [], pageInfo: { hasMoreData: true, scrollId: 'x' } })),
    ],
  ];
  it.each(rogues)('is refused when it %s', async (_, answer) => {
    const baseUrl = await startRogue(answer);
    expect(await failure(createDriver().run(endpointOf(baseUrl), get('/dataservice/device')))).toBe('PROTOCOL');
  });

  it('is believed up to the depth that is allowed', async () => {
    const baseUrl = await startRogue((_, response) => response.writeHead(200, json).end(deep(14)));
    expect(await createDriver().run(endpointOf(baseUrl), get('/dataservice/device'))).toMatchObject({
      protocol: 'rest',
    });
  });

  it('does not make the driver log in for ever', async () => {
    const baseUrl = await startRogue((_, response) => response.writeHead(401).end());
    expect(await failure(createDriver().run(endpointOf(baseUrl), get('/dataservice/device')))).toBe('AUTHENTICATION');
  });

  it('cannot keep the driver waiting beyond the deadline or an abort', async () => {
    const baseUrl = await startRogue(() => undefined);
    expect(await failure(createDriver({ deadlineMs: 300 }).run(endpointOf(baseUrl), get('/dataservice/device')))).toBe(
      'TIMEOUT',
    );
    const stop = new AbortController();
    const run = createDriver().run(endpointOf(baseUrl), get('/dataservice/device'), stop.signal);
    stop.abort();
    expect(await failure(run)).toBe('TIMEOUT');
  });
});
