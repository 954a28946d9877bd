/** Which read to make next: the one whose answer would tell most hypotheses apart for its cost (expected reduction of doubt, in bits). */

import type { Explanation } from './explain.ts';
import { type Codebook, HARMLESS, type Pattern, PLANNED } from './patterns.ts';
import type { PlannedRead } from './plan.ts';

/** A share from which an answer is expected. */
const EXPECTED = 0.3;
/** Weight of each fault type of which nothing that was read so far would have shown anything. */
const UNSEEN = 0.06;
/** Reads that are worth less than this are not made (bits for a read). */
const LEAST_BITS = 0.015;
/** Reads that every diagnosis begins with: they show which layer is ill, and where. */
export const TRIAGE: readonly string[] = ['events', 'system', 'drift', 'tunnels', 'statistics'];
/** Shows how an application does for the people of the sites. */
export const PEOPLE = 'people';
/** Windows, tickets, and sources that somebody wrote down. */
export const RECORDS = 'records';

interface Weighted {
  readonly pattern: Pattern;
  readonly place: string;
  readonly weight: number;
}

export const shownBy = (feature: string, read: PlannedRead): boolean =>
  read.features.some((name) => feature === name || feature.startsWith(`${name}.`) || feature.startsWith(`${name}-`));

/** What a read would show if the hypothesis were true, as a word; '' for nothing. */
function answerOf({ pattern, place }: Weighted, read: PlannedRead): string {
  const keys: string[] = [];
  for (const [feature, roles] of pattern.shows) {
    if (!shownBy(feature, read)) continue;
    for (const [role, shares] of roles)
      for (const [value, share] of shares) if (share >= EXPECTED) keys.push(`${role} ${feature}=${value}`);
  }
  return keys.length === 0 ? '' : `${place} ${keys.join(',')}`;
}

function entropy(weights: readonly number[]): number {
  const total = weights.reduce((sum, one) => sum + one, 0);
  return total === 0
    ? 0
    : weights.reduce((sum, one) => (one > 0 ? sum - (one / total) * Math.log2(one / total) : sum), 0);
}

/** What is believed so far. */
export interface Belief extends Explanation {
  /** Whether the best explanation also fits by itself. */
  readonly isFit: boolean;
}

const odds = (nats: number): number => Math.exp(Math.max(-8, Math.min(0, nats)));

/** Hypotheses still open: those that explain what was seen, their rivals, leads, and types that nothing read so far would show. */
function openHypotheses(
  codebook: Codebook,
  { explained, leads, isFit }: Belief,
  made: readonly PlannedRead[],
): Weighted[] {
  const near = explained.flatMap((one) => [
    { pattern: one.pattern, place: one.place.resource, weight: 1 },
    ...one.rivals.map((rival) => ({
      pattern: rival.pattern,
      place: rival.place.resource,
      weight: odds(rival.gain - one.gain),
    })),
  ]);
  const far = leads.map(({ pattern, place, short }) => ({ pattern, place: place.resource, weight: odds(short) }));
  const doubt = explained.length + leads.length === 0 ? 1 : explained.length > 0 && isFit ? 0.1 : 0.25;
  const kinds = new Map<string, number>();
  for (const { type } of codebook.patterns) kinds.set(type, (kinds.get(type) ?? 0) + 1);
  const unseen = codebook.patterns
    .filter(
      ({ type, shows }) =>
        // What is nobody's fault is worth a read only when there is something that it would explain.
        !PLANNED.has(type) &&
        !HARMLESS.has(type) &&
        [...shows].every(
          ([feature, roles]) =>
            !made.some((read) => shownBy(feature, read)) ||
            [...roles.values()].every((shares) => [...shares.values()].every((share) => share < EXPECTED)),
        ),
    )
    // A type is as likely as another, at however many kinds of place it is known.
    .map((pattern) => ({ pattern, place: '?', weight: (doubt * UNSEEN) / (kinds.get(pattern.type) ?? 1) }));
  return [...near, ...far, ...unseen];
}

/** The next read, or undefined when none is worth its cost. */
export function chooseLook(
  codebook: Codebook,
  reads: readonly PlannedRead[],
  made: readonly PlannedRead[],
  belief: Belief,
): PlannedRead | undefined {
  const open = reads.filter(({ key }) => made.every((one) => one.key !== key));
  const hypotheses = openHypotheses(codebook, belief, made);
  const healthy = belief.explained.length === 0 ? 1 : 0.05;
  const ranked = open
    .map((read) => {
      const groups = new Map<string, number>([['', healthy]]);
      for (const one of hypotheses) {
        const answer = answerOf(one, read);
        groups.set(answer, (groups.get(answer) ?? 0) + one.weight);
      }
      return { read, bits: entropy([...groups.values()]) / read.cost };
    })
    .sort((a, b) => b.bits - a.bits);
  const [best] = ranked;
  return best !== undefined && best.bits >= LEAST_BITS ? best.read : undefined;
}
