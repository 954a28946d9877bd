/** `probe.ping`: does an address answer ICMP echo from a device. */
import { z } from 'zod';
import { buildProbeRpc } from '../protocols/yang/probe-rpc.ts';
import { defineTool } from './define-tool.ts';
import { callRpc } from './operations.ts';
import { demandKnown, probeDestination, probeVrf, readProbes } from './probes.ts';

const COUNT = 5;

export const probePing = defineTool({
  name: 'probe.ping',
  domain: 'diagnostics',
  effect: 'probe',
  description: 'Sends five ICMP echo requests from a device to a known address and counts the answers.',
  targets: 'one',
  input: z.strictObject({
    vrf: probeVrf,
    destination: probeDestination,
    source: z
      .string()
      .regex(/^[\w./-]{1,64}$/)
      .optional()
      .describe('Address or port of the device to send from'),
  }),
  plan: ({ vrf, destination, source }, { devices }, context) => {
    demandKnown(destination, context);
    const request = { kind: 'icmp', vrf, destination, count: COUNT, ...(source !== undefined && { source }) } as const;
    return devices.map((device) => callRpc(device, buildProbeRpc(request)));
  },
  read: (replies) =>
    readProbes(replies, 'probe.icmp', ({ destination }, { sent, received, rttMs, result }) => {
      const how = received > 0 ? `${rttMs} ms` : result;
      return `${destination} ${received}/${sent} ${how}`;
    }),
});
