/** Inference: how probable each fault type is given the features, and which set of faults covers all symptoms. */
import type { Codebook, FaultType, Hypothesis } from './codebook.ts';
import { hypotheses, likelihood } from './codebook.ts';
import type { Feature } from './feature.ts';

export interface Candidate {
  readonly hypothesis: Hypothesis;
  readonly probability: number;
}

/** Share of questions about a network in which nothing is wrong. */
const HEALTHY_PRIOR = 0.5;
/** A symptom counts as explained by a hypothesis that shows it at least this often. */
const EXPLAINS = 0.5;
/** A second root cause must make the observations this many times more likely (log), against one-off noise. */
const SECOND_CAUSE_GAIN = Math.log(20);

/** Posterior over the hypotheses, most probable first (naive Bayes; ties in order of the codebook). */
export function rankHypotheses(codebook: Codebook, features: Iterable<Feature>): readonly Candidate[] {
  const all = hypotheses(codebook);
  const seen = [...features];
  const scores = all.map((hypothesis) => {
    const prior = hypothesis === 'healthy' ? HEALTHY_PRIOR : (1 - HEALTHY_PRIOR) / (all.length - 1);
    return seen.reduce(
      (sum, { name, value }) => sum + Math.log(likelihood(codebook, hypothesis, name, value) ?? 1),
      Math.log(prior),
    );
  });
  const top = Math.max(...scores);
  const weights = scores.map((score) => Math.exp(score - top));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return all
    .map((hypothesis, index) => ({ hypothesis, probability: (weights[index] ?? 0) / total }))
    .sort((a, b) => b.probability - a.probability);
}

/** Entropy of a distribution in bits. */
export function entropy(probabilities: readonly number[]): number {
  return probabilities.reduce((sum, p) => (p > 0 ? sum - p * Math.log2(p) : sum), 0);
}

/** Features whose value a healthy network hardly shows. The commit hint alone is no symptom. */
export function findSymptoms(codebook: Codebook, features: Iterable<Feature>): readonly Feature[] {
  return [...features].filter(({ name, value }) => {
    const normal = likelihood(codebook, 'healthy', name, value);
    return normal !== undefined && normal < 0.1 && !name.startsWith('commit-');
  });
}

/** True when the hypothesis shows this value at least every second time. */
export function explains(codebook: Codebook, hypothesis: Hypothesis, { name, value }: Feature): boolean {
  return (likelihood(codebook, hypothesis, name, value) ?? 0) >= EXPLAINS;
}

/** Log-likelihood of the features under several simultaneous faults: each feature as its best explaining fault shows it (noisy-OR with deterministic causes). */
function scoreSet(codebook: Codebook, faults: readonly FaultType[], features: readonly Feature[]): number {
  return features.reduce((sum, { name, value }) => {
    const shown = faults.map((fault) => likelihood(codebook, fault, name, value) ?? 1);
    return sum + Math.log(Math.max(...shown));
  }, 0);
}

/** Greedy cover: the best fault, then further ones while symptoms stay unexplained and each is worth its prior. */
export function coverSymptoms(codebook: Codebook, best: FaultType, features: Iterable<Feature>): readonly FaultType[] {
  const seen = [...features];
  const chosen: FaultType[] = [best];
  for (;;) {
    const open = findSymptoms(codebook, seen).filter((one) => !chosen.some((fault) => explains(codebook, fault, one)));
    if (open.length === 0) return chosen;
    const now = scoreSet(codebook, chosen, seen);
    const next = hypotheses(codebook)
      .filter((fault) => fault !== 'healthy')
      .filter((fault) => !chosen.includes(fault) && open.some((one) => explains(codebook, fault, one)))
      .map((fault) => {
        // A second fault must fit on its own terms: symptoms it demands and that are absent count against it.
        const missing = seen.filter((one) => (likelihood(codebook, fault, one.name, one.value) ?? 1) < 0.1);
        const unexplained = missing.filter((one) => !chosen.some((other) => explains(codebook, other, one)));
        const masked = missing.filter((one) => !findSymptoms(codebook, [one]).length);
        const penalty = (unexplained.length + masked.length) * 2;
        return { fault, gain: scoreSet(codebook, [...chosen, fault], seen) - now - penalty };
      })
      .sort((a, b) => b.gain - a.gain)[0];
    if (!next || next.gain < SECOND_CAUSE_GAIN) return chosen;
    chosen.push(next.fault);
  }
}
