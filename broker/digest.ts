/** Digests over canonical JSON: the same content gives the same bytes, everywhere (RFC 8785). */
import { hash, timingSafeEqual } from 'node:crypto';
import { canonicalText } from '../protocols/canonical-json.ts';
import type { Intent } from './contract.ts';

/** `sha256:` + hex over the UTF-8 bytes of `text`. */
export const sha256 = (text: string): string => `sha256:${hash('sha256', text, 'hex')}`;

/** The digest that decision, approval, execution and audit share: over every other field of the intent. */
export const intentDigest = (intent: Omit<Intent, 'digest'>): string => sha256(canonicalText(intent));

/** Compares two digests without telling by time where they differ. */
export function sameDigest(a: string, b: string): boolean {
  const x = Buffer.from(a);
  const y = Buffer.from(b);
  return x.length === y.length && timingSafeEqual(x, y);
}
