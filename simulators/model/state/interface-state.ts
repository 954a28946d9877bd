/** What a device says about its ports, its tunnel interfaces and their queues. */
import type { InterfaceState, QueueState } from '../../../protocols/device/state.ts';
import { interfaceOf, isPresent } from '../layers/port.ts';
import { readMeter } from '../meters.ts';
import { noise } from '../seeded-noise.ts';
import { TRAFFIC_CLASSES } from '../traffic/applications.ts';
import { meterKeys, portLimit, portSpeed, tunnelSpeed } from '../traffic/count-traffic.ts';
import { type Load, loadOf, sumOf } from '../traffic/load.ts';
import { isShaped } from '../traffic/quality.ts';
import { type DeviceNode, type EndCell, type PortCell, portOfColor, powered, type World } from '../world.ts';

/** Ports that are there, then the tunnel interfaces that are built on them. */
export function readInterfaces(world: World, node: DeviceNode): readonly InterfaceState[] {
  const load = loadOf(world, node);
  return [
    ...[...node.ports.values()]
      .filter((port) => isPresent(world, port))
      .map((port) => readPort(world, port, load.ports.get(port.name))),
    ...[...node.ends.values()]
      .filter((end) => end.value !== 'dormant' && isPresent(world, portOfColor(node, end.tunnel.color)))
      .map((end) => readTunnelInterface(world, end, load.tunnels.get(end))),
  ];
}

/** Present rates with the little that they vary from minute to minute. */
function ratesOf(world: World, node: DeviceNode, name: string, load: Load | undefined, limitBps: number) {
  const minute = Math.floor(world.now / 60_000);
  const rate = (loads: Load['in'] | undefined, way: string): number => {
    const wobble = 0.97 + 0.06 * noise(world.seed, 'rate', node.key, name, way, minute);
    return Math.round(Math.min(wobble * sumOf(loads, 'bps'), limitBps));
  };
  const live = powered(world, node);
  return { inBps: live ? rate(load?.in, 'in') : 0, outBps: live ? rate(load?.out, 'out') : 0 };
}

const countersOf = (world: World, node: DeviceNode, name: string) => ({
  inOctets: readMeter(world, node, meterKeys(name).in),
  outOctets: readMeter(world, node, meterKeys(name).out),
  inErrors: readMeter(world, node, meterKeys(name).errors),
  outDiscards: readMeter(world, node, meterKeys(name).drops),
});

function readPort(world: World, port: PortCell, load: Load | undefined): InterfaceState {
  const { node, name } = port;
  const config = interfaceOf(port);
  return {
    name,
    index: port.index,
    description: config?.description ?? '',
    admin: config?.enabled === true ? 'up' : 'down',
    oper: port.value,
    lastChange: port.since,
    mtu: config?.mtu ?? 1500,
    speedBps: portSpeed(node, name),
    ...countersOf(world, node, name),
    ...ratesOf(world, node, name, port.value === 'up' ? load : undefined, portLimit(world, node, name)),
    ...(config?.ipv4 === undefined ? {} : { address: config.ipv4.address }),
    vrf: config?.vrf ?? 0,
    ...(config?.color === undefined ? {} : { color: config.color }),
  };
}

/** A tunnel interface lives and dies with the port that it sends from; BFD tells of the path. */
function readTunnelInterface(world: World, end: EndCell, load: Load | undefined): InterfaceState {
  const { node, name, tunnel } = end;
  const port = portOfColor(node, tunnel.color);
  const speedBps = tunnelSpeed(end);
  return {
    name,
    index: end.index,
    description: `${tunnel.color} tunnel to ${tunnel.peer}`,
    admin: 'up',
    oper: port?.value ?? 'down',
    lastChange: port?.since ?? end.since,
    mtu: (port && interfaceOf(port)?.mtu) ?? 1500,
    speedBps,
    ...countersOf(world, node, name),
    ...ratesOf(world, node, name, load, speedBps),
    address: tunnel.localAddress,
    vrf: 0,
  };
}

/** Six queues on every port that has a policy, and on every tunnel that a hub shapes to its branch. */
export function readQueues(world: World, node: DeviceNode): readonly QueueState[] {
  const ports = node.config.interfaces.filter((port) => port.qosPolicy !== undefined && node.ports.has(port.name));
  const tunnels = [...node.ends.values()].filter((end) => end.value !== 'dormant' && isShaped(end));
  return [...ports, ...tunnels].flatMap(({ name }) =>
    TRAFFIC_CLASSES.map((kind) => ({
      interface: name,
      class: kind,
      packets: readMeter(world, node, meterKeys(name).queued[kind]),
      drops: readMeter(world, node, meterKeys(name).dropped[kind]),
    })),
  );
}
