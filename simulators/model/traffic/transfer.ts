/** How fast a TCP transfer goes: window, loss and free room (RFC 9293, RFC 5681; Mathis et al., CCR 27(3), 1997). */

/** Payload of a full segment behind the overlay's headers. */
export const SEGMENT_BYTES = 1_360;
/** Receive window of a host that grows its buffer as it needs (RFC 7323). */
export const USUAL_WINDOW_BYTES = 4_194_304;
/** First flight of a connection (RFC 6928). */
const INITIAL_SEGMENTS = 10;
/** Waits for a lost packet that nothing follows (RFC 6298 §2.4). */
const RETRANSMISSION_MS = 1_000;
const MATHIS = Math.sqrt(3 / 2);

/** What a transfer meets; `loss` of the data direction, 0–1. */
export interface TransferPath {
  readonly rttMs: number;
  readonly loss: number;
  /** Room for one more transfer, bits a second. */
  readonly roomBps: number;
  readonly windowBytes: number;
}

/** Steady rate in bits a second: the least of room, window per round trip, and what loss allows. */
export function transferRate({ rttMs, loss, roomBps, windowBytes }: TransferPath): number {
  const roundTrip = Math.max(1, rttMs) / 1000;
  const byWindow = (8 * windowBytes) / roundTrip;
  const byLoss = loss <= 0 ? Number.POSITIVE_INFINITY : ((8 * SEGMENT_BYTES) / roundTrip) * (MATHIS / Math.sqrt(loss));
  return Math.min(roomBps, byWindow, byLoss);
}

/** Time in milliseconds to fetch `bytes`: handshake, request, slow start, then the steady rate; lost packets are waited for. */
export function fetchTime(path: TransferPath, bytes: number, serviceMs: number): number {
  const rate = transferRate(path);
  const exchanges = 2 * path.rttMs + 3 * path.loss * RETRANSMISSION_MS;
  let sent = 0;
  let flight = Math.min(INITIAL_SEGMENTS * SEGMENT_BYTES, path.windowBytes);
  let startMs = 0;
  // Each round trip doubles the flight until the steady rate is reached or all is sent.
  while (sent + flight < bytes && (8_000 * flight) / Math.max(1, path.rttMs) < rate) {
    sent += flight;
    flight *= 2;
    startMs += path.rttMs;
  }
  return exchanges + serviceMs + startMs + (8_000 * Math.max(0, bytes - sent)) / Math.max(1, rate);
}
