/** Counts the distinct things a key touched within a sliding window: devices for the blast radius, intents for the change rate. */
import type { Clock } from '../ports.ts';

export interface WindowOptions {
  readonly clock: Clock;
  readonly windowMs: number;
  /** Most keys kept at once; when all are in use, a new key is refused. */
  readonly maxKeys: number;
}

export interface DistinctWindow {
  /** True if the distinct items in the window stay within `limit` with these. An item that comes again counts once. */
  fits(key: string, items: readonly string[], limit: number): boolean;
  /** Adds items that fit. */
  add(key: string, items: readonly string[]): void;
}

export function createDistinctWindow({ clock, windowMs, maxKeys }: WindowOptions): DistinctWindow {
  /** Item → last time it was touched, per key. `fits` keeps keys and items within their limits. */
  const windows = new Map<string, Map<string, number>>();

  function prune(key: string): ReadonlyMap<string, number> {
    const since = clock.now() - windowMs;
    const window = windows.get(key) ?? new Map<string, number>();
    for (const [item, at] of window) if (at <= since) window.delete(item);
    if (window.size === 0) windows.delete(key);
    return window;
  }

  return {
    fits(key, items, limit) {
      const window = prune(key);
      if (window.size === 0 && windows.size >= maxKeys) for (const other of windows.keys()) prune(other);
      if (window.size === 0 && windows.size >= maxKeys) return false;
      return new Set([...window.keys(), ...items]).size <= limit;
    },
    add(key, items) {
      const window = new Map(prune(key));
      for (const item of items) window.set(item, clock.now());
      windows.set(key, window);
    },
  };
}
