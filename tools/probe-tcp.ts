/** `probe.tcp`: does an address accept TCP connections from a device. */
import { z } from 'zod';
import { buildProbeRpc } from '../protocols/yang/probe-rpc.ts';
import { defineTool } from './define-tool.ts';
import { callRpc } from './operations.ts';
import { demandKnown, probeDestination, probeVrf, readProbes } from './probes.ts';

export const probeTcp = defineTool({
  name: 'probe.tcp',
  domain: 'diagnostics',
  effect: 'probe',
  description: 'Opens and closes one TCP connection from a device to a port of a known address.',
  targets: 'one',
  input: z.strictObject({
    vrf: probeVrf,
    destination: probeDestination,
    port: z.int().min(1).max(65_535).describe('TCP port'),
  }),
  plan: ({ vrf, destination, port }, { devices }, context) => {
    demandKnown(destination, context);
    return devices.map((device) => callRpc(device, buildProbeRpc({ kind: 'tcp', vrf, destination, port })));
  },
  read: (replies) =>
    readProbes(replies, 'probe.tcp', (request, { rttMs, result }) => {
      const to = `${request.destination}:${request.kind === 'tcp' ? request.port : ''}`;
      return result === 'ok' ? `${to} ok ${rttMs} ms` : `${to} ${result}`;
    }),
});
