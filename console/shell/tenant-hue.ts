/** A colour for each tenant, the same each time, so that a switch is seen; the name stands beside it, and means it. */

/** The hue is made of a hash of the name (FNV-1a, 32 bits), so that names that are alike look apart. */
export function hueOf(tenant: string): string {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(tenant)) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  const hue = (hash >>> 16) % 360;
  return `light-dark(hsl(${hue} 65% 38%), hsl(${hue} 70% 66%))`;
}
