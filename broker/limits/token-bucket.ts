/** Token buckets: a steady rate with a burst, per key, over an injected clock and with a bounded number of keys. */
import type { Clock } from '../ports.ts';

export interface BucketOptions {
  readonly clock: Clock;
  /** Tokens a full bucket holds: the burst. */
  readonly burst: number;
  /** Tokens that flow back each second. */
  readonly perSecond: number;
  /** Most keys kept at once; when all are in use, a new key is refused. */
  readonly maxKeys: number;
}

export type Admission = { readonly ok: true } | { readonly ok: false; readonly retryAfterMs: number };

export interface TokenBuckets {
  /** What `take` would answer; takes nothing. */
  peek(key: string, cost?: number): Admission;
  /** Takes `cost` tokens (default 1), or none and says when they will be there. A cost above the burst never fits. */
  take(key: string, cost?: number): Admission;
  /** Corrects what was taken by an estimate: takes what is missing, as far as there is any, or gives back what was too much. */
  settle(key: string, estimate: number, truth: number): void;
  /** Tokens that are there now, 0 … burst. */
  level(key: string): number;
}

interface Bucket {
  readonly tokens: number;
  readonly at: number;
}

export function createTokenBuckets({ clock, burst, perSecond, maxKeys }: BucketOptions): TokenBuckets {
  const buckets = new Map<string, Bucket>();

  /** Tokens now. A clock that steps back gives nothing away. */
  const level = (bucket: Bucket, now: number): number =>
    Math.min(burst, bucket.tokens + (Math.max(0, now - bucket.at) / 1000) * perSecond);

  function peek(key: string, cost = 1): Admission {
    const now = clock.now();
    const known = buckets.get(key);
    if (known === undefined && !makeRoom(now)) return { ok: false, retryAfterMs: 1000 };
    const tokens = known === undefined ? burst : level(known, now);
    if (tokens >= cost) return { ok: true };
    return { ok: false, retryAfterMs: Math.ceil(((cost - tokens) / perSecond) * 1000) };
  }

  /** A full bucket and an unknown key are the same: full ones may go. Evicting a used one would refill it for its owner. */
  function makeRoom(now: number): boolean {
    if (buckets.size < maxKeys) return true;
    for (const [key, bucket] of buckets) if (level(bucket, now) >= burst) buckets.delete(key);
    return buckets.size < maxKeys;
  }

  return {
    peek,
    take(key, cost = 1) {
      const admission = peek(key, cost);
      if (!admission.ok) return admission;
      const now = clock.now();
      const known = buckets.get(key);
      buckets.set(key, {
        tokens: (known === undefined ? burst : level(known, now)) - cost,
        at: Math.max(now, known?.at ?? now),
      });
      return admission;
    },
    settle(key, estimate, truth) {
      const known = buckets.get(key);
      // A bucket that is full by now owes nothing.
      if (known === undefined) return;
      const now = clock.now();
      const tokens = Math.max(0, Math.min(burst, level(known, now) + estimate - truth));
      buckets.set(key, { tokens, at: Math.max(now, known.at) });
    },
    level(key) {
      const known = buckets.get(key);
      return known === undefined ? burst : level(known, clock.now());
    },
  };
}
