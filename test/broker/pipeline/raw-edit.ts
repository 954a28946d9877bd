/** A tool that sends any edit: what the pipeline itself stops must not depend on how careful the tools are. */
import { z } from 'zod';
import type { Operation } from '../../../broker/contract.ts';
import type { DeviceConfig } from '../../../protocols/device/config.ts';
import { OPERATION_ATTRIBUTE } from '../../../protocols/netconf/edit.ts';
import { renderXml } from '../../../protocols/netconf/xml.ts';
import { configToXml } from '../../../protocols/yang/config-to-xml.ts';
import { defineTool } from '../../../tools/define-tool.ts';

export const rawEdit = defineTool({
  name: 'raw.edit',
  domain: 'wan',
  effect: 'change',
  description: 'Sends an edit as it is.',
  targets: 'one',
  input: z.strictObject({ config: z.string() }),
  plan: ({ config }, { devices }) =>
    devices.map((device): Operation => ({ protocol: 'netconf', kind: 'edit-config', device, config })),
  read: () => [],
});

/** The edit that makes a device run exactly `wanted`: every container replaced, what is gone removed. */
export function editTo(old: DeviceConfig, wanted: DeviceConfig): string {
  const nodes = configToXml(wanted);
  const gone = configToXml(old).filter((node) => !nodes.some((one) => one.name === node.name && one.ns === node.ns));
  return [
    ...nodes.map((node) => ({ ...node, attrs: { ...node.attrs, [OPERATION_ATTRIBUTE]: 'replace' } })),
    ...gone.map((node) => ({ ...node, children: [], text: '', attrs: { [OPERATION_ATTRIBUTE]: 'remove' } })),
  ]
    .map((node) => renderXml(node))
    .join('');
}
