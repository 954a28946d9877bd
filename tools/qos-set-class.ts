/** `qos.set-class`: what a class of traffic is given of a queueing policy. */
import { z } from 'zod';
import { el } from '../protocols/netconf/xml.ts';
import { SDWAN_NS } from '../protocols/yang/namespaces.ts';
import { configName } from './config-names.ts';
import { defineTool } from './define-tool.ts';
import { editConfig } from './operations.ts';
import { configShows } from './post-conditions.ts';

const CLASSES = ['control', 'voice', 'video', 'critical', 'bulk', 'best-effort'] as const;

export const qosSetClass = defineTool({
  name: 'qos.set-class',
  domain: 'experience',
  effect: 'change',
  description:
    'Sets the share and the priority of a traffic class in a queueing policy, on every named device. Code points stay.',
  targets: 'many',
  input: z.strictObject({
    policy: configName.describe('Name of the queueing policy, e.g. qos-wan'),
    class: z.enum(CLASSES).describe('The class'),
    bandwidthPct: z.int().min(0).max(100).describe('Share of the port in percent'),
    priority: z.boolean().describe('True: served before all others, within its share'),
  }),
  plan: ({ policy, class: of, bandwidthPct, priority }, { devices }) =>
    devices.map((device) =>
      editConfig(
        device,
        el(SDWAN_NS, 'qos', [
          el(SDWAN_NS, 'policy', [
            el(SDWAN_NS, 'name', policy),
            el(SDWAN_NS, 'class', [
              el(SDWAN_NS, 'name', of),
              el(SDWAN_NS, 'bandwidth-pct', String(bandwidthPct)),
              el(SDWAN_NS, 'priority', String(priority)),
            ]),
          ]),
        ]),
      ),
    ),
  read: () => [],
  postConditions: ({ policy, class: of, bandwidthPct, priority }, target) =>
    configShows(target, 'qos', `gives ${of} ${bandwidthPct} %${priority ? ' with priority' : ''} in ${policy}`, (all) =>
      all.some(
        ({ name, classes }) =>
          name === policy &&
          classes.some((one) => one.class === of && one.bandwidthPct === bandwidthPct && one.priority === priority),
      ),
    ),
});
