/** Finds what a resource name stands for in a topology, and which names of a kind exist (for refusals that help). */
import type { DeviceConfig } from '../../protocols/device/config.ts';
import {
  bgpSessionName,
  circuitName,
  interfaceName,
  nodeName,
  parseResource,
  policyName,
  type ResourceKind,
  tunnelName,
} from '../../protocols/device/names.ts';
import type { FaultPlace } from './fault.ts';
import { type Circuit, type DeviceRef, ModelError } from './network.ts';
import { type DeviceNode, nodeOf, tenantOf, type World } from './world.ts';

const MAX_LISTED = 12;

/** `link/br1_edge:ge0/0--isp1_core:br1`: an access circuit by its two ends. */
export const linkName = (circuit: Circuit, site: string): string =>
  `link/${circuit.device}:${circuit.interface}--${circuit.provider}:${site}`;

/** Every place of these kinds that a tenant has. */
export function listPlaces(world: World, tenant: string, kinds: readonly ResourceKind[]): readonly FaultPlace[] {
  return kinds.flatMap((kind) => placesOfKind(world, tenant, kind));
}

function placesOfKind(world: World, tenant: string, kind: ResourceKind): readonly FaultPlace[] {
  const { nodes, hosts } = tenantOf(world, tenant);
  const at = (resource: string, device: DeviceRef, rest: Partial<FaultPlace> = {}): FaultPlace => ({
    ...rest,
    tenant,
    resource,
    kind,
    device,
  });
  switch (kind) {
    case 'node': {
      const providers = [...world.circuitsByProvider].filter(([, all]) => all.some((one) => one.tenant === tenant));
      return [
        ...nodes.map((node) => at(nodeName(node.ref.device), node.ref)),
        ...providers.map(([provider]) => ({ tenant, resource: nodeName(provider), kind, provider })),
        // The poller is a host that people speak of as a node.
        ...[...hosts.values()].flatMap((host) =>
          host.kind === 'poller' ? [{ tenant, resource: nodeName(host.name), kind, host: host.name }] : [],
        ),
      ];
    }
    case 'controller':
      return nodes
        .filter((node) => node.config.role === 'controller')
        .map((node) => at(`controller/${node.ref.device}`, node.ref));
    case 'host':
      return [...hosts.values()].map((host) => ({ tenant, resource: `host/${host.name}`, kind, host: host.name }));
    case 'interface':
      return nodes.flatMap((node) =>
        node.config.interfaces.map((port) =>
          at(interfaceName(node.ref.device, port.name), node.ref, { interface: port.name }),
        ),
      );
    case 'link':
    case 'circuit':
      return nodes.flatMap((node) =>
        [...node.circuits.values()].map((circuit) => {
          const { site } = node.config;
          const name = kind === 'link' ? linkName(circuit, site) : circuitName(site, circuit.color);
          return at(name, node.ref, { interface: circuit.interface, provider: circuit.provider });
        }),
      );
    case 'session':
      return nodes.flatMap((node) => (node.config.role === 'hub' ? [] : sessionsOf(node)));
    case 'tunnel':
      return nodes.flatMap((node) => tunnelsOf(node).filter((place) => isFirstEnd(place, node)));
    case 'policy':
      return nodes.flatMap((node) =>
        policiesOf(node.config).map((policy) => at(policyName(node.ref.device, policy), node.ref, { policy })),
      );
    default:
      return [];
  }
}

const sessionsOf = ({ ref, config }: DeviceNode): readonly FaultPlace[] =>
  [...new Set((config.bgp?.neighbors ?? []).map((one) => one.peer))].map((peer) => ({
    tenant: ref.tenant,
    resource: bgpSessionName(ref.device, peer),
    kind: 'session',
    device: ref,
    peer,
  }));

/** Every tunnel end of a device, by the name of its tunnel. */
const tunnelsOf = ({ ref, config }: DeviceNode): readonly FaultPlace[] =>
  config.tunnels.map(({ name, color, peer, peerColor }) => ({
    tenant: ref.tenant,
    resource: tunnelName(ref.device, color, peer, peerColor),
    kind: 'tunnel',
    device: ref,
    tunnels: [name],
    peer,
  }));

/** A tunnel is at the device that its name begins with. */
const isFirstEnd = ({ resource }: FaultPlace, { ref }: DeviceNode): boolean =>
  resource.startsWith(`tunnel/${ref.device}:`);

/** Policies that a device has by name, whether one list of the configuration holds them or several leaves. */
function policiesOf(config: DeviceConfig): readonly string[] {
  return [
    ...(config.bgp === undefined ? [] : ['overlay-in', 'overlay-out']),
    ...config.accessLists.map((one) => one.name),
    ...config.qos.map((one) => one.name),
    ...config.bfd.map((one) => `bfd-${one.color}`),
    ...new Set(config.vrfLeaks.map((one) => one.name)),
    ...config.appRoutes.map((one) => `approute-${one.name}`),
    ...config.nat.map((one) => `nat-${one.name}`),
    ...config.dhcp.map((one) => `dhcp-${one.name}`),
  ];
}

/**
 * Ports by their names, and tunnel interfaces: `tun-mpls-hub1_edge`, the same without the end of the device's name, and
 * `tun-br1` for all tunnels to a site.
 */
function findTunnelInterface(world: World, tenant: string, resource: string): FaultPlace | undefined {
  const [, device = '', rest = ''] = /^interface\/([^/]+)\/tun-(.+)$/.exec(resource) ?? [];
  const node = nodeOf(world, tenant, device);
  if (node === undefined) return undefined;
  const siteOf = (peer: string): string => nodeOf(world, tenant, peer)?.config.site ?? peer;
  const ends = node.config.tunnels.filter(
    ({ name, color, peer }) =>
      name === `tun-${rest}` || rest === `${color}-${siteOf(peer)}` || rest === peer || rest === siteOf(peer),
  );
  const [first] = ends;
  if (first === undefined) return undefined;
  return {
    tenant,
    resource,
    kind: 'interface',
    device: node.ref,
    tunnels: ends.map((end) => end.name),
    peer: first.peer,
  };
}

/** Throws `RESOURCE_UNKNOWN` for a name that the tenant does not have, `KIND_UNFIT` for a kind that is not asked for. */
export function findPlace(world: World, tenant: string, resource: string, kinds: readonly ResourceKind[]): FaultPlace {
  const kind = parseResource(resource)?.kind;
  const known = world.tenants.has(tenant) && kind !== undefined ? placesOfKind(world, tenant, kind) : [];
  const place = known.find((one) => one.resource === resource) ?? findTunnelInterface(world, tenant, resource);
  if (place === undefined) {
    const hint = known.length > 0 ? `; known: ${listNames(known)}` : '';
    throw new ModelError('RESOURCE_UNKNOWN', `tenant ${tenant} has no ${resource}${hint}`);
  }
  if (!kinds.includes(place.kind)) {
    const fitting = listNames(listPlaces(world, tenant, kinds));
    throw new ModelError('KIND_UNFIT', `${resource} is a ${place.kind}; needs ${kinds.join(' or ')}: ${fitting}`);
  }
  return place;
}

/** Names for an error message: the first dozen, and how many more there are. */
export function listNames(places: readonly FaultPlace[]): string {
  const names = places.slice(0, MAX_LISTED).map((place) => place.resource);
  return places.length > MAX_LISTED ? `${names.join(', ')} and ${places.length - MAX_LISTED} more` : names.join(', ');
}
