/** The typed dependency graph: what the inventory tells of devices, circuits, providers, hosts and services, and what rests on what. */
import type { Inventory, KnownCircuit, KnownDevice, KnownHost } from '../inventory.ts';

export interface NetworkMap {
  readonly inventory: Inventory;
  device(name: string): KnownDevice | undefined;
  /** Circuit behind a port of a device. */
  circuitAt(device: string, port: string): KnownCircuit | undefined;
  /** Circuit of a colour at a device. */
  circuitOf(device: string, color: string): KnownCircuit | undefined;
  /** All circuits of a device, and all that have a provider. */
  circuitsOf(device: string): readonly KnownCircuit[];
  circuitsBy(provider: string): readonly KnownCircuit[];
  /** Devices at a site, in the order of the inventory. */
  devicesAt(site: string): readonly KnownDevice[];
  host(name: string): KnownHost | undefined;
  hostAt(address: string): KnownHost | undefined;
  /** Hosts that serve an application. */
  serversOf(application: string): readonly string[];
  /** Sites with servers that people work with. */
  readonly servingSites: ReadonlySet<string>;
  /** Edges and hubs, in the order of the inventory. */
  readonly routers: readonly string[];
  readonly controllers: readonly string[];
  readonly hubs: readonly string[];
}

/** Applications whose service has another name: calls are set up by SIP (RFC 3261). */
const SERVICES: { readonly [application: string]: string } = { voice: 'sip' };

const indexBy = <Value>(all: readonly Value[], keyOf: (value: Value) => string): ReadonlyMap<string, Value> =>
  new Map(all.map((one) => [keyOf(one), one]));

function groupBy<Value>(all: readonly Value[], keyOf: (value: Value) => string): (key: string) => readonly Value[] {
  const groups = new Map<string, Value[]>();
  for (const one of all) {
    const known = groups.get(keyOf(one));
    if (known === undefined) groups.set(keyOf(one), [one]);
    else known.push(one);
  }
  return (key) => groups.get(key) ?? [];
}

export function createMap(inventory: Inventory): NetworkMap {
  const devices = indexBy(inventory.devices, ({ name }) => name);
  const ports = indexBy(inventory.circuits, (one) => `${one.device} ${one.interface}`);
  const colors = indexBy(inventory.circuits, (one) => `${one.device} ${one.color}`);
  const hosts = indexBy(inventory.hosts, ({ name }) => name);
  const addresses = indexBy(inventory.hosts, ({ address }) => address);
  const offered = groupBy(
    inventory.hosts.flatMap(({ name, services }) => services.map((one) => ({ host: name, service: one.name }))),
    ({ service }) => service,
  );
  const servers = new Map<string, readonly string[]>();
  const named = (...roles: readonly KnownDevice['role'][]): readonly string[] =>
    inventory.devices.filter(({ role }) => roles.includes(role)).map(({ name }) => name);
  return {
    inventory,
    device: (name) => devices.get(name),
    circuitAt: (device, port) => ports.get(`${device} ${port}`),
    circuitOf: (device, color) => colors.get(`${device} ${color}`),
    host: (name) => hosts.get(name),
    hostAt: (address) => addresses.get(address),
    circuitsOf: groupBy(inventory.circuits, ({ device }) => device),
    circuitsBy: groupBy(inventory.circuits, ({ provider }) => provider),
    devicesAt: groupBy(inventory.devices, ({ site }) => site),
    serversOf: (application) => {
      const known = servers.get(application);
      if (known !== undefined) return known;
      const found = [...new Set(offered(SERVICES[application] ?? application).map(({ host }) => host))];
      servers.set(application, found);
      return found;
    },
    servingSites: new Set(
      inventory.hosts
        .filter(({ services }) => services.some(({ name }) => name !== 'ipp' && name !== 'dns'))
        .map(({ site }) => site),
    ),
    routers: named('edge', 'hub'),
    controllers: named('controller'),
    hubs: named('hub'),
  };
}
