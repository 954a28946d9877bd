/** The broker's HTTP application: login and tokens, MCP servers, and the API for people, behind one set of guards. */
import type { HttpBindings } from '@hono/node-server';
import { Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import type { Broker } from '../contract.ts';
import { WayleaveError } from '../errors.ts';
import { AuthenticationFailure } from '../identity/authenticate.ts';
import type { AuthorizationServer } from '../identity/authorization-server.ts';
import type { Login } from '../identity/login.ts';
import { mcpRoutes } from '../mcp/mcp-routes.ts';
import type { AuditEntry, Clock, Ids, Sessions } from '../ports.ts';
import type { Authenticate } from '../stages/authenticate.ts';
import type { ControlDesk } from './control-desk.ts';
import { controlRoutes } from './control-routes.ts';
import { oauthRoutes } from './oauth-routes.ts';
import { MAX_BODY_BYTES } from './request.ts';

export interface BrokerAppDeps {
  /** As the server knows itself, without a trailing slash; also the issuer. */
  readonly url: string;
  readonly authorizationServer: AuthorizationServer;
  readonly login: Login;
  readonly authenticate: Authenticate;
  readonly broker: Broker;
  readonly controlDesk: ControlDesk;
  readonly sessions: Sessions;
  readonly ids: Ids;
  readonly clock: Clock;
  /** Writes refused credentials to the audit log; those of tool calls are written by the pipeline itself. */
  readonly record: (entry: AuditEntry) => Promise<unknown>;
  /** False while the broker must not be used yet, or no longer (start-up, failed self-check, broken log). */
  readonly isReady: () => boolean;
  readonly log: { error(fields: { readonly [key: string]: unknown }, message: string): void };
}

const SECURITY_HEADERS = {
  'Cache-Control': 'no-store',
  'Content-Security-Policy': "default-src 'none'; frame-ancestors 'none'; base-uri 'none'",
  'Referrer-Policy': 'same-origin', // not no-referrer: browsers would then post the login form with `Origin: null`
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
  'Cross-Origin-Resource-Policy': 'same-origin',
} as const;

export function createBrokerApp(deps: BrokerAppDeps): Hono<{ Bindings: HttpBindings }> {
  const self = new URL(deps.url);
  const app = new Hono<{ Bindings: HttpBindings }>();

  app.use(async (c, next) => {
    for (const [name, value] of Object.entries(SECURITY_HEADERS)) c.header(name, value);
    // DNS rebinding: another name for this address is not this server, and another site's page is not its client.
    if (c.req.header('host') !== self.host) throw new WayleaveError('USAGE', 'Unknown host.');
    const origin = c.req.header('origin');
    if (origin !== undefined && origin !== self.origin) throw new WayleaveError('DENIED', 'Unknown origin.');
    await next();
  });
  const limited = bodyLimit({
    maxSize: MAX_BODY_BYTES,
    onError: () => {
      throw new WayleaveError('TOO_LARGE');
    },
  });
  for (const path of ['/api/*', '/mcp/*', '/oauth/login/*']) app.use(path, limited);

  app.get('/healthz', (c) => c.json({ status: 'ok' }));
  app.get('/readyz', (c) => {
    if (!deps.isReady()) throw new WayleaveError('UNAVAILABLE');
    return c.json({ status: 'ready' });
  });
  app.route('/', oauthRoutes(deps.url, deps.authorizationServer, deps.login));
  const authenticate = recordRefusals(deps);
  app.route('/mcp', mcpRoutes({ ...deps, authenticate }));
  app.route('/api', controlRoutes({ ...deps, authenticate }));

  app.notFound(() => {
    throw new WayleaveError('NOT_FOUND');
  });
  app.onError((error, c) => {
    const refusal = error instanceof WayleaveError ? error : defect(deps, error);
    for (const [name, value] of Object.entries(SECURITY_HEADERS)) c.header(name, value);
    if (refusal.code === 'TOO_LARGE') c.header('Connection', 'close'); // the rest of the body is not read
    if (refusal.code === 'UNAUTHENTICATED') c.header('WWW-Authenticate', challenge(deps.url, c.req.path));
    return new Response(JSON.stringify(refusal), {
      status: refusal.status,
      headers: { ...Object.fromEntries(c.res.headers), 'Content-Type': 'application/json' },
    });
  });
  return app;
}

/** The log has the reason that the caller is not told. */
function recordRefusals(deps: BrokerAppDeps): Authenticate {
  return async (credential, audience) => {
    try {
      return await deps.authenticate(credential, audience);
    } catch (error) {
      const reason = error instanceof AuthenticationFailure ? error.reason : 'failed';
      const at = new Date(deps.clock.now()).toISOString();
      await deps.record({ at, tenant: '-', kind: 'refused', content: { error: 'UNAUTHENTICATED', audience, reason } });
      throw error;
    }
  };
}

/** RFC 9449 §7.1 and RFC 9728 §5.1. One challenge for all causes. */
function challenge(url: string, path: string): string {
  const suffix = /^\/mcp\/[a-z]+$/.test(path) ? path : '';
  return `DPoP algs="ES256", resource_metadata="${url}/.well-known/oauth-protected-resource${suffix}"`;
}

/** An unexpected error: the caller hears an id, the log has the rest. */
function defect(deps: BrokerAppDeps, error: unknown): WayleaveError {
  const id = deps.ids.id('err');
  deps.log.error({ err: error, id }, 'a request failed unexpectedly');
  return new WayleaveError('INTERNAL', `Something failed inside Wayleave (${id}).`);
}
