/** The RPCs of wayleave-sdwan that send test traffic (`ping`, `tcp-connect`, `df-size`, …) and their answers. */
import type { ProbeResult } from '../device/probe.ts';

import { RpcFailure } from '../netconf/messages.ts';
import { el, type XmlNode } from '../netconf/xml.ts';
import { dscp, vrf } from './config-schema.ts';
import { decimalWithin, integer, ipv4Address, matching, oneOf, uint32, word } from './leaf-types.ts';
import { SDWAN_NS } from './namespaces.ts';
import { type Field, type GroupOf, inNamespace, optional, type Problems, readGroup, writeGroup } from './schema.ts';

const { container, leaf, leafList } = inNamespace(SDWAN_NS);

const start = {
  vrf: leaf('vrf', vrf),
  destination: leaf('destination', ipv4Address),
  source: optional(leaf('source', word)),
  host: optional(leaf('host', word)),
  dscp: optional(leaf('dscp', dscp)),
} as const;
const port = leaf('port', integer(1, 65_535));

/** Name and input of the RPC of each kind of probe. */
export const PROBES = {
  icmp: {
    rpc: 'ping',
    input: { ...start, count: leaf('count', integer(1, 20)), size: optional(leaf('size', integer(28, 9216))) },
  },
  tcp: { rpc: 'tcp-connect', input: { ...start, port } },
  'df-size': { rpc: 'df-size', input: start },
  traceroute: { rpc: 'traceroute', input: start },
  dns: { rpc: 'dns-lookup', input: { ...start, name: leaf('name', word) } },
  http: { rpc: 'http-fetch', input: { ...start, port, object: leaf('object', oneOf('small', 'large')) } },
  throughput: { rpc: 'throughput', input: { ...start, port: optional(port) } },
  voice: { rpc: 'voice-test', input: start },
} as const;

type Kind = keyof typeof PROBES;
type Shape = Readonly<Record<string, Field>>;

/** A probe that an RPC can ask for. */
export type ProbeRpc = { [K in Kind]: { readonly kind: K } & GroupOf<(typeof PROBES)[K]['input']> }[Kind];

const figure = decimalWithin(0, 1e9);

export const PROBE_OUTPUT = {
  sent: leaf('sent', uint32),
  received: leaf('received', uint32),
  rttMs: leaf('rtt-ms', figure),
  result: leaf('result', oneOf('ok', 'timeout', 'refused', 'unreachable')),
  figures: optional(
    container('figures', {
      lossPct: optional(leaf('loss-pct', decimalWithin(0, 100))),
      jitterMs: optional(leaf('jitter-ms', figure)),
      size: optional(leaf('size', uint32)),
      nextHopMtu: optional(leaf('next-hop-mtu', uint32)),
      answer: optional(leaf('answer', ipv4Address)),
      mbps: optional(leaf('mbps', figure)),
      mos: optional(leaf('mos', decimalWithin(1, 5))),
      hops: optional(leafList('hop', matching(/^(?:\*|[\w.:/+-]{1,128})$/), true)),
    }),
  ),
} as const;

export function buildProbeRpc({ kind, ...input }: ProbeRpc): XmlNode {
  // The kind and the shape of its input belong together; TypeScript cannot follow it through the index.
  const { rpc, input: shape }: { readonly rpc: string; readonly input: Shape } = PROBES[kind];
  return el(SDWAN_NS, rpc, writeGroup(shape, input));
}

/** The probe that an RPC asks for; undefined for another RPC. @throws {RpcFailure} when its input is wrong */
export function parseProbeRpc(rpc: XmlNode): ProbeRpc | undefined {
  const kind = (Object.keys(PROBES) as Kind[]).find((each) => PROBES[each].rpc === rpc.name);
  if (rpc.ns !== SDWAN_NS || kind === undefined) return undefined;
  const problems: Problems = { list: [] };
  const input = readGroup(PROBES[kind].input as Shape, rpc, `/${rpc.name}`, problems);
  if (problems.list.length > 0) throw new RpcFailure(...problems.list);
  return { kind, ...input } as ProbeRpc;
}

/** Tenths of a millisecond are as fine as an agent measures. */
const tenths = (ms: number): number => Math.round(10 * ms) / 10;

/** Output nodes of a probe, children of the reply. */
export function buildProbeOutput(result: ProbeResult): readonly XmlNode[] {
  return writeGroup(PROBE_OUTPUT, { ...result, rttMs: tenths(result.rttMs) });
}

/** Reads the output of a probe; undefined when it is not one; a figure that is wrong is left out. Never throws. */
export function readProbeOutput(nodes: readonly XmlNode[]): ProbeResult | undefined {
  return readGroup(PROBE_OUTPUT, { children: nodes }, '', { list: [] });
}
