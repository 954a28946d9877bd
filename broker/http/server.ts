/** Listens: a node server with timeouts and header limits, that refuses to face a network without TLS. */
import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { isIP } from 'node:net';
import { getRequestListener } from '@hono/node-server';
import { WayleaveError } from '../errors.ts';

/** A Hono application, or anything else that answers `fetch`. */
export interface WebApp {
  readonly fetch: Parameters<typeof getRequestListener>[0];
}

export interface HttpServerOptions {
  /** Builds the application once the URL is known: with port 0, that is after listening began. Until then: 503. */
  readonly createApp: (url: string) => WebApp | Promise<WebApp>;
  /** Loopback, unless `tls` is given. */
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  readonly tls?: { readonly cert: string; readonly key: string };
  /** Name under which others reach it, when that is not `host`. */
  readonly publicHost?: string;
}

export interface HttpServer {
  readonly url: string;
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
  const limits = { maxHeaderSize: 24_576, headersTimeout: 10_000, requestTimeout: 30_000, keepAliveTimeout: 5_000 };
  const server = tls === undefined ? createServer(limits, listener) : createTlsServer({ ...limits, ...tls }, listener);
  await listen(server, host, port);
  try {
    const address = server.address();
    if (address === null || typeof address === 'string') throw new WayleaveError('INTERNAL');
    const name = options.publicHost ?? (host.includes(':') ? `[${host}]` : host);
    const url = new URL(`${tls === undefined ? 'http' : 'https'}://${name}:${address.port}`).origin;
    const app = await options.createApp(url);
    const handle = getRequestListener(app.fetch, { overrideGlobalObjects: false });
    respond = (request, response) => void handle(request, response);
    return { url, close: () => close(server) };
  } catch (error) {
    await close(server);
    throw error;
  }
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
