/**
 * `statistics.read`: how full the lines are, what each class of traffic is promised and loses, and how the applications
 * do: out of the director's samples (ten minutes old at most), the queues from the devices themselves.
 */
import { z } from 'zod';
import { interfaceStatisticsRow } from '../protocols/controller/endpoints/interfaces.ts';
import { slaFailureRow } from '../protocols/controller/endpoints/overlay.ts';
import { applicationRow } from '../protocols/controller/endpoints/site.ts';
import { interfaceName, isTunnelPort, policyName } from '../protocols/device/names.ts';
import { CONFIG } from '../protocols/yang/config-schema.ts';
import { readConfigSection, readSection } from '../protocols/yang/state-from-xml.ts';
import { STATE } from '../protocols/yang/state-schema.ts';
import { defineTool } from './define-tool.ts';
import { withTunnels } from './interfaces-read.ts';
import { askDirectorOf, netconfGet, selectAll } from './operations.ts';
import { deviceOf, observe, observeAt, rowsAbout, xmlOf } from './replies.ts';

const PORTS = '/dataservice/statistics/interface';
const SLA = '/dataservice/statistics/sla';
const SCORES = '/dataservice/app/score';

export const statisticsRead = defineTool({
  name: 'statistics.read',
  domain: 'diagnostics',
  effect: 'read',
  description:
    'Reads use of the lines (percent of the contract), bandwidth and drops of the traffic classes, SLA misses and application scores of devices.',
  targets: 'many',
  input: z.strictObject({ tunnels: withTunnels }),
  plan: (_input, { devices }) => [
    ...[PORTS, SLA, SCORES].flatMap((path) => askDirectorOf(devices, path)),
    ...devices.map((device) => netconfGet(device, selectAll(STATE.queues, CONFIG.qos))),
  ],
  read: (replies, _context, input) =>
    replies.flatMap((reply) => {
      const device = deviceOf(reply);
      const isTold = ({ interface: port }: { readonly interface: string }): boolean =>
        input?.tunnels !== false || !isTunnelPort(port);
      return [
        ...rowsAbout(reply, PORTS, interfaceStatisticsRow)
          .filter(isTold)
          .map((row) =>
            observeAt(
              reply,
              row.lastupdated,
              interfaceName(row['vdevice-name'], row.interface),
              'if.util_pct',
              Math.max(row.down_capacity_percentage, row.up_capacity_percentage),
            ),
          ),
        ...rowsAbout(reply, SLA, slaFailureRow).map((row) =>
          observeAt(
            reply,
            row.lastupdated,
            `${policyName(row['vdevice-name'], `approute-${row.application}`)}/${row.color}`,
            'policy.sla_fail',
            row.failures,
          ),
        ),
        ...rowsAbout(reply, SCORES, applicationRow).flatMap(({ site, application, lastupdated, score, color }) => {
          const name = `application/${site}/${application}`;
          return [
            observeAt(reply, lastupdated, name, 'app.score', score),
            // The transport that its flows take; none is named of those that go nowhere.
            ...(color === undefined ? [] : [observeAt(reply, lastupdated, name, 'app.path', color)]),
          ];
        }),
        ...(readConfigSection(xmlOf(reply), 'qos') ?? []).flatMap((policy) =>
          policy.classes.map((one) =>
            observe(
              reply,
              `${policyName(device, policy.name)}/${one.class}`,
              'qos.bandwidth',
              `${one.bandwidthPct} %${one.priority ? ' priority' : ''}`,
            ),
          ),
        ),
        ...(readSection(xmlOf(reply), 'queues') ?? [])
          .filter(isTold)
          .map((one) =>
            observe(reply, `${interfaceName(device, one.interface)}/${one.class}`, 'qos.class_drops', one.drops),
          ),
      ];
    }),
});
