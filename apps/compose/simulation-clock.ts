/** The virtual clock of a running simulation: real time, faster by a factor, moved on before every look at the network. */
import type { Network } from '../../simulators/model/network.ts';

export interface SimulationClock {
  /** The network, brought to the present. */
  present(): Network;
  stop(): void;
}

/** A timer never waits longer than this, so that a change of plans inside the network is noticed. */
const MOST_MS = 1_000;

/**
 * Nothing ticks while nothing is due: the clock sleeps until the network's next event. `onMove` is called whenever
 * events may have happened.
 */
export function runClock(network: Network, speed: number, onMove: () => void): SimulationClock {
  const begun = performance.now();
  const startAt = network.now();
  const advance = (): void => {
    network.advanceTo(Math.floor(startAt + (performance.now() - begun) * speed));
    onMove();
  };
  let timer = setTimeout(tick, 0);
  function tick(): void {
    advance();
    const next = network.nextEventAt();
    const wait = next === undefined ? MOST_MS : Math.min(MOST_MS, Math.max(1, (next - network.now()) / speed));
    timer = setTimeout(tick, wait);
  }
  return {
    present: () => {
      advance();
      return network;
    },
    stop: () => clearTimeout(timer),
  };
}
