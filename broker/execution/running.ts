/** Reads a datastore as canonical text, so that equal configurations compare equal. */
import { canonicalConfig } from '../../protocols/netconf/canonical.ts';
import { parseXml, type XmlNode } from '../../protocols/netconf/xml.ts';
import { listKeys, userOrdered } from '../../protocols/yang/list-keys.ts';
import { DriverError, type WriteSession } from '../drivers/driver.ts';

/** Canonical text of a whole configuration. */
export type RunningConfig = string;

/** Parses what a device returned as configuration; anything else than sound XML is a broken protocol. */
export function parseData(children: string): XmlNode {
  try {
    return parseXml(`<data>${children}</data>`);
  } catch (error) {
    throw new DriverError('PROTOCOL', error instanceof Error ? error.message : 'not XML');
  }
}

export const canonical = (data: XmlNode): RunningConfig => canonicalConfig(data, listKeys, userOrdered);

/** The whole datastore, canonical. Rejects with `DriverError`. */
export async function readRunning(session: WriteSession, source: 'running' | 'candidate'): Promise<RunningConfig> {
  return canonical(parseData(await session.getConfig(source, '')));
}
