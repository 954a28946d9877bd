/** Worked example of a tool: the MTU that every port is configured for. */
import { z } from 'zod';
import { interfaceName } from '../../protocols/device/names.ts';
import { readConfigSection } from '../../protocols/yang/state-from-xml.ts';
import { defineTool } from '../../tools/define-tool.ts';
import { getRunning } from '../../tools/operations.ts';
import { deviceOf, observe, xmlOf } from '../../tools/replies.ts';

export const mtuConfigured = defineTool({
  name: 'mtu.configured',
  domain: 'diagnostics',
  effect: 'read',
  description: 'Reads which MTU the ports of devices are configured for.',
  targets: 'many',
  input: z.strictObject({}),
  plan: (_input, { devices }) => devices.map((device) => getRunning(device, 'interfaces')),
  read: (replies) =>
    replies.flatMap((reply) =>
      (readConfigSection(xmlOf(reply), 'interfaces') ?? []).map(({ name, mtu }) =>
        observe(reply, interfaceName(deviceOf(reply), name), 'if.mtu', mtu),
      ),
    ),
});
