/** `control.read`: the control connections of devices, as the controllers see them. */
import { z } from 'zod';
import { controlConnectionRow } from '../protocols/controller/endpoints/device.ts';
import { defineTool } from './define-tool.ts';
import { askDirector } from './operations.ts';
import { deviceOf, observeAt, rowsOf } from './replies.ts';

const PATH = '/dataservice/device/control/connections';

export const controlRead = defineTool({
  name: 'control.read',
  domain: 'diagnostics',
  effect: 'read',
  description: 'Reads the state of the control connections of devices to each controller, with the reason when down.',
  targets: 'many',
  input: z.strictObject({}),
  plan: (_input, { devices }) => devices.map((device) => askDirector(device, PATH)),
  read: (replies) =>
    replies.flatMap((reply) =>
      rowsOf(reply, PATH, controlConnectionRow).map((row) =>
        observeAt(
          reply,
          row.lastupdated,
          `session/control/${row['peer-name']}--${deviceOf(reply)}:${row['local-color']}`,
          'ctrl.conn',
          row.state === 'up' ? 'up' : `down (${row.reason})`,
        ),
      ),
    ),
});
