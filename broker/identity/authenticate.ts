/** Establishes the subject of a request from its token, its proof, and what the broker knows now; or nobody. */
import type { KeyObject } from 'node:crypto';
import { type AccessClaims, MCP_AUDIENCE_PREFIX } from '../../protocols/oauth/access-token.ts';
import { TokenRefused } from '../../protocols/oauth/compact-jws.ts';
import type { SingleUse } from '../../protocols/oauth/single-use.ts';
import { createCredentialVerifier } from '../../protocols/oauth/verify-credential.ts';
import type { Credential, Subject } from '../contract.ts';
import { sameDigest } from '../digest.ts';
import { WayleaveError } from '../errors.ts';
import type { Clock } from '../ports.ts';
import { type AgentRegistry, findAgent } from './agent-registry.ts';
import { findLivePerson, type PeopleDeps } from './people.ts';

export interface AuthenticateDeps extends PeopleDeps {
  readonly issuer: string;
  /** Public keys of the authorization server by `kid`. */
  readonly keys: ReadonlyMap<string, KeyObject>;
  readonly clock: Clock;
  /** Identifiers of used proofs; shared by all that accept proofs for this issuer. */
  readonly proofs: SingleUse;
  readonly agents: AgentRegistry;
}

/** The same words for every cause; `reason` is for the audit log and never leaves the broker. */
export class AuthenticationFailure extends WayleaveError {
  readonly reason: string;
  constructor(reason: string) {
    super('UNAUTHENTICATED');
    this.reason = reason;
  }
}

/** `authenticate(credential, audience)`: throws `AuthenticationFailure` for every doubt, also when a store fails. */
export function createAuthenticate(
  deps: AuthenticateDeps,
): (credential: Credential, audience: string) => Promise<Subject> {
  const { verifyCredential } = createCredentialVerifier({
    issuer: deps.issuer,
    findKey: (kid) => deps.keys.get(kid),
    now: () => deps.clock.now(),
    proofs: deps.proofs,
  });
  return async (credential, audience) => {
    try {
      if (credential.scheme !== 'DPoP') throw new TokenRefused('scheme');
      const claims = await verifyCredential(credential, audience);
      const user = await findLivePerson(deps, claims);
      const subject = { human: user.name, roles: user.roles, tenant: user.tenant, session: claims.sid };
      if (claims.act === undefined) return { ...subject, chain: [user.name] };
      const agent = actingAgent(deps.agents, claims, claims.act.sub);
      return { ...subject, agent: agent.agent, agentDigest: agent.digest, chain: [agent.agent, user.name] };
    } catch (error) {
      throw new AuthenticationFailure(error instanceof TokenRefused ? error.message : 'a store failed');
    }
  };
}

/** An agent acts at the MCP servers only: whatever an agents process holds, it cannot approve. */
function actingAgent(registry: AgentRegistry, claims: AccessClaims, name: string): AgentRegistry[number] {
  if (!claims.aud.startsWith(MCP_AUDIENCE_PREFIX)) throw new TokenRefused('agents may not act here');
  const agent = findAgent(registry, name);
  if (agent === undefined) throw new TokenRefused('agent unknown');
  if (claims.agent_digest === undefined || !sameDigest(claims.agent_digest, agent.digest)) {
    throw new TokenRefused('agent digest');
  }
  return agent;
}
