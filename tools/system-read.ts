/** `system.read`: is the device there and well. */
import { z } from 'zod';
import { deviceRow } from '../protocols/controller/endpoints/device.ts';
import { sessionUsePct } from '../protocols/device/derive.ts';
import { nodeName } from '../protocols/device/names.ts';
import { readSection, readSystem } from '../protocols/yang/state-from-xml.ts';
import { defineTool } from './define-tool.ts';
import { askDirector, getState } from './operations.ts';
import { deviceOf, observe, observeAll, observeAt, rowsOf, xmlOf } from './replies.ts';

const PATH = '/dataservice/device';

export const systemRead = defineTool({
  name: 'system.read',
  domain: 'diagnostics',
  effect: 'read',
  description:
    'Reads reachability (as the director sees it), uptime, version, load, clock, certificate, hardware, processes, logins, control connections, OMP peers and firewall session use of devices.',
  targets: 'many',
  input: z.strictObject({}),
  plan: (_input, { devices }) =>
    devices.flatMap((device) => [
      askDirector(device, PATH),
      getState(device, 'system', 'firewall', 'logins', 'control', 'omp'),
    ]),
  read: (replies) =>
    replies.flatMap((reply) => {
      const node = nodeName(deviceOf(reply));
      const reach = rowsOf(reply, PATH, deviceRow).find(({ deviceId }) => deviceId === deviceOf(reply))?.reachability;
      const system = readSystem(xmlOf(reply));
      const firewall = readSection(xmlOf(reply), 'firewall');
      return [
        ...observeAll(reply, node, {
          'dev.reach': reach,
          'dev.uptime': system && Math.floor(system.uptimeMs / 1000),
          'dev.cpu_pct': system?.cpuPct,
          'dev.mem_pct': system?.memoryPct,
          'dev.clock_offset': system && system.clockOffsetMs / 1000,
          'dev.cert_days': system?.certificateDays,
          'dev.version': system?.version,
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
