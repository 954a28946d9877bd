/** The configuration of a controller: one port into the provider network; the director also holds what all edges are told. */
import type { DeviceConfig } from '../../protocols/device/config.ts';
import type { Address } from './blueprint.ts';
import { CONTROL_PORT, controllerPolicy } from './site-policy.ts';

export const controllerConfig = (
  { device, wan, systemIp }: { readonly device: string; readonly wan: Address; readonly systemIp: string },
  director: boolean,
  identityKey: string,
): DeviceConfig => ({
  hostname: device,
  role: 'controller',
  siteId: 0,
  site: 'core',
  systemIp,
  interfaces: [
    {
      name: 'eth0',
      enabled: true,
      mtu: 1500,
      ipv4: wan,
      vrf: 0,
      description: 'provider network',
      dhcpHelpers: [],
    },
  ],
  accessLists: [],
  tunnels: [],
  ipsec: { identityKey, peers: [], rekeySeconds: 3600 },
  bfd: [],
  staticRoutes: [],
  vrrp: [],
  controllers: [],
  controlPort: CONTROL_PORT,
  ospf: [],
  ...controllerPolicy(director),
});
