/**
 * A shaped line with a queue for each class: what it drops and delays, out of load and rate.
 *
 * Priority classes are served first, up to their share. Any other class is sure of its share and borrows what is free;
 * what it borrows is not there in the instants in which others burst, so a class above its share loses and waits in
 * step with how busy the line is. When demand exceeds the line, transfers yield and what cannot yield is dropped.
 */
import type { QosPolicy, TrafficClass } from '../../../protocols/device/config.ts';
import { TRAFFIC_CLASSES } from './applications.ts';
import { type ClassLoads, sumOf } from './load.ts';

/** What a class meets in a queue. */
export interface Queueing {
  /** Share of its packets that is dropped, 0–1. */
  readonly drop: number;
  readonly delayMs: number;
  readonly jitterMs: number;
}

const CLEAR: Queueing = { drop: 0, delayMs: 0, jitterMs: 0 };

/** Loss of a class that has nothing but borrowed room on a line that is busy enough: tail drops in bursts. */
const BURST_LOSS = 0.15;
/** Utilisation from which bursts of the classes coincide all the time. */
const BUSY = 0.4;
/** Mean wait of a class that has nothing but borrowed room, and of everybody on a full line. */
const BORROWED_WAIT_MS = 50;
const FULL_WAIT_MS = 80;
/** Utilisation from which a standing queue builds up. */
const NEARLY_FULL = 0.8;

/** 0 below `from`, 1 from `to` on, in proportion between. */
const ramp = (value: number, from: number, to: number): number =>
  Math.min(1, Math.max(0, (value - from) / (to - from)));

/**
 * Every class of a line of `capacityBps`. Without a policy the line is one queue; a class that the policy does not name
 * is sure of nothing.
 */
export function queueLine(
  loads: ClassLoads,
  capacityBps: number,
  policy: QosPolicy | undefined,
): ReadonlyMap<TrafficClass, Queueing> {
  const total = sumOf(loads, 'bps');
  const use = capacityBps <= 0 ? 1 : total / capacityBps;
  const pressure = Math.min(1, use / BUSY);
  const full = FULL_WAIT_MS * ramp(use, NEARLY_FULL, 1);
  const sureOf = (name: TrafficClass): number => {
    // Without a policy every class has its part of the one queue.
    if (policy === undefined) return total === 0 ? capacityBps : (capacityBps * (loads.get(name)?.bps ?? 0)) / total;
    return ((policy.classes.find((one) => one.class === name)?.bandwidthPct ?? 0) / 100) * capacityBps;
  };
  const overflow = rigidOverflow(loads, capacityBps, sureOf);
  const verdict = (name: TrafficClass): Queueing => {
    // What the device itself sends never waits behind what it forwards.
    if (name === 'control') return CLEAR;
    const load = loads.get(name)?.bps ?? 0;
    // An empty class without a share is judged as if one more call began in it.
    const excess = Math.max(0, 1 - sureOf(name) / Math.max(load, 1));
    if (excess === 0) {
      const first = policy?.classes.find((one) => one.class === name)?.priority === true;
      return first ? CLEAR : { drop: 0, delayMs: full, jitterMs: full / 2 };
    }
    const delayMs = BORROWED_WAIT_MS * excess * pressure + full;
    return { drop: excess * Math.max(BURST_LOSS * pressure, overflow), delayMs, jitterMs: delayMs / 2 };
  };
  return new Map(TRAFFIC_CLASSES.map((name) => [name, verdict(name)]));
}

/** Of what classes send beyond their shares and cannot hold back: the part that finds no room, 0–1. */
function rigidOverflow(loads: ClassLoads, capacityBps: number, sureOf: (name: TrafficClass) => number): number {
  let sure = 0;
  let beyond = 0;
  for (const [name, { bps, elasticBps }] of loads) {
    const rigid = bps - elasticBps;
    sure += Math.min(rigid, sureOf(name));
    beyond += Math.max(0, rigid - sureOf(name));
  }
  return beyond === 0 ? 0 : Math.max(0, 1 - Math.max(0, capacityBps - sure) / beyond);
}

/** A line without classes outside our devices: a provider's token bucket. Everybody loses and waits alike. */
export function queueBucket(totalBps: number, elasticBps: number, bucketBps: number): Queueing {
  if (bucketBps <= 0) return CLEAR;
  const use = totalBps / bucketBps;
  const rigid = totalBps - elasticBps;
  // Transfers probe for room until a few percent are lost (the equilibrium of loss-based congestion control, RFC 5681).
  const probing = 0.03 * ramp(use, 0.9, 1.1);
  const delayMs = FULL_WAIT_MS * ramp(use, NEARLY_FULL, 1.1);
  return { drop: Math.max(probing, rigid > bucketBps ? 1 - bucketBps / rigid : 0), delayMs, jitterMs: delayMs / 3 };
}
