/** `vrrp.read`: who is master of the virtual gateways. */
import { z } from 'zod';
import { interfaceName } from '../protocols/device/names.ts';
import { readVrrp } from '../protocols/yang/state-from-xml.ts';
import { defineTool } from './define-tool.ts';
import { getState } from './operations.ts';
import { deviceOf, observe, xmlOf } from './replies.ts';

export const vrrpRead = defineTool({
  name: 'vrrp.read',
  domain: 'diagnostics',
  effect: 'read',
  description: 'Reads the VRRP state of devices on each port: master, backup or initialize.',
  targets: 'many',
  input: z.strictObject({}),
  plan: (_input, { devices }) => devices.map((device) => getState(device, 'vrrp')),
  read: (replies) =>
    replies.flatMap((reply) =>
      readVrrp(xmlOf(reply)).map((group) =>
        observe(reply, interfaceName(deviceOf(reply), group.interface), 'vrrp.state', group.state),
      ),
    ),
});
