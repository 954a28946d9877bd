/** What the broker sees of a tenant's network right now, through the protocols only: the ground on which a change is rehearsed. */
import type { DeviceConfig } from '../../protocols/device/config.ts';
import { parseXml, type XmlNode } from '../../protocols/netconf/xml.ts';
import { xmlToConfig } from '../../protocols/yang/config-from-xml.ts';
import type { Operation } from '../contract.ts';
import type { Devices } from '../execution/devices.ts';
import type { Inventory } from '../ports.ts';

export interface ObservedDevice {
  readonly name: string;
  readonly site: string;
  /** Running configuration as XML (`<data>` with its children) and as types; absent when the device did not answer. */
  readonly running?: { readonly data: XmlNode; readonly config: DeviceConfig };
  /** Ports that are enabled but have no carrier. */
  readonly portsDown: readonly string[];
}

export interface ObserveDeps {
  readonly inventory: Inventory;
  readonly devices: Devices;
}

/** SSH connects in flight (DESIGN §12: more than 16 delay everything else). */
const PARALLEL = 8;
const INTERFACES = '<interfaces xmlns="urn:ietf:params:xml:ns:yang:ietf-interfaces"/>';

/** Reads every edge and hub of the tenant; a silent device is observed as silent. */
export async function observeTenant(deps: ObserveDeps, tenant: string): Promise<readonly ObservedDevice[]> {
  const known = (await deps.inventory.devices(tenant)).filter((device) => device.role !== 'controller');
  const observed: ObservedDevice[] = [];
  for (let at = 0; at < known.length; at += PARALLEL) {
    const batch = known.slice(at, at + PARALLEL);
    observed.push(...(await Promise.all(batch.map(({ name, site }) => observeDevice(deps, tenant, name, site)))));
  }
  return observed;
}
