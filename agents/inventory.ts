/** The tenant's inventory as agents know it: parsed from the answers of the inventory tools, which are text. */
import { z } from 'zod';
import type { Observation } from '../broker/contract.ts';

const device = z.object({
  role: z.enum(['edge', 'hub', 'controller']),
  site: z.string(),
  systemIp: z.string().optional(),
  asn: z.number().optional(),
});
const circuit = z.object({
  device: z.string(),
  interface: z.string(),
  color: z.string(),
  provider: z.string(),
  /** WAN address of the port, where the inventory tells it. */
  address: z.string().optional(),
});
const host = z.object({
  site: z.string(),
  vrf: z.number(),
  address: z.string(),
  /** `dnsName`: what clients look up, where the inventory tells it. */
  services: z.array(z.object({ name: z.string(), port: z.number(), dnsName: z.string().optional() })),
});
const named = <Shape extends z.ZodRawShape>(shape: z.ZodObject<Shape>) => shape.extend({ name: z.string() });

const inventory = z.object({
  devices: z.array(named(device)),
  circuits: z.array(named(circuit)),
  hosts: z.array(named(host)),
});
export type Inventory = z.infer<typeof inventory>;
export type KnownDevice = Inventory['devices'][number];
export type KnownCircuit = Inventory['circuits'][number];
export type KnownHost = Inventory['hosts'][number];

/** An inventory from outside; a circuit without a name is called by its site and colour. */
export const inventorySchema = z
  .object({
    devices: z.array(named(device)),
    circuits: z.array(circuit.extend({ name: z.string().optional() })).default([]),
    hosts: z.array(named(host)).default([]),
  })
  .transform(({ devices, circuits, hosts }): Inventory => {
    const siteOf = new Map(devices.map(({ name, site }) => [name, site]));
    const circuitsNamed = circuits.map(({ name, ...rest }) => ({
      ...rest,
      name: name ?? `${siteOf.get(rest.device) ?? rest.device}/${rest.color}`,
    }));
    return { devices, circuits: circuitsNamed, hosts };
  });

/** Largest record that is parsed. */
const MAX_RECORD = 20_000;

/** Parses untrusted JSON text of limited length; undefined when it is none. */
export function parseJson(text: unknown): unknown {
  if (typeof text !== 'string' || text.length > MAX_RECORD) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Reads `inventory.devices` and `inventory.topology` answers; records of another form are left out. */
export function readInventory(records: readonly Observation[]): Inventory {
  const found: Inventory = { devices: [], circuits: [], hosts: [] };
  for (const { resource, signal, value } of records) {
    const name = resource.slice(resource.indexOf('/') + 1);
    const json = parseJson(value);
    if (signal === 'device') {
      const parsed = device.safeParse(json);
      if (parsed.success) found.devices.push({ name, ...parsed.data });
    } else if (signal === 'circuit') {
      const parsed = circuit.safeParse(json);
      if (parsed.success) found.circuits.push({ name, ...parsed.data });
    } else if (signal === 'host') {
      const parsed = host.safeParse(json);
      if (parsed.success) found.hosts.push({ name, ...parsed.data });
    }
  }
  return found;
}

/** The inventory back from the text form in which a graph keeps it. */
export function parseInventory(text: string): Inventory {
  return inventory.parse(JSON.parse(text));
}

/** The host that serves an application (`erp`), with its port and the name that clients look up. */
export function findService(
  known: Inventory,
  service: string,
): { readonly host: KnownHost; readonly port: number; readonly dnsName?: string | undefined } | undefined {
  for (const candidate of known.hosts) {
    const found = candidate.services.find(({ name }) => name.toLowerCase() === service.toLowerCase());
    if (found) return { host: candidate, port: found.port, dnsName: found.dnsName };
  }
  return undefined;
}
