/** `approute.read`: measured quality of the tunnels. */
import { z } from 'zod';
import { appRouteRow } from '../protocols/controller/rows.ts';
import { tunnelName } from '../protocols/device/names.ts';
import { defineTool } from './define-tool.ts';
import { askDirector } from './operations.ts';
import { deviceOf, observeAt, rowsOf } from './replies.ts';

const PATH = '/dataservice/statistics/approute';

export const approuteRead = defineTool({
  name: 'approute.read',
  domain: 'diagnostics',
  effect: 'read',
  description: 'Reads loss in the receive direction, round-trip latency and jitter of all tunnels of devices.',
  targets: 'many',
  input: z.strictObject({}),
  plan: (_input, { devices }) => devices.map((device) => askDirector(device, PATH)),
  read: (replies) =>
    replies.flatMap((reply) =>
      rowsOf(reply, PATH, appRouteRow).flatMap((row) => {
        const tunnel = tunnelName(deviceOf(reply), row.local_color, row.remote_host_name, row.remote_color);
        return [
          observeAt(reply, row.lastupdated, tunnel, 'tunnel.loss_pct', row.loss_percentage),
          observeAt(reply, row.lastupdated, tunnel, 'tunnel.latency_ms', row.latency),
          observeAt(reply, row.lastupdated, tunnel, 'tunnel.jitter_ms', row.jitter),
        ];
      }),
    ),
});
