/** `control.read`: the control connections of devices, as the controllers see them, and the peers they get their policy from. */
import { z } from 'zod';
import { controlConnectionRow, ompPeerRow } from '../protocols/controller/endpoints/device.ts';
import { defineTool } from './define-tool.ts';
import { askDirector } from './operations.ts';
import { deviceOf, observeAt, rowsOf } from './replies.ts';

const PATH = '/dataservice/device/control/connections';
const OMP = '/dataservice/device/omp/peers';

export const controlRead = defineTool({
  name: 'control.read',
  domain: 'diagnostics',
  effect: 'read',
  description:
    'Reads the state of the control connections of devices to each controller, with the reason when down, and of OMP peers.',
  targets: 'many',
  input: z.strictObject({}),
  plan: (_input, { devices }) => devices.flatMap((device) => [askDirector(device, PATH), askDirector(device, OMP)]),
  read: (replies) =>
    replies.flatMap((reply) => [
      ...rowsOf(reply, PATH, controlConnectionRow).map((row) =>
        observeAt(
          reply,
          row.lastupdated,
          `session/control/${row['peer-name']}--${deviceOf(reply)}:${row['local-color']}`,
          'ctrl.conn',
          row.state === 'up' ? 'up' : `down (${row.reason})`,
        ),
      ),
      ...rowsOf(reply, OMP, ompPeerRow).map((row) =>
        observeAt(reply, row.lastupdated, `session/omp/${row.peer}--${deviceOf(reply)}`, 'omp.peer', row.state),
      ),
    ]),
});
