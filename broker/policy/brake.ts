/**
 * The brake of the two evaluators: once they disagreed, or one of them gave no answer, no probe, change or containment is
 * permitted until a human has looked and released it. Reading goes on.
 */

export interface Brake {
  /** Why changes are stopped; undefined while they are not. */
  reason(): string | undefined;
  /** The first reason is kept: it is the one a human must look at. */
  pull(why: string): void;
  /** @returns what it was pulled for; undefined when it was not. */
  release(): string | undefined;
}

/** A brake in memory. `report` is told of the first reason only; what it does may not fail. */
export function createBrake(report: (why: string) => void = () => undefined): Brake {
  let reason: string | undefined;
  return {
    reason: () => reason,
    pull(why) {
      if (reason !== undefined) return;
      reason = why;
      report(why);
    },
    release() {
      const was = reason;
      reason = undefined;
      return was;
    },
  };
}
