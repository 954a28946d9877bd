/** Builds the world from a topology and keeps a device's cells in step with its configuration. */

import type { DeviceConfig, SlaClass, TunnelConfig } from '../../protocols/device/config.ts';
import { tunnelId } from '../../protocols/device/names.ts';
import { type Condition, conditionKey, placeOf } from './condition.ts';
import { EventQueue } from './event-queue.ts';
import { groupBy } from './group-by.ts';
import { beginAssociation } from './layers/ike.ts';
import { openMeters } from './meters.ts';
import type { Circuit, Topology } from './network.ts';
import { type Cell, type DeviceNode, type EndCell, nodeKey, type Tenant, type World } from './world.ts';

/** Devices have run for up to a year when the story begins. */
const OLDEST_BOOT_MS = 365 * 86_400_000;

/** What NTP leaves of a clock's error over a WAN. */
const CLOCK_SPREAD_MS = 10;

/** Between two samples of the statistics, as managers do by default: 10 minutes. */
export const STATISTICS_MS = 600_000;

/** Builds devices, links and indices; every cell still has to be put where it belongs (`converge`). */
export function buildWorld(
  topology: Topology,
  seed: string,
  startAt: number,
  conditions: readonly Condition[],
  fraction: (...parts: readonly string[]) => number,
): World {
  const world: World = {
    seed,
    clockSpreadMs: CLOCK_SPREAD_MS,
    now: startAt,
    queue: new EventQueue(),
    nodes: new Map(),
    tenants: new Map(),
    links: new Map(),
    vrrpGroups: new Map(),
    circuitsByProvider: groupBy(topology.circuits, (circuit) => circuit.provider),
    externals: new Map(topology.externals.map((service) => [service.address, service])),
    conditions: new Map(conditions.map((condition) => [conditionKey(condition), { condition, count: 1 }])),
    conditionsAt: groupBy(conditions, placeOf),
    dirty: new Set(),
    history: [],
    statisticsMs: STATISTICS_MS,
    relayReaches: () => true,
    listeners: new Set(),
  };
  const circuits = groupBy(topology.circuits, nodeKey);
  for (const { tenant, device, config } of topology.devices) {
    const ref = { tenant, device };
    const bootedAt = startAt - 86_400_000 - Math.floor(fraction('boot', nodeKey(ref)) * OLDEST_BOOT_MS);
    const node = createNode(nodeKey(ref), ref, config, bootedAt, startAt, circuits.get(nodeKey(ref)) ?? []);
    world.nodes.set(node.key, node);
    const owner = tenantFor(world, tenant);
    owner.nodes.push(node);
    const site = owner.sites.get(config.site);
    if (site === undefined) owner.sites.set(config.site, [node]);
    else site.push(node);
  }
  for (const host of topology.hosts) {
    const owner = tenantFor(world, host.tenant);
    owner.hosts.set(host.address, host);
    owner.hostsByName.set(host.name, host);
  }
  for (const router of topology.lanRouters) tenantFor(world, router.tenant).lanRouters.push(router);
  for (const node of world.nodes.values()) syncNode(world, node);
  return world;
}

function tenantFor(world: World, name: string): Tenant {
  const known = world.tenants.get(name);
  if (known !== undefined) return known;
  const tenant: Tenant = {
    name,
    events: [],
    lastSeq: 0,
    routeVersion: 0,
    originVersion: 0,
    rateVersion: 0,
    nodes: [],
    watched: new Set(),
    sites: new Map(),
    hosts: new Map(),
    hostsByName: new Map(),
    lanRouters: [],
    leases: new Map(),
  };
  world.tenants.set(name, tenant);
  return tenant;
}

function createNode(
  key: string,
  ref: DeviceNode['ref'],
  config: DeviceConfig,
  bootedAt: number,
  now: number,
  circuits: readonly Circuit[],
): DeviceNode {
  return {
    key,
    ref,
    intended: config,
    config,
    bootedAt,
    commits: [],
    logins: [],
    circuits: new Map(circuits.map((circuit) => [circuit.interface, circuit])),
    ports: new Map(),
    ends: new Map(),
    endByRemote: new Map(),
    sessions: new Map(),
    controls: new Map(),
    vrrp: new Map(),
    ospf: new Map(),
    processors: new Map(),
    alarms: new Map(),
    firewallAlarms: new Map(),
    poolsChanged: new Map(),
    peerKeys: new Map(),
    meters: openMeters(now, bootedAt),
  };
}

/** Creates the cells that the running configuration asks for and drops those it no longer has. */
export function syncNode(world: World, node: DeviceNode): void {
  const { config } = node;
  const since = world.now;
  node.peerKeys.clear();
  for (const { peer, key } of config.ipsec.peers) node.peerKeys.set(peer, key);

  // Cells are written out rather than spread: an engine gives every object that is put together another shape of its own.
  let highest = 0;
  for (const port of node.ports.values()) highest = Math.max(highest, port.index);
  arrange(world, node.ports, config.interfaces, nameOf, ({ name }) => {
    highest += 1;
    return { node, name, since, kind: 'port', value: 'down', index: highest };
  });

  syncTunnels(world, node);

  const neighbors = config.bgp?.neighbors ?? [];
  arrange(world, node.sessions, neighbors, addressOf, (neighbor) => {
    return { node, name: neighbor.address, since, kind: 'session', value: 'no-path', neighbor };
  });
  for (const neighbor of neighbors) {
    const session = node.sessions.get(neighbor.address);
    if (session !== undefined) session.neighbor = neighbor;
  }

  const wanted = config.controllers.flatMap((controller) =>
    config.interfaces.flatMap(({ color }) =>
      color === undefined ? [] : [{ name: `${controller}:${color}`, controller, color }],
    ),
  );
  arrange(world, node.controls, wanted, nameOf, ({ name, controller, color }) => {
    return { node, name, since, kind: 'control', value: 'timeout', controller, color };
  });

  arrange(world, node.ospf, config.ospf, portOf, ({ interface: name }) => {
    return { node, name, since, kind: 'ospf', value: 'down' };
  });

  const firewall = config.firewall === undefined ? [] : FIREWALL_ALARMS;
  if (firewall.length > 0) {
    arrange(world, node.processors, ['processor'], itself, (name) => {
      return { node, name, since, kind: 'processor', value: 'steady' };
    });
  }
  arrange(world, node.firewallAlarms, firewall, itself, (about) => {
    return { node, name: about, since, kind: 'firewall-alarm', value: 'quiet', about };
  });
  const subjects = config.interfaces.flatMap(({ name: port, color }) =>
    color === undefined ? [] : PORT_ALARMS.map((about) => ({ name: `${about}:${port}`, about, port })),
  );
  arrange(world, node.alarms, subjects, nameOf, ({ name, about, port }) => {
    return { node, name, since, kind: 'alarm', value: 'quiet', about, port };
  });

  for (const cell of node.vrrp.values()) world.vrrpGroups.get(cell.group.virtualAddress)?.delete(cell);
  arrange(world, node.vrrp, config.vrrp, portOf, (group) => {
    return { node, name: group.interface, since, kind: 'vrrp', value: 'initialize', group };
  });
  for (const group of config.vrrp) {
    const cell = node.vrrp.get(group.interface);
    if (cell === undefined) continue;
    cell.group = group;
    const members = world.vrrpGroups.get(group.virtualAddress) ?? new Set();
    world.vrrpGroups.set(group.virtualAddress, members.add(cell));
  }
}

const FIREWALL_ALARMS = ['table', 'half-open'] as const;
const PORT_ALARMS = ['bandwidth', 'cloud'] as const;
const nameOf = (one: { readonly name: string }): string => one.name;
const addressOf = (one: { readonly address: string }): string => one.address;
const portOf = (one: { readonly interface: string }): string => one.interface;
const itself = (one: string): string => one;

/** Makes a map hold exactly what is wanted, in that order: cells that exist stay, new ones are made, others go. */
function arrange<C extends Cell, Wanted>(
  world: World,
  cells: Map<string, C>,
  wanted: readonly Wanted[],
  name: (one: Wanted) => string,
  make: (one: Wanted) => C,
): void {
  if (cells.size === 0) {
    for (const one of wanted) cells.set(name(one), make(one));
    return;
  }
  const before = new Map(cells);
  cells.clear();
  for (const one of wanted) {
    const key = name(one);
    cells.set(key, before.get(key) ?? make(one));
    before.delete(key);
  }
  for (const cell of before.values()) {
    cell.pending?.cancel();
    world.dirty.delete(cell);
  }
}

/** Tunnel interfaces are numbered from here on. */
const FIRST_TUNNEL_INDEX = 1_000;
const NO_CLASSES: ReadonlySet<SlaClass> = new Set();
const NO_ENDS: ReadonlyMap<string, EndCell> = new Map();

/** Key of the link of a tunnel, the same at both ends. */
export const linkKey = ({ tenant, device }: DeviceNode['ref'], { color, peer, peerColor }: TunnelConfig): string =>
  `${tenant}|${tunnelId(device, color, peer, peerColor)}`;

function syncTunnels(world: World, node: DeviceNode): void {
  const before: ReadonlyMap<string, EndCell> = node.ends.size === 0 ? NO_ENDS : new Map(node.ends);
  node.ends.clear();
  let highest = FIRST_TUNNEL_INDEX;
  for (const end of before.values()) highest = Math.max(highest, end.index);
  node.endByRemote.clear();
  for (const tunnel of node.config.tunnels) {
    const key = linkKey(node.ref, tunnel);
    const held = before.get(tunnel.name);
    let end = held?.link.key === key ? held : undefined;
    if (end === undefined) {
      const link = world.links.get(key) ?? { key, ends: [] };
      world.links.set(key, link);
      highest += 1;
      end = {
        kind: 'end',
        node,
        name: tunnel.name,
        value: 'down',
        since: world.now,
        link,
        index: highest,
        tunnel,
        transitions: 0,
        slaMissed: NO_CLASSES,
        disconnects: 0,
        rekeysBefore: 0,
      };
      link.ends.push(end);
    }
    if (end.tunnel.lifetimeSeconds !== tunnel.lifetimeSeconds) beginAssociation(world, end, end.value === 'up');
    end.tunnel = tunnel;
    node.ends.set(tunnel.name, end);
    node.endByRemote.set(tunnel.remoteAddress, end);
  }
  for (const end of before.values()) {
    if (node.ends.get(end.name) === end) continue;
    end.pending?.cancel();
    world.dirty.delete(end);
    end.link.ends.splice(end.link.ends.indexOf(end), 1);
    for (const other of end.link.ends) world.dirty.add(other);
  }
}
