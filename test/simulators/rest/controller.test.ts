/** The simulated controller as any client sees it: sessions, XSRF, errors, scrolls, limits; and its certificates. */
import { X509Certificate } from 'node:crypto';
import { request } from 'node:https';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { describeController, OPENAPI_PATH } from '../../../protocols/controller/openapi.ts';
import { ENDPOINTS } from '../../../protocols/controller/routes.ts';
import {
  type CertifiedKey,
  createCertificateAuthority,
  issueCertificate,
} from '../../../simulators/protocols/rest/certificate.ts';
import {
  type RestController,
  type RestControllerOptions,
  startRestController,
} from '../../../simulators/protocols/rest/controller.ts';

const VALIDITY = { notBefore: new Date('2020-01-01T00:00:00Z'), days: 36_500 };
let ca: CertifiedKey;
let tls: CertifiedKey;
let controller: RestController | undefined;
beforeAll(async () => {
  ca = await createCertificateAuthority(VALIDITY);
  tls = await issueCertificate({ ca, commonName: 'director', ipAddresses: ['127.0.0.1', '::1'], validity: VALIDITY });
});
afterEach(async () => {
  await controller?.close();
});

interface Sent {
  readonly method?: string;
  readonly headers?: Record<string, string>;
  readonly body?: string;
}
function send(path: string, { method = 'GET', headers = {}, body }: Sent = {}) {
  return new Promise<{ status: number; text: string; headers: NodeJS.Dict<string | string[]> }>((resolve, reject) => {
    const outgoing = request(
      `${controller?.baseUrl}${path}`,
      { ca: ca.cert, method, headers, agent: false },
      (incoming) => {
        const chunks: Buffer[] = [];
        incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
        incoming.on('end', () =>
          resolve({
            status: incoming.statusCode ?? 0,
            text: Buffer.concat(chunks).toString(),
            headers: incoming.headers,
          }),
        );
      },
    );
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}
const start = async (overrides: Partial<RestControllerOptions> = {}): Promise<void> => {
  controller = await startRestController({
    ...{ host: '127.0.0.1', port: 0, tls, users: [{ name: 'reader', password: 'secret' }], clock: () => 5 },
    routes: { '/dataservice/event': () => [{ id: 1 }, { id: 2 }, { id: 3 }] },
    ...overrides,
  });
};
const logIn = async (password = 'secret') => {
  const headers = { 'content-type': 'application/x-www-form-urlencoded' };
  return send('/j_security_check', { method: 'POST', headers, body: `j_username=reader&j_password=${password}` });
};
const cookieOf = async (): Promise<string> => String((await logIn()).headers['set-cookie']).split(';')[0] ?? '';

describe('the controller', () => {
  it('lets nobody read without a session', async () => {
    await start();
    expect((await logIn('wrong')).status).toBe(401);
    for (const cookie of ['', 'JSESSIONID=guess']) {
      const answer = await send('/dataservice/event', { headers: { cookie } });
      expect([answer.status, JSON.parse(answer.text)]).toEqual([
        401,
        { header: { generatedOn: 5 }, data: [], error: { code: '401', message: 'no session' } },
      ]);
    }
  });

  it('answers rows with the time of its clock, and 404 for what it does not have', async () => {
    await start();
    const headers = { cookie: await cookieOf() };
    const answer = await send('/dataservice/event', { headers });
    expect(JSON.parse(answer.text)).toEqual({ header: { generatedOn: 5 }, data: [{ id: 1 }, { id: 2 }, { id: 3 }] });
    for (const path of ['/dataservice/other', '/dataservice/toString', '/', '/dataservice/../event']) {
      expect((await send(path, { headers })).status, path).toBe(404);
    }
  });

  it('scrolls through the rows; an id is good once and for its path', async () => {
    await start();
    const headers = { cookie: await cookieOf() };
    const first = JSON.parse((await send('/dataservice/event?count=2', { headers })).text);
    expect(first).toMatchObject({
      data: [{ id: 1 }, { id: 2 }],
      pageInfo: { count: 2, totalCount: 3, hasMoreData: true },
    });
    const next = `/dataservice/event?count=2&scrollId=${first.pageInfo.scrollId}`;
    expect(JSON.parse((await send(next, { headers })).text)).toMatchObject({
      data: [{ id: 3 }],
      pageInfo: { hasMoreData: false },
    });
    for (const path of [
      next,
      '/dataservice/event?count=0',
      '/dataservice/event?count=1e3',
      '/dataservice/event?scrollId=x',
    ]) {
      expect((await send(path, { headers })).status, path).toBe(400);
    }
  });

  it('gives no longer page than it has, whatever is asked for', async () => {
    await start({ pageRows: 1 });
    const headers = { cookie: await cookieOf() };
    expect(JSON.parse((await send('/dataservice/event?count=100', { headers })).text)).toMatchObject({
      data: [{ id: 1 }],
      pageInfo: { count: 1, totalCount: 3, hasMoreData: true },
    });
  });

  it('wants its XSRF token for anything but GET', async () => {
    await start();
    const headers = { cookie: await cookieOf() };
    const token = (await send('/dataservice/client/token', { headers })).text;
    const post = async (xsrf: string) =>
      (await send('/dataservice/event', { method: 'POST', headers: { ...headers, 'x-xsrf-token': xsrf } })).status;
    expect([await post('guess'), await post(token)]).toEqual([403, 405]);
    const leave = async (xsrf: string) =>
      (await send('/logout', { method: 'POST', headers: { ...headers, 'x-xsrf-token': xsrf } })).status;
    expect([await leave('guess'), await leave(token), await leave(token)]).toEqual([403, 200, 401]);
  });

  it('limits its requests', async () => {
    await start({ requestsPerSecond: 1 });
    await logIn();
    const answer = await send('/dataservice/event');
    expect([answer.status, answer.headers['retry-after']]).toEqual([429, '1']);
  });

  it('hangs up on a form that is too long', async () => {
    await start();
    await expect(logIn('x'.repeat(5_000))).rejects.toThrow();
  });
});

it('certificates name their addresses, chain to the authority and cannot sign others', () => {
  const leaf = new X509Certificate(tls.cert);
  const root = new X509Certificate(ca.cert);
  expect([leaf.checkIssued(root), leaf.verify(root.publicKey), leaf.ca, root.ca]).toEqual([true, true, false, true]);
  expect([leaf.checkIP('127.0.0.1'), leaf.checkIP('::1'), leaf.checkIP('127.0.0.2')]).toEqual([
    '127.0.0.1',
    '::1',
    undefined,
  ]);
});

it('describes every path of the director in OpenAPI 3.1, without a session', async () => {
  await start({ description: { path: OPENAPI_PATH, document: describeController } });
  const { status, text } = await send(OPENAPI_PATH);
  expect(status).toBe(200);
  const document = JSON.parse(text);
  expect(document).toMatchObject({ openapi: '3.1.0', servers: [{ url: controller?.baseUrl }] });
  expect(Object.keys(document.paths).sort()).toEqual(ENDPOINTS.map(({ path }) => path).sort());
  const bfd = document.paths['/dataservice/device/bfd/sessions'].get.responses['200'].content['application/json'];
  expect(Object.keys(bfd.schema.properties.data.items.properties)).toContain('detect-multiplier');
});
