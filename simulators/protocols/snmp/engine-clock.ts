/** The clock of an agent's engine: boots grow and time begins again whenever the device started anew (RFC 3414 §2.2). */

export interface EngineClock {
  boots(): number;
  /** Seconds since the last start. */
  time(): number;
}

/** A device whose boot moved by less than this did not start anew: its up time is only rounded. */
const SAME_BOOT_MS = 5_000;

/**
 * `bootedAt` is when the device started, epoch milliseconds of the network's clock, undefined while it is off. `now` is a
 * clock in real milliseconds: a manager that asks measures real time, however fast the network runs.
 */
export function createEngineClock(bootedAt: () => number | undefined, now: () => number): EngineClock {
  let boots = 1;
  let since = now();
  let known = bootedAt();
  const look = (): void => {
    const at = bootedAt();
    if (at === undefined) return;
    if (known !== undefined && at - known > SAME_BOOT_MS) {
      boots += 1;
      since = now();
    }
    known = at;
  };
  return {
    boots() {
      look();
      return boots;
    },
    time() {
      look();
      return (now() - since) / 1_000;
    },
  };
}
