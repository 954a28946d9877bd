/** Which read to make next: the one with the most information for its cost, within a budget. */
import type { Codebook, Hypothesis } from './codebook.ts';
import { expectedValue, likelihood } from './codebook.ts';
import type { Feature } from './feature.ts';
import type { Candidate } from './infer.ts';
import { entropy, rankHypotheses } from './infer.ts';
import { LOOKALIKES } from './lookalikes.ts';
import type { Read } from './reads.ts';
import { TRIAGE } from './reads.ts';

/** Reads of one diagnosis, the last look at the live state included. */
export const READ_BUDGET = 12;
/** Reads kept back for that last look. */
export const FINAL_READS = 2;
/** Remaining doubt (bits) below which no further read is worth its cost. */
const SETTLED_BITS = 0.1;

/** Expected reduction of doubt in bits: reads are taken to answer as the codebook most often saw it. */
export function informationGain(codebook: Codebook, candidates: readonly Candidate[], read: Read): number {
  const groups = new Map<string, number>();
  for (const { hypothesis, probability } of candidates) {
    const answer = read.features.map((name) => expectedValue(codebook, hypothesis, name) ?? '?').join('|');
    groups.set(answer, (groups.get(answer) ?? 0) + probability);
  }
  return entropy([...groups.values()]);
}

/** True when one of the features seen speaks against the rival and for the best. */
export function isRuledOut(
  codebook: Codebook,
  best: Hypothesis,
  rival: Hypothesis,
  features: Iterable<Feature>,
): boolean {
  for (const { name, value } of features) {
    const here = likelihood(codebook, best, name, value);
    const there = likelihood(codebook, rival, name, value);
    if (here !== undefined && there !== undefined && here > 4 * there) return true;
  }
  return false;
}

/** Would this read show a symptom of the best hypothesis, or tell it from a look-alike that still stands? */
function isConfirming(
  codebook: Codebook,
  best: Hypothesis,
  read: Read,
  features: ReadonlyMap<string, Feature>,
): boolean {
  if (best === 'healthy') return false;
  const rivals = LOOKALIKES[best].filter((rival) => !isRuledOut(codebook, best, rival, features.values()));
  return read.features.some((name) => {
    if (features.has(name)) return false;
    const expected = expectedValue(codebook, best, name);
    if (expected === undefined) return false;
    if (expected !== expectedValue(codebook, 'healthy', name)) return true;
    return rivals.some((rival) => expectedValue(codebook, rival, name) !== expected);
  });
}

/** The next read, or undefined when the diagnosis is settled or the budget is used up. `made` are the keys of earlier reads. */
export function chooseRead(
  codebook: Codebook,
  reads: readonly Read[],
  made: ReadonlySet<string>,
  features: ReadonlyMap<string, Feature>,
): Read | undefined {
  if (made.size >= READ_BUDGET - FINAL_READS) return undefined;
  const open = reads.filter(({ key }) => !made.has(key));
  const triage = open.find(({ key }) => TRIAGE.some((name) => name === key));
  if (triage) return triage;
  const candidates = rankHypotheses(codebook, features.values());
  const best = candidates[0]?.hypothesis ?? 'healthy';
  const byGain = open
    .map((read) => ({ read, gain: informationGain(codebook, candidates, read), cost: read.cost }))
    .sort((a, b) => b.gain / b.cost - a.gain / a.cost)[0];
  const doubt = entropy(candidates.map(({ probability }) => probability));
  if (byGain && byGain.gain > SETTLED_BITS / 2 && doubt > SETTLED_BITS) return byGain.read;
  return open.find((read) => isConfirming(codebook, best, read, features));
}
