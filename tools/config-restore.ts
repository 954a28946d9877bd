/** `config.restore`: gives sections of a device's configuration back the form that the director intends. */
import { z } from 'zod';
import type { Operation, OperationReply } from '../broker/contract.ts';
import type { XmlNode } from '../protocols/netconf/xml.ts';
import { CONFIG } from '../protocols/yang/config-schema.ts';
import { listKeys, userOrdered } from '../protocols/yang/list-keys.ts';
import { compareConfigs } from './config-difference.ts';
import { RESTORABLE, type RestorableSection, restorableSection } from './config-sections.ts';
import { defineTool } from './define-tool.ts';
import { readIntended } from './intended-config.ts';
import { ATTACHED_CONFIG, askDirector, getRunning } from './operations.ts';
import { xmlOf } from './replies.ts';

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
      .array(restorableSection)
      .min(1)
      .max(restorableSection.options.length)
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
  const wanted = readIntended(replies).get(device);
  if (wanted === undefined) return false;
  const names = new Set<string>(sections.map((name) => CONFIG[RESTORABLE[name]].name));
  const only = (nodes: readonly XmlNode[]): readonly XmlNode[] => nodes.filter(({ name }) => names.has(name));
  const running = only(replies.flatMap(xmlOf));
  return compareConfigs(running, only(wanted), { keys: listKeys, userOrdered }).length === 0;
}
