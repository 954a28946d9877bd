/** `inventory.topology`: the tenant's access circuits and the hosts that matter. */
import { z } from 'zod';
import { circuitName } from '../protocols/device/names.ts';
import { defineTool } from './define-tool.ts';
import { jsonOf, observe } from './replies.ts';

const records = z.object({
  circuits: z.array(
    z.object({
      device: z.string(),
      interface: z.string(),
      color: z.string(),
      provider: z.string(),
      address: z.string().optional(),
    }),
  ),
  hosts: z.array(
    z.object({
      name: z.string(),
      site: z.string(),
      vrf: z.number(),
      address: z.string(),
      services: z.array(z.object({ name: z.string(), port: z.number(), dnsName: z.string().optional() })),
    }),
  ),
});

export const inventoryTopology = defineTool({
  name: 'inventory.topology',
  domain: 'inventory',
  effect: 'read',
  description: 'Lists the access circuits of the tenant with port, colour and provider, and its hosts with services.',
  targets: 'none',
  input: z.strictObject({}),
  plan: () => [{ protocol: 'records', kind: 'topology', query: {} }],
  read: (replies, { devices }) =>
    replies.flatMap((reply) => {
      const { circuits, hosts } = records.safeParse(jsonOf(reply)).data ?? { circuits: [], hosts: [] };
      return [
        ...circuits.flatMap((circuit) => {
          const site = devices.find(({ name }) => name === circuit.device)?.site;
          return site === undefined
            ? []
            : [observe(reply, circuitName(site, circuit.color), 'circuit', JSON.stringify(circuit))];
        }),
        ...hosts.map(({ name, ...host }) => observe(reply, `host/${name}`, 'host', JSON.stringify(host))),
      ];
    }),
});
