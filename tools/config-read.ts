/** `config.read`: one section of the running configuration. */
import { z } from 'zod';
import { nodeName } from '../protocols/device/names.ts';
import { renderXml } from '../protocols/netconf/xml.ts';
import { READABLE, readableSection } from './config-sections.ts';
import { defineTool } from './define-tool.ts';
import { getRunning } from './operations.ts';
import { deviceOf, observe, xmlOf } from './replies.ts';

export const configRead = defineTool({
  name: 'config.read',
  domain: 'diagnostics',
  effect: 'read',
  description: 'Reads one section of the running configuration of a device as XML.',
  targets: 'one',
  input: z.strictObject({ section: readableSection.describe('Name of the section') }),
  plan: ({ section: name }, { devices }) => devices.map((device) => getRunning(device, READABLE[name])),
  read: (replies) =>
    replies.flatMap((reply) =>
      xmlOf(reply).map((node) => observe(reply, nodeName(deviceOf(reply)), 'config', renderXml(node, { indent: 2 }))),
    ),
});
