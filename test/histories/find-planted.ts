/** Plants one bug after the other in a copy of the sources, and plays histories there until one of them finds it. */
import { availableParallelism } from 'node:os';
import { copySources } from '../attacks/measure.ts';
import { PLANTED, type PlantedBug } from './planted.ts';
import { PLANTED_SEEDS } from './planted-seeds.ts';
import { playSeeds } from './workers.ts';

export interface Found {
  readonly bug: PlantedBug;
  /** The seed that found it: the one that is known to, or else the lowest; absent when none did. */
  readonly seed?: number;
  readonly what: string;
}

/** Seeds that are played before it is asked whether one of them found the bug: most are found at once. */
const FIRST_STRIDE = 20;

export async function findPlanted(
  root: string,
  { from, seeds }: { readonly from: number; readonly seeds: number },
  talk: (text: string) => void,
  only?: readonly string[],
): Promise<readonly Found[]> {
  const copy = copySources(root);
  const found: Found[] = [];
  const workers = availableParallelism();
  try {
    for (const [name, texts] of Object.entries(PLANTED)) {
      if (only !== undefined && !only.includes(name)) continue;
      const bug = name as PlantedBug;
      const one = await copy.replaced(texts, (folder) => search(folder, bug, from, from + seeds, workers));
      found.push(one);
      talk(`${bug}: ${one.seed === undefined ? 'NOT FOUND' : `seed ${one.seed}`}`);
    }
  } finally {
    copy.remove();
  }
  return found;
}

async function search(root: string, bug: PlantedBug, from: number, end: number, workers: number): Promise<Found> {
  const known = PLANTED_SEEDS[bug];
  if (from === 1) {
    const { violations } = await playSeeds({ root, from: known, to: known + 1, workers: 1 });
    if (violations[0] !== undefined) return { bug, seed: known, what: violations[0].what[0] ?? '' };
  }
  for (let [at, stride] = [from, FIRST_STRIDE]; at < end; at += stride, stride *= 4) {
    const to = Math.min(end, at + stride);
    const { violations } = await playSeeds({ root, from: at, to, workers, first: true });
    const [lowest] = violations;
    if (lowest !== undefined) return { bug, seed: lowest.seed, what: lowest.what[0] ?? '' };
  }
  return { bug, what: `not in ${end - from} seeds` };
}
