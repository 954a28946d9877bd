/** Finds assertions of health that no other incident can break: they would say nothing. */
import type { Topology } from '../../simulators/model/network.ts';
import { type Assertion, holds } from '../assert.ts';
import type { Story } from '../story.ts';
import { createReader } from './play.ts';
import { setStage, strike } from './stage.ts';

/** Seconds after the onset of the other incident at which the assertions are looked at, as far as it takes so long. */
const LOOKS: readonly number[] = [10, 120, 1_900, 16_000];
const PATIENCE = 4;
const SHORTEST = 30;

interface Claim {
  readonly id: string;
  readonly healthy: Assertion;
}

/**
 * Plays the incidents one after the other, each at its own branch and at the neighbouring one, until every claim of
 * another incident was false once. `load` gives a story at a branch that the network has.
 */
export function findUnbroken(
  ids: readonly string[],
  load: (id: string, branch?: number) => Story,
  topology: Topology,
  seed: number,
): readonly string[] {
  const stories = ids.map((id) => load(id));
  let left: readonly Claim[] = stories.flatMap(({ id, stays_healthy: claims }) =>
    claims.map((healthy) => ({ id, healthy })),
  );
  const branches = [...new Set(stories.map((story) => story.branch))];
  for (const branch of branches) {
    for (const id of ids) {
      if (left.some((claim) => claim.id !== id)) left = breakClaims(left, load(id, branch), topology, seed);
    }
  }
  return left.map(({ id, healthy }) => `${id}: no other incident breaks: ${healthy.says}`);
}

/** What is left of the claims after this incident had its turn. */
function breakClaims(claims: readonly Claim[], other: Story, topology: Topology, seed: number): readonly Claim[] {
  const stage = setStage(topology, seed, other);
  const read = createReader(stage.surface, stage.onset);
  const before = new Map(claims.map(({ healthy }) => [healthy, read(healthy)]));
  if (strike(stage, other) !== undefined) return claims;
  const longest = PATIENCE * Math.max(SHORTEST, ...other.symptoms.map((one) => one.within));
  let left = claims;
  for (const seconds of LOOKS.filter((at) => at <= longest)) {
    stage.network.advanceTo(stage.onset + seconds * 1_000);
    left = left.filter(({ id, healthy }) => id === other.id || holds(healthy, read(healthy), before.get(healthy)));
  }
  return left;
}
