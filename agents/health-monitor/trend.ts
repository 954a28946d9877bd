/** Where a series of samples is heading: the Theil–Sen line, with the interval that its slope lies in. Pure. */

/** A time (epoch milliseconds) and what was measured then. */
export type Sample = readonly [at: number, value: number];

export interface Trend {
  /** A millisecond: the median slope, and the bounds between which it lies with 95 % confidence. */
  readonly slope: number;
  readonly low: number;
  readonly high: number;
  /** Of the line, at the last sample. */
  readonly level: number;
}

export interface Forecast {
  /** Milliseconds until the limit is reached, and the bounds of that. `latest` is absent when it may be never. */
  readonly inMs: number;
  readonly earliestMs: number;
  readonly latestMs?: number;
  readonly samples: number;
}

/** Fewer say nothing about a trend. */
export const LEAST_SAMPLES = 8;
/** 97.5th percentile of the normal distribution. */
const Z = 1.96;
/** A line is believed as far ahead as three times the span that it was seen over. */
const REACH = 3;

export const median = (sorted: readonly number[]): number => {
  const half = Math.floor(sorted.length / 2);
  const upper = sorted[half] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[half - 1] ?? upper) + upper) / 2;
};

/**
 * Median of the slopes between all pairs (Theil, 1950; Sen, JASA 63, 1968): a few samples that are far off change nothing.
 * The bounds are the order statistics that Kendall's variance n(n-1)(2n+5)/18 gives. Undefined for too few samples.
 */
export function findTrend(samples: readonly Sample[]): Trend | undefined {
  const n = samples.length;
  if (n < LEAST_SAMPLES) return undefined;
  const slopes = samples
    .flatMap(([at, value], index) =>
      samples.slice(index + 1).flatMap(([later, next]) => (later === at ? [] : [(next - value) / (later - at)])),
    )
    .sort((a, b) => a - b);
  if (slopes.length === 0) return undefined;
  const spread = Z * Math.sqrt((n * (n - 1) * (2 * n + 5)) / 18);
  const at = (index: number): number =>
    slopes[Math.max(0, Math.min(slopes.length - 1, Math.round(index)))] ?? Number.NaN;
  const slope = median(slopes);
  const end = samples.at(-1)?.[0] ?? 0;
  const level = median(samples.map(([when, value]) => value + slope * (end - when)).sort((a, b) => a - b));
  return { slope, level, low: at((slopes.length - spread) / 2 - 1), high: at((slopes.length + spread) / 2) };
}

/** When the series reaches `limit` from below; undefined where it surely does not rise, or further ahead than it can tell. */
export function forecastRise(samples: readonly Sample[], limit: number): Forecast | undefined {
  const trend = findTrend(samples);
  const span = (samples.at(-1)?.[0] ?? 0) - (samples[0]?.[0] ?? 0);
  if (trend === undefined || trend.low <= 0) return undefined;
  const room = limit - trend.level;
  const inMs = room / trend.slope;
  if (room <= 0 || inMs > REACH * span) return undefined;
  return { inMs, earliestMs: room / trend.high, latestMs: room / trend.low, samples: samples.length };
}

/** How far the last sample is from the usual ones, in median absolute deviations (scaled to a standard deviation); undefined for too few. */
export function deviation(samples: readonly Sample[]): { readonly usual: number; readonly score: number } | undefined {
  const before = samples.slice(0, -1).map(([, value]) => value);
  const last = samples.at(-1)?.[1];
  if (before.length < LEAST_SAMPLES || last === undefined) return undefined;
  const usual = median(before.toSorted((a, b) => a - b));
  const spread = 1.4826 * median(before.map((value) => Math.abs(value - usual)).sort((a, b) => a - b));
  // A series that never moves has no spread of its own: a point of it is the least that counts.
  return { usual, score: Math.abs(last - usual) / Math.max(1, spread) };
}
