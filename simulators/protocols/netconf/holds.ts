/** Holds: rpcs that stop at a known point of their life until a tester lets them go on. */

/** An rpc that is to stop: before it acts, or after it acted and before its reply. */
export interface HoldPoint {
  /** Local name of the operation, e.g. `commit`. */
  readonly operation: string;
  readonly when: 'before' | 'after';
}

export interface Hold {
  /** Resolves when an rpc has got to the point and stopped. */
  readonly reached: Promise<void>;
  /** Lets the rpc go on, or takes the hold back when none has come yet. */
  release(): void;
}

export interface Holds {
  hold(point: HoldPoint): Hold;
  /** Waits when a hold is set for this point. */
  pass(point: HoldPoint): Promise<void>;
  releaseAll(): void;
}

export function createHolds(): Holds {
  const set = new Set<{ readonly point: HoldPoint; readonly reach: () => void; readonly released: Promise<void> }>();
  const releases = new Set<() => void>();
  return {
    hold(point) {
      const reaching = createGate();
      const going = createGate();
      const entry = { point, reach: reaching.open, released: going.passed };
      const release = (): void => {
        set.delete(entry);
        releases.delete(release);
        going.open();
      };
      set.add(entry);
      releases.add(release);
      return { reached: reaching.passed, release };
    },
    async pass({ operation, when }) {
      const entry = [...set].find(({ point }) => point.operation === operation && point.when === when);
      if (entry === undefined) return;
      set.delete(entry); // the next rpc of that name only
      entry.reach();
      await entry.released;
    },
    releaseAll() {
      for (const release of [...releases]) release();
    },
  };
}

function createGate(): { readonly passed: Promise<void>; readonly open: () => void } {
  let open: () => void = () => undefined;
  const passed = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { passed, open: () => open() };
}
