/** What a call sounds like: the E-model (ITU-T G.107) for G.711 with packet-loss concealment. */

/** Default transmission rating without delay and loss (G.107 table 2). */
const BEST_RATING = 93.2;
/** Robustness of G.711 with concealment against random loss (G.113 appendix I). */
const BPL = 25.1;
/** What a jitter buffer adds to the delay, milliseconds. */
const BUFFER_MS = 30;
/** Delay variation at which one packet in eleven comes too late, and the share that can be late at all. */
const LATE_SCALE_MS = 51;
const LATE_SHARE = 0.25;

/**
 * Share of packets, 0–1, that a jitter buffer throws away because they are late: an exponential tail, fitted so that
 * 45–70 ms of jitter cost about a point of MOS, as adaptive buffers of phones show.
 */
export const lateShare = (jitterMs: number): number =>
  jitterMs <= 0 ? 0 : LATE_SHARE * Math.exp(-LATE_SCALE_MS / jitterMs);

/**
 * Mean opinion score, 1–4.5. `loss` is a share 0–1; delay and jitter are one way in milliseconds.
 * G.107 §7: R = 93.2 − Id − Ie,eff; MOS as in annex B.
 */
export function meanOpinionScore(loss: number, onewayMs: number, jitterMs: number): number {
  const lost = 100 * (1 - (1 - loss) * (1 - lateShare(jitterMs)));
  const delay = onewayMs + BUFFER_MS;
  const delayImpairment = 0.024 * delay + 0.11 * Math.max(0, delay - 177.3);
  const equipmentImpairment = (95 * lost) / (lost + BPL);
  const rating = BEST_RATING - delayImpairment - equipmentImpairment;
  if (rating <= 0) return 1;
  const score = 1 + 0.035 * rating + rating * (rating - 60) * (100 - rating) * 7e-6;
  return Math.max(1, Math.min(4.5, score));
}
