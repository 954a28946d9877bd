/**
 * Signed requests of agents (RFC 9421 HTTP Message Signatures with `hmac-sha256`): a cheap alternative to DPoP under a
 * key that the token exchange handed out. One spelling is accepted, so that one request has one signature.
 */
import { createHmac, createSecretKey, hash, type KeyObject, timingSafeEqual } from 'node:crypto';
import { TokenRefused } from './compact-jws.ts';
import { CLOCK_SKEW_SECONDS, PROOF_AGE_SECONDS } from './dpop.ts';

/** `Authorization: HTTPSig TOKEN` says that a signature proves the token; `DPoP` that a proof does. */
export const SIGNED_SCHEME = 'HTTPSig';

/**
 * What a signature covers: method, whole URI (which is the audience), the body by its digest (RFC 9530), and the token.
 * With `created` and `nonce` that is one request, once.
 */
const COMPONENTS = '("@method" "@target-uri" "content-digest" "authorization")';
const LABEL = 'wayleave';
const NONCE = /^[A-Za-z0-9_-]{16,64}$/;
const PARAMETERS =
  /^wayleave=(\("@method" "@target-uri" "content-digest" "authorization"\);created=([1-9]\d{0,11});nonce="([A-Za-z0-9_-]{16,64})";alg="hmac-sha256";tag="wayleave")$/;
/** 32 bytes in standard base64. */
const DIGEST_LENGTH = 44;

/** The request that is signed. `content` is the body as UTF-8 text, empty when there is none. */
export interface SignableRequest {
  readonly method: string;
  /** Absolute, with its query, as the server knows itself (RFC 9421 §2.2.2). */
  readonly url: string;
  readonly token: string;
  readonly content: string;
}

/** The three header fields that carry a signature. */
export interface SignatureFields {
  readonly 'Content-Digest': string;
  readonly 'Signature-Input': string;
  readonly Signature: string;
}

/** What a valid signature establishes: the nonce that may be used once, and when it was made (epoch ms, whole seconds). */
export interface VerifiedSignature {
  readonly nonce: string;
  readonly madeAt: number;
}

/**
 * The key with which one token's requests are signed: HMAC-SHA256 of the token under a secret of the broker. It needs no
 * memory, is worthless at another token and so at another audience, and ends with the token and its session.
 */
export function deriveSessionKey(secret: KeyObject, token: string): KeyObject {
  return createSecretKey(createHmac('sha256', secret).update('wayleave-session-key\0').update(token).digest());
}

/** The fields for one request; `nonce` must be unpredictable and fresh (16–64 characters of base64url). */
export function signRequest(key: KeyObject, request: SignableRequest, nowMs: number, nonce: string): SignatureFields {
  if (!NONCE.test(nonce)) throw new TypeError('the nonce has not the form of one');
  const digest = contentDigest(request.content);
  const parameters = `${COMPONENTS};created=${Math.floor(nowMs / 1000)};nonce="${nonce}";alg="hmac-sha256";tag="wayleave"`;
  return {
    'Content-Digest': digest,
    'Signature-Input': `${LABEL}=${parameters}`,
    Signature: `${LABEL}=:${computeSignature(key, request, digest, parameters).toString('base64')}:`,
  };
}

/** Checks form, age, body and signature of a request; single use needs memory and is the caller's. Throws `TokenRefused`. */
export function verifyRequest(
  key: KeyObject,
  request: SignableRequest,
  fields: SignatureFields,
  nowMs: number,
): VerifiedSignature {
  const [, parameters, created, nonce] = PARAMETERS.exec(fields['Signature-Input'].slice(0, 256)) ?? [];
  if (parameters === undefined || created === undefined || nonce === undefined)
    throw new TokenRefused('signature: form');
  const now = nowMs / 1000;
  if (Number(created) < now - PROOF_AGE_SECONDS) throw new TokenRefused('signature: too old');
  if (Number(created) > now + CLOCK_SKEW_SECONDS) throw new TokenRefused('signature: from the future');
  const given = readSignature(fields.Signature);
  const digest = contentDigest(request.content);
  if (fields['Content-Digest'] !== digest) throw new TokenRefused('signature: other content');
  if (!timingSafeEqual(given, computeSignature(key, request, digest, parameters)))
    throw new TokenRefused('signature: not under this key');
  return { nonce, madeAt: Number(created) * 1000 };
}

/** RFC 9530 §2 with SHA-256. */
export function contentDigest(content: string): string {
  return `sha-256=:${hash('sha256', content, 'base64')}:`;
}

function readSignature(field: string): Buffer {
  const text = /^wayleave=:([A-Za-z0-9+/]{43}=):$/.exec(field.slice(0, 2 * DIGEST_LENGTH))?.[1];
  const bytes = Buffer.from(text ?? '', 'base64');
  if (text === undefined || bytes.toString('base64') !== text) throw new TokenRefused('signature: form');
  return bytes;
}

function computeSignature(key: KeyObject, request: SignableRequest, digest: string, parameters: string): Buffer {
  return createHmac('sha256', key)
    .update(
      signatureBase(
        [
          ['@method', request.method],
          ['@target-uri', request.url],
          ['content-digest', digest],
          ['authorization', `${SIGNED_SCHEME} ${request.token}`],
        ],
        parameters,
      ),
    )
    .digest();
}

/** RFC 9421 §2.5: one line a component, the parameters last, without a line end. */
export function signatureBase(
  components: readonly (readonly [name: string, value: string])[],
  parameters: string,
): string {
  const lines = components.map(([name, value]) => `"${name}": ${value}`);
  return `${lines.join('\n')}\n"@signature-params": ${parameters}`;
}
