/** DPoP proofs (RFC 9449): made by whoever holds the key, read strictly by whoever receives them. */
import { createHash, type KeyObject } from 'node:crypto';
import { z } from 'zod';
import { parseCompactJws, signatureHolds, signCompactJws, TokenRefused } from './compact-jws.ts';
import { importPublicJwk, jwkThumbprint, type PublicJwk, parsePublicJwk, type SigningKey } from './jwk.ts';

/** How old a proof may be, in seconds (RFC 9449 §11.1: short), and how far ahead the sender's clock. */
export const PROOF_AGE_SECONDS = 60;
export const CLOCK_SKEW_SECONDS = 5;

/** The request that a proof is for. `url` has neither query nor fragment (§4.2 `htu`). */
export interface ProvenRequest {
  readonly method: string;
  readonly url: string;
  /** Access token sent with the request; absent at the token endpoint. */
  readonly accessToken?: string;
  /** What the server gave to prove that the proof was not made before (§8). */
  readonly nonce?: string;
}

/** What a verified proof establishes: the key (RFC 7638 thumbprint) and the identifier that may be used once. */
export interface Proof {
  readonly jkt: string;
  readonly jti: string;
  /** Epoch milliseconds, in whole seconds. */
  readonly madeAt: number;
}

const claims = z.object({
  jti: z.string().min(1).max(128),
  htm: z.string(),
  htu: z.string(),
  iat: z.int(),
  ath: z.string().optional(),
});

/** A proof for one request. `nowMs` in epoch milliseconds; `jti` must be unpredictable and fresh. */
export function createProof(key: SigningKey, request: ProvenRequest, nowMs: number, jti: string): string {
  return signCompactJws(
    { typ: 'dpop+jwt', jwk: key.publicJwk },
    {
      jti,
      htm: request.method,
      htu: request.url,
      iat: Math.floor(nowMs / 1000),
      ...(request.accessToken === undefined ? {} : { ath: tokenHash(request.accessToken) }),
      ...(request.nonce === undefined ? {} : { nonce: request.nonce }),
    },
    key.privateKey,
  );
}

/**
 * The checks of RFC 9449 §4.3 except single use and the binding to a token, which need memory and the token.
 * `htu` must be spelt exactly as the server knows itself. `importKey` may remember keys. Throws `TokenRefused`.
 */
export function readProof(
  proof: string,
  request: ProvenRequest,
  nowMs: number,
  importKey: (jwk: PublicJwk) => KeyObject = importPublicJwk,
): Proof {
  const jws = parseCompactJws(proof);
  if (jws.header['typ'] !== 'dpop+jwt') throw new TokenRefused('proof: type');
  const jwk = refuseUnless('proof: key', () => parsePublicJwk(jws.header['jwk']));
  const payload = refuseUnless('proof: claims', () => claims.parse(jws.payload));
  if (payload.htm !== request.method) throw new TokenRefused('proof: other method');
  if (payload.htu !== request.url) throw new TokenRefused('proof: other URL');
  const now = nowMs / 1000;
  if (payload.iat < now - PROOF_AGE_SECONDS) throw new TokenRefused('proof: too old');
  if (payload.iat > now + CLOCK_SKEW_SECONDS) throw new TokenRefused('proof: from the future');
  if (request.accessToken !== undefined && payload.ath !== tokenHash(request.accessToken)) {
    throw new TokenRefused('proof: other token');
  }
  const key = refuseUnless('proof: key', () => importKey(jwk));
  if (!signatureHolds(jws, key)) throw new TokenRefused('proof: signature');
  return { jkt: jwkThumbprint(jwk), jti: payload.jti, madeAt: payload.iat * 1000 };
}

/** §4.2 `ath`: SHA-256 of the token's ASCII, base64url. */
function tokenHash(token: string): string {
  return createHash('sha256').update(token, 'ascii').digest('base64url');
}

function refuseUnless<T>(reason: string, attempt: () => T): T {
  try {
    return attempt();
  } catch {
    throw new TokenRefused(reason);
  }
}
