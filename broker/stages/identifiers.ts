/** What the inventory of a tenant calls things. */
import type { InventoryDevice, InventoryTopology } from '../ports.ts';

/** A tenant's part of the inventory, as it was read. */
export interface KnownNetwork {
  readonly devices: readonly InventoryDevice[];
  readonly topology: InventoryTopology;
}

/** Names, addresses and ports of services, in lower case: such a word says which thing, and nothing else. */
export function identifiersIn({ devices, topology }: KnownNetwork): ReadonlySet<string> {
  const names = [
    ...devices.flatMap(({ name, site, systemIp, asn }) => [name, site, systemIp, ...(asn === undefined ? [] : [asn])]),
    ...topology.circuits.flatMap((one) => [one.interface, one.color, one.provider, one.address ?? one.interface]),
    ...topology.hosts.flatMap((one) => [one.name, one.address, ...one.services.flatMap(serviceNames)]),
    ...topology.addresses,
  ];
  return new Set(names.map((name) => String(name).toLowerCase()));
}

type Service = InventoryTopology['hosts'][number]['services'][number];

const serviceNames = ({ name, port, dnsName }: Service): readonly (string | number)[] =>
  dnsName === undefined ? [name, port] : [name, port, dnsName];
