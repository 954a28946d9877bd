/** `probe.dns`: what resolvers answer for a name, and how fast. */
import { z } from 'zod';
import { buildProbeRpc } from '../protocols/yang/probe-rpc.ts';
import { defineTool } from './define-tool.ts';
import { callRpc } from './operations.ts';
import { probeFrom, startsOf } from './probe-start.ts';
import { demandKnown, probeDestination, probeVrf, readProbes } from './probes.ts';

export const probeDns = defineTool({
  name: 'probe.dns',
  domain: 'diagnostics',
  effect: 'probe',
  description: 'Asks known resolvers for a name, from devices or from the hosts behind them.',
  targets: 'many',
  input: z.strictObject({
    vrf: probeVrf,
    resolvers: z.array(probeDestination).min(1).max(4),
    name: z
      .string()
      .regex(/^[\w.-]{1,253}$/)
      .describe('Name to resolve'),
    from: probeFrom,
  }),
  plan: ({ vrf, resolvers, name, from }, target, context) => {
    for (const resolver of resolvers) demandKnown(resolver, context);
    return startsOf(target, from, vrf, context).flatMap(({ device, host }) =>
      resolvers.map((destination) =>
        callRpc(device, buildProbeRpc({ kind: 'dns', vrf, destination, name, ...(host !== undefined && { host }) })),
      ),
    );
  },
  read: (replies) =>
    readProbes(replies, 'probe.dns', (request, { rttMs, result, figures }) => {
      const asked = request.kind === 'dns' ? request.name : '';
      const answer = result === 'ok' ? `${figures?.answer ?? 'no address'} ${rttMs} ms` : result;
      return `${asked} at ${request.destination} ${answer}`;
    }),
});
