/** Verifies an access token together with the proof that its bearer may use it: the strict code that broker and agents share. */
import { hash, type KeyObject, timingSafeEqual } from 'node:crypto';
import { type AccessClaims, checkAccessClaims, parseAccessClaims } from './access-token.ts';
import { MAX_TOKEN_LENGTH, parseCompactJws, signatureHolds, TokenRefused } from './compact-jws.ts';
import { CLOCK_SKEW_SECONDS, PROOF_AGE_SECONDS, readProof } from './dpop.ts';
import { importPublicJwk, jwkThumbprint } from './jwk.ts';
import { deriveSessionKey, type SignatureFields, verifyRequest } from './request-signature.ts';
import type { SingleUse } from './single-use.ts';

/** How long a proof's identifier must be remembered, in milliseconds. */
export const PROOF_RETENTION_MS = (PROOF_AGE_SECONDS + 2 * CLOCK_SKEW_SECONDS) * 1000;

/** Verified tokens remembered; beyond it the oldest is verified again when it comes. */
const CACHED_TOKENS = 10_000;

/** A token with a DPoP proof (RFC 9449), with a signature under the key of its exchange (RFC 9421), or with nothing. */
export type PresentedCredential =
  | {
      readonly scheme: 'DPoP';
      readonly token: string;
      readonly proof: string;
      readonly method: string;
      readonly url: string;
    }
  | {
      readonly scheme: 'HTTPSig';
      readonly token: string;
      readonly fields: SignatureFields;
      readonly method: string;
      readonly url: string;
      /** The body as it came, as text. */
      readonly content: string;
    }
  | { readonly scheme: 'Bearer'; readonly token: string };

export interface VerifierDeps {
  readonly issuer: string;
  /** The issuer's public key of exactly that `kid`, or undefined. */
  readonly findKey: (kid: string) => KeyObject | undefined | Promise<KeyObject | undefined>;
  /** Epoch milliseconds. */
  readonly now: () => number;
  readonly proofs: SingleUse;
  /** From which the session keys of exchanged tokens are derived; without it signed requests are refused. */
  readonly sessionSecret?: KeyObject;
  /** Rises whenever something that was verified may no longer hold; what was verified under another value is verified again. */
  readonly epoch?: () => number;
}

export interface CredentialVerifier {
  /** Claims of a token with the proof that it needs; an unbound token needs none. Throws `TokenRefused`. */
  readonly verifyCredential: (credential: PresentedCredential, audience: string) => Promise<AccessClaims>;
  /** Claims of a token alone: for a `subject_token` (RFC 8693), whose presenter proves another key. */
  readonly verifyToken: (token: string, audience: string) => Promise<AccessClaims>;
}

interface VerifiedToken {
  readonly claims: AccessClaims;
  readonly epoch: number;
  /** Derived at the first signed request. */
  sessionKey?: KeyObject;
  /** The key that the token is bound to, imported at the first DPoP proof. */
  proofKey?: KeyObject;
}

export function createCredentialVerifier(deps: VerifierDeps): CredentialVerifier {
  const verified = new Map<string, VerifiedToken>();
  const now = neverBack(deps.now);
  const epoch = deps.epoch ?? (() => 0);

  /** The signature is checked once a token and epoch; time and audience every time. The whole token's digest is the key. */
  async function find(token: string, audience: string): Promise<readonly [VerifiedToken, string]> {
    if (token.length > MAX_TOKEN_LENGTH) throw new TokenRefused('too long');
    const digest = hash('sha256', token, 'base64url');
    let known = verified.get(digest);
    const at = epoch();
    if (known === undefined || known.epoch !== at) {
      known = { claims: await checkSignature(token), epoch: at };
      verified.delete(digest);
      const oldest = verified.size >= CACHED_TOKENS ? verified.keys().next().value : undefined;
      if (oldest !== undefined) verified.delete(oldest);
      verified.set(digest, known);
    }
    checkAccessClaims(known.claims, deps.issuer, audience, now());
    return [known, digest];
  }

  async function checkSignature(token: string): Promise<AccessClaims> {
    const jws = parseCompactJws(token);
    const claims = parseAccessClaims(jws);
    const kid = jws.header['kid'];
    const key = typeof kid === 'string' ? await deps.findKey(kid) : undefined;
    if (key === undefined) throw new TokenRefused('unknown key');
    if (!signatureHolds(jws, key)) throw new TokenRefused('signature');
    return claims;
  }

  async function verifyCredential(credential: PresentedCredential, audience: string): Promise<AccessClaims> {
    const [known, digest] = await find(credential.token, audience);
    const { claims } = known;
    if (credential.scheme === 'Bearer') {
      if (claims.cnf !== undefined) throw new TokenRefused('a bound token without its proof');
      return claims;
    }
    if (claims.cnf === undefined) throw new TokenRefused('a proof for an unbound token');
    const { token, method, url } = credential;
    if (credential.scheme === 'DPoP') {
      const proof = readProof(credential.proof, { method, url, accessToken: token }, now(), (jwk) => {
        if (known.proofKey !== undefined && jwkThumbprint(jwk) === claims.cnf?.jkt) return known.proofKey;
        const imported = importPublicJwk(jwk);
        if (jwkThumbprint(jwk) === claims.cnf?.jkt) known.proofKey = imported;
        return imported;
      });
      if (!sameThumbprint(proof.jkt, claims.cnf.jkt)) throw new TokenRefused('proof: other key');
      await demandUnused(`${proof.jkt}:${proof.jti}`, proof.madeAt);
      return claims;
    }
    // Only an exchange hands out such a key, and only agents exchange.
    if (deps.sessionSecret === undefined || claims.act === undefined)
      throw new TokenRefused('signature: not for this token');
    known.sessionKey ??= deriveSessionKey(deps.sessionSecret, token);
    const { content, fields } = credential;
    const signature = verifyRequest(known.sessionKey, { method, url, token, content }, fields, now());
    await demandUnused(`${digest}:${signature.nonce}`, signature.madeAt);
    return claims;
  }

  async function demandUnused(key: string, madeAt: number): Promise<void> {
    if (!(await deps.proofs.useOnce(key, madeAt))) throw new TokenRefused('proof: used before');
  }

  return { verifyCredential, verifyToken: async (token, audience) => (await find(token, audience))[0].claims };
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
