/** What a device says about its hardware, software and its way to the controllers. */
import { MEMORY_KB } from '../../../protocols/device/derive.ts';
import type { ControlState, OmpState, ProcessState, SystemState } from '../../../protocols/device/state.ts';
import { noise } from '../seeded-noise.ts';
import { CONTROL_GRACE_MS } from '../timing.ts';
import { cpuPct } from '../traffic/processor.ts';
import {
  clockOffset,
  conditionsOf,
  type DeviceNode,
  holds,
  powered,
  processRuns,
  tenantOf,
  type World,
} from '../world.ts';

/** What runs on an edge or a hub, and on a controller. */
const EDGE_PROCESSES = ['bgpd', 'ospfd', 'bfdd', 'iked', 'vdaemon', 'dhcpd', 'netconfd', 'snmpd'] as const;
const CONTROLLER_PROCESSES = ['vdaemon', 'netconfd', 'snmpd'] as const;
/** Release that the whole fleet runs. */
const SOFTWARE = '20.12.4';
const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;

export function readSystem(world: World, node: DeviceNode): SystemState {
  const days = 120 + 200 * noise(world.seed, 'certificate', node.key);
  const aged = Math.max(0, world.now - node.bootedAt) / DAY_MS;
  const names = node.config.role === 'controller' ? CONTROLLER_PROCESSES : EDGE_PROCESSES;
  const processes = names.map((name) => readProcess(world, node, name));
  const leaked = processes.reduce((sum, one) => sum + leakOf(world, node, one.name).kb, 0);
  const base = 35 + Math.floor(20 * noise(world.seed, 'memory', node.key));
  const offset = clockOffset(world, node);
  const spread = world.clockSpreadMs;
  return {
    uptimeMs: powered(world, node) ? Math.max(0, world.now - node.bootedAt) : 0,
    cpuPct: cpuPct(world, node),
    memoryPct: Math.min(99, Math.round(10 * (base + (100 * leaked) / MEMORY_KB)) / 10),
    clockOffsetMs: offset || Math.floor((2 * spread + 1) * noise(world.seed, 'clock', node.key)) - spread,
    certificateDays: holds(world, 'certificate-expired', node.key) ? -1 : Math.max(1, Math.floor(days - (aged % 90))),
    processes,
    version: conditionsOf(world, 'software', node.key)[0]?.version ?? SOFTWARE,
    environment: 'ok',
    // A clock that is far off no longer follows its server (RFC 5905 §11.3, panic threshold).
    ntp: node.config.ntpServers.map((server) => ({ server, reachable: offset === 0, offsetMs: offset })),
  };
}

/** What has leaked into a process since it last started, and how often it had to start again since the leak began. */
export function leakOf(
  world: World,
  node: DeviceNode,
  process: string,
): { readonly kb: number; readonly restarts: number } {
  const leaks = conditionsOf(world, 'memory-leak', node.key).filter((one) => one.process === process);
  const kbPerHour = leaks.reduce((sum, one) => sum + one.kbPerHour, 0);
  const since = Math.min(world.now, ...leaks.map((one) => one.since));
  if (kbPerHour === 0) return { kb: 0, restarts: 0 };
  const kb = (kbPerHour * (world.now - since)) / HOUR_MS;
  return { kb: kb % LEAK_LIMIT_KB, restarts: Math.floor(kb / LEAK_LIMIT_KB) };
}

/** The system ends a process that has grown by this much, and starts it again. */
export const LEAK_LIMIT_KB = 0.5 * MEMORY_KB;

const readProcess = (world: World, node: DeviceNode, name: string): ProcessState => {
  const { kb, restarts } = leakOf(world, node, name);
  return {
    name,
    running: powered(world, node) && processRuns(world, node, name),
    memoryKb: Math.floor(20_000 + 30_000 * noise(world.seed, 'process', node.key, name) + kb),
    restarts,
  };
};

export const readControl = (node: DeviceNode): readonly ControlState[] =>
  [...node.controls.values()]
    .filter((control) => control.value !== 'dormant')
    .map(({ controller, color, value, since }) => ({
      controller,
      color,
      state: value === 'up' ? 'up' : 'down',
      reason: value === 'up' ? 'none' : value,
      since,
    }));

/**
 * Peers of the overlay management protocol: of an edge its controllers, of a controller its edges. One that is lost is
 * kept for the grace period, while what it had said still holds.
 */
export function readOmp(world: World, node: DeviceNode): readonly OmpState[] {
  const { device, tenant } = node.ref;
  if (node.config.role !== 'controller')
    return node.config.controllers.map((peer) => readPeer(world, node, peer, peer));
  return tenantOf(world, tenant).nodes.flatMap((other) =>
    other.config.controllers.includes(device) ? [readPeer(world, other, device, other.ref.device)] : [],
  );
}

function readPeer(world: World, edge: DeviceNode, controller: string, peer: string): OmpState {
  const all = [...edge.controls.values()].filter((one) => one.controller === controller && one.value !== 'dormant');
  const up = all.filter((one) => one.value === 'up');
  const since = Math.max(edge.bootedAt, ...(up.length > 0 ? up : all).map((one) => one.since));
  if (up.length > 0) return { peer, state: 'up', since };
  return { peer, state: world.now - since < CONTROL_GRACE_MS ? 'graceful-restart' : 'down', since };
}
