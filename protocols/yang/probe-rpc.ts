/** The RPCs of wayleave-sdwan that send test traffic, `ping` and `tcp-connect`, and their answers. */
import type { ProbeResult } from '../device/state.ts';
import { RpcFailure } from '../netconf/messages.ts';
import { el, type XmlNode } from '../netconf/xml.ts';
import { integer, ipv4Address, oneOf, uint32, word } from './leaf-types.ts';
import { SDWAN_NS } from './namespaces.ts';
import { inNamespace, optional, type Problems, readGroup, writeGroup } from './schema.ts';

const { leaf } = inNamespace(SDWAN_NS);

const common = {
  vrf: leaf('vrf', integer(0, 65_535)),
  destination: leaf('destination', ipv4Address),
  source: optional(leaf('source', word)),
} as const;
const PING_NAME = 'ping';
const PING_INPUT = { ...common, count: leaf('count', integer(1, 20)) } as const;
const TCP_NAME = 'tcp-connect';
const TCP_INPUT = { ...common, port: leaf('port', integer(1, 65_535)) } as const;
const OUTPUT = {
  sent: leaf('sent', uint32),
  received: leaf('received', uint32),
  rttMs: leaf('rtt-ms', uint32),
  result: leaf('result', oneOf('ok', 'timeout', 'refused', 'unreachable')),
} as const;

export interface PingRequest {
  readonly kind: 'icmp';
  readonly vrf: number;
  readonly destination: string;
  readonly source?: string;
  readonly count: number;
}

export interface TcpConnectRequest {
  readonly kind: 'tcp';
  readonly vrf: number;
  readonly destination: string;
  readonly source?: string;
  readonly port: number;
}

export type ProbeRpc = PingRequest | TcpConnectRequest;

export function buildProbeRpc(request: ProbeRpc): XmlNode {
  return request.kind === 'icmp'
    ? el(SDWAN_NS, PING_NAME, writeGroup(PING_INPUT, request))
    : el(SDWAN_NS, TCP_NAME, writeGroup(TCP_INPUT, request));
}

/** The probe that an RPC asks for; undefined for another RPC. @throws {RpcFailure} when its input is wrong */
export function parseProbeRpc(rpc: XmlNode): ProbeRpc | undefined {
  if (rpc.ns !== SDWAN_NS) return undefined;
  const problems: Problems = { list: [] };
  let request: ProbeRpc | undefined;
  if (rpc.name === PING_NAME) {
    const input = readGroup(PING_INPUT, rpc, `/${PING_NAME}`, problems);
    if (input !== undefined) request = { kind: 'icmp', ...input };
  } else if (rpc.name === TCP_NAME) {
    const input = readGroup(TCP_INPUT, rpc, `/${TCP_NAME}`, problems);
    if (input !== undefined) request = { kind: 'tcp', ...input };
  } else return undefined;
  if (problems.list.length > 0) throw new RpcFailure(...problems.list);
  return request;
}

/** Output nodes of a probe, children of the reply. */
export function buildProbeOutput(result: ProbeResult): readonly XmlNode[] {
  return writeGroup(OUTPUT, { ...result, rttMs: Math.round(result.rttMs) });
}

/** Reads the output of a probe; undefined when it is not one. Never throws. */
export function readProbeOutput(nodes: readonly XmlNode[]): ProbeResult | undefined {
  return readGroup(OUTPUT, { children: nodes }, '', { list: [] });
}
