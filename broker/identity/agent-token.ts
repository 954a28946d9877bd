/** The access token of an agent: for one MCP domain, for minutes, with the whole chain of who acts for whom. */

import type { KeyObject } from 'node:crypto';
import { AGENT_TOKEN_SECONDS } from '../../protocols/oauth/access-token.ts';
import { signCompactJws, TokenRefused } from '../../protocols/oauth/compact-jws.ts';
import { deriveSessionKey } from '../../protocols/oauth/request-signature.ts';
import type { Clock, Ids } from '../ports.ts';
import type { RegisteredAgent } from './agent-registry.ts';
import type { TokenKeys } from './token-keys.ts';

export const ACCESS_TOKEN_TYPE = 'urn:ietf:params:oauth:token-type:access_token';

export interface AgentTokenDeps {
  readonly issuer: string;
  readonly keys: TokenKeys;
  readonly sessionSecret: KeyObject;
  readonly clock: Clock;
  readonly ids: Ids;
}

export interface AgentTokenFor {
  readonly human: string;
  readonly tenant: string;
  /** Login session, or the schedule. */
  readonly session: string;
  readonly agent: RegisteredAgent;
  /** The worker that started the agent, when no person did. */
  readonly worker?: string;
  /** URL of the MCP server. */
  readonly audience: string;
  /** Thumbprint of the DPoP key that was proven. */
  readonly jkt: string;
  /** Certificate of the connection that asked; the token is good on its connections only. */
  readonly certificate?: string;
  /** The token ends no later, in epoch seconds. */
  readonly notAfter: number;
  /** When the person last proved a second factor (ISO-8601 UTC), for servers that read it from the token. */
  readonly steppedUpAt?: string;
}

/** RFC 8693 §2.2.1, with the key under which the agent may sign its requests instead of proving each with DPoP. */
export interface AgentTokenAnswer {
  readonly access_token: string;
  readonly issued_token_type: string;
  readonly token_type: 'DPoP';
  readonly expires_in: number;
  /** 32 bytes, base64url; `hmac-sha256` of RFC 9421 §3.3.3. */
  readonly session_key: string;
}

export function issueAgentToken(deps: AgentTokenDeps, given: AgentTokenFor): AgentTokenAnswer {
  const now = Math.floor(deps.clock.now() / 1000);
  const exp = Math.min(now + AGENT_TOKEN_SECONDS, given.notAfter);
  if (exp <= now) throw new TokenRefused('expired');
  const { agent, digest } = given.agent;
  const payload = {
    iss: deps.issuer,
    sub: given.human,
    aud: given.audience,
    iat: now,
    exp,
    jti: deps.ids.id('tok'),
    sid: given.session,
    tenant: given.tenant,
    client_id: given.worker ?? agent,
    act: { sub: agent, ...(given.worker === undefined ? {} : { act: { sub: given.worker } }) },
    agent_digest: digest,
    cnf: { jkt: given.jkt, ...(given.certificate === undefined ? {} : { 'x5t#S256': given.certificate }) },
    ...(given.steppedUpAt === undefined ? {} : { auth_time: Math.floor(Date.parse(given.steppedUpAt) / 1000) }),
  };
  const key = deps.keys.current();
  const token = signCompactJws({ typ: 'at+jwt', kid: key.thumbprint }, payload, key.privateKey);
  return {
    access_token: token,
    issued_token_type: ACCESS_TOKEN_TYPE,
    token_type: 'DPoP',
    expires_in: exp - now,
    session_key: deriveSessionKey(deps.sessionSecret, token).export().toString('base64url'),
  };
}
