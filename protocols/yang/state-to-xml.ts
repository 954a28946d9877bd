/** Writes configuration and operational state of a device as the answer to `<get>` (RFC 6241 §7.7). */
import type { DeviceConfig } from '../device/config.ts';
import type { DeviceState } from '../device/state.ts';
import type { XmlNode } from '../netconf/xml.ts';
import { configToXml } from './config-to-xml.ts';
import { writeGroup } from './schema.ts';
import { STATE } from './state-schema.ts';

/**
 * Children of `<data>`, in the order of the schema. With `names` only top-level nodes of these names, so that what
 * nobody asks for is neither computed nor written.
 */
export function stateToXml(
  config: DeviceConfig,
  section: <Key extends keyof typeof STATE>(key: Key) => DeviceState[Key],
  names?: ReadonlySet<string>,
): readonly XmlNode[] {
  const isWanted = (name: string): boolean => names?.has(name) !== false;
  const keys = (Object.keys(STATE) as (keyof typeof STATE)[]).filter((key) => isWanted(STATE[key].name));
  // Under each key stands the section of the key; sections that are not wanted count as absent.
  const sections = Object.fromEntries(keys.map((key) => [key, section(key)])) as unknown as DeviceState;
  return [...configToXml(config).filter(({ name }) => isWanted(name)), ...writeGroup(STATE, sections)];
}
