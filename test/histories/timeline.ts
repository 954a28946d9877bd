/** Virtual time: what happens next is decided by the seed alone, one thing at a time. */

export interface Timeline {
  now(): number;
  /** `work` runs once, so many milliseconds from now. */
  after(ms: number, work: () => void): void;
  sleep(ms: number): Promise<void>;
  /** Runs what is due, in the order of time, until `end` or until nothing is left. */
  runUntil(end: number): Promise<void>;
}

interface Due {
  readonly at: number;
  readonly order: number;
  readonly work: () => void;
}

/**
 * Time that does not pass while a broker may have something to do at once: it takes turns of the event loop itself, as where it
 * commits in groups or opens the log, and those are no wait.
 */
const LEAP_MS = 1_000;
const TURNS = 12;
const turn = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));

/** More than this many things mean that a history does not end. */
const MOST_STEPS = 200_000;

export function createTimeline(startAt: number): Timeline {
  const queue: Due[] = [];
  let now = startAt;
  let order = 0;
  let steps = 0;

  const isBefore = (a: Due, b: Due): boolean => a.at < b.at || (a.at === b.at && a.order < b.order);
  /** A binary heap: the earliest is first. */
  const push = (due: Due): void => {
    let at = queue.push(due) - 1;
    while (at > 0) {
      const up = (at - 1) >> 1;
      const parent = queue[up];
      if (parent === undefined || !isBefore(due, parent)) break;
      queue[at] = parent;
      at = up;
    }
    queue[at] = due;
  };
  const pop = (): Due | undefined => {
    const [first] = queue;
    const last = queue.pop();
    if (first === undefined || last === undefined || queue.length === 0) return first;
    let at = 0;
    for (;;) {
      const [left, right] = [queue[2 * at + 1], queue[2 * at + 2]];
      if (left === undefined) break;
      const down = right !== undefined && isBefore(right, left) ? 2 * at + 2 : 2 * at + 1;
      const child = queue[down];
      if (child === undefined || !isBefore(child, last)) break;
      queue[at] = child;
      at = down;
    }
    queue[at] = last;
    return first;
  };

  const timeline: Timeline = {
    now: () => now,
    after(ms, work) {
      order += 1;
      push({ at: now + Math.max(0, Math.round(ms)), order, work });
    },
    sleep: (ms) => new Promise((resolve) => timeline.after(ms, resolve)),
    async runUntil(end) {
      for (;;) {
        // Everything that hangs on the last step runs to its next wait before time goes on.
        await turn();
        for (let left = TURNS; left > 0 && (queue[0]?.at ?? Number.POSITIVE_INFINITY) - now > LEAP_MS; left -= 1)
          await turn();
        const [next] = queue;
        if (next === undefined || next.at > end) break;
        steps += 1;
        if (steps > MOST_STEPS) throw new Error('the history does not end');
        pop();
        now = next.at;
        next.work();
      }
      now = Math.max(now, end);
    },
  };
  return timeline;
}
