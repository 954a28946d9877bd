/** A login in the person's own browser: waits on loopback for the address to which the broker sends it back (RFC 8252 §7.3). */
import { createServer } from 'node:http';
import { WayleaveError } from '../../broker/errors.ts';
import { beginLogin, type ClientDeps } from '../client/login.ts';
import type { ClientSession } from '../client/session.ts';

/** How long somebody may take over it. */
const PATIENCE_MS = 300_000;

export interface BrowserLogin {
  readonly issuer: string;
  readonly audiences: readonly string[];
  /** Tells the person which address to open. */
  readonly show: (url: string) => void;
  /** Aborts the wait. */
  readonly interrupted: AbortSignal;
}

/** Errors: `LOGIN_FAILED`, also when nobody came in time. */
export async function loginInBrowser(login: BrowserLogin, deps: ClientDeps): Promise<ClientSession> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new WayleaveError('INTERNAL');
  const redirect = `http://127.0.0.1:${address.port}/callback`;
  try {
    const begun = await beginLogin({ issuer: login.issuer, user: '', audiences: login.audiences }, redirect, deps);
    const callback = new Promise<URL>((resolve, reject) => {
      const stop = AbortSignal.any([login.interrupted, AbortSignal.timeout(PATIENCE_MS)]);
      stop.addEventListener('abort', () => reject(new WayleaveError('LOGIN_FAILED', 'Nobody logged in.')));
      server.on('request', (request, response) => {
        const url = new URL(request.url ?? '/', redirect);
        response.setHeader('Content-Type', 'text/plain').setHeader('Connection', 'close');
        if (url.pathname !== '/callback') return void response.writeHead(404).end();
        response.end('You are logged in, or were not; the terminal tells. This page can be closed.\n');
        resolve(url);
      });
    });
    login.show(begun.url);
    return await begun.finish(await callback);
  } finally {
    server.close();
    server.closeAllConnections();
  }
}
