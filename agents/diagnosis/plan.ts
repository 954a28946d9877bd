/** What a diagnosis can ask: each read with the features that it shows and what it costs. */
import type { Json } from '../../broker/contract.ts';
import type { NetworkMap } from './network-map.ts';
import { PEOPLE_VRF } from './places.ts';

/** One call of a tool, with everything resolved. */
export interface PlannedRead {
  readonly key: string;
  readonly domain: 'inventory' | 'diagnostics';
  readonly tool: string;
  readonly devices: readonly string[];
  readonly input: { readonly [name: string]: Json };
  /** Relative cost: probes send traffic. */
  readonly cost: number;
  /** Beginnings of the names of the features that it can show. */
  readonly features: readonly string[];
}

/** Newest events that are read first. */
export const LAST_EVENTS = 500;
/** Flow records that are summed up (milliseconds). */
const FLOWS_MS = 900_000;
const PROBE_COST = 1.5;
/** The colours of the last resort, and of the tunnels that it joins (docs/topologies.md). */
const LAST_RESORT = 'lte';
const INTERNET = 'biz-internet';
/** Sites whose people are asked how the business application does: a probe from each host. */
const PROBED_SITES = 10;

/** The application whose name and server stand for the business when a question names none. */
const BUSINESS = 'erp';

/** Each WAN port of the devices by itself, to a hub behind the same provider; cellular ones reach the internet. */
function linesOf(map: NetworkMap, devices: readonly string[]) {
  const addressAt = (hub: string, color: string): string | undefined =>
    map.circuitOf(hub, color)?.address ?? (color === LAST_RESORT ? map.circuitOf(hub, INTERNET)?.address : undefined);
  return devices.flatMap((device) =>
    map.circuitsOf(device).flatMap(({ interface: source, color }) => {
      const [destination] = map.hubs.flatMap((hub) => addressAt(hub, color) ?? []);
      return destination === undefined ? [] : [{ device, source, destination }];
    }),
  );
}

/**
 * All reads that make sense for a network, for the devices given, as of `now`. Where these are a part of the network, hubs
 * tell of what they have with these devices: all that a hub has with a thousand sites is more than one call may bring.
 */
export function planReads(
  map: NetworkMap,
  devices: readonly string[],
  now: number,
  service: string = BUSINESS,
): readonly PlannedRead[] {
  const isPart = devices.length < map.inventory.devices.length;
  const routers = devices.filter((name) => map.device(name)?.role !== 'controller');
  const edges = routers.filter((name) => map.device(name)?.role === 'edge');
  const read = (
    key: string,
    tool: string,
    of: readonly string[],
    features: readonly string[],
    rest: Partial<PlannedRead> = {},
  ): PlannedRead => ({ key, domain: 'diagnostics', tool, devices: of, input: {}, cost: 1, features, ...rest });
  const among = isPart ? { input: { peers: [...routers] } } : {};
  // What tunnel ports show is seen at the tunnels.
  const noTunnels = { input: { tunnels: false } };
  const [server] = map.serversOf(service).flatMap((name) => map.host(name) ?? []);
  const served = server?.services.find(({ name }) => name === service);
  const port = served?.port ?? 443;
  const resolvers = map
    .serversOf('dns')
    .flatMap((name) => map.host(name)?.address ?? [])
    .slice(0, 4);
  const probed = edges.slice(0, PROBED_SITES);
  const probe = (
    key: string,
    tool: string,
    of: readonly string[],
    features: readonly string[],
    input: PlannedRead['input'],
  ) => (of.length === 0 ? [] : [read(key, tool, of, features, { input, cost: PROBE_COST })]);
  return [
    read('events', 'events.read', [], ['event'], { input: { last: LAST_EVENTS } }),
    read('system', 'system.read', devices, [
      'reach',
      'answers',
      'process',
      'memory',
      'cpu',
      'clock',
      'certificate',
      'sessions',
      'uptime',
      'hardware',
      'time-server',
      'login',
      'control',
      'omp',
      'version',
    ]),
    read('drift', 'config.diff', devices, ['sync', 'cfg']),
    read('filters', 'acl.read', routers, ['acl']),
    read(
      'tunnels',
      'tunnels.read',
      routers,
      ['bfd', 'sa', 'transitions', 'replay', 'auth-drops', 'last-resort', 'bfd-interval', 'loss', 'delay', 'jitter'],
      among,
    ),
    read('ports', 'interfaces.read', routers, ['oper', 'admin', 'mtu', 'errors', 'drops', 'port'], noTunnels),
    read('statistics', 'statistics.read', routers, ['score', 'use', 'promise', 'queue'], noTunnels),
    read('lan', 'lan.read', routers, ['leases', 'offers', 'nat', 'arp', 'half-open', 'ospf', 'vrrp']),
    read('flows', 'flows.read', [], ['traffic', 'rhythm', 'mark', 'volume'], {
      input: {
        from: new Date(now - FLOWS_MS).toISOString(),
        until: new Date(now).toISOString(),
        ...(isPart && edges.length > 0 ? { exporters: [...edges] } : {}),
      },
    }),
    read('hosts', 'hosts.read', [], ['server']),
    read('records', 'inventory.records', [], ['record', 'known'], { domain: 'inventory' }),
    read('sessions', 'bgp.read', routers, ['bgp', 'prefixes'], among),
    ...(map.inventory.circuits.some(({ color }) => color === 'lte')
      ? [
          read(
            'cellular',
            'lte.read',
            [
              ...new Set(map.inventory.circuits.filter(({ color }) => color === 'lte').map(({ device }) => device)),
            ].filter((device) => devices.includes(device)),
            ['lte'],
          ),
        ]
      : []),
    ...(resolvers.length === 0 || served?.dnsName === undefined
      ? []
      : probe('names', 'probe.dns', probed, ['dns'], {
          vrf: PEOPLE_VRF,
          resolvers,
          name: served.dnsName,
          from: 'device',
        })),
    ...(server === undefined
      ? []
      : [
          ...probe('people', 'probe.http', probed, ['fetch-small.host'], {
            vrf: PEOPLE_VRF,
            destination: server.address,
            port,
            object: 'small',
            from: 'hosts',
          }),
          ...probe('bulk', 'probe.http', probed, ['fetch-large.device'], {
            vrf: PEOPLE_VRF,
            destination: server.address,
            port,
            object: 'large',
            from: 'device',
          }),
          ...probe('size', 'probe.df-size', probed, ['size'], {
            vrf: PEOPLE_VRF,
            destination: server.address,
            lines: linesOf(map, probed),
          }),
        ]),
  ];
}
