/** End systems of the reference network, and what is beyond its providers. */
import type { ExternalService, Host } from '../model/network.ts';
import { noise } from '../model/seeded-noise.ts';
import { HUB_HOSTS, lanNetwork, PUBLIC_RESOLVER, type Site } from './addressing.ts';

/** Addresses for documentation (RFC 5737); none of them is anybody's. */
export const EXTERNALS: readonly ExternalService[] = [
  { name: 'm365.example', address: '203.0.113.10', port: 443, rttMs: 20 },
  { name: 'saas.example', address: '203.0.113.20', port: 443, rttMs: 30 },
  { name: 'cloud-gateway.example', address: '203.0.113.30', port: 443, rttMs: 15 },
  { name: 'resolver.example', address: PUBLIC_RESOLVER, port: 53, rttMs: 10 },
  { name: 'web.example', address: '203.0.113.80', port: 443, rttMs: 25 },
  { name: 'time.example', address: '203.0.113.123', port: 123, rttMs: 15 },
  { name: 'telemetry.camera-vendor.example', address: '203.0.113.200', port: 443, rttMs: 60 },
  { name: 'updates.camera-vendor.example', address: '203.0.113.201', port: 443, rttMs: 60 },
  { name: 'unknown-198-51-100-66', address: '198.51.100.66', port: 443, rttMs: 120 },
];

/** Servers of a hub; hub1 has all of them, hub2 a second resolver. */
export function hubHosts(tenant: string, site: Site): readonly Host[] {
  const server = (name: string, address: string, services: Host['services'], kind: Host['kind'] = 'server'): Host => ({
    tenant,
    name,
    site: site.name,
    vrf: 20,
    address,
    services,
    kind,
    fixed: true,
    users: 0,
  });
  if (site.name !== 'hub1') return [server('hub2_dns', HUB_HOSTS.dns2, [{ name: 'dns', port: 53 }])];
  return [
    server('hub1_srv1', HUB_HOSTS.srv1, [{ name: 'erp', port: 443 }]),
    server('hub1_dns', HUB_HOSTS.dns1, [{ name: 'dns', port: 53 }]),
    server('hub1_voice', HUB_HOSTS.voice, [{ name: 'sip', port: 5060 }]),
    server('hub1_dhcp', HUB_HOSTS.dhcp, [{ name: 'dhcp', port: 67 }]),
    server('hub1_backup', HUB_HOSTS.backup, [{ name: 'backup', port: 873 }]),
    server('hub1_ntp', HUB_HOSTS.ntp, [{ name: 'ntp', port: 123 }]),
    server('hub1_poller', HUB_HOSTS.poller, [], 'poller'),
    server('hub1_scanner', HUB_HOSTS.scanner, [], 'scanner'),
  ];
}

/** People, things and guests of a branch; `users` is how many people a host stands for. */
export function branchHosts(tenant: string, site: Site, seed: string): readonly Host[] {
  const people = (name: string): number => 5 + Math.floor(26 * noise(seed, 'users', tenant, site.name, name));
  const host = (kind: Host['kind'], name: string, vrf: number, last: number, rest: Partial<Host> = {}): Host => ({
    tenant,
    name: `${site.name}_${name}`,
    site: site.name,
    vrf,
    address: lanNetwork(site, vrf, last),
    services: [],
    kind,
    fixed: false,
    users: 0,
    ...rest,
  });
  return [
    host('pc', 'corp_pc1', 10, 11, { users: people('corp_pc1') }),
    host('pc', 'corp_pc2', 10, 12, { users: people('corp_pc2') }),
    host('pc', 'corp_laptop1', 10, 13, { users: people('corp_laptop1'), accessPoint: `${site.name}_corp_ap1` }),
    host('access-point', 'corp_ap1', 10, 20, { fixed: true }),
    host('printer', 'corp_printer1', 10, 30, { fixed: true, services: [{ name: 'ipp', port: 631 }] }),
    host('camera', 'iot_cam1', 30, 11),
    host('guest', 'guest1', 40, 11, { users: people('guest1') }),
  ];
}
