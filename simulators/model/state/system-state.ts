/** What a device says about its hardware, software and its way to the controllers. */
import type { ControlState, OmpState, ProcessState, SystemState } from '../../../protocols/device/state.ts';
import { noise } from '../seeded-noise.ts';
import { cpuPct } from '../traffic/processor.ts';
import { clockOffset, conditionsOf, type DeviceNode, holds, powered, processRuns, type World } from '../world.ts';

const PROCESSES = ['bgpd', 'bfdd', 'netconfd', 'snmpd'];

export function readSystem(world: World, node: DeviceNode): SystemState {
  const days = 120 + 200 * noise(world.seed, 'certificate', node.key);
  const aged = Math.max(0, world.now - node.bootedAt) / 86_400_000;
  const full = holds(world, 'session-table-full', node.key);
  return {
    uptimeMs: powered(world, node) ? Math.max(0, world.now - node.bootedAt) : 0,
    cpuPct: cpuPct(world, node),
    memoryPct: 35 + Math.floor(20 * noise(world.seed, 'memory', node.key)),
    clockOffsetMs: clockOffset(world, node) || Math.floor(21 * noise(world.seed, 'clock', node.key)) - 10,
    certificateDays: holds(world, 'certificate-expired', node.key) ? -1 : Math.max(1, Math.floor(days - (aged % 90))),
    processes: PROCESSES.map((name) => readProcess(world, node, name)),
    firewallSessionPct: full ? 100 : 5 + Math.floor(20 * noise(world.seed, 'sessions', node.key)),
    version: conditionsOf(world, 'software', node.key)[0]?.version ?? SOFTWARE,
    environment: 'ok',
    ntp: node.config.ntpServers.map((server) => ({
      server,
      reachable: clockOffset(world, node) === 0,
      offsetMs: clockOffset(world, node),
    })),
  };
}

/** Release that the whole fleet runs. */
const SOFTWARE = '20.12.4';

const readProcess = (world: World, node: DeviceNode, name: string): ProcessState => ({
  name,
  running: processRuns(world, node, name),
  memoryKb: 20_000 + Math.floor(30_000 * noise(world.seed, 'process', node.key, name)),
  restarts: 0,
});

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

/** A controller is a peer while any control connection to it lives. */
export const readOmp = (node: DeviceNode): readonly OmpState[] =>
  node.config.controllers.map((peer) => {
    const all = [...node.controls.values()].filter((one) => one.controller === peer && one.value !== 'dormant');
    const up = all.some((one) => one.value === 'up');
    return { peer, state: up ? 'up' : 'down', since: Math.max(node.bootedAt, ...all.map((one) => one.since)) };
  });
