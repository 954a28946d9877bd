/** Timers as an argument: both ends of a NETCONF session wait for deadlines, and tests must be able to make time pass. */

export interface Timers {
  /** Runs `run` once after `ms` milliseconds; the returned function cancels it and may be called at any time. */
  set(ms: number, run: () => void): () => void;
}

/** The real thing; a pending timer does not keep the process alive. */
export const systemTimers: Timers = {
  set(ms, run) {
    const timer = setTimeout(run, ms).unref();
    return () => clearTimeout(timer);
  },
};
