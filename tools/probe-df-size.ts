/** `probe.df-size`: the largest packet that passes unfragmented, and whether somebody says so when it does not (RFC 1191). */
import { z } from 'zod';
import { buildProbeRpc } from '../protocols/yang/probe-rpc.ts';
import { defineTool } from './define-tool.ts';
import { callRpc } from './operations.ts';
import { demandKnown, probeDestination, probeVrf, readProbes } from './probes.ts';

/** VRF of the WAN ports (`protocols/device/config.ts`). */
const UNDERLAY = 0;
const port = z.string().regex(/^[\w./-]{1,64}$/);
/** Lines of one call: three of each of as many devices as a sweep takes. */
const MAX_LINES = 72;

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
    source: port.exactOptional().describe('Port of the device to send from'),
    lines: z
      .array(z.strictObject({ device: z.string().max(64), source: port, destination: probeDestination }))
      .max(MAX_LINES)
      .exactOptional()
      .describe('WAN ports to probe as well, each by itself and outside of all tunnels'),
  }),
  plan: ({ vrf, destination, source, lines = [] }, { devices }, context) => {
    for (const one of [{ destination }, ...lines]) demandKnown(one.destination, context);
    return [
      ...devices.map((device) =>
        callRpc(device, buildProbeRpc({ kind: 'df-size', vrf, destination, ...(source !== undefined && { source }) })),
      ),
      ...lines
        .filter(({ device }) => devices.includes(device))
        .map(({ device, ...line }) => callRpc(device, buildProbeRpc({ kind: 'df-size', vrf: UNDERLAY, ...line }))),
    ];
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
