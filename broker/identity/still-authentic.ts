/** Whether who was authenticated a while ago still is who may act, asked again right before a change reaches a device. */
import { TokenRefused } from '../../protocols/oauth/compact-jws.ts';
import type { Subject } from '../contract.ts';
import { sameDigest } from '../digest.ts';
import type { AgentRegistry } from './agent-registry.ts';
import { findLivePerson, type PeopleDeps } from './people.ts';
import type { Revocation } from './revocation.ts';

export interface StillAuthenticDeps extends PeopleDeps {
  readonly agents: AgentRegistry;
  readonly revocation: Revocation;
}

/** Why the subject may act no more, for the log, or undefined. It may throw when a store fails, which is a no as well. */
export type WhyNoLonger = (subject: Subject) => Promise<string | undefined>;

/**
 * A change waits for its device, its rehearsal and its log, which takes seconds to minutes. The shared epoch is read first,
 * so that an end on another broker counts here at once and not within its second.
 */
export function createWhyNoLonger(deps: StillAuthenticDeps): WhyNoLonger {
  return async ({ human, tenant, session, roles, agent, agentDigest = '' }) => {
    await deps.revocation.refresh();
    try {
      const { user } = await findLivePerson(deps, { sub: human, tenant, sid: session });
      const lost = roles.find((role) => !user.roles.includes(role));
      if (lost !== undefined) return `the role ${lost} was taken away`;
    } catch (error) {
      if (error instanceof TokenRefused) return error.message;
      throw error;
    }
    if (agent === undefined) return undefined;
    const digest = deps.agents.find(agent)?.digest;
    return digest !== undefined && sameDigest(digest, agentDigest) ? undefined : 'agent unknown or not approved';
  };
}
