/**
 * One broker at a time on a device, across all brokers of a database: a lease with a fencing token.
 *
 * Whoever takes a lease gets a token higher than every one before; the journal takes writes only under the newest. A holder
 * that is gone, or has not renewed for `LEASE_MS`, loses it to the next who asks: when it wakes up its next write is
 * refused, so that it never confirms a change, and the device takes it back by itself (RFC 6241 §8.4).
 */
import { WayleaveError } from '../errors.ts';
import type { Serial } from './serial.ts';

/** What brokers share; keys are those of `deviceKey`. */
export interface LeaseStore {
  /** A token higher than all before; undefined while somebody else holds the lease. */
  take(key: string): Promise<number | undefined>;
  /** Holds on for another `LEASE_MS`; does nothing when the lease is somebody else's by now. */
  renew(key: string, token: number): Promise<void>;
  release(key: string, token: number): Promise<void>;
}

/** Holders of leases tell their tokens to the journal. */
export type HeldToken = (key: string) => number | undefined;

export interface LeasesDeps {
  readonly store: LeaseStore;
  /** Takes turns inside of this broker: of one device only one work at a time asks for its lease. */
  readonly serial: Serial;
  readonly wait: (ms: number) => Promise<void>;
  /** Runs `work` again and again until it is stopped. */
  readonly every: (ms: number, work: () => Promise<unknown>) => { readonly stop: () => void };
}

/** So long a holder may be silent. Every step of a transaction is shorter, and people do not wait much longer for a dead broker. */
export const LEASE_MS = 15_000;
const RENEW_MS = 5_000;
/** How long work waits for a device that another broker is at, and how often it asks. */
const PATIENCE_MS = 120_000;
const POLL_MS = 250;

export function createLeases({ store, serial, wait, every }: LeasesDeps): { perDevice: Serial; held: HeldToken } {
  const tokens = new Map<string, number>();

  const take = async (key: string, patienceMs: number): Promise<number | undefined> => {
    for (let waited = 0; ; waited += POLL_MS) {
      const token = await store.take(key);
      if (token !== undefined || waited >= patienceMs) return token;
      await wait(POLL_MS);
    }
  };
  /** Works under the leases of all `keys`, or answers with `otherwise` when one of them is not to be had in time. */
  async function hold<T>(
    keys: readonly string[],
    patienceMs: number,
    work: () => Promise<T>,
    otherwise: (key: string) => T,
  ): Promise<T> {
    const mine: (readonly [string, number])[] = [];
    const renewal = every(RENEW_MS, () => Promise.all(mine.map(([key, token]) => store.renew(key, token))));
    try {
      for (const key of keys) {
        const token = await take(key, patienceMs);
        if (token === undefined) return otherwise(key);
        mine.push([key, token]);
        tokens.set(key, token);
      }
      return await work();
    } finally {
      renewal.stop();
      for (const [key] of mine) tokens.delete(key);
      // What cannot be given back runs out.
      await Promise.all(mine.map(([key, token]) => store.release(key, token).catch(() => undefined)));
    }
  }
  const busy = (key: string): never => {
    throw new WayleaveError('CHANGES_STOPPED', `Another broker is at ${JSON.parse(key)[1]}; try again later.`);
  };
  const inOrder = (keys: readonly string[]): readonly string[] => [...new Set(keys)].sort();
  const runAll: Serial['runAll'] = (keys, work) =>
    serial.runAll(keys, () => hold(inOrder(keys), PATIENCE_MS, work, busy));
  return {
    held: (key) => tokens.get(key),
    perDevice: {
      run: (key, work) => runAll([key], work),
      runAll,
      runIfFree: <T>(keys: readonly string[], work: () => Promise<T>) =>
        serial.runAll(keys, () => hold<T | undefined>(inOrder(keys), 0, work, () => undefined)),
    },
  };
}
