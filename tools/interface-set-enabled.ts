/** `interface.set-enabled`: switches a port on or off. */
import { z } from 'zod';
import { defineTool } from './define-tool.ts';
import { editPort, portName } from './interface-edit.ts';
import { editConfig } from './operations.ts';
import { portShows } from './post-conditions.ts';

export const interfaceSetEnabled = defineTool({
  name: 'interface.set-enabled',
  domain: 'wan',
  effect: 'change',
  description: 'Switches a port of a device administratively on or off.',
  targets: 'one',
  input: z.strictObject({ interface: portName, enabled: z.boolean().describe('True is on') }),
  plan: ({ interface: port, enabled }, { devices }) =>
    devices.map((device) => editConfig(device, editPort(port, 'enabled', String(enabled)))),
  read: () => [],
  postConditions: ({ interface: port, enabled }, target) => {
    const oper = enabled ? 'up' : 'down';
    return portShows(target, port, `Port ${port} of ${target.devices.join(', ')} is operationally ${oper}.`, { oper });
  },
});
