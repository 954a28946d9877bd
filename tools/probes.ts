/** What both probe tools share: where a probe may go, and how its answer is read. */
import { z } from 'zod';
import type { Observation, OperationReply } from '../broker/contract.ts';
import { nodeName } from '../protocols/device/names.ts';
import type { ProbeResult } from '../protocols/device/probe.ts';

import { parseXml } from '../protocols/netconf/xml.ts';
import { type ProbeRpc, parseProbeRpc, readProbeOutput } from '../protocols/yang/probe-rpc.ts';
import { deviceOf, observe, xmlOf } from './replies.ts';
import { type ToolContext, ToolInputError } from './tool.ts';

export const probeVrf = z.int().min(0).max(65_535).describe('VRF the probe starts in; 0 is the underlay');
export const probeDestination = z.ipv4().describe('Address of a known host, or of a device of the tenant');

/** Probes never leave the known network. @throws {ToolInputError} */
export function demandKnown(destination: string, { hosts, addresses, devices }: ToolContext): void {
  const known =
    hosts.some(({ address }) => address === destination) ||
    addresses.includes(destination) ||
    devices.some(({ systemIp }) => systemIp === destination);
  if (!known) throw new ToolInputError(`${destination} is not an address of a known host or device`);
}

export function readProbes(
  replies: readonly OperationReply[],
  signal: string,
  describe: (request: ProbeRpc, result: ProbeResult) => string,
): readonly Observation[] {
  return replies.flatMap((reply) => {
    const request = requestOf(reply);
    const result = readProbeOutput(xmlOf(reply));
    return request === undefined || result === undefined
      ? []
      : [
          observe(
            reply,
            request.host === undefined ? nodeName(deviceOf(reply)) : `host/${request.host}`,
            signal,
            describe(request, result),
          ),
        ];
  });
}

function requestOf({ operation }: OperationReply): ProbeRpc | undefined {
  if (operation.protocol !== 'netconf' || operation.kind !== 'rpc') return undefined;
  try {
    return parseProbeRpc(parseXml(operation.request));
  } catch {
    return undefined;
  }
}
