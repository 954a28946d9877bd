/** Signals of devices: whether they are there, how they are, who logged in, and what was approved for them. */
import { hostRow } from '../../protocols/controller/endpoints/agents.ts';
import { deviceRow } from '../../protocols/controller/endpoints/device.ts';
import { nodeName } from '../../protocols/device/names.ts';
import type { SystemState } from '../../protocols/device/state.ts';
import type { SignalValue } from '../comparison.ts';
import { ofDevices, type SignalReader } from './reader.ts';

const system = (value: (one: SystemState) => SignalValue): SignalReader =>
  ofDevices((surface, device) => {
    const found = surface.section(device, 'system');
    return found === undefined ? [] : [[nodeName(device), value(found)]];
  });

const deviceProcesses = ofDevices((surface, device) =>
  (surface.section(device, 'system')?.processes ?? []).map((one) => [
    nodeName(device),
    `${one.name} ${one.running ? 'running' : 'stopped'}`,
  ]),
);

export const deviceSignals = {
  'dev.reach': ofDevices((surface, device) =>
    surface
      .rest('/dataservice/device', deviceRow, { deviceId: device })
      .map((row) => [nodeName(device), row.reachability]),
  ),
  'dev.cpu_pct': system((one) => one.cpuPct),
  'dev.mem_pct': system((one) => one.memoryPct),
  'dev.uptime': system((one) => Math.floor(one.uptimeMs / 1000)),
  'dev.clock_offset': system((one) => one.clockOffsetMs / 1000),
  'dev.cert_days': system((one) => one.certificateDays),
  'dev.env': system((one) => one.environment),
  'dev.process': ((surface, ask, since) => [
    ...deviceProcesses(surface, ask, since),
    ...surface
      .rest('/dataservice/dem/host', hostRow, {})
      .map((one) => ({ resource: `host/${one.host}`, value: `${one.process} ${one.state}` })),
  ]) as SignalReader,
  'aaa.login': ofDevices((surface, device) =>
    (surface.section(device, 'logins') ?? []).map((one) => [
      nodeName(device),
      `${one.result} ${one.user} from ${one.source}`,
    ]),
  ),
  'change.window': ((surface) =>
    surface.records().windows.map((one) => ({ resource: one.resource, value: one.summary }))) as SignalReader,
  'change.ticket': ((surface) =>
    surface.records().tickets.map((one) => ({
      resource: nodeName(one.device),
      value: `${one.implementer} ${one.summary}`,
    }))) as SignalReader,
  'list.known_source': ((surface) =>
    surface.records().knownSources.map((one) => ({ resource: one.name, value: one.role }))) as SignalReader,
} as const;
