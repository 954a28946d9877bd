/** Establishes the subject of a request from its token, its proof, and what the broker knows now; or nobody. */
import type { KeyObject } from 'node:crypto';
import { type AccessClaims, MCP_AUDIENCE_PREFIX, mcpAudience } from '../../protocols/oauth/access-token.ts';
import { TokenRefused } from '../../protocols/oauth/compact-jws.ts';
import type { SingleUse } from '../../protocols/oauth/single-use.ts';
import { createCredentialVerifier } from '../../protocols/oauth/verify-credential.ts';
import type { Credential, Subject } from '../contract.ts';
import { sameDigest } from '../digest.ts';
import { WayleaveError } from '../errors.ts';
import type { Clock } from '../ports.ts';
import type { AgentRegistry, RegisteredAgent } from './agent-registry.ts';
import { findLivePerson, type PeopleDeps } from './people.ts';
import type { Revocation } from './revocation.ts';
import { WORKER_CLIENT } from './schedules.ts';

export interface AuthenticateDeps extends PeopleDeps {
  /** The broker's URL without a trailing slash; also the issuer of every token that it accepts. */
  readonly issuer: string;
  /** Public key of the authorization server of exactly that `kid`, while tokens under it are good. */
  readonly findKey: (kid: string) => KeyObject | undefined;
  readonly clock: Clock;
  /** Identifiers of used proofs; shared by all that accept proofs for this issuer. */
  readonly proofs: SingleUse;
  readonly agents: AgentRegistry;
  /** Session keys of agents are derived from it. */
  readonly sessionSecret: KeyObject;
  readonly revocation: Revocation;
  /** Agents show a certificate on every connection. */
  readonly certificates: boolean;
}

/** The same words for every cause; `reason` is for the audit log and never leaves the broker. */
export class AuthenticationFailure extends WayleaveError {
  readonly reason: string;
  constructor(reason: string) {
    super('UNAUTHENTICATED');
    this.reason = reason;
  }
}

/** The audience as a token has it: an MCP server's is its URL. */
export const wireAudience = (brokerUrl: string, audience: string): string =>
  audience.startsWith(MCP_AUDIENCE_PREFIX)
    ? mcpAudience(brokerUrl, audience.slice(MCP_AUDIENCE_PREFIX.length))
    : audience;

/** `authenticate(credential, audience)`: throws `AuthenticationFailure` for every doubt, also when a store fails. */
export function createAuthenticate(
  deps: AuthenticateDeps,
): (credential: Credential, audience: string) => Promise<Subject> {
  let doubt = 0; // an unknown epoch equals no other
  const { verifyCredential } = createCredentialVerifier({
    issuer: deps.issuer,
    findKey: deps.findKey,
    now: () => deps.clock.now(),
    proofs: deps.proofs,
    sessionSecret: deps.sessionSecret,
    epoch: () => {
      doubt -= 1;
      return deps.revocation.current() ?? doubt;
    },
  });
  return async (credential, audience) => {
    try {
      const mcp = audience.startsWith(MCP_AUDIENCE_PREFIX);
      if (credential.scheme === 'Bearer' && !mcp) throw new TokenRefused('scheme');
      const claims = await verifyCredential(credential, wireAudience(deps.issuer, audience));
      if (claims.act !== undefined && !mcp) throw new TokenRefused('agents may not act here');
      demandCertificate(deps.certificates, claims, credential);
      const agent = claims.act === undefined ? undefined : actingAgent(deps.agents, claims, claims.act.sub);
      const { user, steppedUpAt, scheduled } = await findLivePerson(deps, claims);
      // A chain is a worker that started an agent for a schedule; an agent that passes its token on is none.
      if ((claims.act?.act?.sub === WORKER_CLIENT) !== scheduled || (claims.act?.act !== undefined && !scheduled))
        throw new TokenRefused('chain of agents');
      const lookOnly = scheduled ? 'schedule' : claims.cnf === undefined ? 'unbound' : undefined;
      if (lookOnly === 'unbound' && agent !== undefined) throw new TokenRefused('an agent without a key');
      return {
        human: user.name,
        roles: user.roles,
        tenant: user.tenant,
        session: claims.sid,
        ...(agent === undefined ? {} : { agent: agent.agent, agentDigest: agent.digest, model: agent.model }),
        ...(lookOnly === undefined ? {} : { lookOnly }),
        ...(steppedUpAt === undefined ? {} : { steppedUpAt }),
        chain: [...actors(claims), user.name],
      };
    } catch (error) {
      throw new AuthenticationFailure(error instanceof TokenRefused ? error.message : 'a store failed');
    }
  };
}

/** RFC 8705 §3: a token that names a certificate is good on its connections only; with the option on, an agent's always names one. */
function demandCertificate(demanded: boolean, claims: AccessClaims, credential: Credential): void {
  const bound = claims.cnf?.['x5t#S256'];
  if (bound === undefined) {
    if (demanded && claims.act !== undefined) throw new TokenRefused('an agent without a certificate');
    return;
  }
  const shown = credential.scheme === 'Bearer' ? undefined : credential.certificate;
  if (shown === undefined || !sameDigest(shown, bound)) throw new TokenRefused('another certificate');
}

/** RFC 8693 §4.1: the outermost `act` is the current actor, those within it came before. */
const actors = ({ act }: AccessClaims): readonly string[] =>
  act === undefined ? [] : [act.sub, ...(act.act === undefined ? [] : [act.act.sub])];

/** An agent acts at the MCP servers only, and as long as the version that runs is approved. */
function actingAgent(registry: AgentRegistry, claims: AccessClaims, name: string): RegisteredAgent {
  const agent = registry.find(name);
  if (agent === undefined) throw new TokenRefused('agent unknown or not approved');
  if (claims.agent_digest === undefined || !sameDigest(claims.agent_digest, agent.digest)) {
    throw new TokenRefused('agent digest');
  }
  return agent;
}
