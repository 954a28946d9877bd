/** `config.leaves`: chosen leaves of running configurations, each with the line where it stands. */
import { z } from 'zod';
import { nodeName } from '../protocols/device/names.ts';
import type { XmlNode } from '../protocols/netconf/xml.ts';
import { CONFIG } from '../protocols/yang/config-schema.ts';
import { listKeys } from '../protocols/yang/list-keys.ts';
import { stepsOf } from './config-difference.ts';
import { READABLE, readableSection } from './config-sections.ts';
import { defineTool } from './define-tool.ts';
import { getRunning } from './operations.ts';
import { deviceOf, observe, xmlOf } from './replies.ts';

/** Leaves told of one device. */
const MAX_LEAVES = 1_000;

export interface Leaf {
  /** As `config.diff` shows it: `bgp/local-as`, `access-lists/acl-lan-in/e90/action`. */
  readonly path: string;
  readonly value: string;
  /** In the section as `config.read` shows it, one element a line. */
  readonly line: number;
}

/** Every leaf of a section, in order. */
export function listLeaves(top: XmlNode): readonly Leaf[] {
  const leaves: Leaf[] = [];
  let line = 0;
  const walk = (node: XmlNode, names: readonly string[], shown: readonly string[]): void => {
    line += 1;
    const here = [...names, node.name];
    const path = [...shown, ...stepsOf(node, listKeys(here))];
    if (node.children.length === 0) {
      if (node.text.trim() !== '') leaves.push({ path: path.join('/'), value: node.text.trim(), line });
      return;
    }
    for (const child of node.children) walk(child, here, path);
    line += 1; // the closing tag
  };
  walk(top, [], []);
  return leaves;
}

export const configLeaves = defineTool({
  name: 'config.leaves',
  domain: 'diagnostics',
  effect: 'read',
  description:
    'Reads every leaf of sections of the running configuration of devices, with its line in what config.read shows.',
  targets: 'many',
  input: z.strictObject({
    sections: z.array(readableSection).min(1).max(readableSection.options.length).describe('Names of the sections'),
  }),
  plan: ({ sections }, { devices }) =>
    devices.map((device) => getRunning(device, ...sections.map((name) => READABLE[name]))),
  read: (replies) =>
    replies.flatMap((reply) => {
      const running = xmlOf(reply);
      if (!reply.ok || running.length === 0) return [];
      const node = nodeName(deviceOf(reply));
      const known = running.filter(({ ns, name }) =>
        Object.values(CONFIG).some((one) => one.ns === ns && one.name === name),
      );
      const leaves = known.flatMap(listLeaves).slice(0, MAX_LEAVES);
      if (leaves.length === 0) return [];
      return [
        observe(reply, node, 'cfg.read', known.map(({ name }) => name).join(',')),
        ...leaves.map(({ path, value, line }) => observe(reply, node, 'cfg.leaf', `${path} = ${value} (line ${line})`)),
      ];
    }),
});
