/** How agents reach the broker: exchange the person's token for one of their own, then call tools by MCP with a proof each. */
import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import type { AgentName, Answer, CallArguments, Domain } from '../../broker/contract.ts';
import { MCP_AUDIENCE_PREFIX } from '../../protocols/oauth/access-token.ts';
import { signCompactJws } from '../../protocols/oauth/compact-jws.ts';
import { createProof } from '../../protocols/oauth/dpop.ts';
import { generateSigningKey, type SigningKey } from '../../protocols/oauth/jwk.ts';

/** The broker said no, or nothing: `code` is from the broker's table of errors, or `UNAVAILABLE`. */
export class BrokerRefusal extends Error {
  override readonly name = 'BrokerRefusal';
  readonly code: string;
  readonly hint: string;
  constructor(code: string, message: string, hint = '') {
    super(message);
    this.code = code;
    this.hint = hint;
  }
}

export interface BrokerClientDeps {
  /** Without a trailing slash; also the issuer. */
  readonly brokerUrl: string;
  /** The private keys with which the agents authenticate as clients (`private_key_jwt`). */
  readonly agentKeys: ReadonlyMap<AgentName, SigningKey>;
  readonly fetch: typeof fetch;
  /** Epoch milliseconds. */
  readonly now: () => number;
  /** Fresh identifiers of proofs and assertions; random UUIDs unless given. */
  readonly nonce?: () => string;
}

/** For whom a call is made: the token a person presented to the agents, and the agent that acts. */
export interface Delegation {
  readonly humanToken: string;
  readonly agent: AgentName;
}

export interface ToolOffer {
  readonly name: string;
  readonly description: string;
  readonly inputSchema: unknown;
}

/** Both throw `BrokerRefusal`. */
export interface BrokerClient {
  listTools(delegation: Delegation, domain: Domain): Promise<readonly ToolOffer[]>;
  callTool(delegation: Delegation, domain: Domain, tool: string, args: CallArguments): Promise<Answer>;
}

const EARLY_MS = 30_000;
const CACHED_TOKENS = 1_000;

const exchanged = z.object({
  access_token: z.string(),
  token_type: z.literal('DPoP'),
  expires_in: z.int().positive(),
});
const refusal = z.object({ error: z.object({ code: z.string(), message: z.string(), hint: z.string() }) });
const reply = z.object({ result: z.looseObject({}).optional(), error: z.object({ message: z.string() }).optional() });
const offers = z.object({
  tools: z.array(z.object({ name: z.string(), description: z.string().default(''), inputSchema: z.unknown() })),
});
const outcome = z.object({ isError: z.boolean().optional(), structuredContent: z.unknown() });
const answer = z.custom<Answer>(
  (value) => z.object({ status: z.enum(['done', 'pending']), intent: z.string() }).safeParse(value).success,
);

export function createBrokerClient(deps: BrokerClientDeps): BrokerClient {
  const nonce = deps.nonce ?? randomUUID;
  const proofKey = generateSigningKey(); // of this process; exchanged tokens die with it
  const tokens = new Map<string, { readonly token: string; readonly until: number }>();

  async function exchange({ humanToken, agent }: Delegation, domain: Domain): Promise<string> {
    const cacheKey = `${agent} ${domain} ${humanToken}`;
    const known = tokens.get(cacheKey);
    if (known !== undefined && known.until > deps.now()) return known.token;
    const key = deps.agentKeys.get(agent);
    if (key === undefined) throw new BrokerRefusal('UNAUTHENTICATED', `There is no key for the agent ${agent}.`);
    const url = `${deps.brokerUrl}/oauth/token`;
    const response = await reach(() =>
      deps.fetch(url, {
        method: 'POST',
        redirect: 'error',
        headers: { DPoP: createProof(proofKey, { method: 'POST', url }, deps.now(), nonce()) },
        body: new URLSearchParams({
          grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
          client_id: agent,
          client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
          client_assertion: assertion(agent, key),
          subject_token: humanToken,
          subject_token_type: 'urn:ietf:params:oauth:token-type:access_token',
          resource: `${MCP_AUDIENCE_PREFIX}${domain}`,
        }),
      }),
    );
    const parsed = exchanged.safeParse(await response.json().catch(() => undefined));
    if (!response.ok || !parsed.success) {
      const unavailable = response.status >= 500;
      throw new BrokerRefusal(
        unavailable ? 'UNAVAILABLE' : 'UNAUTHENTICATED',
        'The broker did not exchange the token.',
      );
    }
    const { access_token: token, expires_in: seconds } = parsed.data;
    const oldest = tokens.size >= CACHED_TOKENS ? tokens.keys().next().value : undefined;
    if (oldest !== undefined) tokens.delete(oldest);
    tokens.set(cacheKey, { token, until: deps.now() + seconds * 1000 - EARLY_MS });
    return token;
  }

  /** RFC 7523 §3: who the agent is, for the token endpoint, for a minute, once. */
  function assertion(agent: AgentName, key: SigningKey): string {
    const iat = Math.floor(deps.now() / 1000);
    const claims = { iss: agent, sub: agent, aud: deps.brokerUrl, iat, exp: iat + 60, jti: nonce() };
    return signCompactJws({ typ: 'JWT', kid: key.thumbprint }, claims, key.privateKey);
  }

  /** One JSON-RPC request by MCP Streamable HTTP; the broker's servers keep no session, so nothing precedes it. */
  async function ask(delegation: Delegation, domain: Domain, method: string, params: object): Promise<unknown> {
    const accessToken = await exchange(delegation, domain);
    const url = `${deps.brokerUrl}/mcp/${domain}`;
    const response = await reach(() =>
      deps.fetch(url, {
        method: 'POST',
        redirect: 'error',
        headers: {
          Authorization: `DPoP ${accessToken}`,
          DPoP: createProof(proofKey, { method: 'POST', url, accessToken }, deps.now(), nonce()),
          'Content-Type': 'application/json',
          Accept: 'application/json, text/event-stream',
        },
        body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
      }),
    );
    const body: unknown = await response.json().catch(() => undefined);
    if (!response.ok) throw toRefusal(body);
    const parsed = reply.safeParse(body);
    if (parsed.success && parsed.data.result !== undefined) return parsed.data.result;
    throw new BrokerRefusal('UNAVAILABLE', parsed.data?.error?.message ?? 'The broker answered in an unknown form.');
  }

  return {
    async listTools(delegation, domain) {
      return parseResult(offers, await ask(delegation, domain, 'tools/list', {})).tools;
    },
    async callTool(delegation, domain, tool, args) {
      const asked = ask(delegation, domain, 'tools/call', { name: tool, arguments: args });
      const result = parseResult(outcome, await asked);
      if (result.isError === true) throw toRefusal(result.structuredContent);
      return parseResult(answer, result.structuredContent);
    },
  };
}

function parseResult<T>(schema: z.ZodType<T>, value: unknown): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new BrokerRefusal('UNAVAILABLE', 'The broker answered in an unknown form.');
}

function toRefusal(body: unknown): BrokerRefusal {
  const parsed = refusal.safeParse(body);
  if (!parsed.success) return new BrokerRefusal('UNAVAILABLE', 'The broker refused without saying why.');
  const { code, message, hint } = parsed.data.error;
  return new BrokerRefusal(code, message, hint);
}

async function reach(request: () => Promise<Response>): Promise<Response> {
  try {
    return await request();
  } catch {
    throw new BrokerRefusal('UNAVAILABLE', 'The broker cannot be reached.');
  }
}
