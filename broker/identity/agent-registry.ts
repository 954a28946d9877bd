/** The agents that were approved: for each name its digest and the public keys with which it authenticates. */

import type { PublicJwk } from '../../protocols/oauth/jwk.ts';
import type { AgentName } from '../contract.ts';

/** `digest` covers the launched code, prompts, model and tool manifest; it proves what was launched, not what now runs. */
export interface RegisteredAgent {
  readonly agent: AgentName;
  readonly digest: string;
  readonly jwks: readonly PublicJwk[];
}

export type AgentRegistry = readonly RegisteredAgent[];

export const findAgent = (registry: AgentRegistry, name: string): RegisteredAgent | undefined =>
  registry.find(({ agent }) => agent === name);
