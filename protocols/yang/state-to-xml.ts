/** Writes configuration and operational state of a device as the answer to `<get>` (RFC 6241 §7.7). */
import type { DeviceConfig } from '../device/config.ts';
import type { DeviceState } from '../device/state.ts';
import type { XmlNode } from '../netconf/xml.ts';
import { configToXml } from './config-to-xml.ts';
import { writeGroup } from './schema.ts';
import { STATE } from './state-schema.ts';

/** Children of `<data>`. */
export function stateToXml(config: DeviceConfig, state: DeviceState): readonly XmlNode[] {
  return [...configToXml(config), ...writeGroup(STATE, state)];
}
