/** Remembers what was used, so that nothing is used twice; bounded, and closed when full. */

export interface SingleUse {
  /**
   * True the first time for a key within the retention, false afterwards. `madeAt` (epoch ms, whole seconds) is when the
   * key was made: one that is older than this memory may have been used before it began, and is refused.
   */
  useOnce(key: string, madeAt: number): boolean | Promise<boolean>;
}

/**
 * In memory, for one process. `retentionMs` must exceed the time in which a used key could still be accepted otherwise.
 * When `capacity` unexpired keys are held, new ones are refused: forgetting one would let it be used again.
 */
export function createSingleUse(now: () => number, retentionMs: number, capacity: number): SingleUse {
  const since = Math.floor(now() / 1000) * 1000; // proofs count time in seconds (RFC 7519 NumericDate)
  const used = new Map<string, number>(); // in order of insertion, which is the order of expiry
  return {
    useOnce(key, madeAt) {
      if (madeAt < since) return false;
      const at = now();
      for (const [old, expires] of used) {
        if (expires > at) break;
        used.delete(old);
      }
      if (used.has(key) || used.size >= capacity) return false;
      used.set(key, at + retentionMs);
      return true;
    },
  };
}
