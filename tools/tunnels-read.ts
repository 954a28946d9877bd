/** `tunnels.read`: BFD and IPsec state of the overlay tunnels, from the device, or from the director when the device is silent. */
import { z } from 'zod';
import { bfdSessionRow } from '../protocols/controller/endpoints/overlay.ts';
import { tunnelName } from '../protocols/device/names.ts';
import { readTunnels } from '../protocols/yang/state-from-xml.ts';
import { defineTool } from './define-tool.ts';
import { askDirector, getStateOf } from './operations.ts';
import { peersInput } from './peers.ts';
import { deviceOf, observeAll, observeAt, rowsOf, xmlOf } from './replies.ts';

const PATH = '/dataservice/device/bfd/sessions';

export const tunnelsRead = defineTool({
  name: 'tunnels.read',
  domain: 'diagnostics',
  effect: 'read',
  description:
    'Reads BFD state, transitions and interval, IPsec state, rekeys and drops, loss, latency and jitter of all tunnels that end at the devices.',
  targets: 'many',
  input: z.strictObject({ peers: peersInput }),
  plan: ({ peers }, { devices }) =>
    devices.flatMap((device) => [
      askDirector(device, PATH),
      getStateOf(device, 'tunnels', {
        list: 'tunnel',
        leaf: 'peer',
        ...(peers === undefined ? {} : { values: peers }),
      }),
    ]),
  read: (replies, _context, input) => {
    // What the device says itself is newer than what the director last heard; each tunnel is told of once.
    const answered = new Set(replies.filter((reply) => readTunnels(xmlOf(reply)).length > 0).map(deviceOf));
    return replies.flatMap((reply) => [
      ...readTunnels(xmlOf(reply)).flatMap((tunnel) =>
        observeAll(reply, tunnelName(deviceOf(reply), tunnel.color, tunnel.peer, tunnel.peerColor), {
          'bfd.state': tunnel.bfd,
          'bfd.transitions': tunnel.bfdTransitions,
          'bfd.tx_interval': tunnel.txIntervalMs,
          'tunnel.loss_pct': tunnel.lossPct,
          'tunnel.latency_ms': tunnel.latencyMs,
          'tunnel.jitter_ms': tunnel.jitterMs,
          'ipsec.sa': tunnel.ipsec,
          'ipsec.rekey': tunnel.rekeys,
          'ipsec.disconnects': tunnel.disconnects,
          'ipsec.replay_drops': tunnel.replayDrops,
          'ipsec.auth_drops': tunnel.authDrops,
          'ipsec.nosa_drops': tunnel.noSaDrops,
        }),
      ),
      ...(answered.has(deviceOf(reply)) ? [] : rowsOf(reply, PATH, bfdSessionRow)).flatMap((row) => {
        if (input?.peers?.includes(row['remote-host-name']) === false) return [];
        const name = tunnelName(deviceOf(reply), row['local-color'], row['remote-host-name'], row['remote-color']);
        return [
          observeAt(reply, row.lastupdated, name, 'bfd.state', row.state),
          observeAt(reply, row.lastupdated, name, 'bfd.transitions', row.transitions),
        ];
      }),
    ]);
  },
});
