/** Reads the configuration of a device from the XML of its YANG modules, strictly: anything unknown or wrong is refused. */
import type { DeviceConfig } from '../device/config.ts';
import { RpcFailure } from '../netconf/messages.ts';
import type { XmlNode } from '../netconf/xml.ts';
import { CONFIG } from './config-schema.ts';
import { type Problems, readGroup } from './schema.ts';

/**
 * The configuration that the children of `<data>` or `<config>` stand for.
 * @throws {RpcFailure} with `unknown-element`, `missing-element`, `bad-element` (there twice) or `invalid-value` errors, each with its path
 */
export function xmlToConfig(nodes: readonly XmlNode[]): DeviceConfig {
  const problems: Problems = { list: [] };
  const read = readGroup(CONFIG, { children: nodes }, '', problems);
  if (read === undefined || problems.list.length > 0) throw new RpcFailure(...problems.list);
  const { system, interfaces, accessLists, control, ...rest } = read;
  const ports = interfaces.map(({ type: _type, ...one }) => one);
  return { ...system, interfaces: ports, ...accessLists, ...control, ...rest };
}
