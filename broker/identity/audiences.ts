/** The audiences that exist, as tokens have them: a token names exactly one of them, and is worthless at the others. */
import { AGENTS_AUDIENCE, CONTROL_AUDIENCE, mcpAudience } from '../../protocols/oauth/access-token.ts';
import { DOMAINS } from '../contract.ts';

/** The URLs of the domains' MCP servers. */
export const mcpAudiences = (brokerUrl: string): readonly string[] =>
  DOMAINS.map((domain) => mcpAudience(brokerUrl, domain));

/** Everything for which a person can ask a token; an agent gets the MCP ones only, by exchange. */
export const humanAudiences = (brokerUrl: string): readonly string[] => [
  AGENTS_AUDIENCE,
  CONTROL_AUDIENCE,
  ...mcpAudiences(brokerUrl),
];
