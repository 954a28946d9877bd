/** The inventory that the broker would tell about a topology: what agents know of a network before they read anything. */
import type { Inventory } from '../agents/inventory.ts';
import { dnsNameOf } from '../simulators/model/lan/resolve-name.ts';
import type { Topology } from '../simulators/model/network.ts';

export function describeTopology(topology: Topology): Inventory {
  return {
    devices: topology.devices.map(({ device, config }) => ({
      name: device,
      role: config.role,
      site: config.site,
      systemIp: config.systemIp,
      ...(config.bgp ? { asn: config.bgp.localAs } : {}),
    })),
    circuits: topology.circuits.map(({ device, interface: port, color, provider }) => {
      const config = topology.devices.find((one) => one.device === device)?.config;
      const address = config?.interfaces.find(({ name }) => name === port)?.ipv4?.address;
      const name = `${config?.site}/${color}`;
      return { name, device, interface: port, color, provider, ...(address ? { address } : {}) };
    }),
    hosts: topology.hosts.map(({ name, site, vrf, address, services }) => ({
      name,
      site,
      vrf,
      address,
      services: services.map((one) => ({ ...one, dnsName: dnsNameOf(one.name) })),
    })),
  };
}
