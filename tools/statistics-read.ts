/**
 * `statistics.read`: how full the lines are, what each class of traffic is promised and loses, and how the applications
 * do: out of the director's samples (ten minutes old at most), the queues from the devices themselves.
 */
import { z } from 'zod';
import { interfaceStatisticsRow } from '../protocols/controller/endpoints/interfaces.ts';
import { slaFailureRow } from '../protocols/controller/endpoints/overlay.ts';
import { applicationRow } from '../protocols/controller/endpoints/site.ts';
import { interfaceName, policyName } from '../protocols/device/names.ts';
import { CONFIG } from '../protocols/yang/config-schema.ts';
import { readConfigSection, readSection } from '../protocols/yang/state-from-xml.ts';
import { STATE } from '../protocols/yang/state-schema.ts';
import { defineTool } from './define-tool.ts';
import { askDirector, netconfGet, selectAll } from './operations.ts';
import { deviceOf, observe, observeAt, rowsOf, xmlOf } from './replies.ts';

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
  input: z.strictObject({}),
  plan: (_input, { devices }) =>
    devices.flatMap((device) => [
      ...[PORTS, SLA, SCORES].map((path) => askDirector(device, path)),
      netconfGet(device, selectAll(STATE.queues, CONFIG.qos)),
    ]),
  read: (replies) =>
    replies.flatMap((reply) => {
      const device = deviceOf(reply);
      return [
        ...rowsOf(reply, PORTS, interfaceStatisticsRow).map((row) =>
          observeAt(
            reply,
            row.lastupdated,
            interfaceName(device, row.interface),
            'if.util_pct',
            Math.max(row.down_capacity_percentage, row.up_capacity_percentage),
          ),
        ),
        ...rowsOf(reply, SLA, slaFailureRow).map((row) =>
          observeAt(
            reply,
            row.lastupdated,
            `${policyName(device, `approute-${row.application}`)}/${row.color}`,
            'policy.sla_fail',
            row.failures,
          ),
        ),
        ...rowsOf(reply, SCORES, applicationRow).flatMap(({ site, application, lastupdated, score, color }) => {
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
        ...(readSection(xmlOf(reply), 'queues') ?? []).map((one) =>
          observe(reply, `${interfaceName(device, one.interface)}/${one.class}`, 'qos.class_drops', one.drops),
        ),
      ];
    }),
});
