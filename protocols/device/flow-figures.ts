/** Figures that follow from flow records: who talks most, how many sessions begin, stay half open, and how regularly. */
import type { FlowRecord } from './flow.ts';

/** TCP flags (RFC 9293 §3.1). */
const SYN = 2;
const ACK = 16;

/** Octets by key, most first. */
export function rankTalkers(
  flows: readonly FlowRecord[],
  keyOf: (flow: FlowRecord) => string,
): readonly { readonly key: string; readonly octets: number }[] {
  const sums = new Map<string, number>();
  for (const flow of flows) sums.set(keyOf(flow), (sums.get(keyOf(flow)) ?? 0) + flow.octets);
  return [...sums]
    .map(([key, octets]) => ({ key, octets }))
    .sort((a, b) => b.octets - a.octets || (a.key < b.key ? -1 : 1));
}

/** Flows that began a second, over the span of the records; 0 for none. */
export function countNewPerSecond(flows: readonly unknown[], spanMs: number): number {
  return spanMs <= 0 ? 0 : (1000 * flows.length) / spanMs;
}

/** TCP flows that never got beyond the first packet of the handshake (RFC 4987 §2). */
export const isHalfOpen = (flow: Pick<FlowRecord, 'protocol' | 'tcpFlags'>): boolean =>
  flow.protocol === 6 && (flow.tcpFlags & SYN) !== 0 && (flow.tcpFlags & ACK) === 0;

/** Fewer than this many intervals prove no rhythm. */
const LEAST_INTERVALS = 5;

/**
 * How regular the beginnings are: 1 minus the coefficient of variation of the intervals, not below 0. A beacon is close
 * to 1, people are close to 0 (the dispersion measure of RITA, activecm/rita, on intervals alone).
 */
export function scorePeriodicity(flows: readonly Pick<FlowRecord, 'start'>[]): number {
  const starts = flows.map((flow) => flow.start).sort((a, b) => a - b);
  const intervals = starts.slice(1).map((start, at) => start - (starts[at] ?? start));
  if (intervals.length < LEAST_INTERVALS) return 0;
  const mean = intervals.reduce((sum, one) => sum + one, 0) / intervals.length;
  if (mean === 0) return 0;
  const variance = intervals.reduce((sum, one) => sum + (one - mean) ** 2, 0) / intervals.length;
  return Math.max(0, Math.round(100 * (1 - Math.sqrt(variance) / mean)) / 100);
}
