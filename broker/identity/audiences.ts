/** The audiences that exist: a token names exactly one of them, and is worthless at the others. */
import { AGENTS_AUDIENCE, CONTROL_AUDIENCE, MCP_AUDIENCE_PREFIX } from '../../protocols/oauth/access-token.ts';
import { DOMAINS } from '../contract.ts';

/** Everything for which a person can ask a token; an agent gets the MCP ones only, by exchange. */
export const HUMAN_AUDIENCES: readonly string[] = [
  AGENTS_AUDIENCE,
  CONTROL_AUDIENCE,
  ...DOMAINS.map((domain) => `${MCP_AUDIENCE_PREFIX}${domain}`),
];
