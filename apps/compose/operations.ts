/** What those who run Wayleave ask of every process: is it alive, can it work, and its numbers. */
import { createHash, timingSafeEqual } from 'node:crypto';
import { Counter, type Registry } from 'prom-client';
import type { WebApp } from '../../broker/http/server.ts';

export interface OperationsDeps {
  readonly registry: Registry;
  /** Who asks for the numbers must show it; empty: nobody gets them. */
  readonly token: string;
  /** Why it cannot work now; undefined when it can. Absent: the application answers `/readyz` itself. */
  readonly whyNotReady?: () => Promise<string | undefined>;
}

const METHODS = ['GET', 'POST', 'DELETE', 'PUT', 'HEAD', 'OPTIONS'];
const HEADERS = { 'Cache-Control': 'no-store', 'X-Content-Type-Options': 'nosniff' };

/** The application with `/metrics` (and `/healthz`, `/readyz` where it has none) before it. */
export function withOperations(app: WebApp, { registry, token, whyNotReady }: OperationsDeps): WebApp {
  const requests = new Counter({
    name: 'wayleave_http_requests_total',
    help: 'HTTP requests by method and class of status',
    labelNames: ['method', 'status'],
    registers: [registry],
  });
  const json = (status: number, body: object): Response => Response.json(body, { status, headers: HEADERS });

  async function answer(request: Request, bindings: Parameters<WebApp['fetch']>[1]): Promise<Response> {
    const { pathname } = new URL(request.url);
    if (pathname === '/metrics' && request.method === 'GET') {
      if (token === '') return json(404, { error: { code: 'NOT_FOUND' } });
      if (!isToken(request.headers.get('authorization') ?? '', token))
        return json(401, { error: { code: 'UNAUTHENTICATED' } });
      return new Response(await registry.metrics(), { headers: { ...HEADERS, 'Content-Type': registry.contentType } });
    }
    if (whyNotReady !== undefined && pathname === '/healthz') return json(200, { status: 'ok' });
    if (whyNotReady !== undefined && pathname === '/readyz') {
      const why = await whyNotReady().catch(() => 'it cannot be found out');
      return why === undefined ? json(200, { status: 'ready' }) : json(503, { status: 'not ready', why });
    }
    return answerOf(await app.fetch(request, bindings));
  }

  return {
    fetch: async (request, bindings) => {
      const response = await answer(request, bindings);
      const method = METHODS.includes(request.method) ? request.method : 'other';
      requests.inc({ method, status: `${Math.floor(response.status / 100)}xx` });
      return response;
    },
  };
}

const answerOf = (value: unknown): Response =>
  value instanceof Response ? value : new Response(null, { status: 500 });

const PATIENCE_MS = 3_000;

/** For those who can do nothing without it. */
export async function whyBrokerIsAway(url: string, reach: typeof fetch): Promise<string | undefined> {
  try {
    const response = await reach(`${url}/healthz`, { redirect: 'error', signal: AbortSignal.timeout(PATIENCE_MS) });
    await response.body?.cancel();
    return response.ok ? undefined : `the broker answers ${response.status}`;
  } catch {
    return 'the broker cannot be reached';
  }
}

/** Compared as digests: neither content nor length shows in the time. */
export function isToken(header: string, token: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(header), digest(`Bearer ${token}`));
}
