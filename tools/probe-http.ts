/** `probe.http`: how long a service takes to hand over a small or a large object. */
import { z } from 'zod';
import { buildProbeRpc } from '../protocols/yang/probe-rpc.ts';
import { defineTool } from './define-tool.ts';
import { callRpc } from './operations.ts';
import { probeFrom, startsOf } from './probe-start.ts';
import { demandKnown, probeDestination, probeVrf, readProbes } from './probes.ts';

export const probeHttp = defineTool({
  name: 'probe.http',
  domain: 'diagnostics',
  effect: 'probe',
  description: 'Fetches an object (10 kB or 10 MB) from a known server, from devices or from the hosts behind them.',
  targets: 'many',
  input: z.strictObject({
    vrf: probeVrf,
    destination: probeDestination,
    port: z.int().min(1).max(65_535).describe('TCP port'),
    object: z.enum(['small', 'large']),
    from: probeFrom,
  }),
  plan: ({ vrf, destination, port, object, from }, target, context) => {
    demandKnown(destination, context);
    return startsOf(target, from, vrf, context).map(({ device, host }) =>
      callRpc(
        device,
        buildProbeRpc({ kind: 'http', vrf, destination, port, object, ...(host !== undefined && { host }) }),
      ),
    );
  },
  read: (replies) =>
    readProbes(replies, 'probe.http', (request, { rttMs, result }) => {
      const what = request.kind === 'http' ? `${request.destination}:${request.port} ${request.object}` : '';
      return result === 'ok' ? `${what} ok ${rttMs} ms` : `${what} ${result}`;
    }),
});
