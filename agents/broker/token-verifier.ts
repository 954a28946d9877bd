/** Verifies the chat tokens that people present to the agents, with the broker's public keys and a proof each. */
import type { KeyObject } from 'node:crypto';
import { z } from 'zod';
import { AGENTS_AUDIENCE } from '../../protocols/oauth/access-token.ts';
import { TokenRefused } from '../../protocols/oauth/compact-jws.ts';
import { importPublicJwk, jwkThumbprint, parsePublicJwk } from '../../protocols/oauth/jwk.ts';
import { createSingleUse } from '../../protocols/oauth/single-use.ts';
import {
  createCredentialVerifier,
  PROOF_RETENTION_MS,
  type PresentedCredential,
} from '../../protocols/oauth/verify-credential.ts';

export interface TokenVerifierDeps {
  /** The broker's URL without a trailing slash. */
  readonly issuer: string;
  /** `urn:wayleave:agents` unless given. */
  readonly audience?: string;
  readonly fetch: typeof fetch;
  /** Epoch milliseconds. */
  readonly now: () => number;
}

/** Who presented the token. The token itself is what is exchanged at the broker, which judges it again. */
export interface ChatSubject {
  readonly human: string;
  readonly tenant: string;
  readonly session: string;
  readonly expiresAt: number;
}

/** The key set is asked again for an unknown `kid`, but not more often than this in a minute: keys rotate, and strangers invent. */
const ASKED_A_MINUTE = 5;
const MINUTE_MS = 60_000;
const MAX_PROOFS = 100_000;

const keySet = z.object({ keys: z.array(z.looseObject({ kid: z.string() })).max(20) });

/** Throws `TokenRefused`; its message is for the log only. */
export function createTokenVerifier(
  deps: TokenVerifierDeps,
): (credential: PresentedCredential) => Promise<ChatSubject> {
  let keys: ReadonlyMap<string, KeyObject> = new Map();
  let asked: readonly number[] = [];
  let asking: Promise<void> | undefined;

  async function findKey(kid: string): Promise<KeyObject | undefined> {
    // Twice: an answer that was under way already may be older than the key.
    for (let attempt = 0; attempt < 2 && !keys.has(kid); attempt++) {
      asking ??= askKeys().finally(() => {
        asking = undefined;
      });
      await asking;
    }
    return keys.get(kid);
  }

  async function askKeys(): Promise<void> {
    asked = asked.filter((at) => deps.now() - at < MINUTE_MS);
    if (asked.length >= ASKED_A_MINUTE) return;
    asked = [...asked, deps.now()];
    try {
      const response = await deps.fetch(`${deps.issuer}/oauth/jwks`, { redirect: 'error' });
      const found = keySet.parse(await response.json()).keys.map((jwk) => parsePublicJwk(jwk));
      keys = new Map(found.map((jwk) => [jwkThumbprint(jwk), importPublicJwk(jwk)]));
    } catch {
      throw new TokenRefused('the keys of the broker cannot be had');
    }
  }

  const { verifyCredential } = createCredentialVerifier({
    issuer: deps.issuer,
    findKey,
    now: deps.now,
    proofs: createSingleUse(deps.now, PROOF_RETENTION_MS, MAX_PROOFS),
  });
  return async (credential) => {
    const claims = await verifyCredential(credential, deps.audience ?? AGENTS_AUDIENCE);
    if (claims.act !== undefined) throw new TokenRefused('a delegated token');
    return { human: claims.sub, tenant: claims.tenant, session: claims.sid, expiresAt: claims.exp * 1000 };
  };
}
