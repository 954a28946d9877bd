/** Listens: a node server with timeouts and header limits, that refuses to face a network without TLS. */
import { createServer, type RequestListener, type Server, type ServerOptions } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { isIP } from 'node:net';
import { getRequestListener } from '@hono/node-server';
import { WayleaveError } from '../errors.ts';

/** A Hono application, or anything else that answers `fetch`. */
export interface WebApp {
  readonly fetch: Parameters<typeof getRequestListener>[0];
}

export interface HttpServerOptions {
  /**
   * Builds the application once the URL is known: with port 0, that is after listening began. Until then: 503.
   * `browserUrl` is where people's browsers reach it under a name, when nobody else can hold that (`browsers`).
   */
  readonly createApp: (url: string, browserUrl: string | undefined) => WebApp | Promise<WebApp>;
  /** Loopback, unless `tls` is given. */
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  readonly tls?: { readonly cert: string; readonly key: string };
  /** Name under which others reach it, when that is not `host`. */
  readonly publicHost?: string;
  /** On 127.0.0.1 it then answers to the name `localhost` too, on both of its addresses: passkeys are bound to a name. */
  readonly browsers?: boolean;
  /** A second door to the same application, on loopback, for those who show a certificate of `ca` (PEM). */
  readonly mutual?: { readonly ca: string; readonly cert: string; readonly key: string; readonly port: number };
  /** How long a client may take, when not as long as usual. */
  readonly patience?: Patience;
}

/** Milliseconds until the header of a request must be there, until all of it must be, and between looks at who is late. */
export interface Patience {
  readonly headersTimeout: number;
  readonly requestTimeout: number;
  readonly connectionsCheckingInterval: number;
}
const PATIENCE: Patience = { headersTimeout: 10_000, requestTimeout: 30_000, connectionsCheckingInterval: 5_000 };

export interface HttpServer {
  readonly url: string;
  /** Of the door that asks for certificates. */
  readonly mutualUrl?: string;
  /** Stops listening and closes what is open. */
  readonly close: () => Promise<void>;
}

/** Errors: `CONFIG_INVALID` (beyond loopback without TLS), `PORT_IN_USE`. */
export async function startHttpServer(options: HttpServerOptions): Promise<HttpServer> {
  const { host, port, tls } = options;
  if (tls === undefined && !isLoopback(host)) {
    throw new WayleaveError('CONFIG_INVALID', `Listening on ${host} without TLS is refused.`);
  }
  let respond: RequestListener = (_request, response) => void response.writeHead(503).end();
  const listener: RequestListener = (request, response) => respond(request, response);
  const limits = {
    ...{ maxHeaderSize: 24_576, keepAliveTimeout: 5_000 },
    ...(options.patience ?? PATIENCE),
    insecureHTTPParser: false, // whatever node was started with: two readings of one request are an attack
  };
  const server = tls === undefined ? createServer(limits, listener) : createTlsServer({ ...limits, ...tls }, listener);
  await listen(server, host, port);
  const twin = options.browsers === true && host === '127.0.0.1' ? createServer(limits, listener) : undefined;
  const named = twin === undefined ? undefined : await holdLocalhost(twin, portOf(server));
  const mutual = options.mutual === undefined ? undefined : createMutualServer(limits, options.mutual, listener);
  try {
    const name = options.publicHost ?? (host.includes(':') ? `[${host}]` : host);
    const url = new URL(`${tls === undefined ? 'http' : 'https'}://${name}:${portOf(server)}`).origin;
    const app = await options.createApp(url, named ?? (isIP(new URL(url).hostname) === 0 ? url : undefined));
    const handle = getRequestListener(app.fetch, { overrideGlobalObjects: false });
    respond = (request, response) => void handle(request, response);
    const open = [server, ...(twin?.listening === true ? [twin] : [])];
    const closeAll = async (): Promise<void> => void (await Promise.all(open.map(close)));
    if (mutual === undefined || options.mutual === undefined) return { url, close: closeAll };
    await listen(mutual, '127.0.0.1', options.mutual.port);
    const mutualUrl = `https://127.0.0.1:${portOf(mutual)}`;
    open.push(mutual);
    return { url, mutualUrl, close: closeAll };
  } catch (error) {
    for (const one of [mutual, twin]) if (one?.listening === true) await close(one);
    await close(server);
    throw error;
  }
}

/** The URL by name; undefined when somebody else listens where a browser would look first. A machine without IPv6 has no such place. */
async function holdLocalhost(twin: Server, port: number): Promise<string | undefined> {
  try {
    await listen(twin, '::1', port);
  } catch (error) {
    if (error instanceof WayleaveError) return undefined;
  }
  return `http://localhost:${port}`;
}

/** A connection without a certificate of the authority does not come about (RFC 8446 §4.4.2.4): TLS 1.3 only. */
function createMutualServer(
  limits: ServerOptions,
  { ca, cert, key }: { readonly ca: string; readonly cert: string; readonly key: string },
  listener: RequestListener,
): Server {
  const tls = { ca, cert, key, requestCert: true, rejectUnauthorized: true, minVersion: 'TLSv1.3' } as const;
  return createTlsServer({ ...limits, ...tls }, listener);
}

function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new WayleaveError('INTERNAL');
  return address.port;
}

/** A name or address that only this machine reaches. */
export function isLoopback(host: string): boolean {
  return (
    host === 'localhost' ||
    host === '::1' ||
    host.startsWith('::ffff:127.') ||
    (isIP(host) === 4 && host.startsWith('127.'))
  );
}

function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      reject(error.code === 'EADDRINUSE' ? new WayleaveError('PORT_IN_USE', `Port ${port} is in use.`) : error);
    });
    server.listen(port, host, resolve);
  });
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
