/** `probe.df-size`: the largest packet that passes unfragmented, and whether somebody says so when it does not (RFC 1191). */
import { z } from 'zod';
import { buildProbeRpc } from '../protocols/yang/probe-rpc.ts';
import { defineTool } from './define-tool.ts';
import { callRpc } from './operations.ts';
import { demandKnown, probeDestination, probeVrf, readProbes } from './probes.ts';

export const probeDfSize = defineTool({
  name: 'probe.df-size',
  domain: 'diagnostics',
  effect: 'probe',
  description:
    'Finds the largest packet that passes from devices to a known address, and the next-hop MTU if one is told.',
  targets: 'many',
  input: z.strictObject({
    vrf: probeVrf,
    destination: probeDestination,
    source: z
      .string()
      .regex(/^[\w./-]{1,64}$/)
      .exactOptional()
      .describe('Port of the device to send from'),
  }),
  plan: ({ vrf, destination, source }, { devices }, context) => {
    demandKnown(destination, context);
    return devices.map((device) =>
      callRpc(device, buildProbeRpc({ kind: 'df-size', vrf, destination, ...(source !== undefined && { source }) })),
    );
  },
  read: (replies) =>
    readProbes(replies, 'probe.df_size', ({ destination, source }, { result, figures }) => {
      const size =
        figures?.size === undefined
          ? result
          : `${figures.size} ${figures.nextHopMtu === undefined ? 'silent' : `next-hop ${figures.nextHopMtu}`}`;
      return `${destination}${source === undefined ? '' : ` from ${source}`} ${size}`;
    }),
});
