/** Checks an assertion of a story against observations. Pure. */
import type { Observation } from '../broker/contract.ts';
import type { Assertion } from './story.ts';

type Comparison = NonNullable<Assertion['some']>;

/** Whether the assertion holds; `every` and `some` need at least one matching observation, so that none is empty. */
export function holds(assertion: Assertion, observations: readonly Observation[]): boolean {
  const pattern = assertion.resource === undefined ? undefined : new RegExp(assertion.resource);
  const relevant = observations.filter(
    (one) => one.signal === assertion.signal && (pattern?.test(one.resource) ?? true),
  );
  if (assertion.every !== undefined) {
    const { every } = assertion;
    return relevant.length > 0 && relevant.every((one) => compares(every, one.value));
  }
  const { some, none } = assertion;
  if (some !== undefined) return relevant.some((one) => compares(some, one.value));
  return none !== undefined && !relevant.some((one) => compares(none, one.value));
}

function compares(comparison: Comparison, value: Observation['value']): boolean {
  if (comparison.equals !== undefined) return value === comparison.equals;
  if (comparison.not !== undefined) return value !== comparison.not;
  return new RegExp(comparison.matches ?? '^$').test(String(value));
}
