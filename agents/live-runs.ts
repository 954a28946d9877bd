/** Runs under way in this process: who comes late hears what was told so far and then what follows; and a run can be stopped. */
import type { ChatEvent } from './events.ts';

interface Run {
  readonly told: ChatEvent[];
  readonly readers: Set<() => void>;
  readonly stop: AbortController;
  over: boolean;
}

export interface LiveRuns {
  /** Begins a run under a key; `emit` goes to readers, too. Its end must be told by `end`. */
  begin(key: string): {
    readonly emit: (event: ChatEvent) => void;
    readonly end: () => void;
    readonly signal: AbortSignal;
  };
  isRunning(key: string): boolean;
  /** Events of the run from its beginning to its end; nothing when none is under way. `signal` ends the reading. */
  read(key: string, signal: AbortSignal): AsyncIterable<ChatEvent>;
  /** Asks the run to stop before its next step; false when there is none. */
  stop(key: string): boolean;
}

export function createLiveRuns(): LiveRuns {
  const runs = new Map<string, Run>();
  const wake = (run: Run): void => {
    for (const reader of run.readers) reader();
  };
  return {
    begin(key) {
      const run: Run = { told: [], readers: new Set(), stop: new AbortController(), over: false };
      runs.set(key, run);
      return {
        emit(event) {
          run.told.push(event);
          wake(run);
        },
        end() {
          run.over = true;
          if (runs.get(key) === run) runs.delete(key);
          wake(run);
        },
        signal: run.stop.signal,
      };
    },
    isRunning: (key) => runs.has(key),
    async *read(key, signal) {
      const run = runs.get(key);
      if (run === undefined) return;
      let at = 0;
      for (;;) {
        for (; at < run.told.length; at++) {
          const event = run.told[at];
          if (event !== undefined) yield event;
        }
        if (run.over || signal.aborted) return;
        await new Promise<void>((resolve) => {
          const go = (): void => {
            run.readers.delete(go);
            signal.removeEventListener('abort', go);
            resolve();
          };
          run.readers.add(go);
          signal.addEventListener('abort', go);
        });
      }
    },
    stop(key) {
      const run = runs.get(key);
      run?.stop.abort();
      return run !== undefined;
    },
  };
}
