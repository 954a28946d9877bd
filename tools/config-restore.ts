/** `config.restore`: gives sections of a device's configuration back the form that the director intends. */
import { z } from 'zod';
import type { Operation, OperationReply } from '../broker/contract.ts';
import { attachedConfigRow } from '../protocols/controller/endpoints/device.ts';
import { parseXml, type XmlNode } from '../protocols/netconf/xml.ts';
import { CONFIG } from '../protocols/yang/config-schema.ts';
import { listKeys, userOrdered } from '../protocols/yang/list-keys.ts';
import { compareConfigs } from './config-difference.ts';
import { defineTool } from './define-tool.ts';
import { ATTACHED_CONFIG, askDirector, getRunning } from './operations.ts';
import { rowsOf, xmlOf } from './replies.ts';

/**
 * What may be restored, under the names that `config.diff` shows. Not what a device is (`system`) and not who may log in
 * (`accounts`): a slip there is a matter for people.
 */
export const RESTORABLE = {
  interfaces: 'interfaces',
  'access-lists': 'accessLists',
  tunnels: 'tunnels',
  ipsec: 'ipsec',
  bfd: 'bfd',
  bgp: 'bgp',
  'static-routes': 'staticRoutes',
  vrrp: 'vrrp',
  controllers: 'controllers',
  control: 'control',
  'vrf-leaks': 'vrfLeaks',
  ospf: 'ospf',
  qos: 'qos',
  nat: 'nat',
  breakouts: 'breakouts',
  firewall: 'firewall',
  dhcp: 'dhcp',
  ntp: 'ntpServers',
  'app-routes': 'appRoutes',
  'sla-classes': 'slaClasses',
} as const satisfies Record<string, keyof typeof CONFIG>;

export type RestorableSection = keyof typeof RESTORABLE;

const section = z.enum(Object.keys(RESTORABLE) as [RestorableSection, ...RestorableSection[]]);

/** Seconds of the network's clock within which the device shows what was committed. */
const WITHIN_SECONDS = 30;

export const configRestore = defineTool({
  name: 'config.restore',
  domain: 'wan',
  effect: 'change',
  description:
    "Puts sections of devices' configurations back to what the director intends for them. The broker reads the intended form itself.",
  targets: 'many',
  input: z.strictObject({
    sections: z
      .array(section)
      .min(1)
      .max(section.options.length)
      .describe('Names of the sections, as config.diff shows'),
  }),
  plan: ({ sections }, { devices }) =>
    devices.map(
      (device): Operation => ({
        protocol: 'netconf',
        kind: 'restore-config',
        device,
        path: ATTACHED_CONFIG,
        sections: [...new Set(sections)].map((name) => CONFIG[RESTORABLE[name]].name),
      }),
    ),
  read: () => [],
  postConditions: ({ sections }, { devices }) =>
    devices.map((device) => ({
      says: `${device} runs ${sections.join(', ')} as the director intends.`,
      operations: [
        askDirector(device, ATTACHED_CONFIG),
        getRunning(device, ...sections.map((name) => RESTORABLE[name])),
      ],
      holds: (replies) => isRestored(device, sections, replies),
      withinSeconds: WITHIN_SECONDS,
    })),
});

function isRestored(
  device: string,
  sections: readonly RestorableSection[],
  replies: readonly OperationReply[],
): boolean {
  if (replies.length === 0 || !replies.every(({ ok }) => ok)) return false;
  const wanted = replies
    .flatMap((reply) => rowsOf(reply, ATTACHED_CONFIG, attachedConfigRow))
    .find(({ deviceId }) => deviceId === device);
  if (wanted === undefined) return false;
  const names = new Set<string>(sections.map((name) => CONFIG[RESTORABLE[name]].name));
  const only = (nodes: readonly XmlNode[]): readonly XmlNode[] => nodes.filter(({ name }) => names.has(name));
  const running = only(replies.flatMap(xmlOf));
  return compareConfigs(running, only(parseXml(wanted.config).children), { keys: listKeys, userOrdered }).length === 0;
}
