/** IPv4 addresses and prefixes as numbers, so that routes can be compared and matched. */

/** Dotted quad to an unsigned 32-bit number; NaN for anything else. */
export function parseAddress(text: string): number {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text);
  if (!match) return Number.NaN;
  const octets = match.slice(1).map(Number);
  return octets.some((octet) => octet > 255) ? Number.NaN : octets.reduce((sum, octet) => sum * 256 + octet, 0);
}

export function formatAddress(value: number): string {
  return [24, 16, 8, 0].map((shift) => (value >>> shift) & 255).join('.');
}

export interface Prefix {
  readonly network: number;
  readonly length: number;
}

const maskOf = (length: number): number => (length === 0 ? 0 : (0xffffffff << (32 - length)) >>> 0);

/** Parses `a.b.c.d/n` or a bare address (a /32); host bits are cleared. Undefined when it is neither. */
export function parsePrefix(text: string): Prefix | undefined {
  const [address = '', bits = '32'] = text.split('/');
  const value = parseAddress(address);
  const length = Number(bits);
  if (Number.isNaN(value) || !Number.isInteger(length) || length < 0 || length > 32) return undefined;
  return { network: (value & maskOf(length)) >>> 0, length };
}

export const prefixContains = (prefix: Prefix, address: number): boolean =>
  (address & maskOf(prefix.length)) >>> 0 === prefix.network;

/** True when `inner` lies inside `outer` or equals it. */
export const prefixCovers = (outer: Prefix, inner: Prefix): boolean =>
  inner.length >= outer.length && prefixContains(outer, inner.network);

export const formatPrefix = (prefix: Prefix): string => `${formatAddress(prefix.network)}/${prefix.length}`;
