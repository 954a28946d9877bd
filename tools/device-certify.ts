/** `device.certify`: lets a device show how it takes changes and takes them back, on the description of one port. */
import { z } from 'zod';
import { defineTool } from './define-tool.ts';
import { editPort, portName } from './interface-edit.ts';
import { editConfig } from './operations.ts';

/** Nothing reads it; whoever sees it in a configuration knows where it is from. */
const TRIAL = 'wayleave certification';

export const deviceCertify = defineTool({
  name: 'device.certify',
  domain: 'inventory',
  effect: 'change',
  description:
    'Learns how a device takes changes back, by trials on the description of a port, which is as before in the end.',
  targets: 'one',
  input: z.strictObject({ interface: portName }),
  plan: ({ interface: port }, { devices }) =>
    devices.map((device) => editConfig(device, editPort(port, 'description', TRIAL))),
  read: () => [],
  certifies: true,
});
