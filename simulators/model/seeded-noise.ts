/** Reproducible variation: the same seed and key give the same fraction for ever, so readings differ but replays do not. */

/** A number in [0, 1) from `parts`: FNV-1a (RFC 9923) with the murmur3 finaliser to spread the low bits. */
export function noise(...parts: readonly (string | number)[]): number {
  let hash = 0x811c9dc5;
  const text = parts.join('|');
  for (let at = 0; at < text.length; at += 1) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return ((hash ^ (hash >>> 16)) >>> 0) / 0x1_0000_0000;
}
