/** A process that can be killed or frozen at any request it sends, and the way of its requests to what is outside of it. */
import type { Random } from '../broker/policy/differential/random.ts';
import type { Timeline } from './timeline.ts';

export interface Process {
  readonly name: string;
  readonly dead: () => boolean;
  /** Rejects when the process is killed: whoever waits for it hears no more. */
  readonly gone: Promise<never>;
  kill(): void;
  /** Nothing that it does goes on until then; what it had sent goes its way. */
  freeze(ms: number): void;
  /** Told once, when it is killed. */
  onKill(work: () => void): void;
  /** Runs `work` outside of the process, and brings back what came of it. */
  carry<T>(work: () => T | Promise<T>, slowest?: number): Promise<T>;
  wait(ms: number): Promise<void>;
  /** Works again and again until it is stopped. */
  every(ms: number, work: () => Promise<unknown>): { readonly stop: () => void };
  /** Works after so long, whatever has become of the process. */
  outside(ms: number, work: () => void): void;
}

/** What befalls a process at its nth request: told before it is sent, and again before its answer is brought back. */
export interface Fate {
  readonly at: number;
  readonly befall: (process: Process) => void;
}

const FAST_MS = 8;

export function createProcess(
  name: string,
  { timeline, random }: { readonly timeline: Timeline; readonly random: Random },
  fates: readonly Fate[],
): Process {
  let killed = false;
  let frozenUntil = 0;
  let count = 0;
  const killings: (() => void)[] = [];
  let fail: (error: Error) => void = () => undefined;
  const gone = new Promise<never>((_, reject) => {
    fail = reject;
  });
  gone.catch(() => undefined);

  const meetFate = (): void => {
    count += 1;
    for (const fate of fates) if (fate.at === count) fate.befall(process);
  };
  /** Goes on with `work` in the process: never when it is dead, later when it is frozen. */
  const goOn = (work: () => void): void => {
    if (killed) return;
    if (frozenUntil > timeline.now()) timeline.after(frozenUntil - timeline.now(), () => goOn(work));
    else work();
  };
  const process: Process = {
    name,
    dead: () => killed,
    gone,
    kill() {
      if (killed) return;
      killed = true;
      fail(new Error(`${name} was killed`));
      for (const work of killings) work();
    },
    freeze(ms) {
      frozenUntil = Math.max(frozenUntil, timeline.now() + Math.ceil(ms));
    },
    onKill: (work) => void killings.push(work),
    carry: (work, slowest = FAST_MS) =>
      new Promise((resolve, reject) => {
        goOn(() => {
          meetFate();
          // Killed before it had sent this, or right after: both happen.
          if (killed && random.chance(0.5)) return;
          timeline.after(1 + random.next() * slowest, () => {
            const bringBack = (done: () => void): void =>
              timeline.after(1 + random.next() * slowest, () => {
                if (killed) return;
                meetFate();
                goOn(done);
              });
            Promise.resolve()
              .then(work)
              .then(
                (value) => bringBack(() => resolve(value)),
                (error: unknown) => bringBack(() => reject(error)),
              );
          });
        });
      }),
    wait: (ms) =>
      new Promise((resolve) => {
        timeline.after(ms, () => goOn(resolve));
      }),
    every: (ms, work) => {
      let stopped = false;
      const again = (): void =>
        timeline.after(ms, () => {
          if (!stopped) goOn(() => void work().then(again, again));
        });
      again();
      return {
        stop: () => {
          stopped = true;
        },
      };
    },
    outside: (ms, work) => timeline.after(random.next() * ms, work),
  };
  return process;
}
