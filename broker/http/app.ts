/** The broker's HTTP application: login and tokens, MCP servers, and the API for people, behind one set of guards. */
import { readFileSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import type { HttpBindings } from '@hono/node-server';
import { type Context, Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { sayAway } from '../away.ts';
import type { Broker } from '../contract.ts';
import { WayleaveError } from '../errors.ts';
import { AuthenticationFailure } from '../identity/authenticate.ts';
import { type AuthorizationServer, SCOPE } from '../identity/authorization-server.ts';
import type { Login } from '../identity/login.ts';
import type { RefusalTally } from '../identity/refusal-tally.ts';
import { stepUpChallenge } from '../identity/step-up.ts';
import type { ImportDesk } from '../inventory/import-devices.ts';
import { mcpRoutes } from '../mcp/mcp-routes.ts';
import type { NarrowingDesk } from '../policy-bundles/narrowing-desk.ts';
import type { Clock, Ids, Sessions } from '../ports.ts';
import type { ScheduleDesk } from '../schedules/desk.ts';
import type { WorkerDesk } from '../schedules/worker-desk.ts';
import type { Authenticate } from '../stages/authenticate.ts';
import type { UpstreamDesk } from '../upstream/desk.ts';
import type { HookDesk } from '../webhooks/desk.ts';
import type { Reception } from '../webhooks/reception.ts';
import { type ConsoleDeps, consoleRoutes } from './console-routes.ts';
import type { ControlDesk } from './control-desk.ts';
import { controlRoutes } from './control-routes.ts';
import type { IdentityDesk } from './identity-desk.ts';
import { identityRoutes } from './identity-routes.ts';
import { importRoutes } from './import-routes.ts';
import { narrowingRoutes } from './narrowing-routes.ts';
import { oauthRoutes } from './oauth-routes.ts';
import { MAX_BODY_BYTES, readSource } from './request.ts';
import { scheduleRoutes } from './schedule-routes.ts';
import { upstreamRoutes } from './upstream-routes.ts';
import { hookRoutes, webhookRoutes } from './webhook-routes.ts';
import { workerRoutes } from './worker-routes.ts';

export interface BrokerAppDeps {
  /** As the server knows itself, without a trailing slash; also the issuer. */
  readonly url: string;
  /** The name under which browsers log in, where passkeys work; absent when there is none. */
  readonly browserUrl?: string;
  readonly authorizationServer: AuthorizationServer;
  readonly login: Login;
  readonly authenticate: Authenticate;
  readonly broker: Broker;
  readonly controlDesk: ControlDesk;
  readonly sessions: Sessions;
  readonly ids: Ids;
  readonly clock: Clock;
  /** Has refused credentials in the audit log; those of tool calls are noted by the pipeline itself. */
  readonly refusals: RefusalTally;
  readonly identityDesk: IdentityDesk;
  /** Why the broker must not be used for changes (policies that do not hold, failed self-check); undefined when it may. */
  readonly whyNotReady: () => string | undefined;
  readonly upstreamDesk: UpstreamDesk;
  /** Absent where policies are fixed. */
  readonly narrowingDesk?: NarrowingDesk;
  readonly scheduleDesk: ScheduleDesk;
  readonly workerDesk: WorkerDesk;
  readonly importDesk: ImportDesk;
  readonly hookDesk: HookDesk;
  readonly reception: Reception;
  /** Throws `UNAUTHENTICATED` for what is no worker's assertion for `audience`. */
  readonly verifyWorker: (header: string | undefined, audience: string) => Promise<void>;
  /** The pages for people, when this broker serves them. */
  readonly console?: ConsoleDeps;
  readonly log: { error(fields: { readonly [key: string]: unknown }, message: string): void };
}

/** Made by `npm run openapi`. */
const OPENAPI = readFileSync(new URL('./openapi.json', import.meta.url), 'utf8');

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
  const pages = new URL(deps.browserUrl ?? deps.url);
  const app = new Hono<{ Bindings: HttpBindings }>();

  app.use(async (c, next) => {
    for (const [name, value] of Object.entries(SECURITY_HEADERS)) c.header(name, value);
    // DNS rebinding: another name for this address is not this server, and another site's page is not its client.
    const door = [self, ...(isPage(c.req.path) ? [pages] : [])].find(({ host }) => host === c.req.header('host'));
    if (door === undefined) throw new WayleaveError('USAGE', 'Unknown host.');
    const origin = c.req.header('origin');
    if (origin !== undefined && origin !== door.origin) throw new WayleaveError('DENIED', 'Unknown origin.');
    await next();
  });
  const limited = bodyLimit({
    maxSize: MAX_BODY_BYTES,
    onError: () => {
      throw new WayleaveError('TOO_LARGE');
    },
  });
  for (const path of ['/api/*', '/hooks/*', '/mcp/*', '/oauth/login/*', '/oauth/register']) app.use(path, limited);

  app.get('/openapi.json', (c) => c.body(OPENAPI, 200, { 'Content-Type': 'application/json' }));
  app.get('/healthz', (c) => c.json({ status: 'ok' }));
  app.get('/readyz', (c) => {
    const why = deps.whyNotReady();
    if (why !== undefined) throw new WayleaveError('CHANGES_STOPPED', `Changes are stopped: ${why}.`);
    return c.json({ status: 'ready' });
  });
  if (deps.console !== undefined) app.route('/', consoleRoutes(deps.console));
  app.route('/', oauthRoutes(deps));
  const authenticate = recordRefusals(deps);
  app.route('/mcp', mcpRoutes({ ...deps, authenticate, pause: (ms, signal) => setTimeout(ms, undefined, { signal }) }));
  app.route('/api/identity', identityRoutes({ ...deps, authenticate })); // before `/api`, which would use the proof up
  app.route('/api/upstreams', upstreamRoutes({ ...deps, authenticate }));
  const { narrowingDesk } = deps;
  if (narrowingDesk !== undefined)
    app.route('/api/policy/narrowing', narrowingRoutes({ ...deps, narrowingDesk, authenticate }));
  app.route('/api/schedules', scheduleRoutes({ ...deps, authenticate }));
  app.route('/api/inventory/import', importRoutes({ ...deps, authenticate }));
  app.route('/api/webhooks', webhookRoutes({ ...deps, authenticate }));
  app.route('/hooks', hookRoutes(deps));
  app.route('/api/worker', workerRoutes(deps));
  app.route('/api', controlRoutes({ ...deps, authenticate }));

  app.notFound(() => {
    throw new WayleaveError('NOT_FOUND');
  });
  app.onError(async (error, c) => {
    const refusal = error instanceof WayleaveError ? error : defect(deps, error);
    for (const [name, value] of Object.entries(SECURITY_HEADERS)) c.header(name, value);
    if (refusal.retryAfterSeconds !== undefined) c.header('Retry-After', String(refusal.retryAfterSeconds));
    if (refusal.code === 'TOO_LARGE') c.header('Connection', 'close'); // the rest of the body is not read
    for (const challenge of challenges(deps.url, c.req.path, refusal))
      c.header('WWW-Authenticate', challenge, { append: true });
    if (refusal instanceof AuthenticationFailure) await noteEdge(deps, c, refusal);
    return new Response(JSON.stringify(refusal), {
      status: refusal.status,
      headers: { ...Object.fromEntries(c.res.headers), 'Content-Type': 'application/json' },
    });
  });
  return app;
}

/** What a browser shows at a login; tokens and all else are had under the broker's own address only. */
const isPage = (path: string): boolean =>
  (path.startsWith('/oauth/') && !/^\/oauth\/(token|register)$/.test(path)) || path === '/console/login.css';

/** The log has the reason that the caller is not told. */
function recordRefusals(deps: BrokerAppDeps): Authenticate {
  return async (credential, audience) => {
    try {
      return await deps.authenticate(credential, audience);
    } catch (error) {
      if (error instanceof AuthenticationFailure) {
        const { reason } = error;
        await deps.refusals.note({ source: credential.source ?? 'local', audience, reason }, error);
      }
      throw error;
    }
  };
}

/** Refused before there was a credential to judge: no token, two proofs, a token request that no library should see. */
async function noteEdge(deps: BrokerAppDeps, c: Context, refusal: AuthenticationFailure): Promise<void> {
  const audience = c.req.path.slice(0, 80);
  await deps.refusals.note({ source: readSource(c), audience, reason: refusal.reason }, refusal);
}

/**
 * RFC 9449 §7.1, RFC 9728 §5.1, and RFC 9470 §3 when a second factor is missing. One set of challenges for all causes. MCP
 * clients read the `Bearer` one (RFC 6750 §3); what they get by it may look at the network and nothing else.
 */
function challenges(url: string, path: string, refusal: WayleaveError): readonly string[] {
  if (refusal.status !== 401) return [];
  const mcp = /^\/mcp\/[a-z]+$/.test(path);
  const metadata = `${url}/.well-known/oauth-protected-resource${mcp ? path : ''}`;
  const schemes = mcp ? (['DPoP', 'Bearer'] as const) : (['DPoP'] as const);
  if (refusal.code === 'STEP_UP_REQUIRED') return schemes.map((scheme) => stepUpChallenge(scheme, metadata));
  return schemes.map((scheme) =>
    scheme === 'DPoP'
      ? `DPoP algs="ES256", resource_metadata="${metadata}"`
      : `Bearer scope="${SCOPE}", resource_metadata="${metadata}"`,
  );
}

/** An unexpected error: the caller hears that a part is away, or an id; the log has the rest. */
function defect(deps: BrokerAppDeps, error: unknown): WayleaveError {
  const away = sayAway(error);
  if (away !== undefined) {
    deps.log.error({ err: error }, 'the database does not answer');
    return away;
  }
  const id = deps.ids.id('err');
  deps.log.error({ err: error, id }, 'a request failed unexpectedly');
  return new WayleaveError('INTERNAL', `Something failed inside Wayleave (${id}).`);
}
