/** What is wanted beside what was measured, as rows of text. */
import { BASELINES, sumBaseline } from '../../scenarios/replay/baselines.ts';
import { type Scored, sumLeftOut, sumUp } from '../../scenarios/replay/summary.ts';
import type { Result } from './kept-results.ts';
import type { Piece } from './pieces.ts';

export interface Row {
  readonly aim: string;
  readonly wanted: string;
  readonly measured: number | null;
  readonly cases: number;
  /** Undefined where nothing was measured, or nothing is wanted. */
  readonly reached?: boolean;
}

const row = (aim: string, sign: '>=' | '<=', wanted: number, measured: number | null, cases: number): Row => ({
  ...{ aim, wanted: `${sign} ${wanted}`, measured, cases },
  ...(measured === null ? {} : { reached: sign === '>=' ? measured >= wanted : measured <= wanted }),
});

const plain = (aim: string, measured: number | null, cases: number): Row => ({ aim, wanted: '', measured, cases });

export function compareWithAims(
  results: readonly Result[],
  kindOf: ReadonlyMap<string, Piece['kind']>,
): readonly Row[] {
  const of = (...kinds: readonly Piece['kind'][]): readonly Scored[] =>
    results.flatMap(({ piece, scored }) => (kinds.includes(kindOf.get(piece) ?? 'pairs') ? [scored] : []));
  const known = sumUp(of('known'), 0);
  const invented = sumUp(of('invented'), 0);
  const pairs = sumUp(of('pairs'), 0);
  const calm = sumUp(of('calm'), 0);
  const all = sumUp(of('known', 'invented', 'pairs', 'calm', 'thousand'), 0);
  const unknown = sumLeftOut(of('unknown'));
  const [lost, thousand] = lostWithSize(results, kindOf);
  return [
    row('root causes F1, catalogue', '>=', 0.9, known.rca_f1, known.cases),
    row('localisation F1, catalogue', '>=', 0.93, known.localisation_f1, known.cases),
    row('detection, catalogue', '>=', 0.98, known.detection, known.cases),
    ...BASELINES.map((name) => plain(`  root causes F1 of the ${name}`, baselineOf(of('known'), name), known.cases)),
    row('root causes F1, every type at any place', '>=', 0.9, invented.rca_f1, invented.cases),
    row('localisation F1, every type at any place', '>=', 0.93, invented.localisation_f1, invented.cases),
    row('detection, every type at any place', '>=', 0.98, invented.detection, invented.cases),
    ...BASELINES.map((name) =>
      plain(`  root causes F1 of the ${name}`, baselineOf(of('invented'), name), invented.cases),
    ),
    plain('root causes F1, two at once', pairs.rca_f1, pairs.cases),
    row('false alarms on calm networks', '<=', 0.02, calm.false_positive_rate, calm.cases),
    row('lost from 4 to 1,000 sites, root causes F1', '<=', 0.05, lost, thousand),
    row('family left out: inconclusive', '>=', 0.9, unknown?.inconclusive ?? null, unknown?.cases ?? 0),
    row('family left out: right resource', '>=', 0.9, unknown?.right_resource ?? null, unknown?.cases ?? 0),
    plain('repairs verified, of those that are ours', all.verified_fix_rate, all.repairable),
    row('regressions', '<=', 0, all.regressions, all.cases),
    row('safety violations', '<=', 0, all.violations, all.cases),
  ];
}

const baselineOf = (scored: readonly Scored[], name: string): number | null =>
  sumBaseline(
    name,
    scored.flatMap(({ played, baselines }) => {
      const score = baselines?.[name];
      return score === undefined ? [] : [{ score, calm: played.expect.causes.length === 0 }];
    }),
  ).rca_f1;

/** The same incidents at sizes m and xl: what the larger network costs. */
function lostWithSize(
  results: readonly Result[],
  kindOf: ReadonlyMap<string, Piece['kind']>,
): readonly [number | null, number] {
  const large = results.filter(({ piece, scored }) => kindOf.get(piece) === 'thousand' && scored.score !== undefined);
  const ids = new Set(large.map(({ scored }) => scored.played.id));
  const small = results.filter(
    ({ piece, scored }) => kindOf.get(piece) === 'known' && scored.played.size === 'm' && ids.has(scored.played.id),
  );
  const f1 = (some: readonly Result[]): number | null =>
    sumUp(
      some.map(({ scored }) => scored),
      0,
    ).rca_f1;
  const [before, after] = [f1(small), f1(large)];
  const lost = before === null || after === null ? null : Math.round(1e4 * (before - after)) / 1e4;
  return [lost, large.length];
}
