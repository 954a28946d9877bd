/** Ports and circuits: carrier, administrative state, and whether two access circuits reach each other. */
import type { Color } from '../../../protocols/device/config.ts';
import { interfaceName } from '../../../protocols/device/names.ts';
import { touchRelays } from '../lan/lease.ts';
import {
  announce,
  type DeviceNode,
  farEnd,
  holds,
  type PortCell,
  portOfColor,
  powered,
  routesMoved,
  type SessionCell,
  touch,
  touchLink,
  type World,
} from '../world.ts';
import type { Layer } from './layer.ts';

/** Configuration of a port; undefined in the instant in which it is being removed. */
export const interfaceOf = (cell: PortCell) => cell.node.config.interfaces.find((port) => port.name === cell.name);

/** Where conditions of a port and of the circuit behind it are (see `placeOf`). */
export const portPlace = (cell: PortCell): string => `${cell.node.key}|${cell.name}`;

/** False once the hardware of a port is gone: then it has no row in any table, and no tunnel starts at it. */
export const isPresent = (world: World, cell: PortCell | undefined): boolean =>
  cell !== undefined && !holds(world, 'port-absent', portPlace(cell));

export const portLayer: Layer<PortCell> = {
  target(world, cell) {
    const up =
      powered(world, cell.node) &&
      interfaceOf(cell)?.enabled === true &&
      !holds(world, 'no-carrier', portPlace(cell)) &&
      !holds(world, 'port-absent', portPlace(cell));
    return { value: up ? 'up' : 'down', delayMs: 0 };
  },

  changed(world, cell) {
    const resource = interfaceName(cell.node.ref.device, cell.name);
    const severity = cell.value === 'up' ? 'cleared' : 'major';
    const admin = interfaceOf(cell)?.enabled === true ? 'up' : 'down';
    // IF-MIB (RFC 2863) and the vendor's own notification of the same thing.
    const name = cell.value === 'up' ? 'trap.linkUp' : 'trap.linkDown';
    announce(world, cell.node, { name, resource, severity, detail: `${cell.name} admin ${admin} oper ${cell.value}` });
    const detail = `${cell.name} is ${cell.value}`;
    announce(world, cell.node, { name: 'trap.interface_state', resource, severity, detail });
    routesMoved(world, cell.node.ref.tenant);

    const port = interfaceOf(cell);
    if (port?.color !== undefined) touchColor(world, cell.node, port.color);
    else {
      for (const session of cell.node.sessions.values()) touchSession(world, session);
      touchRelays(world, cell.node);
    }
    touch(world, cell.node.ospf.get(cell.name));
    const group = cell.node.vrrp.get(cell.name);
    for (const member of world.vrrpGroups.get(group?.group.virtualAddress ?? '') ?? []) {
      if (member.node.ref.tenant === cell.node.ref.tenant) touch(world, member);
    }
  },
};

/** Marks both ends of a BGP session. */
export function touchSession(world: World, session: SessionCell): void {
  touch(world, session);
  const end = session.node.endByRemote.get(session.neighbor.address);
  const far = end === undefined ? undefined : farEnd(end);
  touch(world, far?.node.sessions.get(far.tunnel.remoteAddress));
}

/** Marks all that rides on one access circuit: tunnels at both ends, control connections. */
export function touchColor(world: World, node: DeviceNode, color: Color): void {
  for (const end of node.ends.values()) if (end.tunnel.color === color) touchLink(world, end.link);
  for (const control of node.controls.values()) if (control.color === color) touch(world, control);
}

/** True when the device's port of this colour is up, its provider carries traffic and takes this subscriber. */
export function circuitCarries(world: World, node: DeviceNode, color: Color): boolean {
  const port = portOfColor(node, color);
  const circuit = port === undefined ? undefined : node.circuits.get(port.name);
  if (port?.value !== 'up' || circuit === undefined) return false;
  if (circuit.color === 'lte' && holds(world, 'lte-detached', portPlace(port))) return false;
  return !holds(world, 'provider-outage', circuit.provider);
}

/** True when packets of the overlay (UDP, tunnels and control connections) pass too and meet the endpoint peers know. */
export function overlayCarries(world: World, node: DeviceNode, color: Color): boolean {
  const port = portOfColor(node, color);
  if (port === undefined || !circuitCarries(world, node, color)) return false;
  return !holds(world, 'overlay-blocked', portPlace(port)) && !isRelearning(world, node, color);
}

/** True while peers still send to an endpoint that this circuit no longer has. */
export const isRelearning = (world: World, node: DeviceNode, color: Color): boolean =>
  (node.relearnedAt?.get(color) ?? 0) > world.now;

/** One-way delay of a device's access circuit, in milliseconds. */
export function circuitDelay(node: DeviceNode, color: Color): number {
  return node.circuits.get(portOfColor(node, color)?.name ?? '')?.onewayMs ?? 0;
}

/** True while the device has power and a way in: any access circuit, or the provider network itself for controllers. */
export function hasManagementPath(world: World, node: DeviceNode): boolean {
  if (!powered(world, node)) return false;
  const circuits = [...node.circuits.values()];
  return circuits.length === 0
    ? [...node.ports.values()].some((port) => port.value === 'up')
    : circuits.some((circuit) => circuitCarries(world, node, circuit.color));
}
