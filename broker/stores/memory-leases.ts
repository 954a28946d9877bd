/** Leases of devices in memory, for simulation and replay: one object is what several brokers share, and each opens it under a name. */
import { LEASE_MS, type LeaseStore } from '../execution/leases.ts';
import type { Clock } from '../ports.ts';

export interface MemoryLeases {
  open(holder: string): LeaseStore;
  /** The newest token of a key, 0 when it was never taken. */
  token(key: string): number;
  /** What a database does when the connection of a broker ends: its leases are free. */
  end(holder: string): void;
}

export function createMemoryLeases(clock: Clock): MemoryLeases {
  const kept = new Map<string, { readonly token: number; readonly holder: string; readonly until: number }>();
  const token = (key: string): number => kept.get(key)?.token ?? 0;
  return {
    token,
    end(holder) {
      for (const [key, one] of kept) if (one.holder === holder) kept.set(key, { ...one, until: 0 });
    },
    open: (holder) => ({
      async take(key) {
        const found = kept.get(key);
        if (found !== undefined && found.holder !== holder && found.until > clock.now()) return undefined;
        kept.set(key, { token: token(key) + 1, holder, until: clock.now() + LEASE_MS });
        return token(key);
      },
      async renew(key, of) {
        if (token(key) === of) kept.set(key, { token: of, holder, until: clock.now() + LEASE_MS });
      },
      async release(key, of) {
        if (token(key) === of) kept.set(key, { token: of, holder, until: 0 });
      },
    }),
  };
}
