/** `fetch` over mutual TLS to one server that goes by another address: what a token is for stays its audience, where it is sent is this. */
import { Agent, request } from 'node:https';
import { text } from 'node:stream/consumers';
import { z } from 'zod';

/**
 * `url`: where the server listens for connections with certificates; PEM of the authority of both ends, and of our own
 * certificate and key.
 */
export const mutualTls = z.strictObject({ url: z.url(), ca: z.string(), cert: z.string(), key: z.string() });
export type MutualTls = Readonly<z.infer<typeof mutualTls>>;

const TIMEOUT_MS = 300_000;

/** Requests to `origin` go to `tls.url`; others are refused: nothing else is spoken to with this certificate. */
export function createMutualFetch(origin: string, tls: MutualTls): typeof fetch {
  const { ca, cert, key } = tls;
  const agent = new Agent({ keepAlive: true, ca, cert, key, minVersion: 'TLSv1.3', maxSockets: 32 });
  return async (input, init) => {
    const asked = new Request(input, init);
    const url = new URL(asked.url);
    if (url.origin !== origin) throw new TypeError('this connection is for one server');
    const content = Buffer.from(await asked.arrayBuffer());
    return new Promise<Response>((resolve, reject) => {
      const headers = { ...Object.fromEntries(asked.headers), host: url.host, 'content-length': content.length };
      const target = new URL(`${url.pathname}${url.search}`, tls.url);
      const sent = request(target, { method: asked.method, headers, agent, timeout: TIMEOUT_MS }, (answer) => {
        const fields = Object.entries(answer.headers).map(([name, value]): [string, string] => [name, String(value)]);
        const status = answer.statusCode ?? 502;
        text(answer)
          .then((body) => resolve(new Response(body === '' ? null : body, { status, headers: fields })))
          .catch(reject);
      });
      sent.once('timeout', () => sent.destroy(new Error('no answer in time')));
      sent.once('error', reject);
      sent.end(content);
    });
  };
}

/** How the parts beside the broker reach it: as everybody does, or by mutual TLS where that is set. */
export const createBrokerFetch = (origin: string, tls: MutualTls | undefined): typeof fetch =>
  tls === undefined ? fetch : createMutualFetch(origin, tls);
