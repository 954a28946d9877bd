/**
 * The two grants of agents: token exchange (RFC 8693), by which an agent turns the token a person gave it into one of its
 * own for one MCP domain, and the grant of a schedule, by which a worker gets one when no person is there.
 */
import { errors, type KoaContext } from 'oidc-provider';
import { AGENTS_AUDIENCE, mcpAudience } from '../../protocols/oauth/access-token.ts';
import { TokenRefused } from '../../protocols/oauth/compact-jws.ts';
import { readProof } from '../../protocols/oauth/dpop.ts';
import type { SingleUse } from '../../protocols/oauth/single-use.ts';
import { createCredentialVerifier } from '../../protocols/oauth/verify-credential.ts';
import { DOMAINS } from '../contract.ts';
import type { AgentRegistry, RegisteredAgent } from './agent-registry.ts';
import { ACCESS_TOKEN_TYPE, type AgentTokenAnswer, type AgentTokenDeps, issueAgentToken } from './agent-token.ts';
import { certificateOf } from './certificate-binding.ts';
import { findLivePerson, type PeopleDeps } from './people.ts';
import { WORKER_CLIENT } from './schedules.ts';

export const TOKEN_EXCHANGE = 'urn:ietf:params:oauth:grant-type:token-exchange';
export const EXCHANGE_PARAMETERS = [
  'subject_token',
  'subject_token_type',
  'requested_token_type',
  'resource',
  'audience',
] as const;
export const SCHEDULE_GRANT = 'urn:wayleave:grant-type:schedule';
export const SCHEDULE_PARAMETERS = ['schedule', 'resource'] as const;

export interface AgentGrantDeps extends PeopleDeps, AgentTokenDeps {
  readonly agents: AgentRegistry;
  readonly proofs: SingleUse;
  /** Agents show a certificate on every connection. */
  readonly certificates: boolean;
}

type Grant = (context: KoaContext) => Promise<void>;

/** The client (an agent) was authenticated by `private_key_jwt` before this is called. */
export function createTokenExchange(deps: AgentGrantDeps): Grant {
  const { verifyToken } = createCredentialVerifier({
    issuer: deps.issuer,
    findKey: (kid) => deps.keys.find(kid),
    now: () => deps.clock.now(),
    proofs: deps.proofs,
  });
  return async (context) => {
    const { client, params } = context.oidc;
    const agent = demandApproved(deps.agents, client?.clientId ?? '');
    const audience = requestedDomain(deps.issuer, params);
    if (params['subject_token_type'] !== ACCESS_TOKEN_TYPE) throw new errors.InvalidRequest('subject_token_type');
    if ((params['requested_token_type'] ?? ACCESS_TOKEN_TYPE) !== ACCESS_TOKEN_TYPE) {
      throw new errors.InvalidRequest('requested_token_type');
    }
    const jkt = await provenKey(deps, context);
    const certificate = shownCertificate(deps, context);
    const subjectToken = params['subject_token'];
    if (typeof subjectToken !== 'string') throw new errors.InvalidRequest('subject_token');
    context.body = await grant(async () => {
      const claims = await verifyToken(subjectToken, AGENTS_AUDIENCE);
      if (claims.act !== undefined) throw new TokenRefused('subject token is delegated already');
      if (claims.cnf === undefined) throw new TokenRefused('subject token is bound to no key');
      const { user, steppedUpAt } = await findLivePerson(deps, claims);
      return issueAgentToken(deps, {
        human: user.name,
        tenant: user.tenant,
        session: claims.sid,
        agent,
        audience,
        jkt,
        ...certificate,
        notAfter: claims.exp, // never longer than what it was exchanged for
        ...(steppedUpAt === undefined ? {} : { steppedUpAt }),
      });
    });
  };
}

/** For the worker's key and the id of a schedule that has not ended: the rights of its owner as they are now, for looking only. */
export function createScheduleGrant(deps: AgentGrantDeps): Grant {
  return async (context) => {
    const { client, params } = context.oidc;
    if (client?.clientId !== WORKER_CLIENT) throw new errors.InvalidGrant('only workers run schedules');
    const audience = requestedDomain(deps.issuer, params);
    const jkt = await provenKey(deps, context);
    const certificate = shownCertificate(deps, context);
    const id = params['schedule'];
    const schedule = typeof id === 'string' ? await deps.schedules.get(id) : undefined;
    if (schedule === undefined) throw new errors.InvalidGrant('no such schedule');
    const agent = demandApproved(deps.agents, schedule.agent);
    context.body = await grant(async () => {
      const { owner, tenant } = schedule;
      await findLivePerson(deps, { sub: owner, tenant, sid: schedule.id });
      return issueAgentToken(deps, {
        human: owner,
        tenant,
        session: schedule.id,
        agent,
        worker: WORKER_CLIENT,
        audience,
        jkt,
        ...certificate,
        notAfter: Number.MAX_SAFE_INTEGER,
      });
    });
  };
}

function demandApproved(agents: AgentRegistry, name: string): RegisteredAgent {
  const agent = agents.find(name);
  // RFC 6749 §5.2: the client has proved who it is, and may not do this. What runs may be right, and nobody approved it yet.
  if (agent === undefined) throw new errors.UnauthorizedClient('no approved version of this agent runs');
  return agent;
}

function shownCertificate(deps: AgentGrantDeps, context: KoaContext): { readonly certificate?: string } {
  const certificate = certificateOf(context.req.socket);
  if (deps.certificates && certificate === undefined) throw new errors.InvalidGrant('an agent without a certificate');
  return certificate === undefined ? {} : { certificate };
}

async function grant(issue: () => Promise<AgentTokenAnswer>): Promise<AgentTokenAnswer> {
  try {
    return await issue();
  } catch (error) {
    throw error instanceof TokenRefused ? new errors.InvalidGrant(error.message) : error;
  }
}

/** Exactly one MCP domain: neither chat nor control can be had by a grant of agents. */
function requestedDomain(brokerUrl: string, params: Readonly<Record<string, unknown>>): string {
  const asked = [params['resource'], params['audience']].filter((value) => value !== undefined);
  const known = DOMAINS.map((domain) => mcpAudience(brokerUrl, domain)).find((audience) => audience === asked[0]);
  if (asked.length !== 1 || known === undefined) throw new errors.InvalidTarget();
  return known;
}

/** Thumbprint of the key whose possession the agent proves; the new token is bound to it. */
async function provenKey(deps: AgentGrantDeps, context: KoaContext): Promise<string> {
  try {
    const request = { method: 'POST', url: `${deps.issuer}/oauth/token` };
    const proof = readProof(context.get('DPoP'), request, deps.clock.now());
    if (!(await deps.proofs.useOnce(`${proof.jkt}:${proof.jti}`, proof.madeAt)))
      throw new TokenRefused('proof: used before');
    return proof.jkt;
  } catch (error) {
    throw error instanceof TokenRefused ? new errors.InvalidDpopProof('proof refused') : error;
  }
}
