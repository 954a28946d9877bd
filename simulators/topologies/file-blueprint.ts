/** Turns a topology file into a blueprint: addresses are dealt out in the order of the file, so that it is stable. */
import type { Color } from '../../protocols/device/config.ts';
import { formatAddress, parsePrefix } from '../model/address.ts';
import type { LanRouter } from '../model/network.ts';
import { PUBLIC_RESOLVER } from './addressing.ts';
import type { Address, Blueprint, Side, TunnelEnd } from './blueprint.ts';
import { branchPairs, CONTROLLERS, checkNames, hubsOf, lanPlan, namesOf, pairs, readTransports } from './file-sites.ts';
import { branchHosts, EXTERNALS, hubHosts, secondHubHosts } from './hosts.ts';
import { type BranchEntry, refuse, type TopologyFile } from './topology-file.ts';

/** First private 32-bit AS number (RFC 6996). */
const FIRST_AS = 4_200_000_000;

export interface FileOptions {
  readonly tenant: string;
  readonly seed: number | string;
  /** Position of the tenant in its installation: tenants take turns in the WAN range. */
  readonly tenantIndex: number;
}

/** Throws `ModelError` `TOPOLOGY_INVALID` with the place for anything that does not fit together. */
export function fileBlueprint(file: TopologyFile, { tenant, seed, tenantIndex }: FileOptions): Blueprint {
  checkNames(file);
  const transports = readTransports(file);
  const wan = dealer(file.addressing.wan, 4, 'addressing.wan');
  // Tenants share the providers' networks, so each begins behind the others'.
  for (let skipped = 0; skipped < tenantIndex * WAN_ROOM; skipped += 1) wan();
  const overlay = dealer(file.addressing.overlay, 2, 'addressing.overlay');
  const system = dealer(file.addressing.system, 1, 'addressing.system');
  const lans = lanPlan(file);
  const ports = (colors: readonly Color[]): Side['wan'] =>
    new Map([...transports.keys()].filter((one) => colors.includes(one)).map((one) => [one, circuitAddress(wan())]));

  const controllers = CONTROLLERS.map((device) => ({
    device,
    wan: circuitAddress(wan()),
    systemIp: formatAddress(system()),
  }));
  const hubs = file.hubs.map(
    (hub): Side => ({
      device: hub.device ?? `${hub.name}_edge`,
      role: 'hub',
      siteId: hub.id,
      site: hub.name,
      systemIp: formatAddress(system()),
      asn: hub.asn ?? FIRST_AS + hub.id,
      place: 0,
      paired: false,
      wan: ports(hub.transports),
      lan: lans(hub.id),
      routers: [],
      prefers: [],
    }),
  );
  const hubOf = new Map(hubs.map((side) => [side.site, side]));
  const branches = file.branches.map((branch, at) => {
    const wanted = hubsOf(file, branch, at);
    const sides = namesOf(branch).map(
      (device, place): Side => ({
        device,
        role: 'edge',
        siteId: branch.id,
        site: branch.name,
        systemIp: formatAddress(system()),
        asn: branch.asn ?? FIRST_AS + branch.id,
        place,
        paired: namesOf(branch).length > 1,
        wan: ports(branch.transports),
        lan: lans(branch.id),
        routers: branch.core_router ? [coreRouter(tenant, branch, lans(branch.id))] : [],
        prefers: wanted.map((name) => hubOf.get(name)?.device ?? ''),
      }),
    );
    return { branch, sides, hubs: wanted.flatMap((name) => hubOf.get(name) ?? []) };
  });

  // Both ends of a /31 (RFC 3021).
  const join = (a: Side, b: Side, colors: readonly (readonly [Color, Color])[]): readonly Tunnel[] =>
    colors.map(([near, far]) => {
      const base = overlay();
      return [
        { side: a, color: near, address: formatAddress(base) },
        { side: b, color: far, address: formatAddress(base + 1) },
      ];
    });
  const tunnels = [
    ...pairs(hubs).flatMap(([a, b]) => join(a, b, common(a, b))),
    ...branches.flatMap(({ sides, hubs: wanted }) =>
      sides.flatMap((side) =>
        wanted.flatMap((hub, at) => join(side, hub, [...common(side, hub), ...lastResort(side, hub, at)])),
      ),
    ),
    ...branchPairs(file, branches).flatMap(([a, b]) =>
      a.sides.flatMap((one) => b.sides.flatMap((other) => join(one, other, common(one, other)))),
    ),
  ];
  const [first, ...others] = hubs;
  if (first === undefined) throw refuse('hubs', 'give at least one');
  return {
    tenant,
    seed: String(seed),
    transports,
    sides: [...hubs, ...branches.flatMap(({ sides }) => sides)],
    tunnels,
    summary: file.addressing.summary,
    services: {
      resolver: first.lan(20, 53),
      publicResolver: PUBLIC_RESOLVER,
      dhcp: first.lan(20, 67),
      ntp: first.lan(20, 123),
    },
    hosts: [
      ...hubHosts(tenant, first),
      ...others.flatMap((hub) => secondHubHosts(tenant, hub)),
      ...branches.flatMap(({ sides: [side] }) => (side === undefined ? [] : branchHosts(tenant, side, String(seed)))),
    ],
    externals: EXTERNALS,
    controllers,
  };
}

type Tunnel = readonly [TunnelEnd, TunnelEnd];
/** Circuits that a tenant has room for before the next one's begin. */
const WAN_ROOM = 4_096;

/** Deals out the first addresses of blocks of `step`. */
function dealer(prefix: string, step: number, place: string): () => number {
  const parsed = parsePrefix(prefix);
  if (parsed === undefined) throw refuse(place, `${prefix} is not a prefix`);
  const end = parsed.network + 2 ** (32 - parsed.length);
  let next = parsed.network + step;
  return () => {
    if (next + step > end) throw refuse(place, `${prefix} is too small for this network`);
    next += step;
    return next - step;
  };
}

/** The device's side of a /30, whose first address is the provider's. */
const circuitAddress = (base: number): Address => ({ address: formatAddress(base + 2), prefixLength: 30 });

/** Colours that both have; the last resort is not meshed. */
const common = (a: Side, b: Side): readonly (readonly [Color, Color])[] =>
  [...a.wan.keys()].flatMap((color) => (color !== 'lte' && b.wan.has(color) ? [[color, color] as const] : []));

/** Cellular reaches the preferred hub over the internet. */
const lastResort = (side: Side, hub: Side, at: number): readonly (readonly [Color, Color])[] =>
  at === 0 && side.wan.has('lte') && hub.wan.has('biz-internet') ? [['lte', 'biz-internet']] : [];

function coreRouter(tenant: string, branch: BranchEntry, lan: Side['lan']): LanRouter {
  const address = lan(10, 254);
  return {
    tenant,
    name: `${branch.name}_core`,
    site: branch.name,
    device: namesOf(branch)[0] ?? '',
    interface: 'ge0/2',
    address,
    routerId: address,
    area: '0.0.0.0',
    subnets: [`${lan(11, 0)}/24`, `${lan(12, 0)}/24`],
  };
}
