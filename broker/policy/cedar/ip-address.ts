/**
 * Cedar's `ipaddr`: an IPv4 or IPv6 address with its prefix length, and the networks it lies in.
 * Source: https://docs.cedarpolicy.com/policies/syntax-operators.html (functions of IP addresses)
 */
import { EvaluationError } from './value.ts';

export class IpAddress {
  readonly kind = 'ipaddr';
  readonly version: 4 | 6;
  /** The address as a number; bits behind the prefix are kept, so `10.1.2.3/8` is not `10.0.0.0/8`. */
  readonly address: bigint;
  readonly prefix: number;
  constructor(version: 4 | 6, address: bigint, prefix: number) {
    this.version = version;
    this.address = address;
    this.prefix = prefix;
  }
  get key(): string {
    return `xip${this.version}:${this.address}/${this.prefix}`;
  }
}

const widthOf = (version: 4 | 6): number => (version === 4 ? 32 : 128);

/** Reads `10.0.0.1`, `10.0.0.0/8`, `::1`, `fe80::/10`. An IPv4 address inside an IPv6 text and a zone are refused. */
export function readIpAddress(text: string): IpAddress {
  const [address = '', prefix, ...rest] = text.split('/');
  const version = address.includes(':') ? 6 : 4;
  const width = widthOf(version);
  const bits = version === 4 ? readIpv4(address) : readIpv6(address);
  const length = prefix === undefined ? width : /^(0|[1-9]\d{0,2})$/.test(prefix) ? Number(prefix) : Number.NaN;
  if (bits === undefined || rest.length > 0 || !(length <= width)) {
    throw new EvaluationError(`${JSON.stringify(text.slice(0, 60))} is not an IP address`);
  }
  return new IpAddress(version, bits, length);
}

/** Four parts of 0 to 255 without leading zeros. */
function readIpv4(text: string): bigint | undefined {
  const parts = text.split('.');
  if (parts.length !== 4 || !parts.every((part) => /^(0|[1-9]\d{0,2})$/.test(part) && Number(part) < 256))
    return undefined;
  return parts.reduce((sum, part) => sum * 256n + BigInt(part), 0n);
}

/** Eight groups of one to four hexadecimal digits; `::` stands for one group of zeros or more. */
function readIpv6(text: string): bigint | undefined {
  const [head = '', tail, ...rest] = text.split('::');
  const groups = (part: string): readonly string[] => (part === '' ? [] : part.split(':'));
  const left = groups(head);
  const right = tail === undefined ? [] : groups(tail);
  const missing = 8 - left.length - right.length;
  if (rest.length > 0 || (tail === undefined ? missing !== 0 : missing < 1)) return undefined;
  if (![...left, ...right].every((group) => /^[0-9a-fA-F]{1,4}$/.test(group))) return undefined;
  const all = [...left, ...Array.from({ length: missing }, () => '0'), ...right];
  return all.reduce((sum, group) => sum * 65_536n + BigInt(`0x${group}`), 0n);
}

/** The network of an address: its first `prefix` bits, as a number. */
const networkOf = (ip: IpAddress, prefix: number): bigint => ip.address >> BigInt(widthOf(ip.version) - prefix);

/** Whether every address of `ip` is in `range`; addresses of different versions are in no common range. */
export const isInRange = (ip: IpAddress, range: IpAddress): boolean =>
  ip.version === range.version &&
  ip.prefix >= range.prefix &&
  networkOf(ip, range.prefix) === networkOf(range, range.prefix);

const LOOPBACK = { 4: new IpAddress(4, 127n << 24n, 8), 6: new IpAddress(6, 1n, 128) };
const MULTICAST = { 4: new IpAddress(4, 224n << 24n, 4), 6: new IpAddress(6, 0xffn << 120n, 8) };
export const isLoopback = (ip: IpAddress): boolean => isInRange(ip, LOOPBACK[ip.version]);
export const isMulticast = (ip: IpAddress): boolean => isInRange(ip, MULTICAST[ip.version]);
