/** P-256 keys as JWK (RFC 7517, RFC 7518 §6.2): parsing public ones strictly, naming them by thumbprint, making new ones. */
import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { z } from 'zod';

/** 32 bytes in base64url; the last character carries only 4 bits of them. */
const coordinate = z.string().regex(/^[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$/);

const publicJwk = z.strictObject({ kty: z.literal('EC'), crv: z.literal('P-256'), x: coordinate, y: coordinate });
const labelledJwk = publicJwk.extend({
  kid: z.string().max(128).optional(),
  alg: z.literal('ES256').optional(),
  use: z.literal('sig').optional(),
  key_ops: z.array(z.literal('verify')).optional(),
  ext: z.boolean().optional(),
});

/** The required members of a public P-256 key, and nothing else. */
export type PublicJwk = Readonly<z.infer<typeof publicJwk>>;

/** A key pair that signs ES256; `thumbprint` names it (RFC 7638). */
export interface SigningKey {
  readonly privateKey: KeyObject;
  readonly publicJwk: PublicJwk;
  readonly thumbprint: string;
}

/** The public key in `value`; throws for other types and curves, and for anything private or unknown in it. */
export function parsePublicJwk(value: unknown): PublicJwk {
  const { kty, crv, x, y } = labelledJwk.parse(value);
  return { kty, crv, x, y };
}

/** RFC 7638 §3: SHA-256 over the required members in lexicographic order, base64url. */
export function jwkThumbprint({ crv, kty, x, y }: PublicJwk): string {
  return createHash('sha256').update(JSON.stringify({ crv, kty, x, y })).digest('base64url');
}

/** Throws when the point is not on the curve. */
export function importPublicJwk({ kty, crv, x, y }: PublicJwk): KeyObject {
  return createPublicKey({ key: { kty, crv, x, y }, format: 'jwk' });
}

/**
 * A fresh key pair from the operating system's randomness. It takes the way over PEM because Node 20 can stand still for
 * ever when a key is exported as JWK while what generated it is collected: they share a lock.
 */
export function generateSigningKey(): SigningKey {
  const { privateKey } = generateKeyPairSync('ec', {
    namedCurve: 'P-256',
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
  return importSigningKey(privateKey);
}

/** A key pair from its PKCS #8 PEM; throws when it is not P-256. */
export function importSigningKey(pem: string): SigningKey {
  return describeKey(createPrivateKey(pem));
}

export function exportSigningKey(key: SigningKey): string {
  return String(key.privateKey.export({ type: 'pkcs8', format: 'pem' }));
}

function describeKey(privateKey: KeyObject): SigningKey {
  const jwk = parsePublicJwk(createPublicKey(privateKey).export({ format: 'jwk' }));
  return { privateKey, publicJwk: jwk, thumbprint: jwkThumbprint(jwk) };
}
