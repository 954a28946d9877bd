/** Who is where: hosts by site and by the service that they offer, indexed once for a tenant. */
import type { ExternalService, Host } from '../network.ts';
import type { Tenant, World } from '../world.ts';

interface HostIndex {
  readonly bySite: ReadonlyMap<string, readonly Host[]>;
  /** First host that offers a service of this name. */
  readonly byService: ReadonlyMap<string, Host>;
}

const INDICES = new WeakMap<Tenant, HostIndex>();

function indexOf(tenant: Tenant): HostIndex {
  const known = INDICES.get(tenant);
  if (known !== undefined) return known;
  const bySite = new Map<string, Host[]>();
  const byService = new Map<string, Host>();
  for (const host of tenant.hosts.values()) {
    const there = bySite.get(host.site);
    if (there === undefined) bySite.set(host.site, [host]);
    else there.push(host);
    for (const { name } of host.services) if (!byService.has(name)) byService.set(name, host);
  }
  const index = { bySite, byService };
  INDICES.set(tenant, index);
  return index;
}

/** Hosts of a site, in the order of the topology. */
export const hostsOfSite = (tenant: Tenant, site: string): readonly Host[] => indexOf(tenant).bySite.get(site) ?? [];

/** The first host that offers a service by this name, e.g. `erp`. */
export const hostOfService = (tenant: Tenant, service: string): Host | undefined =>
  indexOf(tenant).byService.get(service);

/** A service on the internet by its name. */
export function externalByName(world: World, name: string): ExternalService | undefined {
  for (const service of world.externals.values()) if (service.name === name) return service;
  return undefined;
}
