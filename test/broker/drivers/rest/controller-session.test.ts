/** The REST driver's session at a controller: one login for all, its end, the XSRF token, and patience. */

import { randomBytes } from 'node:crypto';
import { createServer, request } from 'node:https';
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

const times = <T>(count: number, make: () => T): readonly T[] => Array.from({ length: count }, make);

type Scripted = readonly [status: number, headers?: Readonly<Record<string, string>>, body?: string];

/** A controller that lets everybody in and answers each request as `script` says (`n`: how often the path was asked before), else without rows. */
async function startScripted(script: (path: string, n: number) => Scripted | 'silence' | undefined) {
  const asked: string[] = [];
  const counts = new Map<string, number>();
  const server = createServer(tls, (incoming, response) => {
    const path = incoming.url ?? '';
    const n = counts.get(path) ?? 0;
    counts.set(path, n + 1);
    asked.push(`${incoming.method} ${path} ${String(incoming.headers['x-xsrf-token'] ?? '')}`);
    incoming.resume();
    const said = script(path, n);
    if (said === 'silence') return;
    if (said !== undefined) {
      response.writeHead(said[0], said[1]).end(said[2]);
    } else if (path === '/j_security_check') {
      response.setHeader('set-cookie', `JSESSIONID=${n}; Path=/`).end();
    } else {
      const body = JSON.stringify({ header: { generatedOn: NOW }, data: [] });
      response.writeHead(200, { 'content-type': 'application/json' }).end(body);
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
  const bound = server.address();
  return {
    asked,
    baseUrl: `https://127.0.0.1:${typeof bound === 'object' && bound !== null ? bound.port : 0}`,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

/** Status of a read with a cookie of the test's choice. */
const askDevice = (baseUrl: string, cookie: string): Promise<number> =>
  new Promise((resolve, reject) => {
    request(`${baseUrl}/dataservice/device`, { ca: ca.cert, headers: { cookie }, agent: false }, (answer) => {
      answer.resume();
      resolve(answer.statusCode ?? 0);
    })
      .on('error', reject)
      .end();
  });

describe('the session', () => {
  it('is begun once for all who wait, and again once for all when it has ended', async () => {
    const logins = () => controller.asked.filter((each) => each.includes('j_security_check')).length;
    const controller = keep(
      await startScripted((path, n) => (path === '/dataservice/device' && n >= 3 && n < 6 ? [401] : undefined)),
    );
    const driver = createDriver();
    const three = () =>
      Promise.all(times(3, () => driver.run(endpointOf(controller.baseUrl), get('/dataservice/device'))));
    await three();
    expect(logins()).toBe(1);
    await three();
    expect(logins()).toBe(2);
  });

  it('has ended when the form of the login comes instead of an answer', async () => {
    const html = { 'content-type': 'text/html;charset=UTF-8' };
    const forms = keep(
      await startScripted((path, n) =>
        path === '/dataservice/device' && n === 1 ? [200, html, '<form/>'] : undefined,
      ),
    );
    const driver = createDriver();
    await driver.run(endpointOf(forms.baseUrl), get('/dataservice/device'));
    await driver.run(endpointOf(forms.baseUrl), get('/dataservice/device'));
    expect(forms.asked.map((each) => each.split(' ')[1])).toEqual([
      ...['/j_security_check', '/dataservice/device', '/dataservice/device'],
      ...['/j_security_check', '/dataservice/device'],
    ]);
  });

  it('is ended with its XSRF token when the driver closes, and not without a session', async () => {
    const controller = keep(await startScripted((path) => (path.endsWith('/token') ? [200, {}, 'tok-1'] : undefined)));
    const driver = createDriver();
    await driver.run(endpointOf(controller.baseUrl), get('/dataservice/device'));
    await driver.close();
    expect(controller.asked.slice(2)).toEqual(['GET /dataservice/client/token ', 'POST /logout tok-1']);
    await createDriver().close();
  });

  it('is ended at the simulated controller, whose sessions are few', async () => {
    const ids: string[] = [];
    const random = (bytes: number): Buffer => {
      const made = randomBytes(bytes);
      ids.push(made.toString('base64url'));
      return made;
    };
    const controller = keep(await startController({ random }));
    const driver = createDriver();
    await driver.run(endpointOf(controller.baseUrl), get('/dataservice/device'));
    const probe = () => askDevice(controller.baseUrl, `JSESSIONID=${ids[0]}`);
    expect(await probe()).toBe(200);
    await driver.close();
    expect(await probe()).toBe(401);
  });

  it('does not keep a closing driver waiting for a controller that says nothing', async () => {
    const mute = keep(await startScripted((path) => (path.endsWith('/token') ? 'silence' : undefined)));
    const timers: Timers = { set: (ms, run) => systemTimers.set(ms === 2_000 ? 20 : ms, run) };
    const driver = createRestDriver({ timers, loopback: true });
    await driver.run(endpointOf(mute.baseUrl), get('/dataservice/device'));
    await driver.close();
  });
});

describe('a busy controller', () => {
  const waitsOf = () => {
    const waits: number[] = [];
    const timers: Timers = {
      set: (ms, run) => {
        if (ms >= 10_000) return () => undefined;
        waits.push(ms);
        return systemTimers.set(0, run);
      },
    };
    return { waits, driver: createDriver({ timers }) };
  };
  const date = (seconds: number): string => new Date(NOW + seconds * 1_000).toUTCString();

  it.each([
    ['429 with seconds', [429, { 'retry-after': '3' }], 3_000],
    ['429 without a word', [429], 1_000],
    ['503 with seconds', [503, { 'retry-after': '2' }], 2_000],
    ['503 with a date', [503, { 'retry-after': date(4), date: date(0) }], 4_000],
    ['a date that is over', [429, { 'retry-after': date(0), date: date(9) }], 0],
  ] as const)('is asked again when it says so: %s', async (_name, answer, ms) => {
    for (const busyAt of ['/dataservice/device', '/j_security_check']) {
      const { waits, driver } = waitsOf();
      const controller = keep(await startScripted((path, n) => (path === busyAt && n === 0 ? answer : undefined)));
      await driver.run(endpointOf(controller.baseUrl), get('/dataservice/device'));
      expect(waits).toEqual([ms]);
    }
  });

  it.each([
    ['too long', [429, { 'retry-after': '6' }], []],
    ['again', [429, { 'retry-after': '1' }], [1_000]],
  ] as const)('is not waited for %s', async (_name, answer, expected) => {
    const { waits, driver } = waitsOf();
    const controller = keep(await startScripted((path) => (path === '/dataservice/device' ? answer : undefined)));
    expect(await failure(driver.run(endpointOf(controller.baseUrl), get('/dataservice/device')))).toBe('PROTOCOL');
    expect(waits).toEqual(expected);
  });
});
