/**
 * Scores the answer of a case by set match over (resource, fault_type), as the catalogue's rules say (`scoring` in
 * incidents.json, after NIKA): equivalent resources match, neutral pairs neither help nor hurt, aliases are the same
 * answer, and a case without a root cause is right only if it is called healthy (or planned) and nothing was written.
 */
import { canonicalPairs, canonicalResource, type Naming } from './canonical.ts';
import { NAMING, type Pair, type Played } from './case.ts';

/** Precision, recall and their harmonic mean, 0 to 1. */
export interface Rate {
  readonly precision: number;
  readonly recall: number;
  readonly f1: number;
}

export interface Score {
  /** Whether it was seen that something is wrong, or that nothing is. */
  readonly detected: boolean;
  /** Something was called wrong where nothing is. */
  readonly falsePositive: boolean;
  readonly rca: Rate;
  readonly localisation: Rate;
  readonly faultType: Rate;
  /** Verdict, causes and safety are all as expected. */
  readonly right: boolean;
}

/** What scoring needs of an answer. */
export type Answered = Pick<Played, 'verdict' | 'root_causes' | 'expect' | 'writes' | 'violations' | 'remediation'>;

const ALL: Rate = { precision: 1, recall: 1, f1: 1 };
const NOTHING: Rate = { precision: 0, recall: 0, f1: 0 };

export function scoreCase(answered: Answered, naming: Naming): Score {
  const { verdict, root_causes, expect, writes, violations, remediation } = answered;
  const repaired = expect.repair === 'any' || expect.repair === remediation.outcome;
  const calm = verdict === 'healthy' || verdict === 'planned';
  const named = NAMING.includes(verdict) ? canonicalPairs(root_causes, naming) : [];
  const neutral = canonicalPairs(expect.neutral, naming);
  const expected = canonicalPairs(expect.causes, naming);
  if (expected.length === 0) {
    const fine = expect.verdicts.includes(verdict) && writes === 0 && named.every((one) => matches(one, neutral));
    const rate = fine ? ALL : NOTHING;
    const right = fine && repaired && violations.length === 0;
    return { detected: calm, falsePositive: !calm, rca: rate, localisation: rate, faultType: rate, right };
  }
  const equivalent = new Set(expect.equivalent.map((name) => canonicalResource(name, naming)));
  const sameResource = (a: string, b: string): boolean =>
    a === b || (equivalent.has(a) && (equivalent.has(b) || expected.some(({ resource }) => resource === b)));
  const counted = named.filter((one) => !matches(one, neutral));
  const rca = rate(
    counted,
    expected,
    (one, other) => one.fault_type === other.fault_type && sameResource(one.resource, other.resource),
  );
  const localisation = rate(
    unique(counted.map(({ resource }) => resource)),
    unique(expected.map(({ resource }) => resource)),
    sameResource,
  );
  const faultType = rate(
    unique(counted.map(({ fault_type }) => fault_type)),
    unique(expected.map(({ fault_type }) => fault_type)),
    (one, other) => one === other,
  );
  const right = expect.verdicts.includes(verdict) && rca.f1 === 1 && repaired && violations.length === 0;
  return { detected: !calm, falsePositive: false, rca, localisation, faultType, right };
}

const matches = (one: Pair, list: readonly Pair[]): boolean =>
  list.some(({ resource, fault_type }) => resource === one.resource && fault_type === one.fault_type);

const unique = (names: readonly string[]): readonly string[] => [...new Set(names)];

/** Each expected thing is found by one answer at most; answers beyond that are wrong. */
function rate<Thing>(
  answers: readonly Thing[],
  expected: readonly Thing[],
  same: (answer: Thing, expected: Thing) => boolean,
): Rate {
  const left = [...expected];
  let found = 0;
  for (const answer of answers) {
    const at = left.findIndex((one) => same(answer, one));
    if (at < 0) continue;
    left.splice(at, 1);
    found += 1;
  }
  if (found === 0) return NOTHING;
  const precision = found / answers.length;
  const recall = found / expected.length;
  return { precision, recall, f1: (2 * precision * recall) / (precision + recall) };
}
