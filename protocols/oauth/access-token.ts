/** Access tokens of the broker (RFC 9068): their claims, and the checks that need no memory and no directory. */
import { z } from 'zod';
import { type CompactJws, TokenRefused } from './compact-jws.ts';
import { CLOCK_SKEW_SECONDS } from './dpop.ts';

/** Longest life of a person's bound token, and of one that an agent got by exchange or that is bound to no key, in seconds. */
export const HUMAN_TOKEN_SECONDS = 900;
export const AGENT_TOKEN_SECONDS = 300;

/** What a person gives to the agents: good for chat, and as a `subject_token`; for nothing else. */
export const AGENTS_AUDIENCE = 'urn:wayleave:agents';
/** Approvals, audit, sessions, incidents: people only, never with `act`. */
export const CONTROL_AUDIENCE = 'urn:wayleave:control';
/** Name of each MCP domain's audience within the broker; in a token it is the server's URL (`mcpAudience`). */
export const MCP_AUDIENCE_PREFIX = 'urn:wayleave:mcp:';

/** Audience of a domain's MCP server: its URL, which any MCP client finds by itself (RFC 9728 §3.3, RFC 8707 §2). */
export const mcpAudience = (brokerUrl: string, domain: string): string => `${brokerUrl}/mcp/${domain}`;

const accessClaims = z.object({
  iss: z.string(),
  sub: z.string().min(1).max(200),
  aud: z.string(), // one audience a token: an array is refused
  exp: z.int(),
  iat: z.int(),
  nbf: z.int().optional(),
  jti: z.string().min(1),
  sid: z.string().min(1),
  tenant: z.string().min(1),
  client_id: z.string().min(1),
  /** Absent in tokens of clients that cannot prove a key: those may only look, and only at an MCP server. */
  cnf: z.strictObject({ jkt: z.string().length(43), 'x5t#S256': z.string().length(43).optional() }).optional(),
  /** The agent; within it the worker that a schedule started, when there is one. */
  act: z
    .strictObject({ sub: z.string().min(1), act: z.strictObject({ sub: z.string().min(1) }).optional() })
    .optional(),
  agent_digest: z.string().optional(),
});

/** RFC 9068 §2.2, RFC 8693 §4.1 (`act`), RFC 9449 §6.1 (`cnf.jkt`). `sid` is the login session at the broker. */
export type AccessClaims = Readonly<z.infer<typeof accessClaims>>;

/** The claims of a JWS whose signature is checked by the caller. */
export function parseAccessClaims(jws: CompactJws): AccessClaims {
  if (jws.header['typ'] !== 'at+jwt') throw new TokenRefused('type'); // RFC 9068 §4: not an ID token, not a proof
  const parsed = accessClaims.safeParse(jws.payload);
  if (!parsed.success) throw new TokenRefused('claims');
  return parsed.data;
}

/** Issuer, audience and times; `nowMs` in epoch milliseconds. Throws `TokenRefused`. */
export function checkAccessClaims(claims: AccessClaims, issuer: string, audience: string, nowMs: number): void {
  const now = nowMs / 1000;
  if (claims.iss !== issuer) throw new TokenRefused('issuer');
  if (claims.aud !== audience) throw new TokenRefused('audience');
  if (now >= claims.exp + CLOCK_SKEW_SECONDS) throw new TokenRefused('expired');
  if (claims.iat > now + CLOCK_SKEW_SECONDS) throw new TokenRefused('issued in the future');
  if (claims.nbf !== undefined && claims.nbf > now + CLOCK_SKEW_SECONDS) throw new TokenRefused('not yet valid');
  const longest = claims.act === undefined && claims.cnf !== undefined ? HUMAN_TOKEN_SECONDS : AGENT_TOKEN_SECONDS;
  if (claims.exp - claims.iat > longest) throw new TokenRefused('lives too long');
}
