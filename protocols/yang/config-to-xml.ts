/** Writes the configuration of a device as the XML of its YANG modules. */
import type { DeviceConfig } from '../device/config.ts';
import type { XmlNode } from '../netconf/xml.ts';
import { CONFIG } from './config-schema.ts';
import { writeGroup } from './schema.ts';

/** iana-if-type of a port; the only mandatory leaf of ietf-interfaces that the configuration does not hold as such. */
const typeOf = (port: string): 'wwanPP' | 'ethernetCsmacd' => (port.startsWith('cell') ? 'wwanPP' : 'ethernetCsmacd');

/** Children of `<data>` or `<config>`. Sections are always there, also when they are empty, except `bgp`. */
export function configToXml(config: DeviceConfig): readonly XmlNode[] {
  const { hostname, role, siteId, site, systemIp, accessLists, controlPlaneAcl, controlPort, interfaces, ...rest } =
    config;
  return writeGroup(CONFIG, {
    ...rest,
    system: { hostname, role, siteId, site, systemIp },
    interfaces: interfaces.map((one) => ({ ...one, type: typeOf(one.name) })),
    control: { controlPort },
    accessLists: { accessLists, ...(controlPlaneAcl !== undefined && { controlPlaneAcl }) },
  });
}
