/**
 * What packets of a class meet on a tunnel or a breakout: the circuits of both ends, the queues in front of them, and
 * the devices themselves. Directions are kept apart: a circuit may lose on the way back only.
 */
import type { Color, TrafficClass } from '../../../protocols/device/config.ts';
import { type CircuitQuality, circuitQuality } from '../layers/circuit.ts';
import { replayLoss } from '../layers/ike.ts';
import { type DeviceNode, type EndCell, farEnd, portOfColor, type World } from '../world.ts';
import { isCorrected, rebuiltShare } from './correction.ts';
import { type Load, loadOf, policyOfPort, sumOf } from './load.ts';
import type { OneWay } from './path.ts';
import { deviceDelayMs } from './processor.ts';
import { type Queueing, queueBucket, queueLine } from './queue.ts';

/** Bytes that the tunnel adds to each packet: outer IP and UDP, ESP with its padding and check value. */
export const TUNNEL_OVERHEAD = 75;

export interface TunnelQuality {
  /** Loss from this end to the far end, and back, 0–1. */
  readonly fwdLoss: number;
  readonly revLoss: number;
  /** One-way delay from this end, and back. */
  readonly onewayMs: number;
  readonly backMs: number;
  /** Of the worse direction. */
  readonly jitterMs: number;
  /** Largest packet that fits inside; `mtuSilent`: larger ones vanish without an answer on the way. */
  readonly mtu: number;
  readonly mtuSilent: boolean;
}

/** One direction of one access line of a device: its queue, the circuit, the provider's own limit. */
interface Leg {
  readonly loss: number;
  readonly delayMs: number;
  readonly jitterMs: number;
}

const NOTHING: Queueing = { drop: 0, delayMs: 0, jitterMs: 0 };

const join = (...parts: readonly Leg[]): Leg => ({
  loss: 1 - parts.reduce((kept, part) => kept * (1 - part.loss), 1),
  delayMs: parts.reduce((sum, part) => sum + part.delayMs, 0),
  // Independent variations add up in the square.
  jitterMs: Math.hypot(...parts.map((part) => part.jitterMs)),
});

const asLeg = ({ drop, delayMs, jitterMs }: Queueing): Leg => ({ loss: drop, delayMs, jitterMs });

const contractOf = (node: DeviceNode, port: string): number => node.circuits.get(port)?.capacityBps ?? 0;

/** What a provider whose line is slower than its contract does to everything on it, in one direction. */
function bucketLeg(
  node: DeviceNode,
  port: string,
  circuit: CircuitQuality,
  load: Load | undefined,
  way: 'out' | 'in',
): Leg {
  const contract = contractOf(node, port);
  const total = Math.min(sumOf(load?.[way], 'bps'), contract);
  const shaped = circuit.capacityBps < contract || (way === 'in' && total >= contract);
  return asLeg(shaped ? queueBucket(total, sumOf(load?.[way], 'elasticBps'), circuit.capacityBps) : NOTHING);
}

/** From the device into the provider's network. */
function outwards(world: World, node: DeviceNode, color: Color, kind: TrafficClass): Leg {
  const port = portOfColor(node, color)?.name ?? '';
  const circuit = circuitQuality(world, node, color);
  const load = loadOf(world, node).ports.get(port);
  const queue =
    load === undefined ? NOTHING : queueLine(load.out, contractOf(node, port), policyOfPort(node, port)).get(kind);
  return join(
    asLeg(queue ?? NOTHING),
    { loss: circuit.lossOut, delayMs: circuit.delayMs, jitterMs: circuit.jitterMs },
    bucketLeg(node, port, circuit, load, 'out'),
  );
}

/** From the provider's network to the device. */
function inwards(world: World, node: DeviceNode, color: Color): Leg {
  const port = portOfColor(node, color)?.name ?? '';
  const circuit = circuitQuality(world, node, color);
  return join(
    { loss: circuit.lossIn, delayMs: circuit.delayMs, jitterMs: circuit.jitterMs },
    bucketLeg(node, port, circuit, loadOf(world, node).ports.get(port), 'in'),
  );
}

/** A hub shapes each tunnel to a branch to the branch's contract, with the classes of its own policy. */
export const isShaped = (end: EndCell): boolean =>
  end.node.config.role === 'hub' && farEnd(end)?.node.config.role === 'edge';

/** Queues in front of one tunnel, where it has its own. */
export function queuesOfTunnel(
  world: World,
  end: EndCell,
  load: Load | undefined = loadOf(world, end.node).tunnels.get(end),
) {
  const far = farEnd(end);
  if (!isShaped(end) || far === undefined || load === undefined) return undefined;
  const port = portOfColor(end.node, end.tunnel.color)?.name ?? '';
  const farPort = portOfColor(far.node, far.tunnel.color)?.name ?? '';
  return queueLine(load.out, contractOf(far.node, farPort), policyOfPort(end.node, port));
}

/** From end to end as applications meet it: what parity mends is no loss. */
function throughTunnel(world: World, from: EndCell, to: EndCell, kind: TrafficClass): Leg {
  const leg = crossTunnel(world, from, to, kind);
  return isCorrected(world, from, kind) ? { ...leg, loss: leg.loss - rebuiltShare(leg.loss) } : leg;
}

/** The same before anything is rebuilt. */
export function crossTunnel(world: World, from: EndCell, to: EndCell, kind: TrafficClass): Leg {
  const own = queuesOfTunnel(world, from)?.get(kind);
  return join(
    asLeg(own ?? NOTHING),
    outwards(world, from.node, from.tunnel.color, kind),
    inwards(world, to.node, to.tunnel.color),
    {
      loss: replayLoss(to, kind),
      delayMs: deviceDelayMs(world, from.node) + deviceDelayMs(world, to.node),
      jitterMs: 0,
    },
  );
}

/** What packets of a class meet between the ends of a tunnel now; `kind` is the class that each sender puts them in. */
export function tunnelQuality(
  world: World,
  end: EndCell,
  kind: TrafficClass,
  kindBack: TrafficClass = kind,
): TunnelQuality {
  const far = farEnd(end);
  if (far === undefined) {
    return { fwdLoss: 1, revLoss: 1, onewayMs: 0, backMs: 0, jitterMs: 0, mtu: 0, mtuSilent: false };
  }
  const there = throughTunnel(world, end, far, kind);
  const back = throughTunnel(world, far, end, kindBack);
  const narrow = narrowest(world, [end, far]);
  return {
    fwdLoss: there.loss,
    revLoss: back.loss,
    onewayMs: there.delayMs,
    backMs: back.delayMs,
    jitterMs: Math.max(there.jitterMs, back.jitterMs),
    mtu: narrow.mtu - TUNNEL_OVERHEAD,
    mtuSilent: narrow.silent,
  };
}

function narrowest(world: World, ends: readonly EndCell[]): { readonly mtu: number; readonly silent: boolean } {
  let found = { mtu: Number.POSITIVE_INFINITY, silent: false };
  for (const { node, tunnel } of ends) {
    const { mtu, mtuSilent } = circuitQuality(world, node, tunnel.color);
    if (mtu < found.mtu) found = { mtu, silent: mtuSilent };
  }
  return found;
}

/** The same between a device's WAN port and the provider's network, there and back. */
export function accessQuality(world: World, node: DeviceNode, color: Color, kind: TrafficClass): TunnelQuality {
  const out = outwards(world, node, color, kind);
  const back = inwards(world, node, color);
  const { mtu, mtuSilent } = circuitQuality(world, node, color);
  return {
    fwdLoss: out.loss,
    revLoss: back.loss,
    onewayMs: out.delayMs,
    backMs: back.delayMs,
    jitterMs: Math.max(out.jitterMs, back.jitterMs),
    mtu,
    mtuSilent,
  };
}

/** One direction of a tunnel for packets of a class. */
export function tunnelLeg(world: World, from: EndCell, to: EndCell, kind: TrafficClass): Omit<OneWay, 'roomBps'> {
  const { mtu, silent } = narrowest(world, [from, to]);
  return { ...throughTunnel(world, from, to, kind), mtu: mtu - TUNNEL_OVERHEAD, mtuSilent: silent };
}

/** One direction between the WAN ports of two devices, outside of any tunnel. */
export function underlayLeg(
  world: World,
  from: { readonly node: DeviceNode; readonly color: Color },
  to: { readonly node: DeviceNode; readonly color: Color },
  kind: TrafficClass,
): OneWay {
  const circuits = [from, to].map(({ node, color }) => circuitQuality(world, node, color));
  const [first, last] = circuits;
  const narrow = (last?.mtu ?? 1500) < (first?.mtu ?? 1500) ? last : first;
  return {
    ...join(outwards(world, from.node, from.color, kind), inwards(world, to.node, to.color)),
    mtu: narrow?.mtu ?? 1500,
    mtuSilent: narrow?.mtuSilent ?? false,
    roomBps: Math.min(
      roomOnPort(world, from.node, portOfColor(from.node, from.color)?.name ?? '').out,
      roomOnPort(world, to.node, portOfColor(to.node, to.color)?.name ?? '').in,
    ),
  };
}

/** A new transfer pushes others aside until it has at least this share of a line. */
const FAIR_SHARE = 0.1;

const roomOf = (capacityBps: number, usedBps: number): number =>
  Math.max(capacityBps - usedBps, FAIR_SHARE * capacityBps);

/** Room for one more transfer on a WAN port, both directions, bits a second. */
export function roomOnPort(
  world: World,
  node: DeviceNode,
  port: string,
): { readonly out: number; readonly in: number } {
  const circuit = node.circuits.get(port);
  if (circuit === undefined) return { out: 0, in: 0 };
  const limit = Math.min(circuit.capacityBps, circuitQuality(world, node, circuit.color).capacityBps);
  const load = loadOf(world, node).ports.get(port);
  return { out: roomOf(limit, sumOf(load?.out, 'bps')), in: roomOf(limit, sumOf(load?.in, 'bps')) };
}

/** The same from one end of a tunnel to the other. */
export function roomInTunnel(world: World, end: EndCell): number {
  const far = farEnd(end);
  if (far === undefined) return 0;
  return Math.min(
    roomOnPort(world, end.node, portOfColor(end.node, end.tunnel.color)?.name ?? '').out,
    roomOnPort(world, far.node, portOfColor(far.node, far.tunnel.color)?.name ?? '').in,
  );
}
