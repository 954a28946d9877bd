/** The clock of a network that is played in memory: whoever waits moves it on, and timers fire on the way. */
import type { Timers } from '../../protocols/netconf/timers.ts';
import type { Network } from '../../simulators/model/network.ts';

export interface ModelClock {
  /** Virtual time, epoch milliseconds. */
  now(): number;
  /** Moves the network on, timer by timer. */
  advanceTo(time: number): void;
  readonly timers: Timers;
}

export function createModelClock(network: Network): ModelClock {
  const waiting = new Set<{ readonly at: number; readonly run: () => void }>();
  return {
    now: () => network.now(),
    advanceTo(time) {
      for (;;) {
        const [next] = [...waiting].filter(({ at }) => at <= time).sort((a, b) => a.at - b.at);
        if (next === undefined) break;
        waiting.delete(next);
        network.advanceTo(Math.max(network.now(), next.at));
        next.run();
      }
      network.advanceTo(Math.max(network.now(), time));
    },
    timers: {
      set(ms, run) {
        const timer = { at: network.now() + ms, run };
        waiting.add(timer);
        return () => void waiting.delete(timer);
      },
    },
  };
}
