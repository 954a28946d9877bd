/** Logs a person in: authorization code with PKCE (RFC 7636) at the broker, which may send them on to an external issuer. */
import { Problem } from '../api/problem.ts';
import { createKey, createProof, learnTime, nonce, sha256 } from './dpop.ts';
import { type KeptLogin, keepBegun, keepLogin, takeBegun } from './kept.ts';

const CLIENT = 'wayleave-console';
/** What people say to the agents; what people decide. */
export const AGENTS_AUDIENCE = 'urn:wayleave:agents';
export const CONTROL_AUDIENCE = 'urn:wayleave:control';
/** What people look at: the MCP server that reads and probes, by its URL (RFC 9728). */
export const diagnosticsAudience = (): `${string}/mcp/diagnostics` => `${issuer()}/mcp/diagnostics`;
export type Audience = typeof AGENTS_AUDIENCE | typeof CONTROL_AUDIENCE | ReturnType<typeof diagnosticsAudience>;
export const BASE = '/console/';

const issuer = (): string => window.location.origin;
const callback = (): string => `${issuer()}${BASE}callback`;

/** Leaves the page for the login; `returnTo` is a path of the console. */
export const beginLogin = (returnTo: string): Promise<void> => leaveForLogin(returnTo);

/**
 * Leaves the page for a login in another tenant, without the password: `ticketFor` asks the broker, with the login that
 * there is, for a ticket that is good for the authorization of this challenge and no other.
 */
export const beginCrossing = (returnTo: string, ticketFor: (challenge: string) => Promise<string>): Promise<void> =>
  leaveForLogin(returnTo, ticketFor);

async function leaveForLogin(returnTo: string, ticketFor?: (challenge: string) => Promise<string>): Promise<void> {
  const [state, verifier, key] = [nonce(), nonce() + nonce(), await createKey()];
  const challenge = await sha256(verifier);
  const ticket = await ticketFor?.(challenge);
  await keepBegun({ state, verifier, key, returnTo, at: Date.now() });
  const question = new URLSearchParams({
    client_id: CLIENT,
    response_type: 'code',
    redirect_uri: callback(),
    scope: 'wayleave',
    state,
    code_challenge: challenge,
    code_challenge_method: 'S256',
    ...(ticket === undefined ? {} : { switch_ticket: ticket }),
  });
  for (const audience of [AGENTS_AUDIENCE, CONTROL_AUDIENCE, diagnosticsAudience()])
    question.append('resource', audience);
  window.location.assign(`${issuer()}/oauth/auth?${question.toString()}`);
}

/** Ends a login with the address that the server sent the browser back to. */
export async function finishLogin(
  query: URLSearchParams,
): Promise<{ readonly login: KeptLogin; readonly returnTo: string }> {
  const begun = await takeBegun(query.get('state') ?? '');
  const code = query.get('code');
  // RFC 9207: an answer of another issuer is none.
  if (begun === undefined || code === null || query.get('iss') !== issuer()) throw new Problem('LOGIN_FAILED');
  const fields = {
    ...{ grant_type: 'authorization_code', code, redirect_uri: callback() },
    ...{ code_verifier: begun.verifier, resource: CONTROL_AUDIENCE },
  };
  const tokens = await askToken(begun.key, fields);
  const { sub, tenant, sid } = readClaims(tokens.token);
  const login: KeptLogin = {
    ...{ human: sub, tenant, session: sid, key: begun.key },
    ...{ refreshToken: tokens.refreshToken, at: Date.now() },
  };
  await keepLogin(login);
  return { login, returnTo: begun.returnTo };
}

export interface Tokens {
  readonly token: string;
  readonly refreshToken: string;
  readonly expiresIn: number;
}

/** What the token endpoint gave last: a proof with it was not made before (RFC 9449 §8). */
let given: string | undefined;

/** Errors: `UNAUTHENTICATED` when the login has ended; `UNREACHABLE`. */
export async function askToken(key: CryptoKeyPair, fields: Readonly<Record<string, string>>): Promise<Tokens> {
  const url = `${issuer()}/oauth/token`;
  const send = async (): Promise<Response> => {
    const request = { method: 'POST', url, ...(given === undefined ? {} : { nonce: given }) };
    const response = await fetch(url, {
      method: 'POST',
      headers: { DPoP: await createProof(key, request) },
      body: new URLSearchParams({ client_id: CLIENT, ...fields }),
    }).catch(() => {
      throw new Problem('UNREACHABLE');
    });
    given = response.headers.get('dpop-nonce') ?? given;
    learnTime(response);
    return response;
  };
  let response = await send();
  // A code counts once; a refresh token may be shown again, with the right time and what the server wants to see in a proof.
  if (!response.ok && fields['grant_type'] === 'refresh_token') response = await send();
  if (response.status >= 500 || response.status === 429) throw new Problem('UNREACHABLE');
  const body: unknown = await response.json().catch(() => undefined);
  if (!response.ok || typeof body !== 'object' || body === null) throw new Problem('UNAUTHENTICATED');
  const {
    access_token: token,
    refresh_token: refreshToken,
    expires_in: expiresIn,
    token_type: type,
  } = body as Record<string, unknown>;
  if (typeof token !== 'string' || typeof refreshToken !== 'string' || typeof expiresIn !== 'number' || type !== 'DPoP')
    throw new Problem('UNAUTHENTICATED');
  return { token, refreshToken, expiresIn };
}

/** What a token of our own says; whoever gets the token verifies it, this page only reads it. */
function readClaims(token: string): { readonly sub: string; readonly tenant: string; readonly sid: string } {
  const text = atob((token.split('.')[1] ?? '').replaceAll('-', '+').replaceAll('_', '/'));
  const { sub, tenant, sid } = JSON.parse(text) as Record<string, unknown>;
  if (typeof sub !== 'string' || typeof tenant !== 'string' || typeof sid !== 'string')
    throw new Problem('LOGIN_FAILED');
  return { sub, tenant, sid };
}
