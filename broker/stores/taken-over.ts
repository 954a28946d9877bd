/** What a broker hears that writes of a device whose lease another one has taken since: it must not act any more. */
import { WayleaveError } from '../errors.ts';

/**
 * Each step of a transaction is written, under the token of the device's lease, before the next begins, so that the loser
 * stops before its next step and never confirms a change; the device takes it back by itself (RFC 6241 §8.4).
 */
export const takenOver = (): WayleaveError =>
  new WayleaveError('UNAVAILABLE', 'Another broker has taken over; this one changes nothing any more.');
