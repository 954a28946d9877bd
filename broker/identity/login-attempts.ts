/** Slows down guessing: a user name with too many wrong passwords has to wait, whether it exists or not. */

/** Wrong passwords for one name before it waits, and for how long (NIST SP 800-63B §5.2.2 asks for at most 100). */
const ATTEMPTS = 5;
const WAIT_MS = 60_000;
/** Names remembered; beyond it nobody unknown may try until some are forgotten. */
const CAPACITY = 10_000;

export interface LoginAttempts {
  /** Counts an attempt before the password is looked at; false when it must not be looked at. */
  begin(name: string): boolean;
  succeeded(name: string): void;
}

export function createLoginAttempts(now: () => number): LoginAttempts {
  const attempts = new Map<string, { readonly count: number; readonly until: number }>();
  return {
    begin(name) {
      const at = now();
      if (attempts.size >= CAPACITY) for (const [key, { until }] of attempts) if (until <= at) attempts.delete(key);
      const before = attempts.get(name);
      const count = before === undefined || before.until <= at ? 0 : before.count;
      if (count >= ATTEMPTS || (before === undefined && attempts.size >= CAPACITY)) return false;
      attempts.set(name, { count: count + 1, until: at + WAIT_MS });
      return true;
    },
    succeeded: (name) => void attempts.delete(name),
  };
}
