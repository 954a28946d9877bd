/** End systems of the reference network, and what is beyond its providers. */
import type { ExternalService, Host } from '../model/network.ts';
import { noise } from '../model/seeded-noise.ts';
import { PUBLIC_RESOLVER } from './addressing.ts';
import type { Side } from './blueprint.ts';

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

/** What a server of a hub is; its address is the last octet in the hub's server LAN. */
const SERVERS: readonly (readonly [name: string, last: number, kind: Host['kind'], services: Host['services']])[] = [
  ['srv1', 10, 'server', [{ name: 'erp', port: 443 }]],
  ['dns', 53, 'server', [{ name: 'dns', port: 53 }]],
  ['voice', 60, 'server', [{ name: 'sip', port: 5060 }]],
  ['dhcp', 67, 'server', [{ name: 'dhcp', port: 67 }]],
  ['backup', 80, 'server', [{ name: 'backup', port: 873 }]],
  ['ntp', 123, 'server', [{ name: 'ntp', port: 123 }]],
  ['poller', 161, 'poller', []],
  ['scanner', 200, 'scanner', []],
];

/** Servers of the first hub. */
export const hubHosts = (tenant: string, side: Pick<Side, 'site' | 'lan'>): readonly Host[] =>
  SERVERS.map(([name, last, kind, services]) => ({
    tenant,
    name: `${side.site}_${name}`,
    site: side.site,
    vrf: SERVER_VRF,
    address: side.lan(SERVER_VRF, last),
    services,
    kind,
    fixed: true,
    users: 0,
  }));

/** A further hub has a second resolver. */
export const secondHubHosts = (tenant: string, side: Pick<Side, 'site' | 'lan'>): readonly Host[] =>
  hubHosts(tenant, side).filter((host) => host.name.endsWith('_dns'));

const SERVER_VRF = 20;

const NO_SERVICES: Host['services'] = [];
const PRINTING: Host['services'] = [{ name: 'ipp', port: 631 }];

/** People, things and guests of a branch; `users` is how many people a host stands for. */
export function branchHosts(tenant: string, { site, lan }: Pick<Side, 'site' | 'lan'>, seed: string): readonly Host[] {
  const people = (name: string): number => 5 + Math.floor(26 * noise(seed, 'users', tenant, site, name));
  const host = (
    kind: Host['kind'],
    name: string,
    vrf: number,
    last: number,
    { services = NO_SERVICES, fixed = false, users = 0 }: Partial<Host> = {},
  ): Host => ({ tenant, name: `${site}_${name}`, site, vrf, address: lan(vrf, last), services, kind, fixed, users });
  return [
    host('pc', 'corp_pc1', 10, 11, { users: people('corp_pc1') }),
    host('pc', 'corp_pc2', 10, 12, { users: people('corp_pc2') }),
    {
      ...host('pc', 'corp_laptop1', 10, 13, { users: people('corp_laptop1') }),
      accessPoint: `${site}_corp_ap1`,
    },
    host('access-point', 'corp_ap1', 10, 20, { fixed: true }),
    host('printer', 'corp_printer1', 10, 30, { fixed: true, services: PRINTING }),
    host('camera', 'iot_cam1', 30, 11),
    host('guest', 'guest1', 40, 11, { users: people('guest1') }),
  ];
}
