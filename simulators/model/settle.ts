/**
 * Moves cells to where their layer wants them: at once, after a delay on the queue, or not at all when the cause went
 * away in between. Only marked cells are looked at, so an event costs what depends on it.
 */
import { remember } from './history.ts';
import { firewallAlarmLayer } from './lan/firewall-alarm.ts';
import { leaseLayer } from './lan/lease.ts';
import { alarmLayer, touchAlarms } from './layers/alarm.ts';
import { controlLayer } from './layers/control.ts';
import type { Layer } from './layers/layer.ts';
import { ospfLayer } from './layers/ospf.ts';
import { portLayer } from './layers/port.ts';
import { processorLayer } from './layers/processor.ts';
import { planRecurrence, recurrenceLayer } from './layers/recurrence.ts';
import { sessionLayer } from './layers/session.ts';
import { watchTunnel } from './layers/sla.ts';
import { isLastResort, tunnelLayer } from './layers/tunnel.ts';
import { vrrpLayer } from './layers/vrrp.ts';
import { foldMeters } from './meters.ts';
import { type Cell, type DeviceNode, type EndCell, farEnd, routesMoved, type World } from './world.ts';

/** Looks at every marked cell until none is left; what a change marks is looked at in the same instant. */
export function settle(world: World): void {
  for (const cell of world.dirty) {
    world.dirty.delete(cell);
    moveCell(world, cell);
  }
}

function moveCell(world: World, cell: Cell): void {
  switch (cell.kind) {
    case 'port':
      move(world, cell, portLayer);
      break;
    case 'end':
      move(world, cell, tunnelLayer);
      planRecurrence(world, cell.link);
      watchTunnel(world, cell);
      break;
    case 'recurrence':
      move(world, cell, recurrenceLayer);
      break;
    case 'control':
      move(world, cell, controlLayer);
      break;
    case 'session':
      move(world, cell, sessionLayer);
      break;
    case 'vrrp':
      move(world, cell, vrrpLayer);
      break;
    case 'lease':
      move(world, cell, leaseLayer);
      break;
    case 'firewall-alarm':
      move(world, cell, firewallAlarmLayer);
      break;
    case 'ospf':
      move(world, cell, ospfLayer);
      break;
    case 'processor':
      move(world, cell, processorLayer);
      break;
    case 'alarm':
      move(world, cell, alarmLayer);
      break;
  }
}

function move<C extends Cell>(world: World, cell: C, layer: Layer<C>): void {
  const wish = layer.target(world, cell);
  const at = world.now + wish.delayMs;
  if (cell.pending !== undefined) {
    // The same destination keeps its earlier deadline: a timer that runs is not restarted by news about its cause.
    if (cell.pending.to === wish.value && cell.pending.at <= at) return;
    cell.pending.cancel();
    delete cell.pending;
  }
  if (wish.value === cell.value) return;
  if (wish.delayMs === 0) {
    turn(world, cell, layer, wish.value);
    return;
  }
  const cancel = world.queue.schedule(at, () => {
    delete cell.pending;
    turn(world, cell, layer, wish.value);
    settle(world);
  });
  cell.pending = { to: wish.value, at, cancel };
}

/** Cells that no packet of a host ever meets. */
const WITHOUT_TRAFFIC: ReadonlySet<Cell['kind']> = new Set(['control', 'alarm', 'firewall-alarm']);

function turn<C extends Cell>(world: World, cell: C, layer: Layer<C>, value: C['value']): void {
  const from = cell.value;
  foldFor(world, cell);
  remember(world, cell, !WITHOUT_TRAFFIC.has(cell.kind));
  cell.value = value;
  layer.changed(world, cell, from);
  if (cell.kind === 'port') touchAlarms(world, cell.node);
  cell.since = world.now;
}

/** Freezes the counters of the devices whose rates a cell moves when it turns. */
function foldFor(world: World, cell: Cell): void {
  const { node } = cell;
  // An edge may move its traffic to any of its few neighbours; at a hub only one of its many is concerned.
  const beyond = (end: EndCell | undefined): readonly DeviceNode[] | undefined => {
    if (node.config.role === 'edge') return undefined;
    const far = end === undefined ? undefined : farEnd(end);
    return far === undefined ? [] : [far.node];
  };
  switch (cell.kind) {
    case 'port':
    case 'vrrp':
      foldMeters(world, node);
      break;
    case 'end':
      foldMeters(world, node, beyond(cell));
      break;
    case 'session':
      foldMeters(world, node, beyond(node.endByRemote.get(cell.neighbor.address)));
      break;
    case 'recurrence':
      foldMeters(
        world,
        node,
        cell.link.ends.map((end) => end.node),
      );
      break;
    case 'lease':
    case 'ospf':
    case 'processor':
      foldMeters(world, node, []);
      break;
    case 'control':
    case 'alarm':
    case 'firewall-alarm':
      break;
  }
}

/** From power to a device that has all its sessions. */
const BOOT_MS = 90_000;

/** Puts every cell where it belongs without announcing anything, lowest layer first: a network that has long run. */
export function converge(world: World): void {
  const nodes = [...world.nodes.values()];
  const rest = <C extends Cell>(layer: Layer<C>, all: readonly C[]): void => {
    for (const cell of all) {
      cell.value = layer.target(world, cell).value;
      // All has been as it is since shortly after the device started.
      cell.since = Math.min(world.now, cell.node.bootedAt + BOOT_MS);
    }
  };
  rest(
    portLayer,
    nodes.flatMap((node) => [...node.ports.values()]),
  );
  rest(
    ospfLayer,
    nodes.flatMap((node) => [...node.ospf.values()]),
  );
  const ends = nodes.flatMap((node) => [...node.ends.values()]);
  rest(
    tunnelLayer,
    ends.filter((end) => !isLastResort(end)),
  );
  rest(tunnelLayer, ends.filter(isLastResort));
  rest(
    controlLayer,
    nodes.flatMap((node) => [...node.controls.values()]),
  );
  for (const tenant of world.tenants.values()) routesMoved(world, tenant.name);
  rest(
    sessionLayer,
    nodes.flatMap((node) => [...node.sessions.values()]),
  );
  for (const tenant of world.tenants.values()) tenant.routeVersion += 1;
  rest(
    vrrpLayer,
    nodes.flatMap((node) => [...node.vrrp.values()]),
  );
  world.dirty.clear();
  const processors = nodes.flatMap((node) => [...node.processors.values()]);
  rest(processorLayer, processors);
  for (const cell of processors) if (cell.value !== 'steady') world.dirty.add(cell);
  for (const node of nodes) node.meters.version += 1;
  for (const tenant of world.tenants.values()) tenant.rateVersion += 1;
  for (const link of world.links.values()) planRecurrence(world, link);
  if (world.conditions.size > 0) for (const end of ends) watchTunnel(world, end);
  settle(world);
}
