/** Where in a change the broker is killed, and what must have become of the change: the points of each rung, and the cases of a seed. */
import { LADDER, type Ladder, type Outcome } from '../../broker/contract.ts';

/** The devices of the change. */
export const DEVICES: readonly string[] = ['br1_edge', 'br2_edge'];
/** Points taken of a seed on each rung when nobody asked for all of them: each costs a restart of the broker. */
const SHORT: Readonly<Record<Ladder, number>> = { confirmed: 4, candidate: 1, running: 1 };

export type When = 'before' | 'after';
export type Point = readonly [point: string, when: When, outcome: Outcome];

/** The rpcs of a transaction in their order, and what must have become of a change of one device when the broker dies there. */
const POINTS: Readonly<Record<Ladder, readonly Point[]>> = {
  confirmed: [
    ['lock', 'before', 'failed'],
    ['lock', 'after', 'failed'],
    ['edit-config', 'before', 'failed'],
    ['edit-config', 'after', 'failed'],
    ['validate', 'before', 'failed'],
    ['validate', 'after', 'failed'],
    // From here on the broker cannot know whether its commit arrived; it cancels, and says that it did.
    ['commit', 'before', 'reverted'],
    ['commit', 'after', 'reverted'],
    ['read-back', 'before', 'reverted'],
    ['read-back', 'after', 'reverted'],
    // Verified; without its confirmation the device takes it back, with it the change stands.
    ['confirm', 'before', 'reverted'],
    ['confirm', 'after', 'succeeded'],
    ['unlock', 'before', 'succeeded'],
    ['unlock', 'after', 'succeeded'],
  ],
  candidate: [
    ['lock', 'before', 'failed'],
    ['lock', 'after', 'failed'],
    ['edit-config', 'before', 'failed'],
    ['edit-config', 'after', 'failed'],
    // What was committed stays there until the inverse edit takes it back.
    ['commit', 'before', 'reverted'],
    ['commit', 'after', 'reverted'],
    ['read-back', 'before', 'reverted'],
    ['read-back', 'after', 'reverted'],
    // Verified, and nothing is left to be done.
    ['close-session', 'before', 'succeeded'],
  ],
  running: [
    ['lock', 'before', 'failed'],
    ['lock', 'after', 'failed'],
    ['edit-config', 'before', 'reverted'],
    ['edit-config', 'after', 'reverted'],
    ['read-back', 'before', 'reverted'],
    ['read-back', 'after', 'reverted'],
    ['close-session', 'before', 'succeeded'],
  ],
};

/** One change and one death: of one device or of both, at another port and another point for every seed. */
export interface Case {
  readonly seed: number;
  readonly point: Point;
  readonly ladder: Ladder;
  readonly devices: readonly string[];
  readonly port: string;
  /** The device at which the broker is stopped. */
  readonly at: string;
}

/** On a lower rung a device is changed alone. */
export const LOWER = { candidate: 'br1_edge', running: 'br2_edge' } as const;
/** What makes them so. */
export const PERSONA = { candidate: 'no-confirmed-commit', running: 'only-running' } as const;

/** Every point of a seed, or only a few of them. */
export const casesOf = (seed: number, all: boolean): readonly Case[] =>
  LADDER.flatMap((ladder) =>
    POINTS[ladder]
      .map((point, index): Case => {
        const turn = seed + index;
        const port = `ge0/${turn % 2}`;
        if (ladder !== 'confirmed') return { seed, point, ladder, devices: [LOWER[ladder]], port, at: LOWER[ladder] };
        const both = turn % 2 === 0 ? DEVICES : [...DEVICES].reverse();
        const devices = turn % 3 === 0 ? both : both.slice(0, 1);
        return { seed, point, ladder, devices, port, at: devices[Math.floor(turn / 3) % devices.length] ?? '' };
      })
      .filter((_, index) => all || (index + seed) % Math.ceil(POINTS[ladder].length / SHORT[ladder]) === 0),
  );
