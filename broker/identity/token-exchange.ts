/** Token exchange (RFC 8693): an agent turns the token a person gave it into one of its own, for one MCP domain. */
import { errors, type KoaContext } from 'oidc-provider';
import { AGENT_TOKEN_SECONDS, AGENTS_AUDIENCE, MCP_AUDIENCE_PREFIX } from '../../protocols/oauth/access-token.ts';
import { signCompactJws, TokenRefused } from '../../protocols/oauth/compact-jws.ts';
import { readProof } from '../../protocols/oauth/dpop.ts';
import type { SigningKey } from '../../protocols/oauth/jwk.ts';
import { importPublicJwk } from '../../protocols/oauth/jwk.ts';
import type { SingleUse } from '../../protocols/oauth/single-use.ts';
import { createCredentialVerifier } from '../../protocols/oauth/verify-credential.ts';
import { DOMAINS } from '../contract.ts';
import type { Clock, Ids } from '../ports.ts';
import { type AgentRegistry, findAgent } from './agent-registry.ts';
import { findLivePerson, type PeopleDeps } from './people.ts';

export const TOKEN_EXCHANGE = 'urn:ietf:params:oauth:grant-type:token-exchange';
export const EXCHANGE_PARAMETERS = [
  'subject_token',
  'subject_token_type',
  'requested_token_type',
  'resource',
  'audience',
] as const;
const ACCESS_TOKEN_TYPE = 'urn:ietf:params:oauth:token-type:access_token';

export interface TokenExchangeDeps extends PeopleDeps {
  readonly issuer: string;
  readonly tokenUrl: string;
  readonly signingKey: SigningKey;
  readonly agents: AgentRegistry;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly proofs: SingleUse;
}

/** The grant's handler; the client (an agent) was authenticated by `private_key_jwt` before it is called. */
export function createTokenExchange(deps: TokenExchangeDeps): (context: KoaContext) => Promise<void> {
  const publicKey = importPublicJwk(deps.signingKey.publicJwk);
  const { verifyToken } = createCredentialVerifier({
    issuer: deps.issuer,
    findKey: (kid) => (kid === deps.signingKey.thumbprint ? publicKey : undefined),
    now: () => deps.clock.now(),
    proofs: deps.proofs,
  });

  return async (context) => {
    const { client, params } = context.oidc;
    const agent = client === undefined ? undefined : findAgent(deps.agents, client.clientId);
    if (agent === undefined) throw new errors.InvalidGrant('client is no approved agent');
    const audience = requestedDomain(params);
    if (params['subject_token_type'] !== ACCESS_TOKEN_TYPE) throw new errors.InvalidRequest('subject_token_type');
    if ((params['requested_token_type'] ?? ACCESS_TOKEN_TYPE) !== ACCESS_TOKEN_TYPE) {
      throw new errors.InvalidRequest('requested_token_type');
    }
    const jkt = await provenKey(deps, context);
    const subjectToken = params['subject_token'];
    if (typeof subjectToken !== 'string') throw new errors.InvalidRequest('subject_token');
    try {
      const claims = await verifyToken(subjectToken, AGENTS_AUDIENCE);
      if (claims.act !== undefined) throw new TokenRefused('subject token is delegated already');
      await findLivePerson(deps, claims);
      const now = Math.floor(deps.clock.now() / 1000);
      const exp = Math.min(now + AGENT_TOKEN_SECONDS, claims.exp); // never longer than what it was exchanged for
      if (exp <= now) throw new TokenRefused('expired');
      const payload = {
        iss: deps.issuer,
        sub: claims.sub,
        aud: audience,
        iat: now,
        exp,
        jti: deps.ids.id('tok'),
        sid: claims.sid,
        tenant: claims.tenant,
        client_id: agent.agent,
        act: { sub: agent.agent },
        agent_digest: agent.digest,
        cnf: { jkt },
      };
      const header = { typ: 'at+jwt', kid: deps.signingKey.thumbprint };
      context.body = {
        access_token: signCompactJws(header, payload, deps.signingKey.privateKey),
        issued_token_type: ACCESS_TOKEN_TYPE,
        token_type: 'DPoP',
        expires_in: exp - now,
      };
    } catch (error) {
      throw error instanceof TokenRefused ? new errors.InvalidGrant(error.message) : error;
    }
  };
}

/** Exactly one MCP domain: neither chat nor control can be had by exchange. */
function requestedDomain(params: Readonly<Record<string, unknown>>): string {
  const asked = [params['resource'], params['audience']].filter((value) => value !== undefined);
  const [audience] = asked;
  const known = DOMAINS.find((domain) => audience === `${MCP_AUDIENCE_PREFIX}${domain}`);
  if (asked.length !== 1 || known === undefined) throw new errors.InvalidTarget();
  return `${MCP_AUDIENCE_PREFIX}${known}`;
}

/** Thumbprint of the key whose possession the agent proves; the new token is bound to it. */
async function provenKey(deps: TokenExchangeDeps, context: KoaContext): Promise<string> {
  try {
    const request = { method: 'POST', url: deps.tokenUrl };
    const proof = readProof(context.get('DPoP'), request, deps.clock.now());
    if (!(await deps.proofs.useOnce(`${proof.jkt}:${proof.jti}`, proof.madeAt)))
      throw new TokenRefused('proof: used before');
    return proof.jkt;
  } catch (error) {
    throw error instanceof TokenRefused ? new errors.InvalidDpopProof('proof refused') : error;
  }
}
