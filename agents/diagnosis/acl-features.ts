/** Features of access lists: which kind of traffic an entry of the suspect denies, and whether it was hit. */
import type { Feature, Sighting } from './feature.ts';
import { feature } from './feature.ts';
import type { Scope } from './scope.ts';

/** One entry as `acl.read` writes it: `ENTRY deny tcp any any 179 hits 42`. */
export interface AclEntry {
  readonly list: string;
  readonly entry: string;
  readonly action: string;
  readonly protocol: string;
  readonly destination: string;
  readonly port: string;
  readonly hits: number;
}

const FORM = /^(\S{1,80}) (permit|deny) (\S{1,20}) (\S{1,60}) (\S{1,60}) (\S{1,10}) hits (\d{1,18})$/;

/** Parses an `acl.hits` sighting; undefined for anything else. */
export function parseAclEntry({ resource, signal, value }: Sighting): AclEntry | undefined {
  const match = signal === 'acl.hits' ? FORM.exec(String(value)) : null;
  const [, entry, action, protocol, , destination, port, hits] = match ?? [];
  const list = resource.split('/')[2];
  if (!list || !entry || !action || !protocol || !destination || !port) return undefined;
  return { list, entry, action, protocol, destination, port, hits: Number(hits) };
}

const toNumber = (address: string): number => address.split('.').reduce((sum, octet) => sum * 256 + Number(octet), 0);

/** True when `destination` (`any`, an address or a prefix) covers the address. */
export function covers(destination: string, address: string): boolean {
  if (destination === 'any') return true;
  const [base = '', length = '32'] = destination.split('/');
  const size = 2 ** (32 - Number(length));
  return Math.floor(toNumber(base) / size) === Math.floor(toNumber(address) / size);
}

/** BGP (RFC 4271 §8) and BFD control (RFC 5881 §4) ports. */
const BGP_PORT = '179';
const BFD_PORT = '3784';

/** What an entry denies, in terms of what can break. */
export function classifyEntry(entry: AclEntry, { app }: Pick<Scope, 'app'>): 'tcp179' | 'bfd' | 'app' | undefined {
  if (entry.action !== 'deny') return undefined;
  if (entry.protocol === 'tcp' && entry.port === BGP_PORT) return 'tcp179';
  if (entry.protocol === 'udp' && entry.port === BFD_PORT) return 'bfd';
  const isTcp = entry.protocol === 'tcp' || entry.protocol === 'any';
  const isPort = entry.port === 'any' || entry.port === String(app?.port);
  return app && isTcp && isPort && covers(entry.destination, app.address) ? 'app' : undefined;
}

/** `none`, `entry` (present, never hit) or `hits`, for each kind of traffic. */
export function readAclFeatures(seen: readonly Sighting[], scope: Scope): readonly Feature[] {
  const lists = seen.filter(
    ({ resource, signal }) => signal === 'acl.hits' && resource.startsWith(`policy/${scope.suspect}/`),
  );
  if (lists.length === 0) return [];
  return (['tcp179', 'bfd', 'app'] as const).map((kind) => {
    const kindOf = (sighting: Sighting) => {
      const entry = parseAclEntry(sighting);
      return entry && classifyEntry(entry, scope) === kind ? entry : undefined;
    };
    const entries = lists.map(kindOf).filter((entry) => entry !== undefined);
    const value = entries.length === 0 ? 'none' : entries.some(({ hits }) => hits > 0) ? 'hits' : 'entry';
    return feature(`acl.hits@suspect.${kind}`, value, lists, (sighting) => kindOf(sighting) !== undefined);
  });
}
