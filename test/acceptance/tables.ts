/** The tables beside the aims: what each simpler way of looking reaches on the same cases, and what becomes of each family that is left out. */
import { BASELINES, sumBaseline } from '../../scenarios/replay/baselines.ts';
import { type Scored, sumUp } from '../../scenarios/replay/summary.ts';
import type { Result } from './kept-results.ts';

/** One way of looking on the cases that all ways were asked about; shares from 0 to 1. */
export interface WayRow {
  readonly way: string;
  readonly cases: number;
  readonly detection: number | null;
  readonly falsePositives: number | null;
  readonly localisation: number | null;
  readonly rootCauses: number | null;
}

/** The engine first, then the simpler ways, on the very same cases. */
export function compareWays(results: readonly Result[]): readonly WayRow[] {
  const asked = results.flatMap(({ scored }) => (Object.keys(scored.baselines ?? {}).length > 0 ? [scored] : []));
  if (asked.length === 0) return [];
  const own = sumUp(asked, 0);
  const row = (
    way: string,
    sum: Pick<typeof own, 'detection' | 'false_positive_rate' | 'localisation_f1' | 'rca_f1'>,
  ) => ({
    ...{ way, cases: asked.length, detection: sum.detection, falsePositives: sum.false_positive_rate },
    ...{ localisation: sum.localisation_f1, rootCauses: sum.rca_f1 },
  });
  return [row('this diagnosis', own), ...BASELINES.map((name) => row(name, sumBaseline(name, answersOf(asked, name))))];
}

const answersOf = (asked: readonly Scored[], name: string) =>
  asked.flatMap(({ played, baselines }) => {
    const score = baselines?.[name];
    return score === undefined ? [] : [{ score, calm: played.expect.causes.length === 0 }];
  });

/** One incident whose family the engine did not know. */
export interface LeftOutRow {
  readonly id: string;
  readonly seed: number;
  readonly expected: string;
  readonly verdict: string;
  /** What it named instead, in doubt or not. */
  readonly named: string;
  readonly doubts: boolean;
  readonly placed: boolean;
}

export function listLeftOut(results: readonly Result[]): readonly LeftOutRow[] {
  const say = (pairs: readonly { readonly resource: string; readonly fault_type: string }[]): string =>
    pairs.map(({ resource, fault_type: type }) => `${type} at ${resource}`).join(', ');
  return results.flatMap(({ scored: { played, unknown } }) =>
    unknown === undefined || played.expect.causes.length === 0
      ? []
      : [
          {
            ...{ id: played.id, seed: played.seed, verdict: played.verdict, ...unknown },
            expected: say(played.expect.causes),
            named: say([...played.root_causes, ...played.candidates]),
          },
        ],
  );
}
