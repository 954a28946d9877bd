/** Places: every resource that can bear a fault, with what decides how the rest of the network relates to it. */
import type { NetworkMap } from './network-map.ts';
import { type Entity, NORMAL, type Observation } from './observation.ts';
import { readTunnelEnds } from './tunnel-ends.ts';

export interface Place {
  /** Tenant-relative name, in the form of the incident catalogue. */
  readonly resource: string;
  /** What it is, by role: `node.edge`, `circuit.hub`, `port.lan.edge`, `host.server`, `policy.qos-wan`, … */
  readonly kind: string;
  readonly device?: string;
  readonly port?: string;
  readonly color?: string;
  readonly provider?: string;
  readonly peer?: string;
  readonly peerColor?: string;
  readonly host?: string;
  readonly site?: string;
  readonly vrf?: number;
  readonly policy?: string;
  readonly application?: string;
}

/** Hubs with servers are another matter than those that only carry: everybody misses them at once. */
function roleOf(map: NetworkMap, device: string): string {
  const known = map.device(device);
  if (known?.role !== 'hub') return known?.role ?? 'edge';
  return map.servingSites.has(known.site) ? 'hub.servers' : 'hub';
}

/** Names of policies by what they are for: the part that is a colour, pool or application is left out. */
function policyKind(name: string): { readonly kind: string; readonly color?: string; readonly application?: string } {
  const [, color] = /^bfd-(.+)$/.exec(name) ?? [];
  if (color !== undefined) return { kind: 'bfd', color };
  const [, application] = /^approute-(.+)$/.exec(name) ?? [];
  if (application !== undefined) return { kind: 'approute', application };
  return { kind: name.startsWith('vrf-leak') ? 'vrf-leak' : name };
}

/** A policy of a device as a place. */
function policyPlace(map: NetworkMap, device: string, name: string): Place {
  const { kind, ...rest } = policyKind(name);
  const site = map.device(device)?.site;
  const role = roleOf(map, device);
  return {
    resource: `policy/${device}/${name}`,
    kind: `policy.${kind}.${role}`,
    device,
    policy: name,
    ...(site === undefined ? {} : { site }),
    ...rest,
  };
}

/** VRF in which the people of a site work (`protocols/device/config.ts`). */
export const PEOPLE_VRF = 10;

/** Circuits of the last resort are idle while others work, and look otherwise in every respect. */
const lastResort = (color: string): string => (color === 'lte' ? '.last-resort' : '');

/** Reads a resource name as a place; undefined for one that nothing here knows. */
export function placeOf(map: NetworkMap, resource: string): Place | undefined {
  const [, kind = '', rest = ''] = /^(\w+)\/(.+)$/.exec(resource) ?? [];
  const site = (device: string) => {
    const found = map.device(device)?.site;
    return found === undefined ? {} : { site: found };
  };
  const portPlace = (device: string, port: string, form: string): Place => {
    const circuit = map.circuitAt(device, port);
    return {
      resource,
      kind: `${form}${circuit === undefined ? '.lan' : lastResort(circuit.color)}.${roleOf(map, device)}`,
      device,
      port,
      ...site(device),
      ...(circuit === undefined ? {} : { color: circuit.color, provider: circuit.provider }),
    };
  };
  switch (kind) {
    case 'node': {
      const device = map.device(rest);
      if (device) return { resource, kind: `node.${roleOf(map, rest)}`, device: rest, site: device.site };
      const [carried] = map.circuitsBy(rest);
      if (carried !== undefined) return { resource, kind: `node.provider${lastResort(carried.color)}`, provider: rest };
      const host = map.host(rest);
      return host && { resource, kind: 'node.host', host: rest, site: host.site, vrf: host.vrf };
    }
    case 'controller':
      return map.device(rest) && { resource, kind: 'controller', device: rest, ...site(rest) };
    case 'interface': {
      const [, device = '', port = ''] = /^([^/]+)\/(.+)$/.exec(rest) ?? [];
      if (map.device(device) === undefined) return undefined;
      const [far] = port.startsWith('tun-') ? map.devicesAt(port.slice('tun-'.length)) : [];
      if (far !== undefined)
        return { resource, kind: `tunnels.${roleOf(map, device)}`, device, peer: far.name, ...site(device) };
      return portPlace(device, port, 'port');
    }
    case 'link': {
      const [, device = '', port = ''] = /^([^:]+):(.+?)--/.exec(rest) ?? [];
      return map.device(device) && portPlace(device, port, 'port');
    }
    case 'circuit': {
      const [, place = '', color = ''] = /^([^/]+)\/(.+)$/.exec(rest) ?? [];
      const [circuit] = [...map.devicesAt(place).map(({ name }) => name), place].flatMap(
        (name) => map.circuitOf(name, color) ?? [],
      );
      return circuit && portPlace(circuit.device, circuit.interface, 'circuit');
    }
    case 'tunnel': {
      const [, device = '', color = '', peer = '', peerColor = ''] =
        /^([^:]+):([^:]+)--([^:]+):([^:]+)$/.exec(rest) ?? [];
      // What the tunnels of servers carry is missed at once, by whoever is at the other end: names begin with either.
      const serves = (name: string): boolean => map.servingSites.has(map.device(name)?.site ?? '');
      const idle = lastResort(color) || lastResort(peerColor);
      const carries = serves(device) ? '.of-servers' : serves(peer) ? '.to-servers' : '';
      const form = `tunnel${idle === '' ? carries : idle}`;
      return map.device(device) && { resource, kind: form, device, color, peer, peerColor, ...site(device) };
    }
    case 'session': {
      const [, first = '', second = ''] = /^bgp\/(.+?)--(.+)$/.exec(rest) ?? [];
      // A session is the branch's with its hub, whichever is named first.
      const isHub = (name: string): boolean => map.device(name)?.role === 'hub';
      const [device, peer] = isHub(second) && !isHub(first) ? [first, second] : [second, first];
      return map.device(device) && { resource, kind: 'session', device, peer, ...site(device) };
    }
    case 'policy': {
      const [, device = '', name = ''] = /^([^/]+)\/(.+)$/.exec(rest) ?? [];
      return map.device(device) && policyPlace(map, device, name);
    }
    case 'host': {
      const host = map.host(rest);
      if (host === undefined) return undefined;
      // People of the business, and all else that stands about: guests, cameras, what only watches.
      const who = host.vrf === PEOPLE_VRF ? 'user' : 'thing';
      const what = host.services.some(({ name }) => name !== 'ipp') ? host.services[0]?.name : who;
      // A resolver away from the servers is the second one of most: few miss it.
      const apart = what === 'dns' && !map.servingSites.has(host.site) ? '.apart' : '';
      return { resource, kind: `host.${what}${apart}`, host: rest, site: host.site, vrf: host.vrf };
    }
    default:
      return undefined;
  }
}

/** Inventories do not say which host polls. Names may. */
const POLLERS = /poll|monitor|nms/i;

/** Hosts that may be the poller: those named so, else those that serve nobody among the servers and are no known scanner. */
function findPollers({ inventory }: NetworkMap, observations: readonly Observation[]): readonly string[] {
  const named = inventory.hosts.filter(({ name }) => POLLERS.test(name));
  if (named.length > 0) return named.map(({ name }) => name);
  const serverVrfs = new Set(
    inventory.hosts.flatMap(({ vrf, services }) => (services.some(({ name }) => name === 'dns') ? [vrf] : [])),
  );
  const scanners = new Set(
    observations.flatMap(({ feature, value, entity }) =>
      feature === 'known' && value === 'scanner' ? [entity.host] : [],
    ),
  );
  return inventory.hosts
    .filter(({ name, vrf, services }) => services.length === 0 && serverVrfs.has(vrf) && !scanners.has(name))
    .map(({ name }) => name);
}

/**
 * Sites of which something was observed: of all others, whatever could be wrong there shows nothing. What a large network
 * has beyond them costs nothing, however large it is.
 */
function seenSites(map: NetworkMap, observations: readonly Observation[]): ReadonlySet<string> {
  const sites = new Set<string>();
  for (const { entity, value } of observations) {
    const { device, peer, site, host } = entity;
    // Servers are asked everywhere at once; those that do well are no reason to look at their site.
    const far = value === NORMAL && host !== undefined && device === undefined;
    const names = [device, peer].flatMap((name) => (name === undefined ? [] : (map.device(name)?.site ?? [])));
    for (const name of [...names, ...(site === undefined || far ? [] : [site])]) sites.add(name);
  }
  return sites;
}

/** Names of every resource that what was read gives reason to think of, each as a place. */
export function findPlaces(map: NetworkMap, observations: readonly Observation[]): readonly Place[] {
  const names = new Set<string>();
  const sites = seenSites(map, observations);
  const isNear = (device: string): boolean => sites.has(map.device(device)?.site ?? '');
  for (const { name, role, site } of map.inventory.devices) {
    if (role !== 'controller' && !sites.has(site)) continue;
    names.add(role === 'controller' ? `controller/${name}` : `node/${name}`);
    if (role === 'controller') names.add(`node/${name}`);
    for (const { color } of map.circuitsOf(name)) {
      names.add(`policy/${name}/bfd-${color}`);
    }
    if (site !== '' && role !== 'controller') {
      for (const policy of ['overlay-in', 'overlay-out', 'qos-wan']) names.add(`policy/${name}/${policy}`);
    }
  }
  for (const { device, interface: port, provider, color } of map.inventory.circuits) {
    if (!isNear(device)) continue;
    names.add(`node/${provider}`);
    names.add(`interface/${device}/${port}`);
    names.add(`circuit/${map.device(device)?.site}/${color}`);
  }
  for (const { name, site, services } of map.inventory.hosts) {
    if (sites.has(site) || services.some((one) => one.name !== 'ipp')) names.add(`host/${name}`);
  }
  for (const name of findPollers(map, observations)) names.add(`node/${name}`);
  // Until sessions were read, tunnels say between whom there is one (tunnels are named branch first, sessions hub first).
  const hasSessions = observations.some(({ entity }) => entity.kind === 'session');
  for (const { entity, resource } of observations) {
    if (entity.kind === 'port' || entity.kind === 'tunnel' || entity.kind === 'session') names.add(resource);
    const far = entity.kind === 'tunnel' && entity.peer !== undefined ? map.device(entity.peer)?.site : undefined;
    if (far !== undefined) names.add(`interface/${entity.device}/tun-${far}`);
    const [near, other] = hasSessions ? [] : (readTunnelEnds(resource) ?? []);
    if (near !== undefined && other !== undefined) names.add(`session/bgp/${other.device}--${near.device}`);
    if (entity.policy !== undefined && entity.device !== undefined)
      names.add(`policy/${entity.device}/${entity.policy}`);
  }
  // A tunnel of which nothing is measured may still be configured otherwise than intended.
  for (const { entity } of observations.filter(({ feature }) => feature === 'cfg')) {
    const [name, reversed] = tunnelNames(entity);
    if (name !== undefined && reversed !== undefined && !names.has(reversed)) names.add(name);
  }
  return [...names].flatMap((name) => placeOf(map, name) ?? []);
}

/** A tunnel, named from the device that is spoken of and from its peer. */
function tunnelNames({ kind, device, color, peer, peerColor = color }: Entity): readonly string[] {
  if (kind !== 'tunnel' || device === undefined || peer === undefined) return [];
  const [near, far] = [`${device}:${color}`, `${peer}:${peerColor}`];
  return [`tunnel/${near}--${far}`, `tunnel/${far}--${near}`];
}
