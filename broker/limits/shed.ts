/**
 * Sheds load before it costs anything: reads first, then probes. What changes the network, and what people do on their
 * desk (approvals, rejections, suspensions), is never shed, nor is a rollback, which waits for no call.
 */
import type { Effect } from '../contract.ts';
import { WayleaveError } from '../errors.ts';

export interface Load {
  /** By how much the process is late with what is due, milliseconds. */
  readonly lagMs: () => number;
}

/** Calls at once, and lateness of the process, from which on calls of an effect are turned away. */
export const SHED = {
  read: { calls: 400, lagMs: 500 },
  probe: { calls: 600, lagMs: 1000 },
} as const;
/** Calls that were shed come back after so long, spread by how many there are. */
const RETRY_MS = 1000;

export interface Shed {
  /** Runs `work`, or throws `OVERLOADED` with a time for another try. `unknown`: a name that is no tool is treated as a read. */
  run<T>(effect: Effect | 'unknown', work: () => Promise<T>): Promise<T>;
}

export function createShed({ lagMs }: Load): Shed {
  let calls = 0;
  return {
    async run(effect, work) {
      const bound =
        effect === 'change' || effect === 'contain' ? undefined : SHED[effect === 'probe' ? 'probe' : 'read'];
      if (bound !== undefined && (calls >= bound.calls || lagMs() >= bound.lagMs))
        throw new WayleaveError('OVERLOADED', undefined, RETRY_MS * (1 + Math.floor(calls / SHED.read.calls)));
      calls += 1;
      try {
        return await work();
      } finally {
        calls -= 1;
      }
    },
  };
}
