/** What a caller hears of an error that nobody expected: that a part is away for a moment, where it is that. */
import { isServerAway } from '../storage/server-away.ts';
import { WayleaveError } from './errors.ts';

/** A server that is started again answers after about as long. */
const AGAIN_MS = 2_000;

/**
 * `UNAVAILABLE` with the time after which a read may be asked for again; undefined for anything else, which is a defect. It does
 * not say that nothing happened: a change is asked for again under its own intent only, which is never executed twice.
 */
export function sayAway(error: unknown): WayleaveError | undefined {
  if (!isServerAway(error)) return undefined;
  return new WayleaveError('UNAVAILABLE', 'The database of the broker does not answer at the moment.', AGAIN_MS);
}
