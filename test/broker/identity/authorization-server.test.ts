/** The authorization server as a client meets it: metadata, the form, and a login that somebody in the middle bends. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createCookieJar } from '../../../apps/client/cookie-jar.ts';
import { resumeLogin } from '../../../apps/client/login.ts';
import { createProof } from '../../../protocols/oauth/dpop.ts';
import { generateSigningKey, importSigningKey, type SigningKey } from '../../../protocols/oauth/jwk.ts';
import { type Front, PASSWORD, startFront } from '../http/fixture.ts';

let front: Front;
beforeAll(async () => {
  front = await startFront();
});
afterAll(() => front.close());

const json = async (path: string): Promise<unknown> => (await fetch(`${front.url}${path}`)).json();

/** Rewrites the requests to one path, and passes all others. */
function bend(path: string, change: (url: URL, init: RequestInit) => RequestInit): typeof fetch {
  return (input, init = {}) => {
    const url = new URL(input instanceof Request ? input.url : input);
    return fetch(url, url.pathname === path ? change(url, init) : init);
  };
}

const bendQuestion = (change: (query: URLSearchParams) => void): typeof fetch =>
  bend('/oauth/auth', (url, init) => {
    change(url.searchParams);
    return init;
  });

describe('metadata', () => {
  it('of the server is RFC 8414 and offers nothing that is not meant', async () => {
    expect(await json('/.well-known/oauth-authorization-server')).toMatchObject({
      issuer: front.url,
      authorization_endpoint: `${front.url}/oauth/auth`,
      token_endpoint: `${front.url}/oauth/token`,
      jwks_uri: `${front.url}/oauth/jwks`,
      code_challenge_methods_supported: ['S256'],
      dpop_signing_alg_values_supported: ['ES256'],
      response_types_supported: ['code'],
      token_endpoint_auth_methods_supported: ['none', 'private_key_jwt'],
      registration_endpoint: `${front.url}/oauth/register`,
      acr_values_supported: ['urn:wayleave:acr:password', 'urn:wayleave:acr:second-factor'],
      grant_types_supported: [
        'authorization_code',
        'refresh_token',
        'urn:ietf:params:oauth:grant-type:token-exchange',
        'urn:wayleave:grant-type:schedule',
      ],
    });
  });

  it('of the resources is RFC 9728', async () => {
    expect(await json('/.well-known/oauth-protected-resource/mcp/wan')).toMatchObject({
      resource: `${front.url}/mcp/wan`,
      authorization_servers: [front.url],
      dpop_bound_access_tokens_required: false, // an unbound one may look
    });
    expect(await json('/.well-known/oauth-protected-resource/mcp/none')).toMatchObject({
      error: { code: 'NOT_FOUND' },
    });
  });

  it('of the keys has the public half of one key', async () => {
    const { kty, crv, x, y } = front.signingKey.publicJwk;
    expect(await json('/oauth/jwks')).toEqual({
      keys: [{ kty, crv, x, y, kid: front.signingKey.thumbprint, alg: 'ES256', use: 'sig' }],
    });
  });
});

describe('the form', () => {
  async function begin(): Promise<{ readonly start: string; readonly form: string; readonly cookie: string }> {
    const question = new URLSearchParams({
      client_id: 'wayleave-cli',
      response_type: 'code',
      redirect_uri: 'http://127.0.0.1:4711/callback',
      scope: 'wayleave',
      resource: 'urn:wayleave:agents',
      code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
      code_challenge_method: 'S256',
    });
    const start = `${front.url}/oauth/auth?${question.toString()}`;
    const response = await fetch(start, { redirect: 'manual' });
    const cookie = response.headers.getSetCookie().map((line) => line.split(';')[0]);
    const form = new URL(response.headers.get('location') ?? '', front.url).href;
    return { start, form, cookie: cookie.join('; ') };
  }

  it('logs in a second time in the same browser, as another person, too', async () => {
    const jar = createCookieJar();
    const question = new URL((await begin()).start);
    for (const user of ['operator@acme', 'admin@acme', 'operator@acme']) {
      let [url, body]: [URL, URLSearchParams | undefined] = [question, undefined];
      for (let step = 0; step < 8 && url.port !== '4711'; step += 1) {
        const headers = { Cookie: jar.header(url.pathname) ?? '' };
        const post = body === undefined ? {} : { method: 'POST', body };
        const response = await fetch(url, { redirect: 'manual', headers, ...post });
        jar.keep(response);
        const location = response.headers.get('location');
        body = location === null ? new URLSearchParams({ user, password: PASSWORD }) : undefined;
        if (location !== null) url = new URL(location, url);
      }
      expect([user, url.searchParams.get('code') === null]).toEqual([user, false]);
    }
  });

  it('is one page without script, that may be framed by nobody and posted to us only', async () => {
    const { form, cookie } = await begin();
    const response = await fetch(form, { headers: { Cookie: cookie } });
    expect(response.status).toBe(200);
    expect(response.headers.get('content-security-policy')).toMatch(
      /default-src 'none'.*form-action 'self'.*frame-ancestors 'none'/,
    );
    expect(response.headers.get('x-frame-options')).toBe('DENY');
    expect(response.headers.get('cache-control')).toBe('no-store');
    const page = await response.text();
    expect(page).toContain('type="password"');
    expect(page).not.toMatch(/<script|style=|onload=/i);
  });

  it('is shown again with the error, and echoes nothing', async () => {
    const { form, cookie } = await begin();
    const body = new URLSearchParams({ user: '<b>x</b>', password: 'y' });
    const response = await fetch(form, { method: 'POST', headers: { Cookie: cookie }, body, redirect: 'manual' });
    expect(response.status).toBe(401);
    const page = await response.text();
    expect(page).toContain('User name or password is wrong.');
    expect(page).not.toContain('<b>');
  });

  it('belongs to the browser that began: without its cookie, or from another origin, there is nothing', async () => {
    const { form, cookie } = await begin();
    const other = await begin();
    const body = new URLSearchParams({ user: 'operator@acme', password: 'correct horse battery' });
    const post = async (headers: Readonly<Record<string, string>>): Promise<number> =>
      (await fetch(form, { method: 'POST', headers, body, redirect: 'manual' })).status;
    const before = front.sessionsById.size;
    expect(await post({})).toBe(404);
    expect(await post({ Cookie: other.cookie })).toBe(404);
    expect(await post({ Cookie: cookie, Origin: 'http://evil.example' })).toBe(403);
    expect(await post({ Cookie: cookie, 'Content-Type': 'text/plain' })).toBe(400);
    expect(front.sessionsById.size).toBe(before);
    expect(await post({ Cookie: cookie, Origin: front.url })).toBe(303);
    expect(front.sessionsById.size).toBe(before + 1);
  });
});

describe('a login', () => {
  const token = '/oauth/token';
  const withBody = (init: RequestInit, change: (body: URLSearchParams) => void): RequestInit => {
    const body = new URLSearchParams(String(init.body));
    change(body);
    return { ...init, body };
  };

  it.each<[string, typeof fetch]>([
    ['no PKCE', bendQuestion((query) => query.delete('code_challenge'))],
    ['plain PKCE', bendQuestion((query) => query.set('code_challenge_method', 'plain'))],
    ['a redirect elsewhere', bendQuestion((query) => query.set('redirect_uri', 'http://evil.example/'))],
    ['another client', bendQuestion((query) => query.set('client_id', 'troubleshooter'))],
    ['an unknown audience', bendQuestion((query) => query.append('resource', 'urn:wayleave:root'))],
    ['no proof', bend(token, (_url, init) => ({ ...init, headers: {} }))],
    [
      'another verifier',
      bend(token, (_url, init) => withBody(init, (body) => body.set('code_verifier', 'a'.repeat(64)))),
    ],
    [
      'an audience that was not asked',
      bend(token, (_url, init) => withBody(init, (body) => body.set('resource', 'urn:wayleave:root'))),
    ],
  ])('is refused with %s', async (_what, middle) => {
    await expect(front.loginThrough(middle)).rejects.toMatchObject({ name: 'WayleaveError' });
  });

  it('gives a code that is good once', async () => {
    let replay: (() => Promise<Response>) | undefined;
    await front.loginThrough(
      bend(token, (url, init) => {
        replay = async () => fetch(url, { ...init, headers: { DPoP: await proveFresh(generateSigningKey()) } });
        return init;
      }),
    );
    const answer = await replay?.();
    expect([answer?.status, await answer?.json()]).toMatchObject([400, { error: 'invalid_grant' }]);
  });

  it('gives a refresh token that is bound to the key', async () => {
    const refused: unknown[] = [];
    let thief = '';
    const session = await front.loginThrough(async (input, init = {}) => {
      if (thief === '' || new URL(String(input)).pathname !== token) return fetch(input, init);
      const answer = await fetch(input, { ...init, headers: { DPoP: thief } });
      refused.push(await answer.clone().json());
      return answer;
    });
    await expect(session.token(`${front.url}/mcp/wan`)).resolves.toContain('.');
    thief = await proveFresh(generateSigningKey());
    await expect(session.token('urn:wayleave:control')).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
    expect(refused.at(0)).toMatchObject({ error: 'invalid_grant' });
  });

  it('takes no proof that was made before it was asked for one (RFC 9449 §8)', async () => {
    const answers: [number, string | undefined][] = [];
    const before = front.audit.length;
    const session = await front.loginThrough(async (input, init = {}) => {
      const answer = await fetch(input, init);
      if (new URL(String(input)).pathname !== token) return answer;
      const { error } = (await answer.clone().json()) as { readonly error?: string };
      answers.push([answer.status, error]);
      return answer;
    });
    await session.token('urn:wayleave:control');
    // The answer to the code brought what the next request needed.
    expect(answers.every(([status]) => status === 200)).toBe(true);

    const { key, refreshToken } = session.keep();
    const stolen = importSigningKey(key);
    for (const nonce of [undefined, '', 'mine', Buffer.alloc(32).toString('base64url')]) {
      const made = createProof(
        stolen,
        { method: 'POST', url: `${front.url}${token}`, ...(nonce === undefined ? {} : { nonce }) },
        ...([Date.now(), randomUUID()] as const),
      );
      const answer = await fetch(`${front.url}${token}`, {
        method: 'POST',
        headers: { DPoP: made },
        body: new URLSearchParams({
          ...{ client_id: 'wayleave-cli', grant_type: 'refresh_token', refresh_token: refreshToken },
          resource: 'urn:wayleave:control',
        }),
      });
      expect([answer.status, await answer.json()]).toMatchObject([400, { error: 'use_dpop_nonce' }]);
    }
    // A login that is taken up later asks, is told, and goes on: the question is no refusal.
    const kept = resumeLogin(
      { issuer: front.url, user: 'operator@acme', key, refreshToken },
      { fetch, now: () => front.clock.now(), nonce: randomUUID },
    );
    await expect(kept.token('urn:wayleave:control')).resolves.toContain('.');
    await front.refusals.flush(true);
    expect(front.audit.slice(before).filter(({ kind }) => kind === 'refused')).toEqual([]);
  });
});

/** A proof for the token endpoint with what it gives now. */
async function proveFresh(key: SigningKey): Promise<string> {
  const request = { method: 'POST', url: `${front.url}/oauth/token` };
  const asked = await fetch(request.url, {
    method: 'POST',
    headers: { DPoP: createProof(key, request, Date.now(), randomUUID()) },
    body: new URLSearchParams({
      ...{ client_id: 'wayleave-cli', grant_type: 'refresh_token', refresh_token: 'none' },
    }),
  });
  const nonce = asked.headers.get('dpop-nonce') ?? '';
  return createProof(key, { ...request, nonce }, Date.now(), randomUUID());
}
