/** `npm run fidelity`: plays every story at several sizes and seeds and prints where the network deviates from it. */
import { parseArgs } from 'node:util';
import { REFNET_SIZES } from '../../simulators/topologies/refnet.ts';
import { loadStory, STORY_IDS } from '../story.ts';
import { findUnbroken } from './emptiness.ts';
import { playStory } from './play.ts';
import { mapBranch, type Size, topologyOf } from './stage.ts';

const USAGE = `npm run fidelity [-- --size s,m,l] [--seeds 1,2,3,4,5] [--id T01,R01] [--json]

Plays each incident beside a healthy twin of the same seed: symptoms must appear in time, and only with the incident;
what stays healthy must stay so, and must be breakable by some other incident. Exit 20 when something deviates.`;

export interface FidelityCase {
  readonly id: string;
  readonly size: Size;
  readonly seed: number;
  readonly deviations: readonly string[];
  readonly not_applicable?: string;
}

class Usage extends Error {}

const SIZES = ['s', 'm', 'l'] as const;

function readOptions() {
  const { values } = parseArgs({
    options: {
      size: { type: 'string', default: SIZES.join(',') },
      seeds: { type: 'string', default: '1,2,3,4,5' },
      id: { type: 'string', default: STORY_IDS.join(',') },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  const sizes = values.size.split(',').map((name) => {
    const size = Object.keys(REFNET_SIZES).find((one): one is Size => one === name);
    if (size === undefined) throw new Usage(`--size ${name}: give ${Object.keys(REFNET_SIZES).join(', ')}`);
    return size;
  });
  const seeds = values.seeds.split(',').map((text) => {
    if (!/^\d{1,9}$/.test(text)) throw new Usage(`--seeds ${text}: a seed is a whole number`);
    return Number(text);
  });
  const ids = values.id.split(',').map((text) => {
    const id = STORY_IDS.find((one) => one === text.toUpperCase());
    if (id === undefined) throw new Usage(`--id ${text}: there is no such incident`);
    return id;
  });
  return { sizes, seeds, ids, json: values.json, help: values.help };
}

function run(): number {
  const { sizes, seeds, ids, json, help } = readOptions();
  if (help) {
    console.log(USAGE);
    return 0;
  }
  const cases: FidelityCase[] = [];
  for (const size of sizes) {
    for (const seed of seeds) {
      const topology = topologyOf(size, seed);
      for (const id of ids) {
        const branch = mapBranch(loadStory(id).branch, REFNET_SIZES[size]);
        const { notApplicable, deviations } = playStory(loadStory(id, branch), topology, seed);
        cases.push({
          id,
          size,
          seed,
          deviations,
          ...(notApplicable === undefined ? {} : { not_applicable: notApplicable }),
        });
      }
      if (!json) console.error(`size ${size}, seed ${seed}: ${ids.length} incidents played`);
    }
  }
  // Of the stories, whatever is played: the smallest size at which each of them can be.
  const size = 'm';
  const seed = seeds[0] ?? 1;
  const at = (id: string, branch?: number) =>
    loadStory(id, mapBranch(branch ?? loadStory(id).branch, REFNET_SIZES[size]));
  // Only with all of them together can anything be said of none.
  const unbroken = ids.length === STORY_IDS.length ? findUnbroken(ids, at, topologyOf(size, seed), seed) : [];
  if (json) console.log(JSON.stringify({ cases, unbroken }));
  else printTable(cases, sizes, unbroken);
  return unbroken.length === 0 && cases.every((one) => one.deviations.length === 0) ? 0 : 20;
}

function printTable(cases: readonly FidelityCase[], sizes: readonly Size[], unbroken: readonly string[]): void {
  const ids = [...new Set(cases.map((one) => one.id))];
  console.log(['incident', ...sizes].map((cell) => cell.padEnd(12)).join(''));
  for (const id of ids) {
    const cells = sizes.map((size) => {
      const here = cases.filter((one) => one.id === id && one.size === size);
      const played = here.filter((one) => one.not_applicable === undefined);
      const bad = played.filter((one) => one.deviations.length > 0).length;
      if (played.length === 0) return 'n/a';
      return bad === 0 ? `ok ×${played.length}` : `${bad}/${played.length} deviate`;
    });
    console.log([id, ...cells].map((cell) => cell.padEnd(12)).join(''));
  }
  for (const one of cases) {
    for (const text of one.deviations) console.log(`${one.id} ${one.size} seed ${one.seed}: ${text}`);
  }
  const reasons = new Map(
    cases.flatMap((one) => (one.not_applicable === undefined ? [] : [[`${one.id} ${one.size}`, one.not_applicable]])),
  );
  for (const [place, reason] of reasons) console.log(`${place}: not applicable: ${reason}`);
  for (const text of unbroken) console.log(text);
  const bad = cases.filter((one) => one.deviations.length > 0).length;
  console.log(
    `${cases.length} cases, ${bad} with deviations, ${unbroken.length} assertions of health that nothing breaks`,
  );
}

try {
  process.exitCode = run();
} catch (error) {
  if (!(error instanceof Usage) && !(error instanceof TypeError && 'code' in error)) throw error;
  console.error(`${error.message}\n\n${USAGE}`);
  process.exitCode = 2;
}
