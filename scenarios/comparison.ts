/** How an assertion compares a reading: with a value, a range, a form, or with the reading before the incident. */
import { z } from 'zod';

/** What a signal can read as. */
export type SignalValue = string | number | boolean;

const scalar = z.union([z.string(), z.number(), z.boolean()]);

/** Exactly one is given. */
export const comparison = z
  .strictObject({
    is: scalar.optional(),
    not: scalar.optional(),
    /** Regular expression. */
    matches: z.string().max(200).optional(),
    above: z.number().optional(),
    below: z.number().optional(),
    /** Both ends included. */
    between: z.tuple([z.number(), z.number()]).optional(),
    /** At least so much more, or less, than before the incident; what was not there before counts as 0. */
    rises: z.number().positive().optional(),
    falls: z.number().positive().optional(),
    /** A probe came back with a figure, or it did not. */
    answers: z.boolean().optional(),
  })
  .refine(
    (one) => Object.values(one).filter((value) => value !== undefined).length === 1,
    'give exactly one of is, not, matches, above, below, between, rises, falls, answers',
  );

export type Comparison = z.infer<typeof comparison>;

/** `before`: the reading of the same resource before the incident. A text is never above or below anything. */
export function compare(wanted: Comparison, value: SignalValue, before?: SignalValue): boolean {
  if (wanted.is !== undefined) return value === wanted.is;
  if (wanted.not !== undefined) return value !== wanted.not;
  if (wanted.matches !== undefined) return new RegExp(wanted.matches).test(String(value));
  if (wanted.answers !== undefined) return (typeof value === 'number') === wanted.answers;
  if (typeof value !== 'number') return false;
  if (wanted.above !== undefined) return value > wanted.above;
  if (wanted.below !== undefined) return value < wanted.below;
  if (wanted.between !== undefined) return value >= wanted.between[0] && value <= wanted.between[1];
  const base = typeof before === 'number' ? before : 0;
  return wanted.rises === undefined ? base - value >= (wanted.falls ?? 0) : value - base >= wanted.rises;
}
