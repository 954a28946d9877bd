/** What the way from a device to a receiver does to what is told unasked: loses it, delays it, doubles it, turns its order round. */
import { noise } from './seeded-noise.ts';

export interface Imperfections {
  /** Shares of messages, 0–1. */
  readonly lost: number;
  readonly late: number;
  readonly duplicated: number;
  /** Every message takes up to so many milliseconds: two that were sent within it can change places. */
  readonly spreadMs: number;
  /** A late message takes up to so many milliseconds more. */
  readonly lateMs: number;
}

/**
 * Decided here: one in 200 is lost and one in 200 doubled, as UDP over a loaded WAN does it; one in 50 waits up to half a
 * minute in the device's own queue; the rest arrive within 200 ms, so that a burst comes out of order.
 */
export const ORDINARY: Imperfections = { lost: 0.005, late: 0.02, duplicated: 0.005, spreadMs: 200, lateMs: 30_000 };
/** Everything arrives once, at once, in order. */
export const PERFECT: Imperfections = { lost: 0, late: 0, duplicated: 0, spreadMs: 0, lateMs: 0 };

export interface Delivery {
  /** Virtual time of arrival, epoch milliseconds. */
  readonly at: number;
  /** 0 for the message, 1 for its double. */
  readonly copy: number;
}

/**
 * The arrivals of one message, earliest first: none when it is lost. `channel` and `key` name the message; the same
 * arguments give the same arrivals. Throws `RangeError` for a share outside 0–1 or a negative time.
 */
export function imperfect(
  message: { readonly channel: string; readonly key: string; readonly at: number },
  knobs: Imperfections,
  seed: number,
): readonly Delivery[] {
  const { lost, late, duplicated, spreadMs, lateMs } = knobs;
  if ([lost, late, duplicated].some((share) => !(share >= 0 && share <= 1)))
    throw new RangeError('a share of messages is between 0 and 1');
  if (![spreadMs, lateMs].every((ms) => ms >= 0 && Number.isFinite(ms)))
    throw new RangeError('a delay is a number of milliseconds from 0');
  const chance = (what: string): number => noise(seed, 'imperfect', message.channel, message.key, what);
  if (chance('lost') < lost) return [];
  const copies = chance('duplicated') < duplicated ? [0, 1] : [0];
  return copies
    .map((copy) => {
      const spread = Math.floor(spreadMs * chance(`spread ${copy}`));
      const wait = chance(`late ${copy}`) < late ? Math.floor(lateMs * chance(`wait ${copy}`)) : 0;
      return { at: message.at + spread + wait, copy };
    })
    .sort((a, b) => a.at - b.at || a.copy - b.copy);
}
