/** A network before its devices are configured: sites, transports, tunnels and addresses, of refnet or of a YAML file. */
import type { Color } from '../../protocols/device/config.ts';
import { groupBy } from '../model/group-by.ts';
import type { Circuit, ExternalService, Host, LanRouter, Topology } from '../model/network.ts';
import { controllerConfig } from './controller-config.ts';
import { deviceConfig, identityKeyOf } from './device-config.ts';

/** What circuits of one colour are like. */
export interface Transport {
  /** Name of the provider core. */
  readonly provider: string;
  /** Name of the WAN port. */
  readonly port: string;
  readonly onewayMs: number;
  readonly branchBps: number;
  readonly hubBps: number;
}

export interface Address {
  readonly address: string;
  readonly prefixLength: number;
}

/** One edge or hub. */
export interface Side {
  readonly device: string;
  readonly role: 'edge' | 'hub';
  readonly siteId: number;
  readonly site: string;
  readonly systemIp: string;
  readonly asn: number;
  /** Place among the edges of its site: 0 alone or first, 1 second. */
  readonly place: number;
  /** True when two edges share the site's LAN by VRRP. */
  readonly paired: boolean;
  /** WAN addresses, in the order of the ports. */
  readonly wan: ReadonlyMap<Color, Address>;
  /** Address in the LAN of a VRF, by its last octet. */
  lan(vrf: number, last: number): string;
  /** Routers in the site's LAN that it speaks OSPF with. */
  readonly routers: readonly LanRouter[];
  /** Devices it rather hears routes from, best first; others come after them, all alike. */
  readonly prefers: readonly string[];
}

export interface TunnelEnd {
  readonly side: Side;
  readonly color: Color;
  /** Overlay address. */
  readonly address: string;
}

/** Addresses of what every site is configured with. */
export interface Services {
  readonly resolver: string;
  readonly publicResolver: string;
  readonly dhcp: string;
  readonly ntp: string;
}

export interface Blueprint {
  readonly tenant: string;
  readonly seed: string;
  readonly transports: ReadonlyMap<Color, Transport>;
  readonly sides: readonly Side[];
  readonly tunnels: readonly (readonly [TunnelEnd, TunnelEnd])[];
  readonly services: Services;
  /** Prefix that covers every LAN; hubs announce it, so that branches find each other. */
  readonly summary: string;
  readonly hosts: readonly Host[];
  readonly externals: readonly ExternalService[];
  /** Director first, then the others, with the address of their only port. */
  readonly controllers: readonly { readonly device: string; readonly wan: Address; readonly systemIp: string }[];
}

/** Configures every device of a blueprint; the same blueprint gives the same topology. */
export function buildTopology(blueprint: Blueprint): Topology {
  const { tenant, seed, sides, transports } = blueprint;
  const keys = new Map<string, string>();
  const keyOf = (device: string): string => {
    const key = keys.get(device) ?? identityKeyOf(seed, tenant, device);
    keys.set(device, key);
    return key;
  };
  const ends = blueprint.tunnels.flatMap(([a, b]) => [
    { local: a, remote: b },
    { local: b, remote: a },
  ]);
  const byDevice = groupBy(ends, ({ local }) => local.side.device);
  return {
    providers: [...new Set([...transports.values()].map((one) => one.provider))],
    devices: [
      ...sides.map((side) => ({
        tenant,
        device: side.device,
        config: deviceConfig(side, byDevice.get(side.device) ?? [], blueprint, keyOf),
      })),
      ...blueprint.controllers.map((one, at) => ({
        tenant,
        device: one.device,
        config: controllerConfig(one, at === 0, keyOf(one.device)),
      })),
    ],
    circuits: sides.flatMap((side) => circuitsOf(tenant, side, transports)),
    hosts: blueprint.hosts,
    lanRouters: sides.flatMap((side) => (side.place === 0 ? side.routers : [])),
    externals: blueprint.externals,
  };
}

const circuitsOf = (tenant: string, side: Side, transports: Blueprint['transports']): readonly Circuit[] =>
  [...side.wan.keys()].flatMap((color) => {
    const transport = transports.get(color);
    if (transport === undefined) return [];
    const { provider, port, onewayMs, branchBps, hubBps } = transport;
    const capacityBps = side.role === 'hub' ? hubBps : branchBps;
    return [{ tenant, device: side.device, interface: port, color, provider, onewayMs, capacityBps }];
  });

/** Several tenants on the same provider cores. */
export function mergeTopologies(topologies: readonly Topology[]): Topology {
  return {
    providers: [...new Set(topologies.flatMap((one) => one.providers))],
    devices: topologies.flatMap((one) => one.devices),
    circuits: topologies.flatMap((one) => one.circuits),
    hosts: topologies.flatMap((one) => one.hosts),
    lanRouters: topologies.flatMap((one) => one.lanRouters),
    externals: [...new Map(topologies.flatMap((one) => one.externals).map((one) => [one.address, one])).values()],
  };
}
