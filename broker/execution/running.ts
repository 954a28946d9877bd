/** Reads a datastore as canonical text, so that equal configurations compare equal; what stays the same is parsed once. */
import type { DeviceConfig } from '../../protocols/device/config.ts';
import { canonicalConfig } from '../../protocols/netconf/canonical.ts';
import { parseXml, type XmlNode } from '../../protocols/netconf/xml.ts';
import { xmlToConfig } from '../../protocols/yang/config-from-xml.ts';
import { listKeys, userOrdered } from '../../protocols/yang/list-keys.ts';
import { DriverError, type WriteSession } from '../drivers/driver.ts';

/** Canonical text of a whole configuration. */
export type RunningConfig = string;

/**
 * A change reads the same configuration several times (rehearsal, again when it was approved, the transaction), and those of
 * all devices beside it. So many characters of text are remembered with what they say, the least recently read forgotten first.
 */
const REMEMBERED = 4_000_000;
const remembered = new Map<string, XmlNode>();
let characters = 0;

/** Parses what a device returned as configuration; anything else than sound XML is a broken protocol. */
export function parseData(children: string): XmlNode {
  const known = remembered.get(children);
  if (known !== undefined) {
    remembered.delete(children);
    remembered.set(children, known);
    return known;
  }
  const data = parse(children);
  remembered.set(children, data);
  characters += children.length;
  for (const [oldest] of remembered) {
    if (characters <= REMEMBERED) break;
    remembered.delete(oldest);
    characters -= oldest.length;
  }
  return data;
}

function parse(children: string): XmlNode {
  try {
    return parseXml(`<data>${children}</data>`);
  } catch (error) {
    throw new DriverError('PROTOCOL', error instanceof Error ? error.message : 'not XML');
  }
}

/** Remembers what was made of a tree as long as the tree is there: trees do not change. */
function once<T>(make: (data: XmlNode) => T): (data: XmlNode) => T {
  const made = new WeakMap<XmlNode, { readonly value: T }>();
  return (data) => {
    const known = made.get(data) ?? { value: make(data) };
    made.set(data, known);
    return known.value;
  };
}

export const canonical = once((data): RunningConfig => canonicalConfig(data, listKeys, userOrdered));

/** The same as types. Throws when it is outside the data model. */
export const typed = once((data): DeviceConfig => xmlToConfig(data.children));

/** The whole datastore, canonical. Rejects with `DriverError`. */
export async function readRunning(session: WriteSession, source: 'running' | 'candidate'): Promise<RunningConfig> {
  return canonical(parseData(await session.getConfig(source, '')));
}
