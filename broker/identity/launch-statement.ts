/** The supervisor's signed word about which agents it launched, from which files, with which keys. */
import { z } from 'zod';
import { canonicalText } from '../../protocols/canonical-json.ts';
import { parseCompactJws, signatureHolds, signCompactJws, TokenRefused } from '../../protocols/oauth/compact-jws.ts';
import {
  importPublicJwk,
  jwkThumbprint,
  type PublicJwk,
  parsePublicJwk,
  type SigningKey,
} from '../../protocols/oauth/jwk.ts';
import { AGENTS, type AgentName } from '../contract.ts';
import { sameDigest, sha256 } from '../digest.ts';
import { WayleaveError } from '../errors.ts';

/** One agent as it was launched. `parts` are digests of what makes it: code, prompts, model, tools, dependencies. */
export interface LaunchedAgent {
  readonly agent: AgentName;
  readonly digest: string;
  readonly parts: { readonly [part: string]: string };
  readonly jwks: readonly PublicJwk[];
}

/** What the broker took from a statement; `key` is the thumbprint of the key that signed it. */
export interface Launch {
  readonly key: string;
  readonly agents: readonly LaunchedAgent[];
}

/** Six agents with their parts and two keys each fit well. */
const MAX_STATEMENT = 65_536;

const claims = z.strictObject({
  iat: z.int(),
  agents: z
    .array(
      z.strictObject({
        agent: z.enum(AGENTS),
        digest: z.string(),
        parts: z.record(z.string(), z.string()),
        jwks: z.array(z.unknown()).min(1).max(4),
      }),
    )
    .max(AGENTS.length),
});

/** `agent_digest`: over the name of the agent and all of its parts. */
export const agentDigest = (agent: AgentName, parts: LaunchedAgent['parts']): string =>
  sha256(canonicalText({ agent, parts }));

/** `nowMs` in epoch milliseconds. */
export function signLaunch(key: SigningKey, agents: readonly LaunchedAgent[], nowMs: number): string {
  const header = { typ: 'wayleave-launch+jwt', kid: key.thumbprint };
  return signCompactJws(header, { iat: Math.floor(nowMs / 1000), agents }, key.privateKey);
}

/** The statement, when it was signed with `key` and each digest is that of its parts. Throws `CONFIG_INVALID`. */
export function readLaunch(statement: string, key: unknown): Launch {
  try {
    const jwk = parsePublicJwk(key);
    const jws = parseCompactJws(statement, MAX_STATEMENT);
    if (jws.header['typ'] !== 'wayleave-launch+jwt') throw new TokenRefused('type');
    if (!signatureHolds(jws, importPublicJwk(jwk))) throw new TokenRefused('signature');
    const agents = claims.parse(jws.payload).agents.map((one) => ({ ...one, jwks: one.jwks.map(parsePublicJwk) }));
    const forged = agents.find((one) => !sameDigest(agentDigest(one.agent, one.parts), one.digest));
    if (forged !== undefined) throw new TokenRefused(`the digest of ${forged.agent} is not that of its parts`);
    return { key: jwkThumbprint(jwk), agents };
  } catch (error) {
    const why = error instanceof TokenRefused ? error.message : 'its form';
    throw new WayleaveError('CONFIG_INVALID', `The launch statement of the agents does not hold: ${why}.`);
  }
}
