/** `config.read`: one section of the running configuration. */
import { z } from 'zod';
import { nodeName } from '../protocols/device/names.ts';
import { renderXml } from '../protocols/netconf/xml.ts';
import type { CONFIG } from '../protocols/yang/config-schema.ts';
import { defineTool } from './define-tool.ts';
import { getRunning } from './operations.ts';
import { deviceOf, observe, xmlOf } from './replies.ts';

const SECTIONS = {
  system: 'system',
  interfaces: 'interfaces',
  'access-lists': 'accessLists',
  tunnels: 'tunnels',
  ipsec: 'ipsec',
  bfd: 'bfd',
  bgp: 'bgp',
  'static-routes': 'staticRoutes',
  vrrp: 'vrrp',
  controllers: 'controllers',
} as const satisfies Record<string, keyof typeof CONFIG>;

const section = z.enum([
  'system',
  'interfaces',
  'access-lists',
  'tunnels',
  'ipsec',
  'bfd',
  'bgp',
  'static-routes',
  'vrrp',
  'controllers',
]);

export const configRead = defineTool({
  name: 'config.read',
  domain: 'diagnostics',
  effect: 'read',
  description: 'Reads one section of the running configuration of a device as XML.',
  targets: 'one',
  input: z.strictObject({ section: section.describe('Name of the section') }),
  plan: ({ section: name }, { devices }) => devices.map((device) => getRunning(device, SECTIONS[name])),
  read: (replies) =>
    replies.flatMap((reply) =>
      xmlOf(reply).map((node) => observe(reply, nodeName(deviceOf(reply)), 'config', renderXml(node, { indent: 2 }))),
    ),
});
