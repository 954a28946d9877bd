/** Arithmetic of Cedar's `Long`: 64-bit signed integers, where a result out of range is an error and never wraps. */
import { EvaluationError } from './value.ts';

/** A number where it is exact, else a bigint. */
export type Long = number | bigint;

const LEAST = -(2n ** 63n);
const MOST = 2n ** 63n - 1n;

/** The one representation of an integer. @throws EvaluationError outside the 64-bit range. */
export function toLong(exact: bigint): Long {
  if (exact < LEAST || exact > MOST) throw new EvaluationError('integer overflow');
  const small = Number(exact);
  return Number.isSafeInteger(small) ? small : exact;
}

const exactly =
  (fast: (a: number, b: number) => number, slow: (a: bigint, b: bigint) => bigint) => (a: Long, b: Long) => {
    if (typeof a === 'number' && typeof b === 'number') {
      const result = fast(a, b);
      // Within the safe range the sum, difference or product of integers is exact; `+ 0` turns -0 into 0.
      if (Number.isSafeInteger(result)) return result + 0;
    }
    return toLong(slow(BigInt(a), BigInt(b)));
  };

export const add = exactly(
  (a, b) => a + b,
  (a, b) => a + b,
);
export const subtract = exactly(
  (a, b) => a - b,
  (a, b) => a - b,
);
export const multiply = exactly(
  (a, b) => a * b,
  (a, b) => a * b,
);
export const negate = (a: Long): Long => subtract(0, a);

/** Quotient towards zero, as the conversions of durations need it. */
export const divide = (a: Long, by: number): Long => toLong(BigInt(a) / BigInt(by));
