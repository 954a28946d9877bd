/** Observations of access lists: which kind of traffic an entry denies that is being hit, whoever intends it. */
import type { Observation, Sighting } from '../observation.ts';
import { NORMAL, told } from '../observation.ts';
import { describeEntry } from './configuration.ts';
import type { Context } from './context.ts';

const FORM = /^(\S{1,80}) (permit|deny) (\S{1,20}) (\S{1,60}) (\S{1,60}) (\S{1,10}) hits (\d{1,18})$/;

/** One entry as `acl.read` writes it: `ENTRY deny tcp any any 179 hits 42`. */
interface AclEntry {
  readonly device: string;
  readonly action: string;
  readonly protocol: string;
  readonly port: string;
  readonly hits: number;
}

/** Parses an `acl.hits` sighting; undefined for anything else. */
export function parseAclEntry({ resource, value }: Pick<Sighting, 'resource' | 'value'>): AclEntry | undefined {
  const [, action, protocol, , , port, hits] = FORM.exec(String(value))?.slice(1) ?? [];
  const [, device] = resource.split('/');
  if (!device || !action || !protocol || !port) return undefined;
  return { device, action, protocol, port, hits: Number(hits) };
}

/** The most specific denials that were hit; a device of which none was is normal. A catch-all at the end of a list is one. */
export function readAccessLists({ of }: Context): readonly Observation[] {
  const byDevice = new Map<string, { readonly first: Sighting; readonly hit: Map<string, Sighting> }>();
  for (const one of of('acl.hits')) {
    const entry = parseAclEntry(one);
    if (entry === undefined) continue;
    const here = byDevice.get(entry.device) ?? { first: one, hit: new Map<string, Sighting>() };
    byDevice.set(entry.device, here);
    if (entry.action !== 'deny' || entry.hits === 0) continue;
    const leaves = new Map([
      ['action', entry.action],
      ['protocol', entry.protocol],
      ...(entry.port === 'any' ? [] : [['destination-port', entry.port] as const]),
    ]);
    here.hit.set(describeEntry(leaves), one);
  }
  return [...byDevice].flatMap(([device, { first, hit }]) =>
    hit.size === 0
      ? [told(first, 'acl', NORMAL, { kind: 'device' as const, device })]
      : [...hit].map(([value, one]) => told(one, 'acl', value, { kind: 'device' as const, device })),
  );
}
