/** The typed dependency graph: what the inventory tells of devices, circuits, providers, hosts and services, and what rests on what. */
import type { Inventory, KnownCircuit, KnownDevice, KnownHost } from '../inventory.ts';

export interface NetworkMap {
  readonly inventory: Inventory;
  device(name: string): KnownDevice | undefined;
  /** Circuit behind a port of a device. */
  circuitAt(device: string, port: string): KnownCircuit | undefined;
  /** Circuit of a colour at a device. */
  circuitOf(device: string, color: string): KnownCircuit | undefined;
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

export function createMap(inventory: Inventory): NetworkMap {
  const devices = indexBy(inventory.devices, ({ name }) => name);
  const ports = indexBy(inventory.circuits, (one) => `${one.device} ${one.interface}`);
  const colors = indexBy(inventory.circuits, (one) => `${one.device} ${one.color}`);
  const hosts = indexBy(inventory.hosts, ({ name }) => name);
  const addresses = indexBy(inventory.hosts, ({ address }) => address);
  const named = (...roles: readonly KnownDevice['role'][]): readonly string[] =>
    inventory.devices.filter(({ role }) => roles.includes(role)).map(({ name }) => name);
  return {
    inventory,
    device: (name) => devices.get(name),
    circuitAt: (device, port) => ports.get(`${device} ${port}`),
    circuitOf: (device, color) => colors.get(`${device} ${color}`),
    host: (name) => hosts.get(name),
    hostAt: (address) => addresses.get(address),
    serversOf: (application) => {
      const service = SERVICES[application] ?? application;
      return inventory.hosts
        .filter(({ services }) => services.some(({ name }) => name === service))
        .map(({ name }) => name);
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
