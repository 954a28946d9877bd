/** A circuit breaker: after five failures in a row a peer is left alone, then tried by one caller at a time (Nygard, Release It!, 2nd ed., §5.2). */

const FAILURES = 5;
/** Milliseconds of the first pause; each failed trial doubles it. */
const FIRST_PAUSE_MS = 30_000;
const LONGEST_PAUSE_MS = 960_000;

export interface CircuitBreaker {
  /** Whether a call may go out now. While half open one call may; it must end in `succeed`, `fail` or `forgo`. */
  admit(): boolean;
  succeed(): void;
  fail(): void;
  /** The call ended without saying anything of the peer, e.g. because its caller gave up. */
  forgo(): void;
  /** Milliseconds until the next trial; 0 while calls go through. */
  pauseMs(): number;
}

/** `now` in milliseconds, used for differences only. */
export function createCircuitBreaker(now: () => number): CircuitBreaker {
  let failures = 0;
  let pause = 0;
  let openUntil = 0;
  let trying = false;
  return {
    admit() {
      if (pause === 0) return true;
      if (trying || now() < openUntil) return false;
      trying = true;
      return true;
    },
    succeed() {
      failures = 0;
      pause = 0;
      trying = false;
    },
    fail() {
      failures += 1;
      // Calls that were under way when the circuit opened say nothing new.
      if (pause > 0 && !trying) return;
      if (failures < FAILURES) return;
      pause = pause === 0 ? FIRST_PAUSE_MS : Math.min(2 * pause, LONGEST_PAUSE_MS);
      openUntil = now() + pause;
      trying = false;
    },
    forgo() {
      trying = false;
    },
    pauseMs: () => (pause === 0 ? 0 : Math.max(0, openUntil - now())),
  };
}
