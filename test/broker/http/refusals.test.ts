/** What must be refused, sent over real sockets: stolen, replayed, widened, forged and delegated credentials. Over 300 lines because every refusal has its case. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ClientSession } from '../../../apps/client/session.ts';
import { signCompactJws } from '../../../protocols/oauth/compact-jws.ts';
import { createProof } from '../../../protocols/oauth/dpop.ts';
import { generateSigningKey, type SigningKey } from '../../../protocols/oauth/jwk.ts';
import { DIGEST, type Front, startFront } from './fixture.ts';

const EXCHANGE = 'urn:ietf:params:oauth:grant-type:token-exchange';
const listTools = { jsonrpc: '2.0', id: 1, method: 'tools/list', params: {} };

let front: Front;
let operator: ClientSession;
/** The DPoP key of the agents' process, and of whoever forges here. */
const agentProofKey = generateSigningKey();

beforeAll(async () => {
  front = await startFront();
});
beforeEach(async () => {
  await front.writeUsers(front.people);
  operator = await front.login('operator@acme');
});
afterAll(() => front.close());

interface Sending {
  readonly token: string;
  readonly key: SigningKey;
  readonly path: string;
  readonly method?: string;
  readonly body?: unknown;
  readonly proof?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

function send({ token, key, path, method = 'POST', body, proof, headers }: Sending): Promise<Response> {
  const made = createProof(
    key,
    { method, url: `${front.url}${path}`, accessToken: token },
    front.clock.now(),
    randomUUID(),
  );
  return fetch(`${front.url}${path}`, {
    method,
    headers: {
      Authorization: `DPoP ${token}`,
      DPoP: proof ?? made,
      Accept: 'application/json, text/event-stream',
      'Content-Type': 'application/json',
      ...headers,
    },
    ...(method === 'GET' ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body ?? listTools) }),
  });
}

/** Claims as the authorization server would sign them, changed at will, under its own key: only the claims are wrong. */
function forge(claims: Readonly<Record<string, unknown>> = {}, header: Readonly<Record<string, unknown>> = {}): string {
  const session = [...front.sessionsById.values()].at(-1);
  const iat = Math.floor(front.clock.now() / 1000);
  return signCompactJws(
    { typ: 'at+jwt', kid: front.signingKey.thumbprint, ...header },
    {
      iss: front.url,
      sub: 'operator@acme',
      aud: `${front.url}/mcp/wan`,
      iat,
      exp: iat + 300,
      jti: randomUUID(),
      sid: session?.id,
      tenant: 'acme',
      client_id: 'troubleshooter',
      act: { sub: 'troubleshooter' },
      agent_digest: DIGEST,
      cnf: { jkt: agentProofKey.thumbprint },
      ...claims,
    },
    front.signingKey.privateKey,
  );
}

async function exchange(
  fields: Readonly<Record<string, string>>,
  signer = front.agentKeys.get('troubleshooter'),
): Promise<Response> {
  if (signer === undefined) throw new Error('the fixture has no key');
  const url = `${front.url}/oauth/token`;
  const iat = Math.floor(front.clock.now() / 1000);
  const claims = {
    iss: 'troubleshooter',
    sub: 'troubleshooter',
    aud: front.url,
    iat,
    exp: iat + 60,
    jti: randomUUID(),
  };
  return fetch(url, {
    method: 'POST',
    headers: { DPoP: createProof(agentProofKey, { method: 'POST', url }, front.clock.now(), randomUUID()) },
    body: new URLSearchParams({
      grant_type: EXCHANGE,
      client_id: 'troubleshooter',
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      client_assertion: signCompactJws({}, claims, signer.privateKey),
      subject_token: await operator.token('urn:wayleave:agents'),
      subject_token_type: 'urn:ietf:params:oauth:token-type:access_token',
      resource: `${front.url}/mcp/wan`,
      ...fields,
    }),
  });
}

async function exchangedToken(fields: Readonly<Record<string, string>> = {}): Promise<string> {
  const body: unknown = await (await exchange(fields)).json();
  if (typeof body !== 'object' || body === null || !('access_token' in body)) throw new Error(JSON.stringify(body));
  return String(body.access_token);
}

async function expectUnauthenticated(response: Response): Promise<void> {
  expect(response.status).toBe(401);
  expect(response.headers.get('www-authenticate')).toMatch(/^DPoP .*resource_metadata="http/);
  // The same words for every cause.
  expect(await response.json()).toEqual({
    error: {
      code: 'UNAUTHENTICATED',
      message: 'Who asks could not be established.',
      hint: 'Log in again; a token is good for minutes and for one audience.',
    },
  });
}

describe('at an MCP server', () => {
  const path = '/mcp/wan';
  const at = (sending: Partial<Sending> = {}): Promise<Response> =>
    send({ token: forge(), key: agentProofKey, path, ...sending });

  it('accepts a token that is right in everything', async () => {
    expect((await at({ token: await exchangedToken() })).status).toBe(200);
    expect((await at()).status).toBe(200);
  });

  it('refuses no token, a bearer token, and a token without its proof', async () => {
    const post = (headers: Readonly<Record<string, string>>): Promise<Response> =>
      fetch(`${front.url}${path}`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json', ...headers },
        body: JSON.stringify(listTools),
      });
    await expectUnauthenticated(await post({}));
    await expectUnauthenticated(await post({ Authorization: `Bearer ${forge()}` }));
    await expectUnauthenticated(await post({ Authorization: `DPoP ${forge()}` }));
  });

  it('refuses a proof that was used, that two are sent of, or that is for something else', async () => {
    const token = forge();
    const request = { method: 'POST', url: `${front.url}${path}`, accessToken: token };
    const make = (changes: object, key = agentProofKey): string =>
      createProof(key, { ...request, ...changes }, front.clock.now(), randomUUID());
    const proof = make({});
    expect((await at({ token, proof })).status).toBe(200);
    await expectUnauthenticated(await at({ token, proof }));
    await expectUnauthenticated(await at({ token, proof: `${make({})}, ${make({})}` }));
    await expectUnauthenticated(await at({ token, proof: make({ url: `${front.url}/mcp/diagnostics` }) }));
    await expectUnauthenticated(await at({ token, proof: make({ url: `${front.url}${path}?a=1` }) }));
    await expectUnauthenticated(await at({ token, proof: make({ url: `http://localhost${path}` }) }));
    await expectUnauthenticated(await at({ token, proof: make({ method: 'GET' }) }));
    await expectUnauthenticated(await at({ token, proof: make({ accessToken: forge() }) }));
    await expectUnauthenticated(await at({ token, proof: make({}, generateSigningKey()) }));
  });

  it('gives one of two simultaneous uses of a proof', async () => {
    const token = forge();
    const request = { method: 'POST', url: `${front.url}${path}`, accessToken: token };
    const proof = createProof(agentProofKey, request, front.clock.now(), randomUUID());
    const answers = await Promise.all([1, 2, 3, 4].map(() => at({ token, proof })));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 401, 401, 401]);
  });

  const now = (): number => Math.floor(Date.now() / 1000);
  it.each<[string, () => string]>([
    [
      'a certificate that nobody showed',
      () => forge({ cnf: { jkt: agentProofKey.thumbprint, 'x5t#S256': 'x'.repeat(43) } }),
    ],
    ['no key, for an agent', () => forge({ cnf: undefined })],
    ['another domain', () => forge({ aud: `${front.url}/mcp/diagnostics` })],
    ['the chat audience', () => forge({ aud: 'urn:wayleave:agents', act: undefined, agent_digest: undefined })],
    ['several audiences', () => forge({ aud: [`${front.url}/mcp/wan`, 'urn:wayleave:control'] })],
    ['no audience', () => forge({ aud: undefined })],
    ['another issuer', () => forge({ iss: 'http://127.0.0.1:1' })],
    ['a token that ended', () => forge({ iat: now() - 600, exp: now() - 300 })],
    ['a token without end', () => forge({ exp: undefined })],
    ['a token that lives too long', () => forge({ exp: now() + 3600 })],
    ['an agent token with the life of a human one', () => forge({ exp: now() + 900 })],
    ['a token from the future', () => forge({ iat: now() + 60, exp: now() + 120 })],
    ['a token that is not yet valid', () => forge({ nbf: now() + 60 })],
    ['times as text', () => forge({ exp: String(now() + 60) })],
    ['an unbound token', () => forge({ cnf: undefined })],
    ['an ID token', () => forge({}, { typ: 'JWT' })],
    ['no key id', () => forge({}, { kid: undefined })],
    ['another key id', () => forge({}, { kid: agentProofKey.thumbprint })],
    ['a key in the header', () => forge({}, { kid: undefined, jwk: agentProofKey.publicJwk })],
    ['an unknown session', () => forge({ sid: 'ses_unknown' })],
    ['a session of another', () => forge({ sub: 'admin@acme' })],
    ['another tenant', () => forge({ tenant: 'globex' })],
    ['an unknown agent', () => forge({ act: { sub: 'router' } })],
    ['an agent with another digest', () => forge({ agent_digest: `sha256:${'b'.repeat(64)}` })],
    ['an agent without a digest', () => forge({ agent_digest: undefined })],
    ['a chain of agents', () => forge({ act: { sub: 'troubleshooter', act: { sub: 'router' } } })],
  ])('refuses %s', async (_what, token) => {
    await expectUnauthenticated(await at({ token: token() }));
  });

  it('refuses every change of a good token', async () => {
    const good = forge();
    const [head = '', body = '', tail = ''] = good.split('.');
    const encode = (text: string): string => Buffer.from(text).toString('base64url');
    const claims = Buffer.from(body, 'base64url').toString();
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
    const twin = alphabet[alphabet.indexOf(tail.slice(-1)) + 1];
    const none = encode(JSON.stringify({ alg: 'none', typ: 'at+jwt', kid: front.signingKey.thumbprint }));
    for (const token of [
      `${head}.${encode(claims.replace('operator@acme', 'admin@acme'))}.${tail}`,
      `${head}.${encode(claims.replace('{', '{"sub":"admin@acme",'))}.${tail}`,
      `${none}.${body}.${tail}`,
      `${none}.${body}.`,
      `${head}.${body}.${tail.slice(0, -1)}${twin}`,
      `${good}==`,
      `${good}.`,
      `${head}.${body}.${'A'.repeat(86)}`,
      'a'.repeat(9000),
    ]) {
      await expectUnauthenticated(await at({ token }));
    }
    expect((await at({ token: good })).status).toBe(200);
  });

  it('refuses the next call once the session ended, the person is disabled, moved or removed', async () => {
    const token = await exchangedToken();
    expect((await at({ token })).status).toBe(200);
    const [person, ...others] = front.people;
    if (person === undefined) throw new Error('the fixture has nobody');
    for (const changed of [[{ ...person, disabled: true }], [{ ...person, tenant: 'globex' }], []]) {
      await front.writeUsers([...changed, ...others]);
      await expectUnauthenticated(await at({ token }));
    }
    await front.writeUsers(front.people);
    expect((await at({ token })).status).toBe(200);
    const session = [...front.sessionsById.values()].at(-1);
    if (session === undefined) throw new Error('no session');
    front.sessionsById.set(session.id, { ...session, endedAt: '2026-01-01T00:00:00Z' });
    await expectUnauthenticated(await at({ token }));
  });

  it('refuses everyone while the directory cannot be read', async () => {
    const token = await exchangedToken();
    await front.writeUsers([{ name: 'broken' } as unknown as (typeof front.people)[number]]);
    await expectUnauthenticated(await at({ token }));
  });

  it('uses the roles of now, not of the login', async () => {
    const token = await exchangedToken();
    const call = { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'x', arguments: {} } };
    await at({ token, body: call });
    expect(front.calls.at(-1)?.subject.roles).toEqual(['tenant-operator']);
    await front.writeUsers(front.people.map((person) => ({ ...person, roles: [] })));
    await at({ token, body: call });
    expect(front.calls.at(-1)?.subject.roles).toEqual([]);
  });

  it('refuses bodies that are too large, too deep, doubled, batched, or not JSON', async () => {
    const answers = [];
    for (const body of [
      JSON.stringify({ ...listTools, params: { filler: 'x'.repeat(300_000) } }),
      `{"jsonrpc":"2.0","id":1,"method":"tools/list","params":${'{"a":'.repeat(40)}1${'}'.repeat(40)}}`,
      '{"jsonrpc":"2.0","id":1,"method":"tools/list","method":"tools/call"}',
      JSON.stringify([listTools]),
      'nonsense',
    ]) {
      const answer = await at({ body });
      answers.push(answer.status);
      expect(await answer.json()).toMatchObject({ error: { code: expect.any(String), hint: expect.any(String) } });
    }
    expect(answers).toEqual([413, 400, 400, 400, 400]);
    expect((await at({ headers: { 'Content-Type': 'text/plain' } })).status).toBe(400);
  });

  it('refuses other origins, other hosts and other domains', async () => {
    expect((await at({ headers: { Origin: 'http://evil.example' } })).status).toBe(403);
    expect((await at({ path: '/mcp/everything' })).status).toBe(404);
    expect((await send({ token: forge(), key: agentProofKey, path, method: 'GET' })).status).toBe(405);
    const renamed = front.url.replace('127.0.0.1', 'localhost');
    expect((await fetch(`${renamed}/healthz`)).status).toBe(400);
    expect((await fetch(`${front.url}/healthz`)).status).toBe(200);
  });

  it('authenticates also what the broker is not asked for', async () => {
    const ping = { jsonrpc: '2.0', id: 1, method: 'ping' };
    expect((await at({ body: ping })).status).toBe(200);
    await expectUnauthenticated(await at({ body: ping, token: forge({ aud: `${front.url}/mcp/security` }) }));
  });
});

describe('at the token endpoint', () => {
  it.each<[string, () => Promise<Readonly<Record<string, string>>>]>([
    ['the control audience', async () => ({ resource: 'urn:wayleave:control' })],
    ['the chat audience', async () => ({ resource: 'urn:wayleave:agents' })],
    ['an unknown domain', async () => ({ resource: `${front.url}/mcp/everything` })],
    ['two audiences', async () => ({ audience: 'urn:wayleave:control' })],
    ['a control token', async () => ({ subject_token: await operator.token('urn:wayleave:control') })],
    ['a token of a domain', async () => ({ subject_token: await operator.token(`${front.url}/mcp/wan`) })],
    ['an exchanged token', async () => ({ subject_token: await exchangedToken() })],
    ['a chat token with act', async () => ({ subject_token: forge({ aud: 'urn:wayleave:agents' }) })],
    ['another type of token', async () => ({ subject_token_type: 'urn:ietf:params:oauth:token-type:id_token' })],
    [
      'a refresh token in return',
      async () => ({ requested_token_type: 'urn:ietf:params:oauth:token-type:refresh_token' }),
    ],
    ['an agent that is not registered', async () => ({ client_id: 'router' })],
    ['the public client', async () => ({ client_id: 'wayleave-cli' })],
    ['no assertion', async () => ({ client_assertion: '' })],
  ])('an exchange is refused for %s', async (_what, fields) => {
    const response = await exchange(await fields());
    expect(response.status).toBeGreaterThanOrEqual(400);
    expect(response.status).toBeLessThan(500);
    expect(await response.json()).not.toHaveProperty('access_token');
  });

  it('an exchange is refused with the key of another, after the session ended, and for the disabled', async () => {
    expect((await exchange({}, front.agentKeys.get('router'))).status).toBe(401);
    await operator.token('urn:wayleave:agents');
    await front.writeUsers(front.people.map((person) => ({ ...person, disabled: true })));
    expect((await exchange({})).status).toBe(400);
    await front.writeUsers(front.people);
    expect((await exchange({})).status).toBe(200);
    const session = [...front.sessionsById.values()].at(-1);
    if (session === undefined) throw new Error('no session');
    front.sessionsById.set(session.id, { ...session, endedAt: '2026-01-01T00:00:00Z' });
    expect((await exchange({})).status).toBe(400);
  });

  it('an exchanged token names human, agent, digest, tenant, session and key, for five minutes at most', async () => {
    const claims = JSON.parse(Buffer.from((await exchangedToken()).split('.')[1] ?? '', 'base64url').toString());
    expect(claims).toMatchObject({
      sub: 'operator@acme',
      act: { sub: 'troubleshooter' },
      aud: `${front.url}/mcp/wan`,
      tenant: 'acme',
      agent_digest: DIGEST,
      cnf: { jkt: agentProofKey.thumbprint },
    });
    expect(claims.exp - claims.iat).toBeLessThanOrEqual(300);
  });
});

describe('at the approver’s desk', () => {
  it('nothing that an agents process holds can approve', async () => {
    const path = '/api/approvals/apr_1/approve';
    const body = { reason: 'please' };
    const before = front.votes.length;
    const agentKey = front.agentKeys.get('troubleshooter') ?? agentProofKey;
    const chatToken = await operator.token('urn:wayleave:agents');
    for (const token of [chatToken, await exchangedToken(), forge({ aud: 'urn:wayleave:control' })]) {
      for (const key of [agentProofKey, agentKey]) {
        await expectUnauthenticated(await send({ token, key, path, body }));
        await expectUnauthenticated(await send({ token, key, path: '/api/approvals', method: 'GET' }));
        await expectUnauthenticated(await send({ token, key, path: '/api/sessions', method: 'GET' }));
      }
    }
    expect(front.votes).toHaveLength(before);
    const reasons = front.audit.filter(({ kind }) => kind === 'refused').map(({ content }) => content['reason']);
    expect(reasons).toEqual(expect.arrayContaining(['audience', 'agents may not act here']));
    // The same request by the person passes, so that the refusals above have one cause only.
    const vote = await operator.fetch('urn:wayleave:control')(`${front.url}${path}`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(body),
    });
    expect(vote.status).toBe(200);
    expect(front.votes).toHaveLength(before + 1);
  });

  it('a vote needs a JSON body with a reason and nothing else', async () => {
    const post = (body: string, type = 'application/json'): Promise<Response> =>
      operator.fetch('urn:wayleave:control')(`${front.url}/api/approvals/apr_1/approve`, {
        method: 'POST',
        headers: { 'Content-Type': type },
        body,
      });
    const before = front.votes.length;
    expect((await post('{"reason":"x"}', 'text/plain')).status).toBe(400);
    expect((await post('reason=x', 'application/x-www-form-urlencoded')).status).toBe(400);
    expect((await post('{"reason":""}')).status).toBe(400);
    expect((await post('{"reason":"x","human":"admin@acme"}')).status).toBe(400);
    expect((await post(JSON.stringify({ reason: 'x'.repeat(300_000) }))).status).toBe(413);
    expect(front.votes).toHaveLength(before);
  });

  it('what is missing and what is not an id answer alike', async () => {
    const get = async (path: string): Promise<unknown> => {
      const response = await operator.fetch('urn:wayleave:control')(`${front.url}${path}`);
      return { status: response.status, body: await response.json() };
    };
    const missing = await get('/api/approvals/apr_2');
    expect(missing).toMatchObject({ status: 404 });
    expect(await get('/api/approvals/xyz')).toEqual(missing);
    expect(await get('/api/nothing')).toEqual(missing);
  });
});
