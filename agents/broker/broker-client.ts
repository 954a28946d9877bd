/** How agents reach the broker: get a token of their own for a person's or for a schedule, then call tools by MCP, each request signed. */

import { createSecretKey, type KeyObject, randomUUID } from 'node:crypto';
import { z } from 'zod';
import type { AgentName, Answer, CallArguments, Domain } from '../../broker/contract.ts';
import { mcpAudience } from '../../protocols/oauth/access-token.ts';
import { signCompactJws } from '../../protocols/oauth/compact-jws.ts';
import { createProof } from '../../protocols/oauth/dpop.ts';
import { generateSigningKey, type SigningKey } from '../../protocols/oauth/jwk.ts';
import { SIGNED_SCHEME, signRequest } from '../../protocols/oauth/request-signature.ts';

/** The broker said no, or nothing: `code` is from the broker's table of errors, or `UNAVAILABLE`. */
export class BrokerRefusal extends Error {
  override readonly name = 'BrokerRefusal';
  readonly code: string;
  readonly hint: string;
  /** Seconds after which it may be asked again; absent where waiting changes nothing. */
  readonly retryAfterSeconds?: number;
  constructor(code: string, message: string, hint = '', retryAfterSeconds?: number) {
    super(message);
    this.code = code;
    this.hint = hint;
    if (retryAfterSeconds !== undefined) this.retryAfterSeconds = retryAfterSeconds;
  }
}

export interface BrokerClientDeps {
  /** Without a trailing slash; also the issuer. */
  readonly brokerUrl: string;
  /** The private key with which an agent, or `worker`, authenticates as a client now (`private_key_jwt`). */
  readonly keyOf: (client: AgentName | 'worker') => SigningKey | undefined;
  readonly fetch: typeof fetch;
  /** Epoch milliseconds. */
  readonly now: () => number;
  /** Fresh identifiers of proofs and assertions; random UUIDs unless given. */
  readonly nonce?: () => string;
}

/** For whom a call is made: the agent that acts, and the token a person presented to the agents, or the schedule that is due. */
export type Delegation =
  | { readonly agent: AgentName; readonly humanToken: string }
  | { readonly agent: AgentName; readonly schedule: string };

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

/** A token, and the key that signs what presents it. */
interface HeldToken {
  readonly token: string;
  readonly sessionKey: KeyObject;
  /** When it is replaced, epoch milliseconds. */
  readonly until: number;
}

const EARLY_MS = 30_000;
const CACHED_TOKENS = 1_000;

const exchanged = z.object({
  access_token: z.string(),
  token_type: z.literal('DPoP'),
  expires_in: z.int().positive(),
  /** Signs the requests that present this token (RFC 9421); its 32 bytes never travel again. */
  session_key: z.string().length(43),
});
/** RFC 6749 §5.2. */
const notApproved = z.object({ error: z.literal('unauthorized_client') });
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
  const tokens = new Map<string, HeldToken>();

  async function getToken(delegation: Delegation, domain: Domain): Promise<HeldToken> {
    const { agent } = delegation;
    const scheduled = 'schedule' in delegation;
    const cacheKey = `${agent} ${domain} ${scheduled ? delegation.schedule : delegation.humanToken}`;
    const known = tokens.get(cacheKey);
    if (known !== undefined && known.until > deps.now()) return known;
    const client = scheduled ? 'worker' : agent;
    const key = deps.keyOf(client);
    if (key === undefined) throw new BrokerRefusal('UNAUTHENTICATED', `There is no key for ${client}.`);
    const url = `${deps.brokerUrl}/oauth/token`;
    const response = await reach(() =>
      deps.fetch(url, {
        method: 'POST',
        redirect: 'error',
        headers: { DPoP: createProof(proofKey, { method: 'POST', url }, deps.now(), nonce()) },
        body: new URLSearchParams({
          client_id: client,
          client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
          client_assertion: assertion(client, key),
          resource: mcpAudience(deps.brokerUrl, domain),
          ...(scheduled
            ? { grant_type: 'urn:wayleave:grant-type:schedule', schedule: delegation.schedule }
            : {
                grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
                subject_token: delegation.humanToken,
                subject_token_type: 'urn:ietf:params:oauth:token-type:access_token',
              }),
        }),
      }),
    );
    const said: unknown = await response.json().catch(() => undefined);
    const parsed = exchanged.safeParse(said);
    if (notApproved.safeParse(said).success)
      throw new BrokerRefusal(
        'DENIED',
        `The version of ${agent} that runs is not approved.`,
        '`wayleave agents list` shows what waits; two people approve it.',
      );
    if (!response.ok || !parsed.success) {
      const unavailable = response.status >= 500;
      throw new BrokerRefusal(
        unavailable ? 'UNAVAILABLE' : 'UNAUTHENTICATED',
        'The broker did not exchange the token.',
      );
    }
    const { access_token: token, expires_in: seconds, session_key: secret } = parsed.data;
    const oldest = tokens.size >= CACHED_TOKENS ? tokens.keys().next().value : undefined;
    if (oldest !== undefined) tokens.delete(oldest);
    const sessionKey = createSecretKey(Buffer.from(secret, 'base64url'));
    const held = { token, sessionKey, until: deps.now() + seconds * 1000 - EARLY_MS };
    tokens.set(cacheKey, held);
    return held;
  }

  /** RFC 7523 §3: who the agent is, for the token endpoint, for a minute, once. */
  function assertion(client: string, key: SigningKey): string {
    const iat = Math.floor(deps.now() / 1000);
    const claims = { iss: client, sub: client, aud: deps.brokerUrl, iat, exp: iat + 60, jti: nonce() };
    return signCompactJws({ typ: 'JWT', kid: key.thumbprint }, claims, key.privateKey);
  }

  /** One JSON-RPC request by MCP Streamable HTTP; the broker's servers keep no session, so nothing precedes it. */
  async function ask(delegation: Delegation, domain: Domain, method: string, params: object): Promise<Reply> {
    const { token, sessionKey } = await getToken(delegation, domain);
    const url = mcpAudience(deps.brokerUrl, domain);
    const content = JSON.stringify({ jsonrpc: '2.0', id: 1, method, params });
    const signature = signRequest(sessionKey, { method: 'POST', url, token, content }, deps.now(), nonce());
    const response = await reach(() =>
      deps.fetch(url, {
        method: 'POST',
        redirect: 'error',
        headers: {
          Authorization: `${SIGNED_SCHEME} ${token}`,
          ...signature,
          'Content-Type': 'application/json',
          Accept: 'application/json, text/event-stream',
        },
        body: content,
      }),
    );
    const body: unknown = await response.json().catch(() => undefined);
    const seconds = Number.parseInt(response.headers.get('retry-after') ?? '', 10); // RFC 9110 §10.2.3
    const retryAfterSeconds = seconds >= 0 ? seconds : undefined;
    if (!response.ok) throw toRefusal(body, retryAfterSeconds);
    const parsed = reply.safeParse(body);
    if (parsed.success && parsed.data.result !== undefined) return { result: parsed.data.result, retryAfterSeconds };
    throw new BrokerRefusal('UNAVAILABLE', parsed.data?.error?.message ?? 'The broker answered in an unknown form.');
  }

  return {
    async listTools(delegation, domain) {
      return parseResult(offers, (await ask(delegation, domain, 'tools/list', {})).result).tools;
    },
    async callTool(delegation, domain, tool, args) {
      const asked = await ask(delegation, domain, 'tools/call', { name: tool, arguments: args });
      const result = parseResult(outcome, asked.result);
      if (result.isError === true) throw toRefusal(result.structuredContent, asked.retryAfterSeconds);
      return parseResult(answer, result.structuredContent);
    },
  };
}

function parseResult<T>(schema: z.ZodType<T>, value: unknown): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new BrokerRefusal('UNAVAILABLE', 'The broker answered in an unknown form.');
}

interface Reply {
  readonly result: unknown;
  readonly retryAfterSeconds: number | undefined;
}

function toRefusal(body: unknown, retryAfterSeconds?: number): BrokerRefusal {
  const parsed = refusal.safeParse(body);
  if (!parsed.success) return new BrokerRefusal('UNAVAILABLE', 'The broker refused without saying why.');
  const { code, message, hint } = parsed.data.error;
  return new BrokerRefusal(code, message, hint, retryAfterSeconds);
}

async function reach(request: () => Promise<Response>): Promise<Response> {
  try {
    return await request();
  } catch {
    throw new BrokerRefusal('UNAVAILABLE', 'The broker cannot be reached.');
  }
}
