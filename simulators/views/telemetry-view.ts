/** What the telemetry of simulated devices looks at: one look at each clock and port list for all events of a moment. */
import { parseResource } from '../../protocols/device/names.ts';
import type { DeviceRef, Network } from '../model/network.ts';
import type { TelemetrySource } from '../protocols/telemetry.ts';

/** The network as it is now; nothing is asked of it that the present of its clock does not hold. */
export function telemetrySource(network: Network): TelemetrySource {
  let moment = Number.NaN;
  const clocks = new Map<string, ReturnType<TelemetrySource['clock']>>();
  return {
    now: () => network.now(),
    alive: (ref) => network.alive(ref),
    flows: (tenant, after, until, limit) => network.flows(tenant, after, until, limit),
    clock(ref) {
      if (network.now() !== moment) {
        moment = network.now();
        clocks.clear();
      }
      const key = `${ref.tenant}/${ref.device}`;
      const known = clocks.get(key);
      if (known !== undefined) return known;
      const { uptimeMs, clockOffsetMs } = network.section(ref, 'system');
      const clock = { upTimeMs: uptimeMs, offsetMs: clockOffsetMs };
      clocks.set(key, clock);
      return clock;
    },
    port: (ref, resource) => portOf(network, ref, resource),
  };
}

/** The port that `interface/DEVICE/PORT` names. */
function portOf(network: Network, ref: DeviceRef, resource: string): ReturnType<TelemetrySource['port']> {
  const named = parseResource(resource);
  const name = named?.kind === 'interface' ? named.rest.slice(ref.device.length + 1) : undefined;
  return name === undefined ? undefined : network.section(ref, 'interfaces').find((port) => port.name === name);
}
