/** A controller that lets everybody in and then answers as it likes, over real TLS; and the REST driver that reads it. */
import type { RequestListener } from 'node:http';
import { createServer } from 'node:https';
import { createServer as createTcpServer } from 'node:net';
import type { TLSSocketOptions } from 'node:tls';
import { DriverError } from '../../broker/drivers/driver.ts';
import { createRestDriver, type RestDriverOptions } from '../../broker/drivers/rest/driver.ts';
import { systemTimers } from '../../protocols/netconf/timers.ts';
import {
  type CertifiedKey,
  createCertificateAuthority,
  issueCertificate,
} from '../../simulators/protocols/rest/certificate.ts';
import { type Attempt, laboratory } from './attack.ts';

export const VALIDITY = { notBefore: new Date('2020-01-01T00:00:00Z'), days: 36_500 };
export const PATH = '/dataservice/device';
export const JSON_TYPE = { 'content-type': 'application/json' };
export const GOOD = '{"header":{"generatedOn":1},"data":[1]}';

export type RestLab = Awaited<ReturnType<typeof open>>;
export const openRestLab = laboratory(open);

async function open() {
  const ca = await createCertificateAuthority(VALIDITY);
  const certify = (more: Partial<Parameters<typeof issueCertificate>[0]> = {}): Promise<CertifiedKey> =>
    issueCertificate({ ca, commonName: 'director', ipAddresses: ['127.0.0.1'], validity: VALIDITY, ...more });
  const tls = await certify();
  const closers: (() => void)[] = [];

  /** `asked` has the path of every request but the login. */
  async function startRogue(answer: RequestListener, options: CertifiedKey & TLSSocketOptions = tls) {
    const asked: string[] = [];
    const server = createServer(options, (request, response) => {
      if (request.url === '/j_security_check') {
        request.resume();
        response.setHeader('set-cookie', 'JSESSIONID=abc; Path=/').end();
        return;
      }
      asked.push(request.url ?? '');
      answer(request, response);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
    closers.push(() => server.close().closeAllConnections());
    const bound = server.address();
    const port = typeof bound === 'object' && bound !== null ? bound.port : 0;
    return { url: `https://127.0.0.1:${port}`, port, asked };
  }

  /** Counts who connects, on all addresses of this machine. */
  async function startListener() {
    let connections = 0;
    const server = createTcpServer((socket) => {
      connections += 1;
      socket.on('error', () => undefined).destroy();
    });
    await new Promise<void>((resolve) => server.listen(0, () => resolve()));
    closers.push(() => server.close());
    const bound = server.address();
    return { port: typeof bound === 'object' && bound !== null ? bound.port : 0, connections: () => connections };
  }

  /** Reads. Refused means a `DriverError`: any answer was believed. */
  async function read(baseUrl: string, path = PATH, options: Partial<RestDriverOptions> = {}): Promise<Attempt> {
    const driver = createRestDriver({ timers: systemTimers, loopback: true, ...options });
    const endpoint = {
      ...{ tenant: 'acme', device: 'br2_edge' },
      rest: { baseUrl, ca: ca.cert, user: 'wayleave', password: 'a password & more' },
    };
    try {
      const body = await driver.run(endpoint, { protocol: 'rest', kind: 'get', device: 'br2_edge', path, query: {} });
      return { refused: false, how: `believed ${JSON.stringify(body).slice(0, 60)}` };
    } catch (error) {
      if (!(error instanceof DriverError)) throw error;
      return { refused: true, how: `${error.code}: ${error.message}` };
    } finally {
      await driver.close();
    }
  }

  const close = async (): Promise<void> => {
    for (const each of closers) each();
  };
  return { ca, tls, certify, startRogue, startListener, read, close };
}
