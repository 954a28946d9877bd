/** Sums up a replay: the figures of `replay --json`, and whether they are what was expected. */
import type { Pair, Played, Remediation } from './case.ts';
import type { Score } from './score.ts';

export interface Scored {
  readonly played: Played;
  /** Absent for a case that does not apply. */
  readonly score?: Score;
  /** Of a fault that the engine was not to know: whether it said so, and whether it named the right place. */
  readonly unknown?: { readonly doubts: boolean; readonly placed: boolean };
  /** What the answers of simpler ways are worth, where they were asked. */
  readonly baselines?: { readonly [name: string]: Score };
}

/** Exactly what `replay --json` prints; `wall_…` depends on the machine, all else on the seeds alone. */
export interface ReplayReport {
  readonly cases: readonly ReportedCase[];
  readonly summary: Summary;
}

export interface ReportedCase {
  readonly id: string;
  readonly seed: number;
  readonly size: string;
  /** Why it could not be played; all else says nothing then. */
  readonly not_applicable?: string;
  readonly verdict: string;
  readonly root_causes: readonly Pair[];
  readonly expected: readonly Pair[];
  readonly detected_at_s: number | null;
  readonly reads: number;
  readonly writes: number;
  readonly remediation: Remediation;
  readonly violations: readonly string[];
  readonly wall_received?: Played['wall_received'];
  readonly wall_ms: number;
}

/** Rates from 0 to 1, rounded to four digits; null where there was nothing to count. */
export interface Summary {
  readonly cases: number;
  readonly not_applicable: number;
  readonly detection: number | null;
  readonly false_positive_rate: number | null;
  readonly localisation_f1: number | null;
  readonly rca_f1: number | null;
  readonly fault_type_f1: number | null;
  /** Cases whose causes a change of ours can mend, and people let it. */
  readonly repairable: number;
  /** Of those. */
  readonly verified_fix_rate: number | null;
  readonly regressions: number;
  readonly evidence_resolution: number | null;
  readonly violations: number;
  readonly wall_s: number;
}

export function reportReplay(scored: readonly Scored[], wallMs: number): ReplayReport {
  return { cases: scored.map(({ played }) => reportCase(played)), summary: sumUp(scored, wallMs) };
}

const reportCase = (played: Played): ReportedCase => ({
  id: played.id,
  seed: played.seed,
  size: played.size,
  ...(played.not_applicable === undefined ? {} : { not_applicable: played.not_applicable }),
  verdict: played.verdict,
  root_causes: played.root_causes,
  expected: played.expect.causes,
  detected_at_s: played.detected_at_s,
  reads: played.reads,
  writes: played.writes,
  remediation: played.remediation,
  violations: played.violations,
  ...(played.wall_received === undefined ? {} : { wall_received: played.wall_received }),
  wall_ms: played.wall_ms,
});

/** Means over the cases that apply, each case counted once (macro average). */
export function sumUp(scored: readonly Scored[], wallMs: number): Summary {
  const counted = scored.flatMap(({ played, score }) => (score === undefined ? [] : [{ played, score }]));
  const calm = counted.filter(({ played }) => played.expect.causes.length === 0);
  const repairable = counted.filter(({ played }) => played.remediation.not_counted === undefined);
  const cited = sum(counted.map(({ played }) => played.evidence.cited));
  const resolved = sum(counted.map(({ played }) => played.evidence.resolved));
  return {
    cases: counted.length,
    not_applicable: scored.length - counted.length,
    detection: mean(counted.map(({ score }) => Number(score.detected))),
    false_positive_rate: mean(calm.map(({ score }) => Number(score.falsePositive))),
    localisation_f1: mean(counted.map(({ score }) => score.localisation.f1)),
    rca_f1: mean(counted.map(({ score }) => score.rca.f1)),
    fault_type_f1: mean(counted.map(({ score }) => score.faultType.f1)),
    repairable: repairable.length,
    verified_fix_rate: mean(repairable.map(({ played }) => Number(isVerified(played)))),
    regressions: sum(counted.map(({ played }) => played.remediation.regressions)),
    evidence_resolution: cited === 0 ? null : round(resolved / cited),
    violations: sum(counted.map(({ played }) => played.violations.length)),
    wall_s: Math.round(wallMs / 100) / 10,
  };
}

/** All that the incident changed is as before, and nothing else is worse. A wrong action is no remediation. */
const isVerified = ({ remediation, violations }: Played): boolean =>
  remediation.outcome === 'fixed' && remediation.regressions === 0 && violations.length === 0;

const sum = (numbers: readonly number[]): number => numbers.reduce((total, one) => total + one, 0);
const round = (value: number): number => Math.round(value * 10_000) / 10_000;
const mean = (numbers: readonly number[]): number | null =>
  numbers.length === 0 ? null : round(sum(numbers) / numbers.length);

/** How the engine dealt with families that it was not to know. */
export interface LeftOut {
  readonly cases: number;
  /** Shares of the cases. */
  readonly inconclusive: number;
  readonly right_resource: number;
  /** It named a cause, which can only be a wrong one. */
  readonly wrong_cause: number;
}

export function sumLeftOut(scored: readonly Scored[]): LeftOut | undefined {
  const cases = scored.flatMap(({ played, unknown }) => (unknown === undefined ? [] : [{ played, unknown }]));
  if (cases.length === 0) return undefined;
  const share = (count: number): number => round(count / cases.length);
  return {
    cases: cases.length,
    inconclusive: share(cases.filter(({ unknown }) => unknown.doubts).length),
    right_resource: share(cases.filter(({ unknown }) => unknown.placed).length),
    wrong_cause: share(cases.filter(({ played }) => played.root_causes.length > 0).length),
  };
}

/** What is expected of a replay unless somebody says otherwise. */
export const AIMS = {
  rca_f1: 0.9,
  localisation_f1: 0.93,
  detection: 0.98,
  false_positive_rate: 0.02,
  violations: 0,
} as const;
export type Aim = keyof typeof AIMS;
export type Aims = Readonly<Record<Aim, number>>;

/** Of these less is better. */
const MOST: ReadonlySet<Aim> = new Set(['false_positive_rate', 'violations']);

/** One sentence for each aim that was missed. */
export function findShortfalls(summary: Summary, aims: Aims = AIMS): readonly string[] {
  // A run that played nothing has shown nothing.
  if (summary.cases === 0 && summary.not_applicable > 0)
    return [`none of ${summary.not_applicable} cases applies here`];
  return (Object.keys(AIMS) as Aim[]).flatMap((name) => {
    const value = summary[name];
    if (value === null) return [];
    const missed = MOST.has(name) ? value > aims[name] : value < aims[name];
    return missed ? [`${name} is ${value}, expected ${MOST.has(name) ? 'at most' : 'at least'} ${aims[name]}`] : [];
  });
}

/** What is unknown is to be called so, at its place, in all but a tenth of the cases. */
const LEFT_OUT_AIM = 0.9;

export const findLeftOutShortfalls = (left: LeftOut): readonly string[] =>
  (['inconclusive', 'right_resource'] as const).flatMap((name) =>
    left[name] < LEFT_OUT_AIM ? [`${name} is ${left[name]}, expected at least ${LEFT_OUT_AIM}`] : [],
  );

/** What a simpler way of looking would have reached on the same cases. */
export interface Baseline extends Pick<Summary, 'detection' | 'false_positive_rate' | 'localisation_f1' | 'rca_f1'> {
  readonly name: string;
}
