/** What is measured, in pieces that can be played apart: which cases each has, and what its figures are for. */
import type { Catalogue } from '../../scenarios/catalogue.ts';
import { BUNDLED, loadCatalogue } from '../../scenarios/catalogue.ts';
import type { ReplayCase } from '../../scenarios/replay/case.ts';
import { catalogueCases } from '../../scenarios/replay/catalogue-cases.ts';
import type { Setting } from '../../scenarios/replay/plan.ts';
import { calmIncidents, pairIncidents, typeIncidents } from './invent-incidents.ts';

export interface Piece {
  readonly name: string;
  /** `calm` counts false alarms, `unknown` leaves a family out, `thousand` is compared with size m, the rest finds causes. */
  readonly kind: 'known' | 'invented' | 'pairs' | 'calm' | 'unknown' | 'thousand';
  readonly cases: () => readonly ReplayCase[];
}

const SIZES = ['s', 'm', 'l'] as const;
const EXAMPLES = ['two-regions', 'full-mesh', 'shops'] as const;
/** Seeds of the calm days: with the conditions that there are, more than 200 runs. */
const CALM_SEEDS = 25;

const settingOf = (size: string, network: string, seed: number, more: Partial<Setting> = {}): Setting => ({
  ...{ size, network, seed, baselines: false, wire: false, leaveOut: false },
  ...more,
});

/** `file`: another catalogue than the one that ships. */
export function listPieces(seeds: readonly number[], file: string = BUNDLED): readonly Piece[] {
  const shipped = (): Catalogue => loadCatalogue(file);
  const play = (catalogue: Catalogue, setting: Setting): readonly ReplayCase[] =>
    catalogueCases(catalogue, 'acceptance', [], [setting]);
  return [
    ...seeds.flatMap((seed): readonly Piece[] => [
      ...SIZES.map((size): Piece => {
        const setting = settingOf(size, `refnet:${size}`, seed, { baselines: true });
        return { name: `catalogue ${size} seed ${seed}`, kind: 'known', cases: () => play(shipped(), setting) };
      }),
      ...EXAMPLES.map((name): Piece => {
        const setting = settingOf(name, name, seed, { baselines: true });
        return { name: `catalogue ${name} seed ${seed}`, kind: 'known', cases: () => play(shipped(), setting) };
      }),
      {
        name: `every type m seed ${seed}`,
        kind: 'invented',
        cases: () => play(typeIncidents('refnet:m', seed), settingOf('m', 'refnet:m', seed, { baselines: true })),
      },
      {
        name: `every type shops seed ${seed}`,
        kind: 'invented',
        cases: () => play(typeIncidents('shops', seed), settingOf('shops', 'shops', seed, { baselines: true })),
      },
      {
        name: `two at once m seed ${seed}`,
        kind: 'pairs',
        cases: () => play(pairIncidents('refnet:m', seed), settingOf('m', 'refnet:m', seed)),
      },
      {
        name: `family left out m seed ${seed}`,
        kind: 'unknown',
        cases: () => play(shipped(), settingOf('m', 'refnet:m', seed, { leaveOut: true })),
      },
    ]),
    ...Array.from({ length: CALM_SEEDS }, (_, at): Piece => {
      const seed = 1_000 + at;
      return {
        name: `calm m seed ${seed}`,
        kind: 'calm',
        cases: () => play(calmIncidents(), settingOf('m', 'refnet:m', seed)),
      };
    }),
    {
      name: 'thousand sites seed 1',
      kind: 'thousand',
      cases: () => play(shipped(), settingOf('xl', 'refnet:xl', 1)),
    },
  ];
}
