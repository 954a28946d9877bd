/** The tenant that a token claims, before anything of it is verified: good for turning a call away, and for nothing else. */
import type { Credential } from '../contract.ts';

/** Longest payload that is looked at; one of ours has some hundred characters. */
const MAX_PAYLOAD = 4096;

export function claimedTenant({ token }: Pick<Credential, 'token'>): string | undefined {
  const [, payload = ''] = token.split('.', 2);
  if (payload.length > MAX_PAYLOAD) return undefined;
  return /"tenant":"([a-z0-9-]{1,64})"/.exec(Buffer.from(payload, 'base64url').toString('latin1'))?.[1];
}
