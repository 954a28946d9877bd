/** Which addresses a controller may have: what a name resolved to is checked, and exactly that is dialled. */
import { type LookupAddress, lookup as systemLookup } from 'node:dns';
import { BlockList, isIP, type LookupFunction } from 'node:net';
import { DriverError } from '../driver.ts';

/** As `dns.lookup` with `all`. */
export type Resolve = (
  host: string,
  done: (error: NodeJS.ErrnoException | null, addresses?: readonly LookupAddress[]) => void,
) => void;

/**
 * Nothing that manages devices lives here: this network, link-local with the metadata services of clouds (RFC 3927,
 * RFC 4291 §2.5.6), multicast, reserved, translated addresses that hide any of them (RFC 6052, RFC 3056). Private
 * networks (RFC 1918, RFC 4193) are where controllers are. An IPv4 rule holds for the address mapped into IPv6 too.
 */
const FORBIDDEN = [
  ...(['0.0.0.0/8', '169.254.0.0/16', '192.0.0.0/24', '224.0.0.0/4', '240.0.0.0/4'] as const),
  ...(['::/128', 'fe80::/10', 'ff00::/8', '64:ff9b::/96', '2002::/16', 'fd00:ec2::254/128'] as const),
] as const;
const LOOPBACK = ['127.0.0.0/8', '::1/128'] as const;

export interface Addresses {
  /** Throws `DriverError` UNSUPPORTED for a URL that names a forbidden address itself. */
  readonly demandAllowed: (url: URL) => void;
  /** For whatever connects: fails with the same error when one of the addresses of a name is forbidden. */
  readonly lookup: LookupFunction;
}

/** `loopback` lets controllers on this machine pass, which only simulated ones are. */
export function createAddresses(
  loopback: boolean,
  resolve: Resolve = (host, done) => systemLookup(host, { all: true }, done),
): Addresses {
  const forbidden = new BlockList();
  for (const range of loopback ? FORBIDDEN : [...FORBIDDEN, ...LOOPBACK]) {
    const [network = '', bits] = range.split('/');
    forbidden.addSubnet(network, Number(bits), isIP(network) === 4 ? 'ipv4' : 'ipv6');
  }
  const isForbidden = (address: string): boolean => {
    const family = isIP(address);
    return family === 0 || forbidden.check(address, family === 4 ? 'ipv4' : 'ipv6');
  };
  const refusal = (): DriverError => new DriverError('UNSUPPORTED', 'a controller cannot have this address');
  return {
    demandAllowed: ({ hostname }) => {
      const literal = hostname.replace(/^\[|\]$/g, '');
      if (isIP(literal) !== 0 && isForbidden(literal)) throw refusal();
    },
    lookup: (host, { all }, done) =>
      resolve(host, (error, addresses) => {
        const [first] = addresses ?? [];
        if (error !== null || addresses === undefined || first === undefined) done(error ?? refusal(), '', 0);
        else if (addresses.some(({ address }) => isForbidden(address))) done(refusal(), '', 0);
        else if (all === true) done(null, [...addresses]);
        else done(null, first.address, first.family);
      }),
  };
}
