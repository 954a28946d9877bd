/** What an inventory tells of a simulated tenant besides its devices: circuits, hosts with their services, and addresses. */
import type { DeviceConfig } from '../../protocols/device/config.ts';
import { dnsNameOf } from '../../simulators/model/lan/resolve-name.ts';
import type { Topology } from '../../simulators/model/network.ts';

/** `configOf`: the configuration by which the ports of the tenant's circuits have their addresses. */
export function tellTopology(
  { devices, circuits, hosts }: Topology,
  tenant: string,
  configOf: (device: string) => DeviceConfig | undefined,
) {
  const own = <One extends { readonly tenant: string }>(all: readonly One[]): One[] =>
    all.filter((one) => one.tenant === tenant);
  return {
    circuits: own(circuits).map(({ device, interface: port, color, provider, onewayMs, capacityBps }) => {
      const address = configOf(device)?.interfaces.find(({ name }) => name === port)?.ipv4?.address;
      return {
        ...{ device, interface: port, color, provider, onewayMs, capacityBps },
        ...(address === undefined ? {} : { address }),
      };
    }),
    hosts: own(hosts).map(({ name, site, vrf, address, services, users }) => ({
      ...{ name, site, vrf, address, users },
      services: services.map(({ name: service, port }) => ({ name: service, port, dnsName: dnsNameOf(service) })),
    })),
    addresses: addressesOf(own(devices).map(({ config }) => config)),
  };
}

/** Addresses of ports and of tunnels, device by device. */
function addressesOf(configs: readonly DeviceConfig[]): string[] {
  const addresses: string[] = [];
  for (const { interfaces, tunnels } of configs) {
    for (const { ipv4 } of interfaces) if (ipv4 !== undefined) addresses.push(ipv4.address);
    for (const { localAddress } of tunnels) addresses.push(localAddress);
  }
  return addresses;
}
