/** The inventory of a tenant as a divided run sees it: read once, then each site by itself. Pure. */
import type { Evidence } from '../broker/contract.ts';
import { readInventory } from './inventory.ts';

/** The tools whose answers are shared by the parts of a run. */
export const INVENTORY_TOOLS = ['inventory.devices', 'inventory.topology'] as const;
export type InventoryTool = (typeof INVENTORY_TOOLS)[number];
export type InventoryAnswers = { readonly [Tool in InventoryTool]: readonly Evidence[] };

export interface Site {
  readonly name: string;
  readonly devices: readonly string[];
  /** What the inventory tools say of this site alone. */
  readonly answers: InventoryAnswers;
}

/** Every site of the tenant that has devices, by name. Controllers belong to no site that is swept. */
export function splitBySite(answers: InventoryAnswers): ReadonlyMap<string, Site> {
  const { devices, circuits, hosts } = readInventory(INVENTORY_TOOLS.flatMap((tool) => answers[tool]));
  const forwarding = devices.filter(({ role }) => role !== 'controller');
  const siteOf = new Map(forwarding.map(({ name, site }) => [name, site]));
  /** Site of a record, by kind and name. */
  const owner = new Map<string, string | undefined>([
    ...forwarding.map(({ name, site }) => [`device ${name}`, site] as const),
    ...circuits.map(({ name, device }) => [`circuit ${name}`, siteOf.get(device)] as const),
    ...hosts.map(({ name, site }) => [`host ${name}`, site] as const),
  ]);
  const bySite = new Map<string, { readonly [Tool in InventoryTool]: Evidence[] }>();
  for (const site of siteOf.values())
    if (!bySite.has(site)) bySite.set(site, { 'inventory.devices': [], 'inventory.topology': [] });
  for (const tool of INVENTORY_TOOLS) {
    for (const one of answers[tool]) {
      const site = owner.get(`${one.signal} ${one.resource.slice(one.resource.indexOf('/') + 1)}`);
      if (site !== undefined) bySite.get(site)?.[tool].push(one);
    }
  }
  return new Map(
    [...bySite].map(([name, own]): readonly [string, Site] => [
      name,
      { name, devices: forwarding.filter(({ site }) => site === name).map((one) => one.name), answers: own },
    ]),
  );
}

/** The inventory without these devices: what is not there is not read. */
export function leaveOut(answers: InventoryAnswers, devices: ReadonlySet<string>): InventoryAnswers {
  const without = (records: readonly Evidence[]): readonly Evidence[] =>
    records.filter(
      ({ signal, resource }) => signal !== 'device' || !devices.has(resource.slice(resource.indexOf('/') + 1)),
    );
  return {
    'inventory.devices': without(answers['inventory.devices']),
    'inventory.topology': answers['inventory.topology'],
  };
}
