/**
 * The HTTPS API of a simulated SD-WAN controller, shaped like a public SD-WAN manager's: form login, session cookie,
 * XSRF token, `{header, data}` answers, scrolling, a rate limit. Read only; what it tells is the caller's table of routes.
 */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { Socket } from 'node:net';
import { QueryError } from '../../../protocols/controller/endpoint.ts';
import { createScrolls, type JsonObject, type Page } from './scroll.ts';

export type RouteTable = Readonly<Record<string, (query: Readonly<Record<string, string>>) => readonly JsonObject[]>>;

export interface RestControllerOptions {
  readonly host: string;
  /** 0 for any free port. */
  readonly port: number;
  /** PEM. */
  readonly tls: { readonly cert: string; readonly key: string };
  readonly users: readonly { readonly name: string; readonly password: string }[];
  /** Rows by path, e.g. `/dataservice/device`; called once for each request (a scroll keeps what it began with). A `QueryError` is the client's. */
  readonly routes: RouteTable;
  /** A document that describes the API, served under its path without a session; the argument is the base URL. */
  readonly description?: { readonly path: string; readonly document: (baseUrl: string) => object };
  /** Epoch milliseconds; the controller's own clock. */
  readonly clock: () => number;
  /** A controller that is not reachable hangs up without a word. */
  readonly reachable?: () => boolean;
  /** Requests in any window of one second; 100 if absent. */
  readonly requestsPerSecond?: number;
  /** Rows in a page at most, whatever is asked for; 10,000 if absent. */
  readonly pageRows?: number;
  readonly random?: (bytes: number) => Buffer;
}

export interface RestController {
  /** `https://host:port` without a slash at the end. */
  readonly baseUrl: string;
  readonly address: string;
  readonly port: number;
  close(): Promise<void>;
}

const MAX_SESSIONS = 64;
const SESSION_MS = 1_800_000;
const MAX_FORM_BYTES = 4_096;
const WINDOW_MS = 1_000;

interface ApiSession {
  readonly xsrfToken: string;
  usedAt: number;
}

type Answer = {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
} & ({ readonly text: string } | { readonly json: object } | { readonly page: Page } | { readonly error: string });

export async function startRestController(options: RestControllerOptions): Promise<RestController> {
  const answer = createAnswers(options);
  const sockets = new Set<Socket>();
  const server = createServer({ ...options.tls, minVersion: 'TLSv1.2' }, (request, response) => {
    if (options.reachable?.() === false) {
      request.destroy();
      return;
    }
    answer(request).then(
      (found) => send(response, found, options.clock()),
      () => response.destroy(),
    );
  });
  server.on('connection', (socket: Socket) => {
    if (options.reachable?.() === false) {
      socket.destroy();
      return;
    }
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  server.on('tlsClientError', () => undefined); // the client knows
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, options.host, () => {
      server.off('error', reject);
      resolve();
    });
  });
  const bound = server.address();
  if (bound === null || typeof bound === 'string') throw new Error('the listener has no address');
  const { address, port, family } = bound;
  return {
    baseUrl: `https://${family === 'IPv6' ? `[${address}]` : address}:${port}`,
    address,
    port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

function createAnswers(options: RestControllerOptions): (request: IncomingMessage) => Promise<Answer> {
  const { clock, routes, users } = options;
  const random = options.random ?? randomBytes;
  const sessions = new Map<string, ApiSession>();
  const scrolls = createScrolls(random, options.pageRows);
  const perWindow = options.requestsPerSecond ?? 100;
  let window = { start: clock(), requests: 0 };

  const isLimited = (): boolean => {
    if (clock() - window.start >= WINDOW_MS) window = { start: clock(), requests: 0 };
    window.requests += 1;
    return window.requests > perWindow;
  };
  const logIn = async (request: IncomingMessage): Promise<Answer> => {
    const form = new URLSearchParams(await readForm(request));
    const password = form.get('j_password') ?? '';
    const user = users.find(({ name }) => name === form.get('j_username'));
    if (user === undefined || !equalSecrets(user.password, password)) return { status: 401, error: 'login failed' };
    const id = random(24).toString('base64url');
    sessions.set(id, { xsrfToken: random(24).toString('base64url'), usedAt: clock() });
    const [oldest] = sessions.keys();
    if (sessions.size > MAX_SESSIONS && oldest !== undefined) sessions.delete(oldest);
    return { status: 200, text: '', headers: { 'set-cookie': `JSESSIONID=${id}; Path=/; Secure; HttpOnly` } };
  };
  const findSession = (request: IncomingMessage): ApiSession | undefined => {
    const id = /(?:^|;\s*)JSESSIONID=([\w-]+)/.exec(request.headers.cookie ?? '')?.[1];
    const session = id === undefined ? undefined : sessions.get(id);
    if (session === undefined || clock() - session.usedAt > SESSION_MS) return undefined;
    session.usedAt = clock();
    return session;
  };

  return async (request) => {
    if (isLimited()) return { status: 429, error: 'too many requests', headers: { 'retry-after': '1' } };
    const url =
      URL.canParse(request.url ?? '', 'https://controller') && new URL(request.url ?? '', 'https://controller');
    if (url === false) return { status: 400, error: 'bad request' };
    if (url.pathname === '/j_security_check') {
      return request.method === 'POST' ? logIn(request) : { status: 405, error: 'method not allowed' };
    }
    const { description } = options;
    if (url.pathname === description?.path && request.method === 'GET') {
      const base = `https://${request.headers.host ?? 'controller'}`;
      return { status: 200, json: description.document(base) };
    }
    if (!url.pathname.startsWith('/dataservice/') && url.pathname !== '/logout')
      return { status: 404, error: 'not found' };
    const session = findSession(request);
    if (session === undefined) return { status: 401, error: 'no session' };
    if (request.method !== 'GET') {
      const token = request.headers['x-xsrf-token'];
      const proven = typeof token === 'string' && equalSecrets(session.xsrfToken, token);
      if (!proven) return { status: 403, error: 'XSRF token missing' };
      if (url.pathname !== '/logout' || request.method !== 'POST') return { status: 405, error: 'method not allowed' };
      for (const [id, one] of sessions) if (one === session) sessions.delete(id);
      return { status: 200, text: '' };
    }
    if (url.pathname === '/dataservice/client/token') return { status: 200, text: session.xsrfToken };
    const query = Object.fromEntries(url.searchParams);
    const route = Object.hasOwn(routes, url.pathname) ? routes[url.pathname] : undefined;
    if (route === undefined) return { status: 404, error: 'not found' };
    try {
      const page = scrolls.read(url.pathname, query, () => route(query));
      return page === undefined ? { status: 400, error: 'bad count or scrollId' } : { status: 200, page };
    } catch (error) {
      if (error instanceof QueryError) return { status: 400, error: error.message };
      throw error;
    }
  };
}

function send(response: ServerResponse, answer: Answer, now: number): void {
  const header = { generatedOn: now };
  const body =
    'text' in answer
      ? answer.text
      : 'json' in answer
        ? JSON.stringify(answer.json)
        : 'page' in answer
          ? JSON.stringify({ header, ...answer.page })
          : JSON.stringify({ header, data: [], error: { code: String(answer.status), message: answer.error } });
  response.writeHead(answer.status, {
    'content-type': 'text' in answer ? 'text/plain;charset=UTF-8' : 'application/json;charset=UTF-8',
    'cache-control': 'no-store',
    ...answer.headers,
  });
  response.end(body);
}

async function readForm(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request) {
    const part = Buffer.from(chunk);
    bytes += part.length;
    if (bytes > MAX_FORM_BYTES) throw new RangeError('the form is too long');
    chunks.push(part);
  }
  return Buffer.concat(chunks).toString('utf8');
}

const equalSecrets = (a: string, b: string): boolean => timingSafeEqual(digest(a), digest(b));
const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
