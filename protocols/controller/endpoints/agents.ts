/**
 * Paths of the agents on devices and on hosts behind them (digital experience monitoring): active probes, where the query
 * says where from, where to and what, and the one row what came back; and the processes of servers.
 */
import { z } from 'zod';
import type { ProbeResult } from '../../device/probe.ts';
import type { ProbeRpc } from '../../yang/probe-rpc.ts';
import type { Director } from '../director.ts';
import { ofTenant, parseQuery, type Query, QueryError, wholeNumber } from '../endpoint.ts';
import { count, figure, percent, row, word } from '../rows.ts';

const KINDS = ['icmp', 'tcp', 'df-size', 'traceroute', 'dns', 'http', 'throughput', 'voice'] as const;

export const probeRow = row.extend({
  kind: z.enum(KINDS),
  host: word.optional(),
  destination: z.ipv4(),
  sent: count,
  received: count,
  result: z.enum(['ok', 'timeout', 'refused', 'unreachable']),
  rtt_ms: figure,
  loss_percentage: percent.optional(),
  jitter_ms: figure.optional(),
  size: count.optional(),
  next_hop_mtu: count.optional(),
  answer: z.ipv4().optional(),
  mbps: figure.optional(),
  mos: z.number().min(1).max(5).optional(),
  hops: z.array(z.union([word, z.literal('*')])).optional(),
});

export const hostRow = z.object({
  host: word,
  process: word,
  state: z.enum(['running', 'stopped', 'unreachable']),
});

const start = {
  deviceId: word,
  destination: z.ipv4(),
  vpn: wholeNumber(0, 65_535),
  source: word.optional(),
  host: word.optional(),
  dscp: wholeNumber(0, 63).optional(),
};
const port = wholeNumber(1, 65_535);
const probeForm = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('icmp'),
    ...start,
    count: wholeNumber(1, 20).default(5),
    size: wholeNumber(28, 9216).optional(),
  }),
  z.strictObject({ kind: z.literal('tcp'), ...start, port }),
  z.strictObject({ kind: z.literal('df-size'), ...start }),
  z.strictObject({ kind: z.literal('traceroute'), ...start }),
  z.strictObject({ kind: z.literal('dns'), ...start, name: word }),
  z.strictObject({ kind: z.literal('http'), ...start, port, object: z.enum(['small', 'large']).default('small') }),
  z.strictObject({ kind: z.literal('throughput'), ...start, port: port.optional() }),
  z.strictObject({ kind: z.literal('voice'), ...start }),
]);

/** Runs the probe that a query asks for. A device that the director has lost answers nothing. @throws {QueryError} */
function runProbe(director: Director, query: Query): readonly z.infer<typeof probeRow>[] {
  const { deviceId, vpn, ...rest } = withoutUndefined(parseQuery(probeForm, query));
  const ref = director.find(deviceId);
  if (ref === undefined || !director.isConnected(ref)) return [];
  // What the form demands of each kind is what the RPC of the kind demands.
  const request = { ...rest, vrf: vpn } as ProbeRpc;
  const { figures, ...result } = ask(() => director.view.probe(ref, request));
  return [
    {
      'vdevice-name': ref.device,
      lastupdated: director.view.now(),
      kind: request.kind,
      ...(request.host === undefined ? {} : { host: request.host }),
      destination: request.destination,
      sent: result.sent,
      received: result.received,
      result: result.result,
      rtt_ms: result.rttMs,
      ...withoutUndefined({
        loss_percentage: figures?.lossPct,
        jitter_ms: figures?.jitterMs,
        size: figures?.size,
        next_hop_mtu: figures?.nextHopMtu,
        answer: figures?.answer,
        mbps: figures?.mbps,
        mos: figures?.mos,
        hops: figures?.hops && [...figures.hops],
      }),
    },
  ];
}

/** A refusal by the device (no such host, no such port) becomes one of the query. */
function ask(probe: () => ProbeResult): ProbeResult {
  try {
    return probe();
  } catch (error) {
    if (error instanceof Error && 'code' in error) throw new QueryError(error.message);
    throw error;
  }
}

type Defined<T> = { [Key in keyof T]: Exclude<T[Key], undefined> };

/** The object without members that are undefined. */
const withoutUndefined = <T extends object>(value: T): Defined<T> =>
  Object.fromEntries(Object.entries(value).filter(([, one]) => one !== undefined)) as Defined<T>;

export const AGENT_ENDPOINTS = [
  ofTenant('/dataservice/dem/probe', probeRow, runProbe),
  ofTenant('/dataservice/dem/host', hostRow, ({ view, tenant }) =>
    view.hostProcesses(tenant).map((one) => ({ ...one })),
  ),
] as const;
