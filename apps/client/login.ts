/** Logs a person in: authorization code with PKCE (RFC 7636) and DPoP, over HTTP as a browser would. */
import { createHash } from 'node:crypto';
import { z } from 'zod';
import { WayleaveError } from '../../broker/errors.ts';
import { createProof } from '../../protocols/oauth/dpop.ts';
import { generateSigningKey, importSigningKey, type SigningKey } from '../../protocols/oauth/jwk.ts';
import { createCookieJar } from './cookie-jar.ts';
import { readAnswer } from './read-answer.ts';
import { type ClientSession, createSession, type TokenSet, tokenSet } from './session.ts';

export interface LoginRequest {
  /** The broker's URL without a trailing slash. */
  readonly issuer: string;
  readonly user: string;
  readonly password: string;
  /** One-time code of a second factor, for people who have one. */
  readonly code?: string;
  /** Audiences of RFC 8707 for which tokens may be asked later. */
  readonly audiences: readonly string[];
}

/** What a client process gives: HTTP, time (epoch ms) and unpredictable text of at least 128 bits. */
export interface ClientDeps {
  readonly fetch: typeof fetch;
  readonly now: () => number;
  readonly nonce: () => string;
}

const CLIENT_ID = 'wayleave-cli';
/** Nobody listens there: the redirect is read from the answer, not followed. */
const REDIRECT = 'http://127.0.0.1/callback';
/** Redirects of one login: authorize → form → resume → callback. */
const MAX_REDIRECTS = 6;

const metadata = z.object({ issuer: z.string(), authorization_endpoint: z.url(), token_endpoint: z.url() });

/** A session of the person. Errors: `LOGIN_FAILED`, `STEP_UP_REQUIRED`, `LIMITED` (too many attempts), `UNAVAILABLE`. */
export async function login(request: LoginRequest, deps: ClientDeps): Promise<ClientSession> {
  const begun = await beginLogin(request, REDIRECT, deps);
  return begun.finish(await authorize(request, deps, begun.url));
}

/** A login for a browser to carry out: open `url`, and give `finish` the address at which it ended. */
export interface BegunLogin {
  readonly url: string;
  /** Errors: `LOGIN_FAILED`, `UNAUTHENTICATED`. */
  readonly finish: (callback: URL) => Promise<ClientSession>;
}

/** `redirect` is on loopback, on any port (RFC 8252 §7.3). */
export async function beginLogin(
  request: Omit<LoginRequest, 'password' | 'code'>,
  redirect: string,
  deps: ClientDeps,
): Promise<BegunLogin> {
  const { issuer } = request;
  const [first] = request.audiences;
  if (first === undefined) throw new WayleaveError('USAGE', 'A login needs an audience.');
  const found = await get(deps, `${issuer}/.well-known/oauth-authorization-server`);
  const server = await readAnswer(found, metadata);
  // RFC 8414 §3.3; the endpoints must be the broker's own too, or a password could be led elsewhere.
  const endpoints = [server.authorization_endpoint, server.token_endpoint];
  if (server.issuer !== issuer || endpoints.some((endpoint) => !isPathOf(issuer, endpoint))) {
    throw new WayleaveError('UNAVAILABLE', 'The authorization server names another issuer.');
  }

  const verifier = deps.nonce() + deps.nonce(); // RFC 7636 §4.1: 43 to 128 characters
  const state = deps.nonce();
  const question = new URLSearchParams({
    client_id: CLIENT_ID,
    response_type: 'code',
    redirect_uri: redirect,
    scope: 'wayleave',
    state,
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
  });
  for (const audience of request.audiences) question.append('resource', audience);
  return {
    url: `${server.authorization_endpoint}?${question.toString()}`,
    async finish({ searchParams }) {
      const code = searchParams.get('code');
      if (searchParams.get('state') !== state || searchParams.get('iss') !== issuer || code === null) {
        throw new WayleaveError('LOGIN_FAILED', searchParams.get('error') ?? undefined); // RFC 9207
      }
      const key = generateSigningKey();
      const askToken = createAskToken(server.token_endpoint, key, deps);
      const grant = { grant_type: 'authorization_code', code, redirect_uri: redirect, code_verifier: verifier };
      const tokens = await askToken({ ...grant, resource: first });
      return createSession({ ...deps, issuer, user: request.user, key, askToken }, { audience: first, tokens });
    },
  };
}

/** The broker's own address and a plain path: what a person is shown may be pasted into a shell. */
const isPathOf = (issuer: string, endpoint: string): boolean =>
  endpoint.startsWith(`${issuer}/`) && /^[\w./-]+$/.test(endpoint.slice(issuer.length));

/** A login that was kept: whose, where, the key as PKCS #8 PEM, and the refresh token that is bound to it. */
export interface KeptLogin {
  readonly issuer: string;
  readonly user: string;
  readonly key: string;
  readonly refreshToken: string;
}

/** Goes on with a login that was kept. Its tokens are asked for when they are needed: `UNAUTHENTICATED` when it has ended. */
export function resumeLogin(kept: KeptLogin, deps: ClientDeps): ClientSession {
  const { issuer, user, refreshToken } = kept;
  const key = importSigningKey(kept.key);
  const askToken = createAskToken(`${issuer}/oauth/token`, key, deps);
  return createSession({ ...deps, issuer, user, key, askToken }, { refreshToken });
}

function createAskToken(endpoint: string, key: SigningKey, deps: ClientDeps) {
  let nonce: string | undefined;
  const send = async (fields: Readonly<Record<string, string>>): Promise<Response> => {
    const request = { method: 'POST', url: endpoint, ...(nonce === undefined ? {} : { nonce }) };
    const response = await reach(() =>
      deps.fetch(endpoint, {
        method: 'POST',
        headers: { DPoP: createProof(key, request, deps.now(), deps.nonce()) },
        body: new URLSearchParams({ client_id: CLIENT_ID, ...fields }),
      }),
    );
    nonce = response.headers.get('dpop-nonce') ?? nonce;
    return response;
  };
  return async (fields: Readonly<Record<string, string>>): Promise<TokenSet> => {
    let response = await send(fields);
    // RFC 9449 §8: the server wants a proof that could not be made before. A refresh token may be shown again, a code may not.
    if (response.status === 400 && fields['grant_type'] === 'refresh_token' && response.headers.has('dpop-nonce'))
      response = await send(fields);
    const body: unknown = await response.json().catch(() => undefined);
    const parsed = tokenSet.safeParse(body);
    if (!response.ok || !parsed.success) throw new WayleaveError('UNAUTHENTICATED');
    return parsed.data;
  };
}

/** Follows the redirects within the broker's origin, answers the form once, and stops at the callback. */
async function authorize(request: LoginRequest, deps: ClientDeps, start: string): Promise<URL> {
  const jar = createCookieJar();
  let answered = false;
  let url = new URL(start);
  let body: URLSearchParams | undefined;
  for (let step = 0; step < MAX_REDIRECTS; step++) {
    const cookie = jar.header(url.pathname);
    const response = await reach(() =>
      deps.fetch(url, {
        redirect: 'manual',
        headers: cookie === undefined ? {} : { Cookie: cookie },
        ...(body === undefined ? {} : { method: 'POST', body }),
      }),
    );
    jar.keep(response);
    await response.arrayBuffer(); // frees the connection
    const location = response.headers.get('location');
    body = undefined;
    if (location !== null) {
      url = new URL(location, url);
      if (location.startsWith(`${REDIRECT}?`)) return url;
      if (url.origin !== request.issuer) throw new WayleaveError('UNAVAILABLE', 'The login led to another server.');
    } else if (response.status === 200 && !answered) {
      answered = true;
      body = new URLSearchParams({ user: request.user, password: request.password, code: request.code ?? '' });
    } else {
      throw loginError(response);
    }
  }
  throw new WayleaveError('UNAVAILABLE', 'The login did not come to an end.');
}

function loginError({ status, headers }: Response): WayleaveError {
  if (status === 401 && headers.get('wayleave-login-problem') === 'second-factor')
    return new WayleaveError(
      'STEP_UP_REQUIRED',
      'Your second factor is missing, wrong or used: give its code, or use your passkey in a browser with `wayleave login`.',
    );
  if (status === 401) return new WayleaveError('LOGIN_FAILED');
  if (status === 429) return new WayleaveError('LIMITED', 'Too many login attempts for this user.');
  return new WayleaveError('UNAVAILABLE', `The login answered with status ${status}.`);
}

async function get(deps: ClientDeps, url: string): Promise<Response> {
  const response = await reach(() => deps.fetch(url));
  if (!response.ok) throw new WayleaveError('UNAVAILABLE', `${url} answered with status ${response.status}.`);
  return response;
}

/** A connection that fails is `UNAVAILABLE`; the cause stays out of the message. */
async function reach(request: () => Promise<Response>): Promise<Response> {
  try {
    return await request();
  } catch {
    throw new WayleaveError('UNAVAILABLE', 'The broker cannot be reached.');
  }
}
