/** How busy a device's processor is, and how long it holds every packet because of that. */
import type { DeviceConfig } from '../../../protocols/device/config.ts';
import { noise } from '../seeded-noise.ts';
import { conditionsOf, type DeviceNode, type World } from '../world.ts';
import { loadOf, sumOf } from './load.ts';

/** A group that repeats and holds something that repeats: matching backtracks in exponential time (CWE-1333). */
const NESTED_QUANTIFIER = /\((?:[^()\\]|\\.)*[+*](?:[^()\\]|\\.)*\)[+*{]/;

/** True while an inspection rule costs more time per packet than the device has. */
export const isSaturated = (config: DeviceConfig): boolean =>
  config.firewall?.inspection.some((rule) => NESTED_QUANTIFIER.test(rule.pattern)) === true;

/** Readings change once a minute, so that two in a row agree. */
const minute = (world: World): number => Math.floor(world.now / 60_000);

/** Processor use of forwarding at a full line in both directions, percent. */
const FORWARDING_PCT = 35;

/** Use of the busiest core in whole percent, 0–100. */
export function cpuPct(world: World, node: DeviceNode): number {
  const wobble = noise(world.seed, 'load', node.key, minute(world));
  if (isSaturated(node.config)) return 97 + Math.floor(3 * wobble);
  let capacity = 0;
  for (const circuit of node.circuits.values()) capacity += circuit.capacityBps;
  let carried = 0;
  if (capacity > 0) {
    for (const [name, load] of loadOf(world, node).ports) {
      if (node.circuits.has(name)) carried += sumOf(load.out, 'bps') + sumOf(load.in, 'bps');
    }
  }
  const forwarding = capacity === 0 ? 0 : Math.min(1, carried / (2 * capacity));
  return 6 + Math.floor(10 * noise(world.seed, 'cpu', node.key) + 4 * wobble + FORWARDING_PCT * forwarding);
}

/** A saturated device holds a packet this long, and as much again at times. */
const SATURATED_MS = 35;

/** What the device itself adds to the way of a packet through it, milliseconds. */
export function deviceDelayMs(world: World, node: DeviceNode): number {
  const slow = conditionsOf(world, 'slow-device', node.key).reduce((sum, one) => sum + one.delayMs, 0);
  if (!isSaturated(node.config)) return slow;
  return slow + SATURATED_MS * (1 + noise(world.seed, 'saturated', node.key, minute(world)));
}
