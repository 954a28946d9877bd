/** What a broker hears that writes to records which another one has claimed since: it must not act any more. */
import { WayleaveError } from '../errors.ts';

/**
 * Fencing by epoch: every broker that opens the journal claims it under a higher number, and a write under a lower one is
 * refused. Each step of a transaction is written before the next begins, so that the loser stops before its next step and
 * never confirms a change; the device takes it back by itself (RFC 6241 §8.4).
 */
export const takenOver = (): WayleaveError =>
  new WayleaveError('UNAVAILABLE', 'Another broker has taken over; this one changes nothing any more.');
