/** The authorization server's paths (`/oauth`, `/.well-known`) and the login form, mounted on the broker's application. */
import type { IncomingMessage } from 'node:http';
import type { HttpBindings } from '@hono/node-server';
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import { type Context, Hono } from 'hono';
import { AGENTS_AUDIENCE, CONTROL_AUDIENCE, mcpAudience } from '../../protocols/oauth/access-token.ts';
import { DOMAINS } from '../contract.ts';
import { WayleaveError } from '../errors.ts';
import { type AuthorizationServer, SCOPE, WANTED_ACR } from '../identity/authorization-server.ts';
import type { Login, LoginResult } from '../identity/login.ts';
import { LOGIN_PAGE_CSP, renderLoginPage } from '../identity/login-page.ts';
import {
  PASSKEY_PAGE,
  PASSKEY_PAGE_CSP,
  PASSKEY_PAGE_PATH,
  PASSKEY_SCRIPT,
  PASSKEY_SCRIPT_PATH,
} from '../identity/passkey-page.ts';
import { readJson, readSource } from './request.ts';
import { isLoopback } from './server.ts';
import { readTokenRequest } from './token-request.ts';

type Env = { Bindings: HttpBindings };

/** Where an external issuer sends the browser back to: register the broker's URL with this path there. */
export const EXTERNAL_CALLBACK = '/oauth/external/callback';

export interface OAuthRoutesDeps {
  readonly url: string;
  readonly browserUrl?: string;
  readonly authorizationServer: AuthorizationServer;
  readonly login: Login;
}

export function oauthRoutes({ url, browserUrl, authorizationServer: server, login }: OAuthRoutesDeps): Hono<Env> {
  const routes = new Hono<Env>();
  /** Browsers go through a login under the name at which their passkeys work (Fetch Metadata tells them from programs). */
  const byName = (c: Context<Env>, path: string): Response | undefined => {
    const { host } = new URL(browserUrl ?? url);
    if (c.req.header('sec-fetch-mode') !== 'navigate' || c.req.header('host') === host) return undefined;
    return c.redirect(`${browserUrl ?? url}${path}`, 303);
  };

  routes.get('/oauth/login/:uid', async (c) => answerLogin(c, await login.show(c.env, c.req.param('uid'))));
  routes.get('/oauth/login/:uid/leave', async (c) => answerLogin(c, await login.leave(c.env, c.req.param('uid'))));
  routes.get('/oauth/login/:uid/finish', async (c) => {
    const { searchParams } = new URL(c.req.url);
    return answerLogin(c, await login.finish(c.env, c.req.param('uid'), searchParams));
  });
  routes.get(EXTERNAL_CALLBACK, (c) => {
    const { searchParams } = new URL(c.req.url);
    const result = login.resume(searchParams.get('state') ?? '', searchParams);
    return (result?.kind === 'continue' ? byName(c, result.location) : undefined) ?? answerLogin(c, result);
  });
  routes.post('/oauth/login/:uid', async (c) => {
    const type = (c.req.header('content-type') ?? '').split(';')[0]?.trim().toLowerCase();
    if (type !== 'application/x-www-form-urlencoded') throw new WayleaveError('USAGE', 'The body must be a form.');
    const form = new URLSearchParams(await c.req.text());
    return answerLogin(c, await login.submit(c.env, c.req.param('uid'), form));
  });

  routes.get(PASSKEY_PAGE_PATH, (c) => {
    c.header('Content-Security-Policy', PASSKEY_PAGE_CSP);
    return c.html(PASSKEY_PAGE);
  });
  routes.get(PASSKEY_SCRIPT_PATH, (c) => c.body(PASSKEY_SCRIPT, 200, { 'Content-Type': 'text/javascript' }));

  // RFC 9728: where a client of a protected resource finds its authorization server.
  const metadata = (resource: string, bound: boolean): Readonly<Record<string, unknown>> => ({
    resource,
    authorization_servers: [url],
    scopes_supported: [SCOPE],
    bearer_methods_supported: ['header'],
    dpop_bound_access_tokens_required: bound,
    dpop_signing_alg_values_supported: ['ES256'],
  });
  routes.get('/.well-known/oauth-protected-resource', (c) => c.json(metadata(CONTROL_AUDIENCE, true)));
  routes.get('/.well-known/oauth-protected-resource/agents', (c) => c.json(metadata(AGENTS_AUDIENCE, true)));
  for (const domain of DOMAINS) {
    routes.get(`/.well-known/oauth-protected-resource/mcp/${domain}`, (c) =>
      c.json(metadata(mcpAudience(url, domain), false)),
    );
  }

  const { registration } = server;
  if (registration !== undefined) {
    routes.post('/oauth/register', async (c) => {
      const address = readSource(c);
      if (!isLoopback(address)) throw new WayleaveError('NOT_FOUND');
      return c.json(await registration.register(await readJson(c)), 201);
    });
  }

  // RFC 8414 metadata and the endpoints; the provider reads and answers on the node objects itself.
  const answer = async (c: Context<Env>, incoming: IncomingMessage): Promise<Response> => {
    const { outgoing } = c.env;
    for (const [name, value] of c.res.headers) outgoing.setHeader(name, value);
    await server.provider.callback()(incoming, outgoing);
    return RESPONSE_ALREADY_SENT;
  };
  const delegate = (c: Context<Env>): Promise<Response> => answer(c, c.env.incoming);
  routes.get('/.well-known/oauth-authorization-server', delegate);
  routes.get('/oauth/auth', (c) => {
    const named = byName(c, c.env.incoming.url ?? '/oauth/auth');
    if (named !== undefined) return named;
    c.env.incoming.url = askWithoutOpenId(c.env.incoming.url ?? '');
    forgetLogin(c.env.incoming, server.provider.cookieName('session'));
    return delegate(c);
  });
  // Where the form's answer goes on.
  routes.get('/oauth/auth/:uid', (c) => {
    forgetLogin(c.env.incoming, server.provider.cookieName('session'));
    return delegate(c);
  });
  routes.get('/oauth/jwks', delegate);
  routes.post('/oauth/token', async (c) => answer(c, await readTokenRequest(c.env.incoming)));
  return routes;
}

/**
 * RFC 9470 §4 lets any client ask for a second factor, the library only clients of OpenID Connect: the question goes on
 * under a name of ours. `max_age` needs no answer, since every authorization asks for the password.
 */
function askWithoutOpenId(target: string): string {
  const url = new URL(target, 'http://local');
  const asked = url.searchParams.get('acr_values');
  url.searchParams.delete('acr_values');
  url.searchParams.delete('max_age');
  url.searchParams.delete(WANTED_ACR);
  if (asked !== null) url.searchParams.set(WANTED_ACR, asked);
  return `${url.pathname}${url.search}`;
}

/**
 * Every authorization begins anew: what the browser's last login left at the library is not looked at. It would be no way in,
 * since each asks for a password or a ticket, but a login as somebody else would first ask to log out, on a page with a script.
 */
function forgetLogin(incoming: IncomingMessage, name: string): void {
  const kept = (incoming.headers.cookie ?? '')
    .split(';')
    .map((pair) => pair.trim())
    .filter((pair) => !new RegExp(`^${name}(\\.\\w+)?=`).test(pair));
  incoming.headers.cookie = kept.join('; ');
}

function answerLogin(c: Context<Env>, result: LoginResult | undefined): Response {
  if (result === undefined) throw new WayleaveError('NOT_FOUND');
  if (result.kind === 'continue') return c.redirect(result.location, 303);
  c.header('Content-Security-Policy', LOGIN_PAGE_CSP);
  if (result.because !== undefined) c.header('Wayleave-Login-Problem', result.because);
  return c.html(renderLoginPage(result), result.status);
}
