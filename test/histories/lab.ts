/** The smallest network that a change can be rehearsed on: edges with LAN ports and nothing else, so that a history takes milliseconds. */
import type { DeviceConfig } from '../../protocols/device/config.ts';
import { createNetwork } from '../../simulators/model/create-network.ts';
import type { Network } from '../../simulators/model/network.ts';
import { refnet } from '../../simulators/topologies/refnet.ts';

export const TENANT = 'acme';
export const DEVICES = ['br1_edge', 'br2_edge'] as const;
/** Ports of each of them: a change of the history has one of its own. */
export const PORTS = ['ge0/2', 'ge0/3', 'ge0/4'] as const;

function strip(config: DeviceConfig): DeviceConfig {
  const { bgp: _, controlPlaneAcl: __, firewall: ___, ...rest } = config;
  return {
    ...rest,
    interfaces: config.interfaces
      .filter(({ name }) => PORTS.some((port) => port === name))
      .map(({ accessListIn: _list, ...port }) => ({ ...port, dhcpHelpers: [] })),
    ipsec: { ...config.ipsec, peers: [] },
    ...{ accessLists: [], tunnels: [], bfd: [], controllers: [], qos: [], nat: [], breakouts: [], dhcp: [] },
    ...{ ntpServers: [], accounts: [] },
  };
}

const CONFIGS = refnet({ tenant: TENANT, branches: 2, seed: 1, tenantIndex: 0 })
  .devices.filter(({ device }) => DEVICES.some((name) => name === device))
  .map((one) => ({ ...one, config: strip(one.config) }));

export const INVENTORY = CONFIGS.map(({ device, config }) => ({
  ...{ tenant: TENANT, name: device, role: config.role, site: config.site, systemIp: config.systemIp },
}));

export const createLab = (): Network =>
  createNetwork({
    seed: 1,
    startAt: 0,
    topology: { devices: CONFIGS, providers: [], circuits: [], hosts: [], lanRouters: [], externals: [] },
  });
