/** `lte.read`: registration and signal of LTE modems; `no data` when the director has lost the device. */
import { z } from 'zod';
import { deviceRow } from '../protocols/controller/endpoints/device.ts';
import { cellularRow } from '../protocols/controller/endpoints/interfaces.ts';
import { interfaceName } from '../protocols/device/names.ts';
import { defineTool } from './define-tool.ts';
import { askDirector } from './operations.ts';
import { deviceOf, observe, observeAt, rowsOf } from './replies.ts';

const PATH = '/dataservice/device/cellular';
const DEVICES = '/dataservice/device';

export const lteRead = defineTool({
  name: 'lte.read',
  domain: 'diagnostics',
  effect: 'read',
  description: 'Reads registration, attachment, signal strength and volume of the month of the LTE modems of devices.',
  targets: 'many',
  input: z.strictObject({}),
  plan: (_input, { devices }) => devices.flatMap((device) => [askDirector(device, DEVICES), askDirector(device, PATH)]),
  read: (replies) => {
    const lost = new Set(
      replies.flatMap((reply) =>
        rowsOf(reply, DEVICES, deviceRow).flatMap((row) => (row.reachability === 'unreachable' ? [row.deviceId] : [])),
      ),
    );
    return replies.flatMap((reply) =>
      rowsOf(reply, PATH, cellularRow).flatMap((row) => {
        const port = interfaceName(deviceOf(reply), row['if-name']);
        // Rows of a lost device are memories: that nothing comes now is the news.
        if (lost.has(deviceOf(reply))) return [observe(reply, port, 'lte.signal', 'no data')];
        const words = `${row.registration} ${row.attachment} ${row.rssi} dBm`;
        return [
          observeAt(reply, row.lastupdated, port, 'lte.signal', words),
          observeAt(reply, row.lastupdated, port, 'lte.volume', row['month-bytes']),
        ];
      }),
    );
  },
});
