/** What changes a network: commits of configuration, and physical conditions that come and go. */
import type { DeviceConfig } from '../../protocols/device/config.ts';
import { nodeName } from '../../protocols/device/names.ts';
import { syncNode } from './assemble.ts';
import { type Condition, conditionKey, placeOf, type Traffic } from './condition.ts';
import { foldAround, nodesAround, sitesLeasing } from './condition-reach.ts';
import { forgetHits } from './counters.ts';
import { remember } from './history.ts';
import { firewallsFor, watchFirewalls } from './lan/firewall-alarm.ts';
import { openLeases, touchLeases, touchRelays } from './lan/lease.ts';
import { filledAt } from './lan/sessions.ts';
import { touchAlarms } from './layers/alarm.ts';
import { touchColor, touchSession } from './layers/port.ts';
import { measureAll } from './layers/sla.ts';
import { touchLastResort } from './layers/tunnel.ts';
import { foldMeters, foldTenant, resetMeters } from './meters.ts';
import { moveEndpoint } from './move-endpoint.ts';
import { rememberCondition, rememberDevice } from './remember-change.ts';
import { settle } from './settle.ts';
import { announce, type DeviceNode, nodeOf, routesMoved, tenantOf, touch, touchLink, type World } from './world.ts';

/** Which cells a changed section of the configuration can move. */
const SECTION_MOVES: readonly (readonly [keyof DeviceConfig, (world: World, node: DeviceNode) => void])[] = [
  ['interfaces', touchPorts],
  ['interfaces', touchRelays],
  ['accessLists', touchRelays],
  ['bgp', touchRelays],
  ['staticRoutes', touchRelays],
  ['vrfLeaks', touchRelays],
  ['accessLists', touchFiltered],
  ['controlPlaneAcl', touchFiltered],
  ['tunnels', touchTunnelsAndSessions],
  ['ipsec', touchTunnelsAndSessions],
  ['bfd', touchTunnelsAndSessions],
  ['bgp', touchSessions],
  ['staticRoutes', touchSessions],
  ['vrrp', touchGroups],
  ['controllers', touchControls],
  ['controlPort', touchControlsTo],
  ['ospf', touchAdjacencies],
  ['vrfLeaks', touchSessions],
  ['firewall', touchProcessor],
  ['slaClasses', measureAll],
  ['appRoutePoll', measureAll],
  ['dhcp', touchLan],
];

const isDeepEqual = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);

/** Makes `config` the running configuration now, records the commit and lets everything that depends on it move. */
export function commitConfig(world: World, node: DeviceNode, config: DeviceConfig, user: string): void {
  const before = node.config;
  const leasing = (['dhcp', 'interfaces'] as const).some((key) => !isDeepEqual(before[key], config[key]));
  if (leasing) openLeases(world, node.ref.tenant, node.config.site);
  // What controllers say is for all: the rates of everybody may change.
  if (node.config.role === 'controller') foldTenant(world, node.ref.tenant);
  else foldMeters(world, node);
  // The groups left behind must elect again too.
  touchGroups(world, node);
  rememberDevice(world, node, config);
  node.config = config;
  syncNode(world, node);
  forgetHits(node);
  const id = (node.commits.at(-1)?.id ?? 0) + 1;
  node.commits.push({ id, at: world.now, user });
  announce(world, node, {
    name: 'trap.system_commit',
    resource: nodeName(node.ref.device),
    severity: 'info',
    detail: `commit ${id} by ${user}`,
  });
  routesMoved(world, node.ref.tenant);
  for (const [key, mark] of SECTION_MOVES) {
    if (!isDeepEqual(before[key], config[key])) mark(world, node);
  }
  drainPools(world, node, before);
  touchAlarms(world, node);
  settle(world);
}

function touchLan(world: World, node: DeviceNode): void {
  touchLeases(world, node.ref.tenant, node.config.site);
}

/** A pool that is changed throws its mappings away; other pools keep theirs. */
function drainPools(world: World, node: DeviceNode, before: DeviceConfig): void {
  for (const pool of node.config.nat) {
    const old = before.nat.find((one) => one.name === pool.name);
    if (!isDeepEqual(old, pool)) node.poolsChanged.set(pool.name, world.now);
  }
}

/** What follows from how much there is to do. */
function touchProcessor(world: World, node: DeviceNode): void {
  for (const cell of node.processors.values()) touch(world, cell);
  touchLinks(world, node);
}

/** What an access list can stop. */
function touchFiltered(world: World, node: DeviceNode): void {
  touchTunnelsAndSessions(world, node);
  touchAdjacencies(world, node);
  touchControls(world, node);
}

function touchAdjacencies(world: World, node: DeviceNode): void {
  for (const cell of node.ospf.values()) touch(world, cell);
}

/** Connections of the device, or those that others have to it when it is a controller. */
function touchControlsTo(world: World, node: DeviceNode): void {
  touchControls(world, node);
  if (node.config.role !== 'controller') return;
  for (const other of tenantOf(world, node.ref.tenant).nodes) {
    for (const control of other.controls.values()) if (control.controller === node.ref.device) touch(world, control);
  }
}

function touchPorts(world: World, node: DeviceNode): void {
  for (const port of node.ports.values()) touch(world, port);
  touchLan(world, node);
  touchAdjacencies(world, node);
  touchTunnelsAndSessions(world, node);
  touchControls(world, node);
  touchGroups(world, node);
}

function touchTunnelsAndSessions(world: World, node: DeviceNode): void {
  touchLinks(world, node);
  touchLastResort(world, node);
  touchSessions(world, node);
}

function touchSessions(world: World, node: DeviceNode): void {
  for (const session of node.sessions.values()) touchSession(world, session);
  // A neighbour that is configured at the far end only.
  for (const end of node.ends.values()) {
    for (const side of end.link.ends) touch(world, side.node.sessions.get(side.tunnel.remoteAddress));
  }
}

function touchControls(world: World, node: DeviceNode): void {
  for (const control of node.controls.values()) touch(world, control);
}

function touchGroups(world: World, node: DeviceNode): void {
  for (const { group } of node.vrrp.values()) {
    for (const member of world.vrrpGroups.get(group.virtualAddress) ?? []) touch(world, member);
  }
}

/** Makes a condition hold; the returned function lets go of it once. */
export function imposeCondition(world: World, condition: Condition): () => void {
  const key = conditionKey(condition);
  const held = world.conditions.get(key);
  if (held !== undefined) held.count += 1;
  else {
    foldAround(world, condition);
    for (const site of sitesLeasing(world, condition)) openLeases(world, site.tenant, site.name);
    // What says of itself that it has been so for long was there when nobody had heard of it.
    if (condition.kind !== 'host-sends' || condition.traffic.since >= world.now) rememberCondition(world, condition);
    world.conditions.set(key, { condition, count: 1 });
    const place = placeOf(condition);
    world.conditionsAt.set(place, [...(world.conditionsAt.get(place) ?? []), condition]);
    conditionChanged(world, condition, true);
  }
  let released = false;
  return () => {
    const entry = world.conditions.get(key);
    if (released || entry === undefined) return;
    released = true;
    entry.count -= 1;
    if (entry.count > 0) return;
    foldAround(world, condition);
    rememberCondition(world, condition);
    if (condition.kind === 'no-power') restart(world, nodeOf(world, condition.tenant, condition.device));
    world.conditions.delete(key);
    const place = placeOf(condition);
    const rest = (world.conditionsAt.get(place) ?? []).filter((one) => conditionKey(one) !== key);
    if (rest.length > 0) world.conditionsAt.set(place, rest);
    else world.conditionsAt.delete(place);
    conditionChanged(world, condition, false);
  };
}

function conditionChanged(world: World, condition: Condition, began: boolean): void {
  for (const node of nodesAround(world, condition)) touchAlarms(world, node);
  for (const site of sitesLeasing(world, condition)) touchLeases(world, site.tenant, site.name);
  if (condition.kind === 'host-sends') {
    const site = tenantOf(world, condition.tenant).hostsByName.get(condition.host)?.site ?? '';
    const firewalls = firewallsFor(world, condition.tenant, site);
    const filled = filledAt(condition.traffic, firewalls);
    const filling = (): boolean => began && world.now < filled && world.conditions.has(conditionKey(condition));
    watchFirewalls(world, firewalls, filling, () => settle(world));
  }
  if ('provider' in condition) touchProvider(world, condition.provider);
  else if ('device' in condition) {
    const node = nodeOf(world, condition.tenant, condition.device);
    if (node === undefined) return;
    if ('interface' in condition) portConditionChanged(world, node, condition, began);
    else nodeConditionChanged(world, node, condition, began);
  } else if (condition.kind === 'host-sends') {
    // What a host sends fills the lines of its site.
    for (const node of nodesAround(world, condition)) touchLinks(world, node);
    if (began && condition.traffic.pattern === 'download') watchDownload(world, condition, condition.traffic);
  }
  settle(world);
}

/** A download ends by itself: rates and alarms of its site follow at that instant. */
function watchDownload(world: World, condition: Condition, { since, bytes, bps }: Download): void {
  const ends = Math.max(world.now, Math.ceil(since + (8_000 * bytes) / bps));
  world.queue.schedule(ends, () => {
    foldAround(world, condition);
    for (const node of nodesAround(world, condition)) {
      touchAlarms(world, node);
      touchLinks(world, node);
    }
    settle(world);
  });
}

type Download = Extract<Traffic, { readonly pattern: 'download' }>;

function touchProvider(world: World, provider: string): void {
  for (const circuit of world.circuitsByProvider.get(provider) ?? []) {
    const node = nodeOf(world, circuit.tenant, circuit.device);
    if (node !== undefined) touchColor(world, node, circuit.color);
  }
}

/** Of a port or of the circuit behind it: the port itself, and all that rides on the circuit. */
function portConditionChanged(
  world: World,
  node: DeviceNode,
  condition: Extract<Condition, { readonly interface: string }>,
  began: boolean,
): void {
  if (condition.kind === 'nat-moved') {
    // The endpoint stays where it has moved to: nothing moves back.
    if (began) moveEndpoint(world, node, condition);
    return;
  }
  touch(world, node.ports.get(condition.interface));
  const color = node.circuits.get(condition.interface)?.color;
  if (color !== undefined) touchColor(world, node, color);
}

function touchLinks(world: World, node: DeviceNode): void {
  for (const end of node.ends.values()) touchLink(world, end.link);
}

function nodeConditionChanged(world: World, node: DeviceNode, condition: Condition, began: boolean): void {
  const { device } = node.ref;
  switch (condition.kind) {
    case 'no-power':
      if (!began) {
        const detail = 'device restarted';
        announce(world, node, { name: 'trap.coldStart', resource: nodeName(device), severity: 'warning', detail });
      }
      touchPorts(world, node);
      touchControlsTo(world, node);
      return;
    case 'slow-device':
      touchLinks(world, node);
      return;
    case 'process-stopped':
      touchSessions(world, node);
      touchAdjacencies(world, node);
      touchControlsTo(world, node);
      return;
    case 'certificate-expired':
      if (began) {
        const detail = 'device certificate not valid any more';
        announce(world, node, { name: 'trap.cert_expired', resource: nodeName(device), severity: 'critical', detail });
      }
      touchTunnelsAndSessions(world, node);
      touchControlsTo(world, node);
      return;
    default:
      touchControlsTo(world, node);
  }
}

/** Power is back: counters start at zero and the clock of the uptime with them. */
function restart(world: World, node: DeviceNode | undefined): void {
  if (node === undefined) return;
  for (const one of [node, ...node.ends.values()]) remember(world, one);
  node.bootedAt = world.now;
  resetMeters(world, node);
  for (const end of node.ends.values()) Object.assign(end, { transitions: 0, disconnects: 0, rekeysBefore: 0 });
}
