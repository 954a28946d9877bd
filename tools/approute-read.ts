/** `approute.read`: measured quality of the tunnels, from the device, or from the director's statistics when it is silent. */
import { z } from 'zod';
import { appRouteRow } from '../protocols/controller/endpoints/overlay.ts';
import { tunnelName } from '../protocols/device/names.ts';
import { readTunnels } from '../protocols/yang/state-from-xml.ts';
import { defineTool } from './define-tool.ts';
import { askDirector, getState } from './operations.ts';
import { deviceOf, observeAll, observeAt, rowsOf, xmlOf } from './replies.ts';

const PATH = '/dataservice/statistics/approute';

export const approuteRead = defineTool({
  name: 'approute.read',
  domain: 'diagnostics',
  effect: 'read',
  description:
    'Reads loss (received, and by direction), round-trip latency, jitter and experience score of all tunnels of devices.',
  targets: 'many',
  input: z.strictObject({}),
  plan: (_input, { devices }) => devices.flatMap((device) => [askDirector(device, PATH), getState(device, 'tunnels')]),
  read: (replies) => {
    // Statistics are a poll old; what the device says itself is newer.
    const answered = new Set(replies.filter((reply) => readTunnels(xmlOf(reply)).length > 0).map(deviceOf));
    return replies.flatMap((reply) => [
      ...readTunnels(xmlOf(reply)).flatMap((tunnel) =>
        observeAll(reply, tunnelName(deviceOf(reply), tunnel.color, tunnel.peer, tunnel.peerColor), {
          'tunnel.loss_pct': tunnel.lossPct,
          'tunnel.latency_ms': tunnel.latencyMs,
          'tunnel.jitter_ms': tunnel.jitterMs,
          'tunnel.fwd_loss': tunnel.fwdLoss,
          'tunnel.rev_loss': tunnel.revLoss,
          'tunnel.vqoe': tunnel.vqoe,
          'tunnel.fec': tunnel.fec.rebuilt,
        }),
      ),
      ...(answered.has(deviceOf(reply)) ? [] : rowsOf(reply, PATH, appRouteRow)).flatMap((row) => {
        const tunnel = tunnelName(deviceOf(reply), row.local_color, row.remote_host_name, row.remote_color);
        return [
          observeAt(reply, row.entry_time, tunnel, 'tunnel.loss_pct', row.loss_percentage),
          observeAt(reply, row.entry_time, tunnel, 'tunnel.latency_ms', row.latency),
          observeAt(reply, row.entry_time, tunnel, 'tunnel.jitter_ms', row.jitter),
        ];
      }),
    ]);
  },
});
