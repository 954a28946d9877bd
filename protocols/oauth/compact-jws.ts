/** Reads and writes compact JWS (RFC 7515 §3.1) with ES256 only, accepting exactly one spelling of every token. */
import { type KeyObject, sign, verify } from 'node:crypto';
import { parseStrictJson } from './strict-json.ts';

/** Why a token or proof was refused: for the log, never for the caller. */
export class TokenRefused extends Error {
  override readonly name = 'TokenRefused';
}

/** Longest token that is looked at, in characters. */
export const MAX_TOKEN_LENGTH = 8192;

export interface CompactJws {
  readonly header: Readonly<Record<string, unknown>>;
  readonly payload: Readonly<Record<string, unknown>>;
  /** What the signature covers: the first two parts with their dot. */
  readonly signingInput: string;
  readonly signature: Buffer;
}

/**
 * Takes a compact JWS apart without believing it. Refused: more than 8 kB (unless told otherwise), other than three parts of ASCII base64url,
 * padding and trailing bits (each part must encode back to itself), duplicate names, any `alg` but ES256, `crit`
 * (RFC 7515 §4.1.11: we understand no extension), a signature that has not 64 bytes (RFC 7518 §3.4).
 */
export function parseCompactJws(text: string, maxLength = MAX_TOKEN_LENGTH): CompactJws {
  if (text.length > maxLength) throw new TokenRefused('too long');
  const [head, body, tail, more] = text.split('.');
  if (head === undefined || body === undefined || tail === undefined || more !== undefined) {
    throw new TokenRefused('not three parts');
  }
  const header = parseObject(decodePart(head));
  const payload = parseObject(decodePart(body));
  const signature = decodePart(tail);
  if (header['alg'] !== 'ES256') throw new TokenRefused('algorithm is not ES256');
  if ('crit' in header || 'b64' in header) throw new TokenRefused('critical header');
  if (signature.length !== 64) throw new TokenRefused('signature length');
  return { header, payload, signingInput: `${head}.${body}`, signature };
}

/** ES256 (ECDSA P-256 with SHA-256, R || S) over the signing input. */
export function signatureHolds(jws: CompactJws, publicKey: KeyObject): boolean {
  return verify('sha256', Buffer.from(jws.signingInput), { key: publicKey, dsaEncoding: 'ieee-p1363' }, jws.signature);
}

/** A compact JWS over `payload`; `alg` is added to `header`. */
export function signCompactJws(
  header: Readonly<Record<string, unknown>>,
  payload: Readonly<Record<string, unknown>>,
  privateKey: KeyObject,
): string {
  const input = `${encodePart({ alg: 'ES256', ...header })}.${encodePart(payload)}`;
  const signature = sign('sha256', Buffer.from(input), { key: privateKey, dsaEncoding: 'ieee-p1363' });
  return `${input}.${signature.toString('base64url')}`;
}

function decodePart(part: string): Buffer {
  if (!/^[A-Za-z0-9_-]+$/.test(part)) throw new TokenRefused('not base64url');
  const bytes = Buffer.from(part, 'base64url');
  if (bytes.toString('base64url') !== part) throw new TokenRefused('not canonical base64url');
  return bytes;
}

function parseObject(bytes: Buffer): Readonly<Record<string, unknown>> {
  let value: unknown;
  try {
    value = parseStrictJson(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes), 8);
  } catch (error) {
    throw new TokenRefused(error instanceof Error ? error.message : 'not JSON');
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new TokenRefused('not an object');
  return Object.fromEntries(Object.entries(value));
}

function encodePart(value: Readonly<Record<string, unknown>>): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}
