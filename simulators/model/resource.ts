/** Finds what a resource name stands for in a topology, and which names of a kind exist (for refusals that help). */
import {
  circuitName,
  interfaceName,
  nodeName,
  parseResource,
  type ResourceKind,
} from '../../protocols/device/names.ts';
import type { FaultPlace } from './fault.ts';
import { type Circuit, type DeviceRef, ModelError } from './network.ts';
import { tenantOf, type World } from './world.ts';

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
      return nodes.flatMap((node) =>
        node.config.role === 'hub'
          ? []
          : [...new Set((node.config.bgp?.neighbors ?? []).map((one) => one.peer))].map((peer) =>
              at(`session/bgp/${peer}--${node.ref.device}`, node.ref),
            ),
      );
    default:
      return [];
  }
}

/** Throws `RESOURCE_UNKNOWN` for a name that the tenant does not have, `KIND_UNFIT` for a kind that is not asked for. */
export function findPlace(world: World, tenant: string, resource: string, kinds: readonly ResourceKind[]): FaultPlace {
  const kind = parseResource(resource)?.kind;
  const known = world.tenants.has(tenant) && kind !== undefined ? placesOfKind(world, tenant, kind) : [];
  const place = known.find((one) => one.resource === resource);
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
