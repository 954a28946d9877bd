/** People of the provider go to another tenant without a password, visibly and once; nobody else goes anywhere. */
import { createHash } from 'node:crypto';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createCookieJar } from '../../../apps/client/cookie-jar.ts';
import type { ClientSession } from '../../../apps/client/session.ts';
import type { User } from '../../../broker/identity/users.ts';
import { CONTROL_AUDIENCE } from '../../../protocols/oauth/access-token.ts';
import { createProof } from '../../../protocols/oauth/dpop.ts';
import { generateSigningKey } from '../../../protocols/oauth/jwk.ts';
import { type Front, startFront } from '../http/fixture.ts';

const VERIFIER = 'v'.repeat(60);
const challengeOf = (verifier: string): string => createHash('sha256').update(verifier).digest('base64url');
const CHALLENGE = challengeOf(VERIFIER);
let front: Front;
let provider: User;

beforeEach(async () => {
  front = await startFront();
  const [operator] = front.people;
  if (operator === undefined) throw new Error('the fixture has nobody');
  provider = { ...operator, name: 'provider@acme', roles: ['provider-admin', 'tenant-admin'] };
  await front.writeUsers([...front.people, provider]);
});
afterEach(() => front.close());

interface Answered {
  readonly status: number;
  readonly body: { readonly [name: string]: unknown };
}

async function ask(session: ClientSession, way: string, body?: object): Promise<Answered> {
  const response = await session.fetch(CONTROL_AUDIENCE)(`${front.url}${way}`, {
    ...(body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }),
    headers: { 'Content-Type': 'application/json' },
  });
  return { status: response.status, body: (await response.json()) as Answered['body'] };
}

/** The page's way through the authorization: to the callback with a code, or to the form. */
async function authorize(ticket: string, challenge = CHALLENGE, jar = createCookieJar()): Promise<URL | number> {
  const question = new URLSearchParams({
    ...{ client_id: 'wayleave-console', response_type: 'code', scope: 'wayleave', state: 's' },
    ...{ redirect_uri: `${front.url}/console/callback`, resource: CONTROL_AUDIENCE, switch_ticket: ticket },
    ...{ code_challenge: challenge, code_challenge_method: 'S256' },
  });
  let url = new URL(`${front.url}/oauth/auth?${question.toString()}`);
  for (let step = 0; step < 6; step += 1) {
    const cookie = jar.header(url.pathname);
    const response = await fetch(url, { redirect: 'manual', headers: cookie === undefined ? {} : { Cookie: cookie } });
    jar.keep(response);
    await response.arrayBuffer();
    const location = response.headers.get('location');
    if (location === null) return response.status;
    url = new URL(location, url);
    if (url.pathname === '/console/callback') return url;
  }
  return 0;
}

/** A token of the new login, and what the API says to it. */
async function arrive(callback: URL | number): Promise<(way: string, body?: object) => Promise<Answered>> {
  if (typeof callback === 'number') throw new Error(`the authorization ended with ${callback}`);
  const key = generateSigningKey();
  const prove = (method: string, url: string, accessToken?: string): string =>
    createProof(
      key,
      { method, url, ...(accessToken === undefined ? {} : { accessToken }) },
      front.clock.now(),
      `${Math.random()}`.padEnd(20, 'x'),
    );
  const token = `${front.url}/oauth/token`;
  const answer = await fetch(token, {
    method: 'POST',
    headers: { DPoP: prove('POST', token) },
    body: new URLSearchParams({
      ...{ client_id: 'wayleave-console', grant_type: 'authorization_code', code_verifier: VERIFIER },
      ...{ code: callback.searchParams.get('code') ?? '', redirect_uri: `${front.url}/console/callback` },
      resource: CONTROL_AUDIENCE,
    }),
  });
  const { access_token: accessToken } = (await answer.json()) as { access_token: string };
  return async (way, body) => {
    const url = `${front.url}${way}`;
    const method = body === undefined ? 'GET' : 'POST';
    const response = await fetch(url, {
      method,
      headers: {
        Authorization: `DPoP ${accessToken}`,
        DPoP: prove(method, url, accessToken),
        'Content-Type': 'application/json',
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return { status: response.status, body: (await response.json()) as Answered['body'] };
  };
}

const go = async (session: ClientSession, tenant = 'globex'): Promise<string> => {
  const { status, body } = await ask(session, '/api/identity/switch', { tenant, challenge: CHALLENGE });
  expect(status).toBe(200);
  return String(body['ticket']);
};

it('leads to a login of its own, with the roles that span tenants and no others, in the logs of both', async () => {
  const session = await front.login('provider@acme');
  expect((await ask(session, '/api/identity/me')).body).toMatchObject({ tenants: ['acme', 'globex'], home: 'acme' });
  const there = await arrive(await authorize(await go(session)));
  expect((await there('/api/identity/me')).body).toMatchObject({
    ...{ human: 'provider@acme', tenant: 'globex', home: 'acme', roles: ['provider-admin'] },
  });
  expect((await ask(session, '/api/identity/me')).body).toMatchObject({
    tenant: 'acme',
    roles: ['provider-admin', 'tenant-admin'],
  });
  const told = front.audit.filter(({ kind }) => kind === 'tenant.switched' || kind === 'login');
  expect(told.map(({ kind, tenant }) => [kind, tenant])).toEqual([
    ['login', 'acme'],
    ['tenant.switched', 'acme'],
    ['login', 'globex'],
  ]);
  expect(told.at(-1)?.content['from']).toBe(told[0]?.session);
});

it('ends with the login that it came from, with the role, and with the twelve hours of the password', async () => {
  const session = await front.login('provider@acme');
  const there = await arrive(await authorize(await go(session)));
  await front.writeUsers([...front.people, { ...provider, roles: ['tenant-admin'] }]);
  expect((await there('/api/identity/me')).status).toBe(401);
  await front.writeUsers([...front.people, provider]);
  expect((await there('/api/identity/me')).status).toBe(200);
  const [from] = [...front.sessionsById.values()].filter(({ tenant }) => tenant === 'acme');
  if (from === undefined) throw new Error('there is no login');
  front.sessionsById.set(from.id, { ...from, createdAt: new Date(front.clock.now() - 13 * 3_600_000).toISOString() });
  expect((await there('/api/identity/switch', { tenant: 'acme', challenge: CHALLENGE })).status).toBe(401);
  front.sessionsById.set(from.id, { ...from, endedAt: new Date(front.clock.now()).toISOString() });
  expect((await there('/api/identity/me')).status).toBe(401);
});

it('is nothing for people of a tenant, for a tenant that is not there, or for who is suspended', async () => {
  const admin = await front.login('admin@acme');
  const wanted = { tenant: 'globex', challenge: CHALLENGE };
  expect((await ask(admin, '/api/identity/me')).body).toMatchObject({ tenants: ['acme'] });
  expect((await ask(admin, '/api/identity/switch', wanted)).status).toBe(404);
  const session = await front.login('provider@acme');
  expect((await ask(session, '/api/identity/switch', { ...wanted, tenant: 'initech' })).status).toBe(404);
  expect((await ask(session, '/api/identity/switch', { ...wanted, tenant: 'acme' })).status).toBe(404);
  front.suspended.add('provider@acme');
  expect((await ask(session, '/api/identity/switch', wanted)).status).toBe(403);
});

it('takes a ticket once, in time, and for the authorization that it was made for; else it asks for the password', async () => {
  const session = await front.login('provider@acme');
  const used = await go(session);
  expect(await authorize(used)).toBeInstanceOf(URL);
  expect(await authorize(used)).toBe(401);
  expect(await authorize(await go(session), challengeOf('of somebody who read the address'))).toBe(401);
  expect(await authorize('tsw_guessed')).toBe(401);
  const late = await go(session);
  front.clock.offset += 61_000;
  expect(await authorize(late)).toBe(401);
  expect([...front.sessionsById.values()].filter(({ tenant }) => tenant === 'globex')).toHaveLength(1);
});

it('begins every authorization anew, also in a browser that has just logged in as somebody else', async () => {
  const [session, other] = [await front.login('provider@acme'), await front.login('provider@acme')];
  const jar = createCookieJar();
  expect(await authorize(await go(session), CHALLENGE, jar)).toBeInstanceOf(URL);
  expect(jar.header('/oauth/auth')).toMatch(/_session=/);
  expect(await authorize(await go(other), CHALLENGE, jar)).toBeInstanceOf(URL);
});
