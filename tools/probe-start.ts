/** Where probes of many devices start: the device's own agent, or the agents on hosts behind it. */
import { z } from 'zod';
import type { Target } from '../broker/contract.ts';
import type { ToolContext } from './tool.ts';
import { ToolInputError } from './tool.ts';

export const probeFrom = z
  .enum(['device', 'hosts'])
  .describe('device: its own agent in the VRF; hosts: each host of the VRF behind the devices that is no server');
/** Hosts that one call may start from. */
const MAX_HOSTS = 60;

interface Start {
  readonly device: string;
  readonly host?: string;
}

/** Each place that a probe of the call starts from. @throws {ToolInputError} */
export function startsOf(
  { devices }: Target,
  from: 'device' | 'hosts',
  vrf: number,
  context: ToolContext,
): readonly Start[] {
  if (from === 'device') return devices.map((device) => ({ device }));
  const sites = new Map(context.devices.map(({ name, site }) => [name, site]));
  // The edges of one site share its LAN: each host is asked once.
  const first = devices.filter((device, at) => devices.findIndex((one) => sites.get(one) === sites.get(device)) === at);
  const starts = first.flatMap((device) =>
    context.hosts
      .filter((host) => host.site === sites.get(device) && host.vrf === vrf && host.services.length === 0)
      .map(({ name }) => ({ device, host: name })),
  );
  if (starts.length > MAX_HOSTS) throw new ToolInputError(`${starts.length} hosts; at most ${MAX_HOSTS} a call`);
  return starts;
}
