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
/** Reads and probes of one tenant at once: half of what all may have, so that no tenant takes the place of the others. */
export const SHARE = SHED.read.calls / 2;
/** Calls that were shed come back after so long, spread by how many there are. */
const RETRY_MS = 1000;

export interface Shed {
  /**
   * Runs `work`, or throws `OVERLOADED` with a time for another try. `unknown`: a name that is no tool is treated as a read.
   * `claimed` is whose call it says it is, not proven yet: where that tenant has its share, the call does not even begin.
   */
  run<T>(effect: Effect | 'unknown', work: () => Promise<T>, claimed?: string): Promise<T>;
  /** The same for what a tenant has under way, once it is proven whose call it is. */
  share<T>(tenant: string, effect: Effect | 'unknown', work: () => Promise<T>): Promise<T>;
}

export function createShed({ lagMs }: Load): Shed {
  let calls = 0;
  const tenants = new Map<string, number>();
  const acts = (effect: Effect | 'unknown'): boolean => effect === 'change' || effect === 'contain';
  const underWay = (tenant: string): number => tenants.get(tenant) ?? 0;
  const demandShare = (tenant: string): void => {
    if (underWay(tenant) >= SHARE) throw new WayleaveError('OVERLOADED', undefined, RETRY_MS);
  };
  return {
    async share(tenant, effect, work) {
      if (acts(effect)) return work();
      demandShare(tenant);
      tenants.set(tenant, underWay(tenant) + 1);
      try {
        return await work();
      } finally {
        const left = underWay(tenant) - 1;
        if (left > 0) tenants.set(tenant, left);
        else tenants.delete(tenant);
      }
    },
    async run(effect, work, claimed) {
      const bound = acts(effect) ? undefined : SHED[effect === 'probe' ? 'probe' : 'read'];
      if (bound !== undefined && claimed !== undefined) demandShare(claimed);
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
