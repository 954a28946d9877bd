/** What the inventory of a tenant calls things. */
import type { Inventory } from '../ports.ts';

/** Names and addresses, in lower case: such a word says which thing, and nothing else. */
export async function identifiersOf(
  { inventory }: { readonly inventory: Inventory },
  tenant: string,
): Promise<ReadonlySet<string>> {
  const [devices, topology] = await Promise.all([inventory.devices(tenant), inventory.topology(tenant)]);
  const names = [
    ...devices.flatMap(({ name, site, systemIp, asn }) => [name, site, systemIp, ...(asn === undefined ? [] : [asn])]),
    ...topology.circuits.flatMap((one) => [one.interface, one.color, one.provider, one.address ?? one.interface]),
    ...topology.hosts.flatMap((one) => [one.name, one.address, ...one.services.map(({ name }) => name)]),
    ...topology.addresses,
  ];
  return new Set(names.map((name) => String(name).toLowerCase()));
}
