/** Finds assertions of health that no other incident can break: they would say nothing. */
import type { Topology } from '../../simulators/model/network.ts';
import { type Assertion, holds } from '../assert.ts';
import type { Story } from '../story.ts';
import { createReader } from './play.ts';
import { setStage, strike } from './stage.ts';

/** Seconds after the onset of the other incident at which the assertion is looked at. */
const LOOKS: readonly number[] = [10, 120, 1_900, 16_000];

interface Unbroken {
  readonly id: string;
  readonly healthy: Assertion;
}

/** @param load a story at a branch */
export function findUnbroken(
  ids: readonly string[],
  load: (id: string, branch?: number) => Story,
  topology: Topology,
  seed: number,
): readonly string[] {
  const byBranch = new Map<number, Unbroken[]>();
  for (const id of ids) {
    const story = load(id);
    const held = story.stays_healthy.map((healthy) => ({ id, healthy }));
    byBranch.set(story.branch, [...(byBranch.get(story.branch) ?? []), ...held]);
  }
  const unbroken = [...byBranch].flatMap(([branch, all]) =>
    breakAll(
      all,
      ids.map((id) => load(id, branch)),
      topology,
      seed,
    ),
  );
  return unbroken.map(({ id, healthy }) => `${id}: no other incident breaks: ${healthy.says}`);
}

/** What is left of `all` after every other incident of the branch had its turn. */
function breakAll(
  all: readonly Unbroken[],
  others: readonly Story[],
  topology: Topology,
  seed: number,
): readonly Unbroken[] {
  let left = all;
  for (const other of others) {
    if (left.every(({ id }) => id === other.id)) continue;
    const stage = setStage(topology, seed, other);
    const read = createReader(stage.surface, stage.onset);
    const before = new Map(left.map(({ healthy }) => [healthy, read(healthy)]));
    if (strike(stage, other) !== undefined) continue;
    for (const seconds of LOOKS.filter(
      (at) => at === LOOKS[0] || at <= 4 * Math.max(30, ...other.symptoms.map((one) => one.within)),
    )) {
      stage.network.advanceTo(stage.onset + seconds * 1_000);
      left = left.filter(({ id, healthy }) => id === other.id || holds(healthy, read(healthy), before.get(healthy)));
    }
  }
  return left;
}
