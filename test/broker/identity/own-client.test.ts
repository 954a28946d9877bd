/** A person's own MCP client, of the public SDK and without a line of ours: it finds the server, registers, logs in and looks. */
import { randomUUID } from 'node:crypto';
import { auth, type OAuthClientProvider } from '@modelcontextprotocol/sdk/client/auth.js';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import type { OAuthClientInformationMixed, OAuthTokens } from '@modelcontextprotocol/sdk/shared/auth.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { createCookieJar } from '../../../apps/client/cookie-jar.ts';
import { createProof } from '../../../protocols/oauth/dpop.ts';
import { generateSigningKey } from '../../../protocols/oauth/jwk.ts';
import { type Front, PASSWORD, startFront } from '../http/fixture.ts';

let front: Front;
beforeAll(async () => {
  front = await startFront();
});
afterAll(() => front.close());

/** What an application keeps for the SDK; the redirect is "opened" by keeping its URL. */
class Application implements OAuthClientProvider {
  readonly redirectUrl = 'http://localhost:9999/callback';
  readonly clientMetadata = { redirect_uris: [this.redirectUrl], client_name: '<b>Desk</b>' };
  client: OAuthClientInformationMixed | undefined;
  held: OAuthTokens | undefined;
  verifier = '';
  opened: URL | undefined;
  clientInformation = () => this.client;
  tokens = () => this.held;
  codeVerifier = () => this.verifier;
  saveClientInformation = (client: OAuthClientInformationMixed) => {
    this.client = client;
  };
  saveTokens = (tokens: OAuthTokens) => {
    this.held = tokens;
  };
  saveCodeVerifier = (verifier: string) => {
    this.verifier = verifier;
  };
  redirectToAuthorization = (url: URL) => {
    this.opened = url;
  };
}

/** The browser: follows to the form, shows it, posts it, and ends at the application's redirect. */
async function browse(start: URL): Promise<{ readonly page: string; readonly callback: URL }> {
  const jar = createCookieJar();
  let url = start;
  let page = '';
  let body: URLSearchParams | undefined;
  for (let step = 0; step < 8; step++) {
    const cookie = jar.header(url.pathname);
    const response = await fetch(url, {
      redirect: 'manual',
      headers: cookie === undefined ? {} : { Cookie: cookie },
      ...(body === undefined ? {} : { method: 'POST', body }),
    });
    jar.keep(response);
    const location = response.headers.get('location');
    body = undefined;
    if (location === null) {
      page = await response.text();
      body = new URLSearchParams({ user: 'operator@acme', password: PASSWORD });
    } else {
      url = new URL(location, url);
      if (url.origin !== front.url) return { page, callback: url };
    }
  }
  throw new Error('the browser got nowhere');
}

async function connect(application: Application): Promise<Client> {
  const server = new URL(`${front.url}/mcp/wan`);
  const first = new StreamableHTTPClientTransport(server, { authProvider: application });
  await expect(new Client({ name: 'desk', version: '1' }).connect(first as never)).rejects.toThrow();
  if (application.opened === undefined) throw new Error('nobody was asked to log in');
  const { page, callback } = await browse(application.opened);
  expect(page).toContain('&#60;b&#62;Desk&#60;/b&#62;');
  expect(page).toContain(`${front.url}/mcp/wan`);
  await first.finishAuth(callback.searchParams.get('code') ?? '');
  const client = new Client({ name: 'desk', version: '1' });
  await client.connect(new StreamableHTTPClientTransport(server, { authProvider: application }));
  return client;
}

describe('an MCP client of a person', () => {
  it('logs in by itself and may look', async () => {
    const application = new Application();
    const client = await connect(application);
    expect((await client.listTools()).tools.map(({ name }) => name)).toEqual(['wan.read', 'intent.await']);
    await client.callTool({ name: 'wan.read', arguments: {} });
    expect(front.calls.at(-1)?.subject).toMatchObject({ human: 'operator@acme', lookOnly: 'unbound' });
    await client.close();
    expect(application.held).toMatchObject({ token_type: 'Bearer', expires_in: 300 });
    expect(front.audit.find(({ kind }) => kind === 'client.registered')?.content).toMatchObject({
      name: '<b>Desk</b>',
    });

    // Its token is good there and nowhere else, and its refresh token once.
    const bearer = { Authorization: `Bearer ${application.held?.access_token}` };
    const answers = ['/mcp/security', '/api/identity/me', '/api/approvals'].map(async (path) => {
      const init = { headers: { ...bearer, 'Content-Type': 'application/json' } };
      const ping = { method: 'POST', body: '{"jsonrpc":"2.0","id":1,"method":"ping"}' };
      return (await fetch(`${front.url}${path}`, path.startsWith('/mcp') ? { ...init, ...ping } : init)).status;
    });
    expect(await Promise.all(answers)).toEqual([401, 401, 401]);
    const refresh = application.held?.refresh_token;
    const again = (): Promise<Response> =>
      fetch(`${front.url}/oauth/token`, {
        method: 'POST',
        body: new URLSearchParams({
          grant_type: 'refresh_token',
          refresh_token: refresh ?? '',
          client_id: application.client?.client_id ?? '',
          resource: `${front.url}/mcp/wan`,
        }),
      });
    expect((await again()).status).toBe(200);
    expect((await again()).status).toBe(400);
  });

  it('gets no token for chat or the control desk', async () => {
    const application = new Application();
    const wanted = { serverUrl: `${front.url}/mcp/wan`, scope: 'wayleave' };
    await auth(application, wanted);
    for (const resource of ['urn:wayleave:control', 'urn:wayleave:agents']) {
      const url = new URL(application.opened ?? '');
      url.searchParams.set('resource', resource);
      const response = await fetch(url, { redirect: 'manual' });
      expect(response.headers.get('location')).toContain('error=invalid_target');
    }
  });

  it('is known for ninety days after each login', async () => {
    const [application, stranger] = [new Application(), new Application()];
    await (await connect(application)).close();
    await auth(stranger, { serverUrl: `${front.url}/mcp/wan` });
    application.held = undefined;
    await auth(application, { serverUrl: `${front.url}/mcp/wan` });
    const begin = async ({ opened }: Application): Promise<number> =>
      (await fetch(opened ?? '', { redirect: 'manual' })).status;
    front.clock.offset += 89 * 86_400_000;
    expect([await begin(application), await begin(stranger)]).toEqual([303, 400]);
    front.clock.offset += 2 * 86_400_000;
    expect(await begin(application)).toBe(400);
    front.clock.offset = 0;
  });

  it('that is not known sends people to a page that says what to do, and answers programs in JSON', async () => {
    const application = new Application();
    await auth(application, { serverUrl: `${front.url}/mcp/wan` });
    const url = new URL(application.opened ?? '');
    url.searchParams.set('client_id', 'reg_<b>gone</b>');
    const asBrowser = await fetch(url, { headers: { Accept: 'text/html,*/*;q=0.8' } });
    expect(asBrowser.status).toBe(400);
    expect(asBrowser.headers.get('content-security-policy')).toContain("default-src 'none'");
    const page = await asBrowser.text();
    expect(page).toContain('the program then registers anew');
    expect(page).not.toContain('gone');
    expect(await (await fetch(url)).json()).toMatchObject({ error: 'invalid_client' });
    // A login of which nothing is known, as after its ten minutes.
    const late = await fetch(`${front.url}/oauth/auth/nothing`, { headers: { Accept: 'text/html' } });
    expect(await late.text()).toContain('begin again where you came from');
  });

  it('that proves its token by a key is not bound to looking, which the login page says', async () => {
    const application = new Application();
    await auth(application, { serverUrl: `${front.url}/mcp/wan` });
    const { page, callback } = await browse(application.opened ?? new URL(front.url));
    expect(page).toContain('unless it proves each request by a key of its own');
    const key = generateSigningKey();
    const post = (path: string, body: string | URLSearchParams, accessToken?: string): Promise<Response> => {
      const url = `${front.url}${path}`;
      const proven = { method: 'POST', url, ...(accessToken === undefined ? {} : { accessToken }) };
      const DPoP = createProof(key, proven, front.clock.now(), randomUUID());
      const bound =
        accessToken === undefined
          ? { DPoP }
          : {
              DPoP,
              Authorization: `DPoP ${accessToken}`,
              'Content-Type': 'application/json',
              Accept: 'application/json, text/event-stream',
            };
      return fetch(url, { method: 'POST', headers: bound, body });
    };
    const tokens = await post(
      '/oauth/token',
      new URLSearchParams({
        ...{ grant_type: 'authorization_code', code: callback.searchParams.get('code') ?? '' },
        ...{ redirect_uri: application.redirectUrl, code_verifier: application.verifier },
        ...{ client_id: application.client?.client_id ?? '', resource: `${front.url}/mcp/wan` },
      }),
    );
    const { access_token: token, token_type: type } = z
      .looseObject({ access_token: z.string(), token_type: z.string() })
      .parse(await tokens.json());
    expect(type).toBe('DPoP');
    const call = { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'wan.read', arguments: {} } };
    expect((await post('/mcp/wan', JSON.stringify(call), token)).status).toBe(200);
    expect(front.calls.at(-1)?.subject).toMatchObject({ human: 'operator@acme' });
    expect(front.calls.at(-1)?.subject.lookOnly).toBeUndefined();
  });

  it('needs PKCE', async () => {
    const application = new Application();
    await auth(application, { serverUrl: `${front.url}/mcp/wan` });
    const url = new URL(application.opened ?? '');
    url.searchParams.delete('code_challenge');
    const response = await fetch(url, { redirect: 'manual' });
    expect(response.headers.get('location')).toContain('error=invalid_request');
  });
});

describe('registration', () => {
  const register = (body: object): Promise<Response> =>
    fetch(`${front.url}/oauth/register`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(body),
    });

  it.each([
    ['a redirect elsewhere', { redirect_uris: ['https://evil.example/cb'] }],
    ['a redirect with a user name', { redirect_uris: ['http://127.0.0.1@evil.example/'] }],
    ['a redirect with a fragment', { redirect_uris: ['http://127.0.0.1/#x'] }],
    ['no redirect', { redirect_uris: [] }],
    ['a secret', { redirect_uris: ['http://127.0.0.1/'], token_endpoint_auth_method: 'client_secret_basic' }],
    ['another grant', { redirect_uris: ['http://127.0.0.1/'], grant_types: ['client_credentials'] }],
  ])('refuses %s', async (_what, body) => {
    expect((await register(body)).status).toBe(400);
  });

  it('does not take over what only we decide', async () => {
    const response = await register({ redirect_uris: ['http://127.0.0.1/'], client_id: 'wayleave-cli', jwks: {} });
    const answer: unknown = await response.json();
    expect(answer).toMatchObject({ client_id: expect.stringMatching(/^reg_/), token_endpoint_auth_method: 'none' });
    expect(answer).not.toHaveProperty('jwks');
  });

  it('ends with sixty in an hour', async () => {
    const statuses: number[] = [];
    for (let count = 0; count < 61; count++)
      statuses.push((await register({ redirect_uris: ['http://127.0.0.1/'] })).status);
    expect(statuses.at(-1)).toBe(429);
    front.clock.offset += 3_600_001;
    expect((await register({ redirect_uris: ['http://127.0.0.1/'] })).status).toBe(201);
  });
});
