/** Rings for the tenants of what was kept, when it tells how a port or tunnel stands: whoever watches asks then. */
import { type History, type Reading, STATE_SIGNALS } from './history.ts';
import type { Events } from './received-event.ts';
import { stateTold } from './states.ts';

/** States that are remembered: 100 bytes each. */
const MOST_KNOWN = 200_000;

/** The same stores; `ring` is called after what they kept is durable. */
export function ringStates<H extends Pick<History, 'append'>>(
  stores: { readonly events: Events; readonly history: H },
  ring: (tenant: string) => void,
): { readonly events: Events; readonly history: H } {
  const ringAll = (tenants: readonly string[]): void => {
    for (const tenant of new Set(tenants)) ring(tenant);
  };
  const last = new Map<string, number>();
  /** A sweep reads everything again: only what stands otherwise than when it was last read is news. */
  const isNews = ({ tenant, resource, signal, value }: Reading): boolean => {
    if (!STATE_SIGNALS.includes(signal)) return false;
    const key = JSON.stringify([tenant, resource, signal]);
    const same = last.get(key) === value;
    if (last.size >= MOST_KNOWN) last.clear();
    last.set(key, value);
    return !same;
  };
  return {
    events: {
      ...stores.events,
      async append(events) {
        await stores.events.append(events);
        ringAll(events.filter((event) => stateTold(event) !== undefined).map(({ tenant }) => tenant));
      },
    },
    history: {
      ...stores.history,
      async append(readings) {
        await stores.history.append(readings);
        ringAll(readings.filter(isNews).map(({ tenant }) => tenant));
      },
    },
  };
}
