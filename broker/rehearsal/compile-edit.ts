/** From what a change declares to the edits that are sent: a restoration becomes an edit only once the intended form was read. */

import { attachedConfigRow } from '../../protocols/controller/endpoints/device.ts';
import { readRows } from '../../protocols/controller/rows.ts';
import type { DeviceConfig } from '../../protocols/device/config.ts';
import { OPERATION_ATTRIBUTE } from '../../protocols/netconf/edit.ts';
import { parseXml, renderXml, type XmlNode } from '../../protocols/netconf/xml.ts';
import { xmlToConfig } from '../../protocols/yang/config-from-xml.ts';
import { CONFIG } from '../../protocols/yang/config-schema.ts';
import { configToXml } from '../../protocols/yang/config-to-xml.ts';
import type { Trace } from '../containment/containment.ts';
import { entryName, placeMeasure } from '../containment/measure.ts';
import type { Operation } from '../contract.ts';
import { WayleaveError } from '../errors.ts';
import type { Devices } from '../execution/devices.ts';

export type Edit = Extract<Operation, { readonly kind: 'edit-config' }>;
export type Restoration = Extract<Operation, { readonly kind: 'restore-config' }>;

export type Containing = Extract<Operation, { readonly kind: 'contain' }>;

/** What a change may consist of. */
export const isChange = (one: Operation): one is Edit | Restoration | Containing =>
  one.protocol === 'netconf' && (one.kind === 'edit-config' || one.kind === 'restore-config' || one.kind === 'contain');

export interface CompiledEdit {
  readonly edit: Edit;
  /** Of a containment: what it leaves at the device. */
  readonly trace?: Trace;
  /** Of a restoration: all that the controller intends for the device. */
  readonly intended?: DeviceConfig;
}

/**
 * The edit of an operation. The intended form of a restoration is read by the broker, from the controller, at the moment
 * of the rehearsal: no caller can say what is intended, and an approval is bound to the edit that came of it.
 */
export async function compileEdit(
  devices: Devices,
  tenant: string,
  operation: Edit | Restoration,
): Promise<CompiledEdit> {
  if (operation.kind === 'edit-config') return { edit: operation };
  const { device, sections } = operation;
  const intended = await readIntended(devices, tenant, operation);
  const form = configToXml(intended);
  const nodes = sections.map((name): XmlNode => {
    const found = form.find((node) => node.name === name);
    const node = found ?? { ...blank(name), children: [] };
    return { ...node, attrs: { ...node.attrs, [OPERATION_ATTRIBUTE]: found === undefined ? 'remove' : 'replace' } };
  });
  const config = nodes.map((node) => renderXml(node)).join('');
  return { edit: { protocol: 'netconf', kind: 'edit-config', device, config }, intended };
}

/** The edit of a measure, in the configuration that was just observed; its entries bear the name of the intent. */
export function compileMeasure(config: DeviceConfig, { device, measure }: Containing, intent: string): CompiledEdit {
  const { edit, trace } = placeMeasure(config, device, measure, entryName(intent));
  return { edit: { protocol: 'netconf', kind: 'edit-config', device, config: edit }, trace };
}

/** Through the data model and back: what the controller says is checked, and carries nothing but data. */
async function readIntended(devices: Devices, tenant: string, { device, path }: Restoration): Promise<DeviceConfig> {
  const reply = await devices.read(tenant, {
    protocol: 'rest',
    kind: 'get',
    device,
    path,
    query: { deviceId: device },
  });
  if (!reply.ok || reply.protocol !== 'rest')
    throw new WayleaveError('DEVICE_UNREACHABLE', `The controller does not say what is intended for ${device}.`);
  const row = readRows(attachedConfigRow, reply.json).find(({ deviceId }) => deviceId === device);
  if (row === undefined)
    throw new WayleaveError('INPUT_INVALID', `The controller has no intended configuration for ${device}.`);
  try {
    return xmlToConfig(parseXml(row.config).children);
  } catch {
    throw new WayleaveError('DEVICE_PROTOCOL', `What the controller intends for ${device} is outside the data model.`);
  }
}

function blank(name: string): Pick<XmlNode, 'name' | 'ns' | 'attrs' | 'text'> {
  const known = Object.values(CONFIG).find((one) => one.name === name);
  if (known === undefined) throw new WayleaveError('INPUT_INVALID', `There is no section ${name}.`);
  return { name: known.name, ns: known.ns, attrs: {}, text: '' };
}
