/** What traffic counts at a device: octets of ports and tunnels, packets and drops of queues, damaged frames. */
import type { TrafficClass } from '../../../protocols/device/config.ts';
import { circuitQuality } from '../layers/circuit.ts';
import { conditionsOf, type DeviceNode, type EndCell, farEnd, portOfColor, type World } from '../world.ts';
import { BLOCK, isCorrected, rebuiltShare } from './correction.ts';
import { type ClassLoads, type Load, loadOf, policyOfPort, sumOf } from './load.ts';
import { crossTunnel, isShaped, queuesOfTunnel } from './quality.ts';
import { type Queueing, queueLine } from './queue.ts';

type Rates = Iterable<readonly [string, number]>;

interface MeterKeys {
  readonly in: string;
  readonly out: string;
  readonly errors: string;
  readonly drops: string;
  readonly fecSent: string;
  readonly fecReceived: string;
  readonly fecRebuilt: string;
  readonly queued: Readonly<Record<TrafficClass, string>>;
  readonly dropped: Readonly<Record<TrafficClass, string>>;
}

const KEYS = new Map<string, MeterKeys>();

/**
 * Keys of the counters of a port or tunnel by name: octets in and out, frames damaged, packets dropped, parity packets
 * and what they rebuilt, and packets of each queue. Written once a name: devices have the same names, and their counters are looked up all the time.
 */
export function meterKeys(name: string): MeterKeys {
  const known = KEYS.get(name);
  if (known !== undefined) return known;
  const ofQueues = (what: string): Record<TrafficClass, string> => ({
    control: `${what}|${name}|control`,
    voice: `${what}|${name}|voice`,
    video: `${what}|${name}|video`,
    critical: `${what}|${name}|critical`,
    bulk: `${what}|${name}|bulk`,
    'best-effort': `${what}|${name}|best-effort`,
  });
  const keys = {
    in: `in|${name}`,
    out: `out|${name}`,
    errors: `errors|${name}`,
    drops: `drops|${name}`,
    fecSent: `fec-sent|${name}`,
    fecReceived: `fec-received|${name}`,
    fecRebuilt: `fec-rebuilt|${name}`,
    queued: ofQueues('queued'),
    dropped: ofQueues('dropped'),
  };
  KEYS.set(name, keys);
  return keys;
}

/** Discovery and keepalives that every live port sees, octets a second. */
const CHATTER = 60;

/** Carried bits a second: never more than the line takes. */
const carried = (loads: ClassLoads, limitBps: number): number => Math.min(sumOf(loads, 'bps'), limitBps);

const GIGABIT = 1_000_000_000;

/** Line rate of a port: the contract of its circuit; a LAN is as fast as all circuits together, at least a gigabit. */
export function portSpeed(node: DeviceNode, port: string): number {
  const circuit = node.circuits.get(port);
  if (circuit !== undefined) return circuit.capacityBps;
  let sum = 0;
  for (const { capacityBps } of node.circuits.values()) sum += capacityBps;
  return Math.max(GIGABIT, sum);
}

/** What a port carries at most: its line rate, or less where the provider gives less. */
export function portLimit(world: World, node: DeviceNode, port: string): number {
  const circuit = node.circuits.get(port);
  if (circuit === undefined) return portSpeed(node, port);
  return Math.min(circuit.capacityBps, circuitQuality(world, node, circuit.color).capacityBps);
}

/** Line rate of a tunnel: that of the slower circuit under it. */
export function tunnelSpeed(end: EndCell): number {
  const far = farEnd(end);
  const contract = (one: EndCell): number =>
    one.node.circuits.get(portOfColor(one.node, one.tunnel.color)?.name ?? '')?.capacityBps ?? GIGABIT;
  return Math.min(contract(end), far === undefined ? GIGABIT : contract(far));
}

/** The queues of a WAN port, when it has any. */
export function queuesOfPort(node: DeviceNode, port: string, load: Load | undefined) {
  const circuit = node.circuits.get(port);
  return circuit === undefined || load === undefined
    ? undefined
    : queueLine(load.out, circuit.capacityBps, policyOfPort(node, port));
}

/** Rates of everything that traffic counts; a meter source (see `meters.ts`). */
export function* countTraffic(world: World, node: DeviceNode, at: number): Rates {
  const load = loadOf(world, node, at);
  for (const port of node.ports.values()) {
    if (port.value !== 'up') continue;
    const keys = meterKeys(port.name);
    const through = load.ports.get(port.name);
    const limit = through === undefined ? 0 : portLimit(world, node, port.name);
    yield [keys.in, CHATTER + (through === undefined ? 0 : carried(through.in, limit) / 8)];
    yield [keys.out, CHATTER + (through === undefined ? 0 : carried(through.out, limit) / 8)];
    if (through === undefined) continue;
    for (const { share } of conditionsOf(world, 'corruption', `${node.key}|${port.name}`)) {
      yield [keys.errors, share * (sumOf(through.in, 'packets') + CHATTER_PACKETS)];
    }
    yield* countQueues(port.name, through.out, queuesOfPort(node, port.name, through));
  }
  for (const [end, through] of load.tunnels) {
    const limit = tunnelSpeed(end);
    const keys = meterKeys(end.name);
    yield [keys.in, carried(through.in, limit) / 8];
    yield [keys.out, carried(through.out, limit) / 8];
    if (isShaped(end)) yield* countQueues(end.name, through.out, queuesOfTunnel(world, end, through));
    yield* countCorrection(world, end, through);
  }
}

/** Parity that leaves, and what the parity of the far end is good for here. */
function* countCorrection(world: World, end: EndCell, { out, in: heard }: Load): Rates {
  const keys = meterKeys(end.name);
  for (const [kind, { packets }] of out) {
    if (isCorrected(world, end, kind)) yield [keys.fecSent, packets * PARITY];
  }
  const far = farEnd(end);
  if (far?.tunnel.fec === undefined) return;
  for (const [kind, { packets }] of heard) {
    if (!isCorrected(world, far, kind)) continue;
    const { loss } = crossTunnel(world, far, end, kind);
    yield [keys.fecReceived, packets * PARITY * (1 - loss)];
    yield [keys.fecRebuilt, packets * (1 - PARITY) * rebuiltShare(loss)];
  }
}

/** Part of the packets of a corrected class that is parity. */
const PARITY = 1 / (BLOCK + 1);

const CHATTER_PACKETS = 0.5;

function* countQueues(name: string, loads: ClassLoads, queues: ReadonlyMap<TrafficClass, Queueing> | undefined): Rates {
  const keys = meterKeys(name);
  for (const [kind, { packets }] of loads) {
    yield [keys.queued[kind], packets];
    const drop = queues?.get(kind)?.drop ?? 0;
    if (drop === 0) continue;
    yield [keys.dropped[kind], packets * drop];
    yield [keys.drops, packets * drop];
  }
}
