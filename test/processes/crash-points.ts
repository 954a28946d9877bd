/** Where in a change the broker is killed, and what must have become of the change: the points of each rung, and the deaths of a seed. */
import { createHash } from 'node:crypto';
import { LADDER, type Ladder, type Outcome } from '../../broker/contract.ts';

/** The devices of a change. */
export const DEVICES: readonly string[] = ['br1_edge', 'br2_edge'];
/** Points taken of a seed on each rung when nobody asked for all of them. */
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

/** One change that a death interrupts: its tenant, devices and port are drawn by the seed. */
export interface Case {
  readonly seed: number;
  readonly point: Point;
  readonly ladder: Ladder;
  readonly tenant: TenantName;
  readonly devices: readonly string[];
  readonly port: string;
  /** The device at which the broker is stopped. */
  readonly at: string;
  /** The device goes on just before the broker dies: how far they come is chance, and only what is known then counts. */
  readonly adrift: boolean;
}

/** Tenants of each rung; one death interrupts one change of each. A tenant may make only so many changes within an hour. */
export const TENANTS = {
  confirmed: ['acme', 'initech', 'hooli'],
  candidate: ['globex'],
  running: ['umbrella'],
} as const satisfies Readonly<Record<Ladder, readonly string[]>>;
export type TenantName = (typeof TENANTS)[Ladder][number];

/** The device that is changed on a lower rung, where it is changed alone. */
export const LOWER = 'br1_edge';
/** What makes it so. */
export const PERSONA = { candidate: 'no-confirmed-commit', running: 'only-running' } as const;

/** A whole number below `below`, of everything that tells one draw from another. */
const draw = (below: number, ...parts: readonly (string | number)[]): number =>
  createHash('sha256').update(parts.join('|')).digest().readUInt32BE(0) % below;

/** Who is changed together, the canary first. */
const GROUPS: readonly (readonly string[])[] = [...[['br1_edge'], ['br2_edge']], ...[DEVICES, [...DEVICES].reverse()]];

function caseOf(seed: number, ladder: Ladder, point: Point, index: number, tenant: TenantName): Case {
  const [name, when] = point;
  const of = (below: number, what: string): number => draw(below, seed, ladder, name, when, what);
  const devices = ladder === 'confirmed' ? (GROUPS[of(GROUPS.length, 'devices')] ?? DEVICES) : [LOWER];
  return {
    ...{ seed, point, ladder, tenant, devices },
    port: `ge0/${of(2, 'port')}`,
    at: devices[of(devices.length, 'at')] ?? LOWER,
    // A third, and never the same third.
    adrift: (index + seed) % 3 === 0,
  };
}

/** Every point of a seed, or only a few of them, by the death that interrupts them. */
export function deathsOf(seed: number, all: boolean): readonly (readonly Case[])[] {
  const deaths: Case[][] = [];
  for (const ladder of LADDER) {
    const names: readonly TenantName[] = TENANTS[ladder];
    const few = Math.ceil(POINTS[ladder].length / SHORT[ladder]);
    const points = POINTS[ladder].filter((_, index) => all || (index + seed) % few === 0);
    for (const [index, point] of points.entries()) {
      const death = Math.floor(index / names.length);
      const tenant = names[index % names.length] ?? 'acme';
      deaths[death] = [...(deaths[death] ?? []), caseOf(seed, ladder, point, index, tenant)];
    }
  }
  return deaths;
}
