/** `inventory.devices`: which devices the tenant has. */
import { z } from 'zod';
import { nodeName } from '../protocols/device/names.ts';
import { defineTool } from './define-tool.ts';
import { jsonOf, observe } from './replies.ts';

const records = z.array(
  z.object({
    name: z.string(),
    role: z.enum(['edge', 'hub', 'controller']),
    site: z.string(),
    systemIp: z.string(),
    asn: z.number().optional(),
  }),
);

export const inventoryDevices = defineTool({
  name: 'inventory.devices',
  domain: 'inventory',
  effect: 'read',
  description: 'Lists the devices of the tenant with role, site, system address and AS number.',
  targets: 'none',
  input: z.strictObject({}),
  plan: () => [{ protocol: 'records', kind: 'devices', query: {} }],
  read: (replies) =>
    replies.flatMap((reply) =>
      (records.safeParse(jsonOf(reply)).data ?? []).map(({ name, ...device }) =>
        observe(reply, nodeName(name), 'device', JSON.stringify(device)),
      ),
    ),
});
