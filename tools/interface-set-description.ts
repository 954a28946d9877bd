/** `interface.set-description`: names what a port is for. */
import { z } from 'zod';
import { defineTool } from './define-tool.ts';
import { editPort, portName } from './interface-edit.ts';
import { editConfig } from './operations.ts';
import { portShows } from './post-conditions.ts';

export const interfaceSetDescription = defineTool({
  name: 'interface.set-description',
  domain: 'wan',
  effect: 'change',
  description: 'Sets the description of a port, the same on every named device; traffic is not touched.',
  targets: 'many',
  input: z.strictObject({
    interface: portName,
    description: z
      .string()
      .regex(/^[\x20-\x7e]{1,64}$/)
      .describe('Text of at most 64 printable ASCII characters (ifAlias, RFC 2863)'),
  }),
  plan: ({ interface: port, description }, { devices }) =>
    devices.map((device) => editConfig(device, editPort(port, 'description', description))),
  read: () => [],
  postConditions: ({ interface: port, description }, target) =>
    portShows(target, port, `The description of ${port} at ${target.devices.join(', ')} reads back.`, { description }),
});
