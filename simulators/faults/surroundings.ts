/** What is around a host that a fault sits on: who shares its LAN, who serves it, and whom it can open sessions to. */
import type { DeviceConfig, InterfaceConfig } from '../../protocols/device/config.ts';
import { formatAddress, parsePrefix } from '../model/address.ts';
import type { FaultGround, FaultPlace } from '../model/fault.ts';
import { groupBy } from '../model/group-by.ts';
import type { DeviceRef, Host, HostKind, Topology } from '../model/network.ts';

interface Index {
  readonly byName: ReadonlyMap<string, Host>;
  readonly bySite: ReadonlyMap<string, readonly Host[]>;
  readonly devices: ReadonlyMap<string, Topology['devices']>;
}

const INDICES = new WeakMap<Topology, Index>();

function indexOf(topology: Topology): Index {
  const known = INDICES.get(topology);
  if (known !== undefined) return known;
  const index = {
    byName: new Map(topology.hosts.map((host) => [`${host.tenant}/${host.name}`, host])),
    bySite: groupBy(topology.hosts, (host) => `${host.tenant}/${host.site}`),
    devices: groupBy(topology.devices, ({ tenant, config }) => `${tenant}/${config.site}`),
  };
  INDICES.set(topology, index);
  return index;
}

/** The host of a place; undefined for anything else. */
export const hostOf = ({ tenant, host }: FaultPlace, { topology }: FaultGround): Host | undefined =>
  host === undefined ? undefined : indexOf(topology).byName.get(`${tenant}/${host}`);

/** True at hosts of these kinds. */
export const isHost =
  (...kinds: readonly HostKind[]) =>
  (place: FaultPlace, ground: FaultGround): boolean => {
    const host = hostOf(place, ground);
    return host !== undefined && (kinds.length === 0 || kinds.includes(host.kind));
  };

/** Hosts of a site, in the order of the topology. */
export const hostsAt = ({ topology }: FaultGround, tenant: string, site: string): readonly Host[] =>
  indexOf(topology).bySite.get(`${tenant}/${site}`) ?? [];

/** Other hosts of the same LAN. */
export const neighboursOf = (host: Host, ground: FaultGround): readonly Host[] =>
  hostsAt(ground, host.tenant, host.site).filter((one) => one.vrf === host.vrf && one.name !== host.name);

/** Edges of a site as they run now. */
const edgesAt = (ground: FaultGround, tenant: string, site: string): readonly DeviceConfig[] =>
  (indexOf(ground.topology).devices.get(`${tenant}/${site}`) ?? []).map((ref) => ground.config(ref));

const lansOf = (config: DeviceConfig): readonly InterfaceConfig[] =>
  config.interfaces.filter((port) => port.color === undefined && port.ipv4 !== undefined);

const prefixOf = ({ ipv4 }: InterfaceConfig): string => `${ipv4?.address ?? ''}/${ipv4?.prefixLength ?? 32}`;

/** Subnet of a host's LAN; undefined where no edge has a port in it. */
export const lanPrefix = (host: Host, ground: FaultGround): string | undefined =>
  edgesAt(ground, host.tenant, host.site)
    .flatMap(lansOf)
    .filter((port) => port.vrf === host.vrf)
    .map(prefixOf)[0];

/** Subnet of another LAN of the host's site, which its own must not reach. */
export const forbiddenPrefix = (host: Host, ground: FaultGround): string | undefined =>
  edgesAt(ground, host.tenant, host.site)
    .flatMap(lansOf)
    .filter((port) => port.vrf !== host.vrf)
    .map(prefixOf)[0];

/** Addresses that a host's LAN knows its edge by. */
export const gatewaysOf = (host: Host, ground: FaultGround): readonly string[] =>
  edgesAt(ground, host.tenant, host.site).flatMap((config) => {
    const ports = lansOf(config).filter((port) => port.vrf === host.vrf);
    const virtual = config.vrrp.filter((group) => ports.some((port) => port.name === group.interface));
    return virtual.length > 0
      ? virtual.map((group) => group.virtualAddress)
      : ports.map((port) => port.ipv4?.address ?? '');
  });

/** The address `fromTop` below the broadcast address of a subnet: 1 is .254 in a /24. */
export function highAddress(subnet: string, fromTop: number): string {
  const { network, length } = parsePrefix(subnet) ?? { network: 0, length: 32 };
  return formatAddress(network + 2 ** (32 - length) - 1 - fromTop);
}

/** True for the edge that only stands by where two share a LAN: no session of the site goes through it. */
export function standsBy(ref: DeviceRef, ground: FaultGround): boolean {
  const { vrrp, site, hostname } = ground.config(ref);
  return edgesAt(ground, ref.tenant, site).some(
    (other) =>
      other.hostname !== hostname &&
      other.vrrp.some((group) => vrrp.some((own) => own.group === group.group && own.priority < group.priority)),
  );
}

/** The first host of a tenant that offers a service, e.g. `erp`. */
export const serverOf = (tenant: string, service: string, { topology }: FaultGround): Host | undefined =>
  topology.hosts.find((one) => one.tenant === tenant && one.services.some((each) => each.name === service));

export interface Target {
  readonly address: string;
  readonly port: number;
}

/** A service that a host inside reaches over the overlay: at another site, the business application before others. */
export function targetInside(host: Host, { topology }: FaultGround): Target | undefined {
  let first: Target | undefined;
  for (const { tenant, site, address, services } of topology.hosts) {
    const [service] = services;
    if (tenant !== host.tenant || site === host.site || service === undefined) continue;
    if (service.name === 'erp') return { address, port: service.port };
    first ??= { address, port: service.port };
  }
  return first;
}

/** True in a LAN of its own, with a way to the internet and none to other sites: guests and things. */
export const isApart = (host: Host, ground: FaultGround): boolean =>
  edgesAt(ground, host.tenant, host.site).some(
    (config) =>
      config.role === 'edge' && config.breakouts.some((one) => one.vrf === host.vrf && one.application === undefined),
  );

const SECURE_WEB = 443;

/** What everybody browses: the service on the internet that such a LAN's sessions go to. */
export function targetOutside({ topology }: FaultGround): Target | undefined {
  const known = topology.externals.filter((one) => one.port === SECURE_WEB && !isUnknown(one.name));
  return known.find((one) => one.name.startsWith('web.')) ?? known[0];
}

/** Nobody here has a name for it. */
export const isUnknown = (name: string): boolean => name.startsWith('unknown-');

/** Where sessions of a host can go at all. */
export const targetOf = (host: Host, ground: FaultGround): Target | undefined =>
  isApart(host, ground) ? targetOutside(ground) : targetInside(host, ground);
