/** Verifies an access token together with its DPoP proof: the strict code that the broker and the agents share. */
import { createHash, type KeyObject, timingSafeEqual } from 'node:crypto';
import { type AccessClaims, checkAccessClaims, parseAccessClaims } from './access-token.ts';
import { parseCompactJws, signatureHolds, TokenRefused } from './compact-jws.ts';
import { CLOCK_SKEW_SECONDS, PROOF_AGE_SECONDS, readProof } from './dpop.ts';
import type { SingleUse } from './single-use.ts';

/** How long a proof's identifier must be remembered, in milliseconds. */
export const PROOF_RETENTION_MS = (PROOF_AGE_SECONDS + 2 * CLOCK_SKEW_SECONDS) * 1000;

/** Verified tokens remembered; beyond it the oldest is verified again when it comes. */
const CACHED_TOKENS = 10_000;

export interface PresentedCredential {
  readonly token: string;
  readonly proof: string;
  readonly method: string;
  readonly url: string;
}

export interface VerifierDeps {
  readonly issuer: string;
  /** The issuer's public key of exactly that `kid`, or undefined. */
  readonly findKey: (kid: string) => KeyObject | undefined | Promise<KeyObject | undefined>;
  /** Epoch milliseconds. */
  readonly now: () => number;
  readonly proofs: SingleUse;
}

export interface CredentialVerifier {
  /** Claims of a token that is presented with proof of possession. Throws `TokenRefused`. */
  readonly verifyCredential: (credential: PresentedCredential, audience: string) => Promise<AccessClaims>;
  /** Claims of a token alone: for a `subject_token` (RFC 8693), whose presenter proves another key. */
  readonly verifyToken: (token: string, audience: string) => Promise<AccessClaims>;
}

export function createCredentialVerifier(deps: VerifierDeps): CredentialVerifier {
  const verified = new Map<string, AccessClaims>();
  const now = neverBack(deps.now);

  /** The signature is checked once a token; time and audience every time. */
  async function verifyToken(token: string, audience: string): Promise<AccessClaims> {
    const hash = createHash('sha256').update(token).digest('base64url');
    let claims = verified.get(hash);
    if (claims === undefined) {
      const jws = parseCompactJws(token);
      claims = parseAccessClaims(jws);
      const kid = jws.header['kid'];
      const key = typeof kid === 'string' ? await deps.findKey(kid) : undefined;
      if (key === undefined) throw new TokenRefused('unknown key');
      if (!signatureHolds(jws, key)) throw new TokenRefused('signature');
      const oldest = verified.size >= CACHED_TOKENS ? verified.keys().next().value : undefined;
      if (oldest !== undefined) verified.delete(oldest);
      verified.set(hash, claims);
    }
    checkAccessClaims(claims, deps.issuer, audience, now());
    return claims;
  }

  async function verifyCredential(credential: PresentedCredential, audience: string): Promise<AccessClaims> {
    const claims = await verifyToken(credential.token, audience);
    const { token: accessToken, method, url } = credential;
    const proof = readProof(credential.proof, { method, url, accessToken }, now());
    if (!sameThumbprint(proof.jkt, claims.cnf.jkt)) throw new TokenRefused('proof: other key');
    if (!(await deps.proofs.useOnce(`${proof.jkt}:${proof.jti}`, proof.madeAt)))
      throw new TokenRefused('proof: used before');
    return claims;
  }

  return { verifyCredential, verifyToken };
}

/** A clock that is set back must not revive what has expired. */
export function neverBack(now: () => number): () => number {
  let highest = Number.NEGATIVE_INFINITY;
  return () => {
    highest = Math.max(highest, now());
    return highest;
  };
}

function sameThumbprint(a: string, b: string): boolean {
  const x = Buffer.from(a);
  const y = Buffer.from(b);
  return x.length === y.length && timingSafeEqual(x, y);
}
