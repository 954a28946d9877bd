/** Paths about devices themselves: reachability, load, environment, clock, logins, control plane, configuration. */
import { z } from 'zod';
import type { DeviceConfig } from '../../device/config.ts';
import { MEMORY_KB, memoryUsedKb } from '../../device/derive.ts';
import type { SystemState } from '../../device/state.ts';
import { canonicalConfig } from '../../netconf/canonical.ts';
import { BASE_NS } from '../../netconf/messages.ts';
import { el, renderXml } from '../../netconf/xml.ts';
import { configToXml } from '../../yang/config-to-xml.ts';
import { listKeys, userOrdered } from '../../yang/list-keys.ts';
import type { DeviceRef, Director } from '../director.ts';
import { devicesOf, ofDevice, ofTenant } from '../endpoint.ts';
import { color, count, percent, row, text, time, upDown, word } from '../rows.ts';

export const deviceRow = z.object({
  deviceId: word,
  'host-name': word,
  'system-ip': z.ipv4(),
  'site-id': count,
  personality: z.enum(['edge', 'hub', 'controller']),
  reachability: z.enum(['reachable', 'unreachable']),
  /** `red`: unreachable; `yellow`: a process does not run, the hardware complains or the certificate is over. */
  state: z.enum(['green', 'yellow', 'red']),
  state_description: text,
  'certificate-validity': z.enum(['valid', 'expired', 'unknown']),
  /** Days that the certificate is still good for; negative when it is over. */
  'certificate-days': z.int().optional(),
  version: word.optional(),
  /** Boot time, 0 when never heard of. */
  'uptime-date': time,
  lastupdated: time,
});

export const systemStatusRow = row.extend({
  cpu_idle: percent,
  /** Kilobytes. */
  mem_used: count,
  mem_total: count,
  uptime_ms: count,
  processes: z.array(z.object({ name: word, running: z.boolean(), memory_kb: count, restarts: count })),
});

export const environmentRow = row.extend({ 'hw-item': word, status: z.enum(['ok', 'warning', 'failed']) });

export const timeServerRow = row.extend({ address: z.ipv4(), reachable: z.boolean(), 'offset-ms': z.int() });

export const loginRow = row.extend({ at: time, user: text, source: text, result: z.enum(['ok', 'failed']) });

export const controlConnectionRow = row.extend({
  'peer-name': word,
  'peer-type': z.enum(['vmanage', 'vsmart', 'vbond']),
  'local-color': color,
  state: upDown,
  reason: word,
  since: time,
});

export const ompPeerRow = row.extend({ peer: word, state: z.enum(['up', 'down', 'graceful-restart']), since: time });

export const attachedConfigRow = z.object({ deviceId: word, config: z.string().max(4_000_000) });

export const syncRow = row.extend({
  'sync-status': z.enum(['in-sync', 'out-of-sync']),
  /** Of the director's last push. */
  templateStatus: z.enum(['success', 'failed']),
});

/** Names of controllers tell what they are: the director, one that lets devices in, or one that carries the overlay. */
const peerType = (name: string): 'vmanage' | 'vsmart' | 'vbond' =>
  name.startsWith('director') ? 'vmanage' : name.startsWith('orch') ? 'vbond' : 'vsmart';

function describeHealth(system: SystemState): string {
  const stopped = system.processes.filter(({ running }) => !running).map(({ name }) => name);
  const complaints = [
    ...(stopped.length === 0 ? [] : [`not running: ${stopped.join(', ')}`]),
    ...(system.environment === 'ok' ? [] : [`hardware ${system.environment}`]),
    ...(system.certificateDays > 0 ? [] : ['certificate expired']),
  ];
  return complaints.join('; ');
}

function renderDevice(director: Director, ref: DeviceRef): z.infer<typeof deviceRow> {
  const known = director.ask(ref, 'system');
  const reachable = director.isConnected(ref);
  // Of a device that never connected, the director knows what it intends for it.
  const { role, siteId, systemIp } = known?.config ?? director.view.intendedConfig(ref);
  const system = known?.state.system;
  const complaint = system === undefined ? '' : describeHealth(system);
  const days = system?.certificateDays;
  return {
    deviceId: ref.device,
    'host-name': ref.device,
    'system-ip': systemIp,
    'site-id': siteId,
    personality: role,
    reachability: reachable ? 'reachable' : 'unreachable',
    state: reachable ? (complaint === '' ? 'green' : 'yellow') : 'red',
    state_description: reachable ? complaint || 'all processes run' : 'no control connection',
    'certificate-validity': days === undefined ? 'unknown' : days > 0 ? 'valid' : 'expired',
    ...(days === undefined ? {} : { 'certificate-days': days }),
    ...(system === undefined ? {} : { version: system.version }),
    'uptime-date': known === undefined || system === undefined ? 0 : Math.max(0, known.at - system.uptimeMs),
    lastupdated: known?.at ?? 0,
  };
}

const sameConfig = (a: DeviceConfig, b: DeviceConfig): boolean => a === b || canonical(a) === canonical(b);
const canonical = (config: DeviceConfig): string =>
  canonicalConfig(el(BASE_NS, 'config', configToXml(config)), listKeys, userOrdered);

const ALL_EVENTS = 1_000_000;

/** Whether the last push that the device told of went wrong. */
function pushFailed({ view, tenant }: Director, { device }: DeviceRef): boolean {
  const last = view
    .events(tenant, 0, ALL_EVENTS)
    .findLast((event) => event.name === 'trap.pseudo_commit' && event.device === device);
  return last !== undefined && last.severity !== 'cleared' && last.severity !== 'info';
}

export const DEVICE_ENDPOINTS = [
  ofTenant('/dataservice/device', deviceRow, (director, query) =>
    devicesOf(director, query).map((ref) => renderDevice(director, ref)),
  ),
  ofDevice('/dataservice/device/system/status', systemStatusRow, 'live', ['system'], ({ state: { system } }) => [
    {
      cpu_idle: 100 - system.cpuPct,
      mem_used: memoryUsedKb(system),
      mem_total: MEMORY_KB,
      uptime_ms: system.uptimeMs,
      processes: system.processes.map(({ name, running, memoryKb, restarts }) => ({
        name,
        running,
        memory_kb: memoryKb,
        restarts,
      })),
    },
  ]),
  ofDevice('/dataservice/device/hardware/environment', environmentRow, 'live', ['system'], ({ state }) => [
    { 'hw-item': 'chassis', status: state.system.environment },
  ]),
  ofDevice('/dataservice/device/ntp/associations', timeServerRow, 'live', ['system'], ({ state }) =>
    state.system.ntp.map((one) => ({ address: one.server, reachable: one.reachable, 'offset-ms': one.offsetMs })),
  ),
  ofDevice('/dataservice/device/aaa/logins', loginRow, 'live', ['logins'], ({ state }) =>
    state.logins.map((one) => ({ ...one })),
  ),
  // Known at the controllers' end too, so that it is always current.
  ofTenant('/dataservice/device/control/connections', controlConnectionRow, (director, { deviceId }) => {
    const ref = deviceId === undefined ? undefined : director.find(deviceId);
    return ref === undefined
      ? []
      : director.view.section(ref, 'control').map((connection) => ({
          'vdevice-name': ref.device,
          lastupdated: director.view.now(),
          'peer-name': connection.controller,
          'peer-type': peerType(connection.controller),
          'local-color': connection.color,
          state: connection.state,
          reason: connection.reason,
          since: connection.since,
        }));
  }),
  ofDevice('/dataservice/device/omp/peers', ompPeerRow, 'live', ['omp'], ({ state }) =>
    state.omp.map((one) => ({ ...one })),
  ),
  ofTenant('/dataservice/template/device/config/attached', attachedConfigRow, (director, { deviceId }) => {
    const ref = deviceId === undefined ? undefined : director.find(deviceId);
    if (ref === undefined) return [];
    const config = el(BASE_NS, 'config', configToXml(director.view.intendedConfig(ref)));
    return [{ deviceId: ref.device, config: renderXml(config) }];
  }),
  // The answer is about what the device runs as of the time at which it last said anything.
  ofDevice('/dataservice/device/config/sync', syncRow, 'live', ['system'], ({ ref, config }, director) => {
    const inSync = sameConfig(config, director.view.intendedConfig(ref));
    const failed = !inSync && pushFailed(director, ref);
    return [
      {
        'sync-status': inSync ? ('in-sync' as const) : ('out-of-sync' as const),
        templateStatus: failed ? ('failed' as const) : ('success' as const),
      },
    ];
  }),
] as const;
