/** The outcome of a change of several devices, from what each of them came to. */
import type { Outcome } from '../contract.ts';

/** Unknown as soon as one is; succeeded as soon as one holds the change; else reverted when one had held it. */
export function sumOutcomes(outcomes: readonly Outcome[]): Outcome {
  for (const worst of ['unknown', 'succeeded', 'reverted'] as const) if (outcomes.includes(worst)) return worst;
  return 'failed';
}
