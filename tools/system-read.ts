/** `system.read`: is the device there and well. */
import { z } from 'zod';
import type { Observation, OperationReply } from '../broker/contract.ts';
import { deviceRow, loginRow, systemStatusRow } from '../protocols/controller/endpoints/device.ts';
import { sessionUsePct } from '../protocols/device/derive.ts';
import { nodeName } from '../protocols/device/names.ts';
import { readSection, readSystem } from '../protocols/yang/state-from-xml.ts';
import { defineTool } from './define-tool.ts';
import { askDirector, askDirectorOf, getState } from './operations.ts';
import { askedOf, deviceOf, observe, observeAll, observeAt, rowsOf, xmlOf } from './replies.ts';

const PATH = '/dataservice/device';
/** Controllers are asked through the director, which manages them: they have no other door. */
const STATUS = '/dataservice/device/system/status';
const LOGINS = '/dataservice/device/aaa/logins';

export const systemRead = defineTool({
  name: 'system.read',
  domain: 'diagnostics',
  effect: 'read',
  description:
    'Reads reachability (as the director sees it), uptime, version, load, clock, certificate, hardware, processes, logins, control connections, OMP peers and firewall session use of devices.',
  targets: 'many',
  input: z.strictObject({}),
  plan: (_input, { devices }, context) => [
    ...askDirectorOf(devices, PATH),
    ...devices.flatMap((device) =>
      context.devices.some(({ name, role }) => name === device && role === 'controller')
        ? [askDirector(device, STATUS), askDirector(device, LOGINS)]
        : [getState(device, 'system', 'firewall', 'logins', 'control', 'omp')],
    ),
  ],
  read: (replies) =>
    replies.flatMap((reply) => {
      const node = nodeName(deviceOf(reply));
      const system = readSystem(xmlOf(reply));
      const firewall = readSection(xmlOf(reply), 'firewall');
      const asked = askedOf(reply);
      return [
        ...rowsOf(reply, PATH, deviceRow).flatMap((row) =>
          asked.includes(row.deviceId) ? toldOfDevice(reply, row) : [],
        ),
        ...observeAll(reply, node, {
          'dev.uptime': system && Math.floor(system.uptimeMs / 1000),
          'dev.cpu_pct': system?.cpuPct,
          'dev.mem_pct': system?.memoryPct,
          'dev.clock_offset': system && system.clockOffsetMs / 1000,
          ...(system && { 'dev.cert_days': system.certificateDays, 'dev.version': system.version }),
          'dev.env': system?.environment,
          'fw.session_use_pct': firewall && sessionUsePct(firewall),
        }),
        ...(system?.processes ?? []).map(({ name, running }) =>
          observe(reply, node, 'dev.process', `${name} ${running ? 'running' : 'stopped'}`),
        ),
        ...(system?.processes ?? []).map(({ name, memoryKb, restarts }) =>
          observe(reply, node, 'dev.process_memory', `${name} ${memoryKb} KB ${restarts} restarts`),
        ),
        ...(system?.ntp ?? []).map(({ server, reachable }) =>
          observe(reply, node, 'dev.ntp', `${server} ${reachable ? 'reachable' : 'unreachable'}`),
        ),
        ...rowsOf(reply, STATUS, systemStatusRow).flatMap((row) => toldOfController(reply, row)),
        ...rowsOf(reply, LOGINS, loginRow).map(({ at, user, source, result }) =>
          observeAt(reply, at, node, 'aaa.login', `${result} ${user} from ${source}`),
        ),
        ...(readSection(xmlOf(reply), 'control') ?? []).map(({ controller, color, state, reason }) =>
          observe(
            reply,
            `session/control/${controller}--${deviceOf(reply)}:${color}`,
            'ctrl.conn',
            state === 'up' ? 'up' : `down (${reason})`,
          ),
        ),
        ...(readSection(xmlOf(reply), 'omp') ?? []).map(({ peer, state }) =>
          observe(reply, `session/omp/${peer}--${deviceOf(reply)}`, 'omp.peer', state),
        ),
        ...(readSection(xmlOf(reply), 'logins') ?? []).map(({ at, user, source, result }) =>
          observeAt(reply, at, node, 'aaa.login', `${result} ${user} from ${source}`),
        ),
      ];
    }),
});

/** Whether the director reaches it, and of a controller, which has no other door, what it is. */
const toldOfDevice = (reply: OperationReply, row: z.infer<typeof deviceRow>): readonly Observation[] =>
  observeAll(reply, nodeName(row.deviceId), {
    'dev.reach': row.reachability,
    ...(row.personality === 'controller'
      ? { 'dev.cert_days': row['certificate-days'], 'dev.version': row.version }
      : {}),
  });

/** What the director last heard of a controller's load and processes. */
function toldOfController(reply: OperationReply, row: z.infer<typeof systemStatusRow>): readonly Observation[] {
  const node = nodeName(deviceOf(reply));
  const tell = (signal: string, value: number | string): Observation =>
    observeAt(reply, row.lastupdated, node, signal, value);
  return [
    tell('dev.uptime', Math.floor(row.uptime_ms / 1000)),
    tell('dev.cpu_pct', 100 - row.cpu_idle),
    ...row.processes.flatMap(({ name, running, memory_kb: kb, restarts }) => [
      tell('dev.process', `${name} ${running ? 'running' : 'stopped'}`),
      tell('dev.process_memory', `${name} ${kb} KB ${restarts} restarts`),
    ]),
  ];
}
