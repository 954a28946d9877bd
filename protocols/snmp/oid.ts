/** Object identifiers as people write them, and their order. */
import type { Oid } from './ber.ts';

const DOTTED = /^[0-2](\.(0|[1-9]\d{0,9})){1,127}$/;

/** Parses `1.3.6.1`; undefined when it is not a dotted object identifier. */
export function parseOid(text: string): Oid | undefined {
  if (!DOTTED.test(text)) return undefined;
  const parts = text.split('.').map(Number);
  const [first = 0, second = 0] = parts;
  return parts.some((part) => part > 0xffff_ffff) || (first < 2 && second > 39) ? undefined : parts;
}

export const formatOid = (oid: Oid): string => oid.join('.');

/** Lexicographic order (RFC 3416 §2.2): negative when `a` comes before `b`. */
export function compareOids(a: Oid, b: Oid): number {
  const shared = Math.min(a.length, b.length);
  for (let i = 0; i < shared; i += 1) {
    const difference = (a[i] ?? 0) - (b[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}

/** Whether `oid` lies below `prefix` (not: is it). */
export function isBelow(oid: Oid, prefix: Oid): boolean {
  return oid.length > prefix.length && prefix.every((part, i) => oid[i] === part);
}
