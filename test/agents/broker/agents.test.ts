/** The agents' side: exchange and calls with proofs, verification of chat tokens, and what the broker refuses them. */
import { randomUUID } from 'node:crypto';
import type { HttpBindings } from '@hono/node-server';
import { Hono } from 'hono';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createBrokerClient } from '../../../agents/broker/broker-client.ts';
import { createTokenVerifier } from '../../../agents/broker/token-verifier.ts';
import type { ClientSession } from '../../../apps/client/session.ts';
import { startHttpServer } from '../../../broker/http/server.ts';
import { createProof } from '../../../protocols/oauth/dpop.ts';
import { generateSigningKey } from '../../../protocols/oauth/jwk.ts';
import type { PresentedCredential } from '../../../protocols/oauth/verify-credential.ts';
import { DIGEST, type Front, startFront } from '../../broker/http/fixture.ts';

const AGENTS = 'urn:wayleave:agents';
const args = { input: {}, purpose: 'chat:1' };

let front: Front;
let operator: ClientSession;
let humanToken: string;
beforeAll(async () => {
  front = await startFront();
  operator = await front.login('operator@acme');
  humanToken = await operator.token(AGENTS);
});
afterAll(() => front.close());

describe('the broker client', () => {
  it('acts for the person, as the agent, with the digest that was approved', async () => {
    const client = front.brokerClient();
    const delegation = { humanToken, agent: 'troubleshooter' } as const;
    expect(await client.listTools(delegation, 'diagnostics')).toMatchObject([
      { name: 'diagnostics.read' },
      { name: 'intent.await' },
    ]);
    expect(await client.callTool(delegation, 'diagnostics', 'bgp.read', args)).toMatchObject({ status: 'done' });
    expect(front.calls.at(-1)?.subject).toMatchObject({
      human: 'operator@acme',
      roles: ['tenant-operator'],
      tenant: 'acme',
      agent: 'troubleshooter',
      agentDigest: DIGEST,
      chain: ['troubleshooter', 'operator@acme'],
    });
  });

  it('carries the code and the hint of a refusal', async () => {
    const delegation = { humanToken, agent: 'troubleshooter' } as const;
    await expect(front.brokerClient().callTool(delegation, 'wan', 'forbidden', args)).rejects.toMatchObject({
      name: 'BrokerRefusal',
      code: 'DENIED',
      message: 'Only on weekdays.',
      hint: expect.stringContaining('policies'),
    });
  });

  it('is refused as an agent that nobody approved, or without a key', async () => {
    const client = front.brokerClient();
    for (const agent of ['router', 'threat-watcher'] as const) {
      const call = client.callTool({ humanToken, agent }, 'wan', 'x', args);
      await expect(call).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
    }
  });

  it('is refused for tokens of other audiences, and for a token that is delegated already', async () => {
    for (const audience of ['urn:wayleave:control', `${front.url}/mcp/wan`]) {
      const delegation = { humanToken: await operator.token(audience), agent: 'troubleshooter' } as const;
      await expect(front.brokerClient().callTool(delegation, 'wan', 'x', args)).rejects.toMatchObject({
        code: 'UNAUTHENTICATED',
      });
    }
  });

  it('exchanges once for each person, agent and domain, and again 30 s before the end', async () => {
    const clock = { now: 1_700_000_000_000 };
    const asked: string[] = [];
    const fake: typeof fetch = async (input, init) => {
      if (!String(input).endsWith('/oauth/token'))
        return Response.json({ jsonrpc: '2.0', id: 1, result: { tools: [] } });
      asked.push(String(new URLSearchParams(String(init?.body)).get('resource')));
      return Response.json({ access_token: 'a', token_type: 'DPoP', expires_in: 300, session_key: 'k'.repeat(43) });
    };
    const agentKeys = front.agentKeys;
    const client = createBrokerClient({
      brokerUrl: 'http://127.0.0.1:9',
      keyOf: (client) => (client === 'worker' ? undefined : agentKeys.get(client)),
      fetch: fake,
      now: () => clock.now,
    });
    const delegation = { humanToken, agent: 'troubleshooter' } as const;
    await client.listTools(delegation, 'wan');
    await client.listTools(delegation, 'wan');
    expect(asked).toHaveLength(1);
    await client.listTools(delegation, 'security');
    await client.listTools({ ...delegation, humanToken: 'another' }, 'wan');
    expect(asked).toHaveLength(3);
    clock.now += 269_999;
    await client.listTools(delegation, 'wan');
    expect(asked).toHaveLength(3);
    clock.now += 1;
    await client.listTools(delegation, 'wan');
    expect(asked).toHaveLength(4);
  });

  it('says so when the broker cannot be reached', async () => {
    const gone = await startFront();
    await gone.close();
    const call = gone.brokerClient().listTools({ humanToken, agent: 'troubleshooter' }, 'wan');
    await expect(call).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  });
});

type DpopCredential = Extract<PresentedCredential, { readonly scheme: 'DPoP' }>;

describe('the verifier of chat tokens', () => {
  /** Sends one chat request as the person does, to a server that catches what arrives. */
  async function present(session: ClientSession, audience: string): Promise<DpopCredential> {
    const caught: DpopCredential[] = [];
    const server = await startHttpServer({
      host: '127.0.0.1',
      port: 0,
      createApp: (url) =>
        new Hono<{ Bindings: HttpBindings }>().post('/chat', (c) => {
          const token = c.req.header('authorization')?.slice('DPoP '.length) ?? '';
          caught.push({ scheme: 'DPoP', token, proof: c.req.header('dpop') ?? '', method: 'POST', url: `${url}/chat` });
          return c.body(null, 204);
        }),
    });
    await session.fetch(audience)(`${server.url}/chat?turn=1`, { method: 'POST', body: 'hello' });
    await server.close();
    const [credential] = caught;
    if (credential === undefined) throw new Error('nothing arrived');
    return credential;
  }
  const verifier = () => createTokenVerifier({ issuer: front.url, fetch, now: front.clock.now });

  it('knows who chats', async () => {
    const verify = verifier();
    expect(await verify(await present(operator, AGENTS))).toMatchObject({ human: 'operator@acme', tenant: 'acme' });
  });

  it('refuses a second use of a proof, another URL, another audience and another issuer', async () => {
    const verify = verifier();
    const credential = await present(operator, AGENTS);
    await verify(credential);
    await expect(verify(credential)).rejects.toThrow('used before');
    await expect(verify({ ...(await present(operator, AGENTS)), url: 'http://127.0.0.1:9/' })).rejects.toThrow(
      'other URL',
    );
    await expect(verify(await present(operator, `${front.url}/mcp/wan`))).rejects.toThrow('audience');
    const other = await startFront();
    const stranger = await other.login('operator@acme');
    await expect(verify(await present(stranger, AGENTS))).rejects.toThrow('unknown key');
    await other.close();
  });

  it('takes a rotated key at once, and asks for invented ones five times a minute', async () => {
    const other = await startFront();
    let asked = 0;
    const counting: typeof fetch = (...given) => {
      asked += 1;
      return fetch(...given);
    };
    const verify = createTokenVerifier({ issuer: other.url, fetch: counting, now: other.clock.now });
    await verify(await present(await other.login('operator@acme'), AGENTS));
    other.keys.rotate();
    const fresh = await other.login('operator@acme');
    const both = [await present(fresh, AGENTS), await present(fresh, AGENTS)].map((credential) => verify(credential));
    expect(await Promise.all(both)).toHaveLength(2);
    expect(asked).toBe(2);
    const stranger = await present(operator, AGENTS);
    for (let attempt = 0; attempt < 9; attempt++) await expect(verify(stranger)).rejects.toThrow('unknown key');
    expect(asked).toBe(5);
    await other.close();
  });

  it('refuses a stolen token under the key of the thief', async () => {
    const credential = await present(operator, AGENTS);
    const { token: accessToken, method, url } = credential;
    const proof = createProof(generateSigningKey(), { method, url, accessToken }, front.clock.now(), randomUUID());
    await expect(verifier()({ ...credential, proof })).rejects.toThrow('other key');
  });

  it('refuses an expired token, also when the clock is set back afterwards', async () => {
    const verify = verifier();
    const credential = await present(operator, AGENTS);
    front.clock.offset = 16 * 60_000;
    await expect(verify(credential)).rejects.toThrow('expired');
    front.clock.offset = 0;
    await expect(verify(credential)).rejects.toThrow('expired');
  });
});
