/**
 * Forward error correction: a parity packet after every four of calls and video, from which the far end of a tunnel
 * rebuilds one lost packet of the five.
 *
 * As SD-WAN vendors have it: blocks of four and an XOR, `always` or, `adaptive`, only while the path loses more than a
 * threshold. Losses of a block count as independent, so that bursts are mended better here than on a real line.
 */
import type { TrafficClass } from '../../../protocols/device/config.ts';
import { circuitQuality } from '../layers/circuit.ts';
import { type EndCell, farEnd, type World } from '../world.ts';

/** Packets to which one of parity is added. */
export const BLOCK = 4;
/** Loss above which adaptive correction begins, 0–1. */
const ADAPTIVE_LOSS = 0.02;

/** Classes that nobody sends again: correction is for them. */
const PROTECTED: ReadonlySet<TrafficClass> = new Set(['voice', 'video']);

/**
 * Whether packets of a class that leave by this end have parity beside them now. Adaptive correction goes by what the
 * circuits lose, which BFD's own packets feel too; what waits in queues it does not see.
 */
export function isCorrected(world: World, end: EndCell, kind: TrafficClass): boolean {
  const { fec } = end.tunnel;
  if (fec === undefined || !PROTECTED.has(kind) || end.value !== 'up') return false;
  if (fec === 'always') return true;
  const far = farEnd(end);
  if (far === undefined) return false;
  const { lossOut } = circuitQuality(world, end.node, end.tunnel.color);
  const { lossIn } = circuitQuality(world, far.node, far.tunnel.color);
  return 1 - (1 - lossOut) * (1 - lossIn) > ADAPTIVE_LOSS;
}

/** Share of packets, 0–1, that is lost and rebuilt: all others of its block arrived. */
export const rebuiltShare = (loss: number): number => loss * (1 - loss) ** BLOCK;
