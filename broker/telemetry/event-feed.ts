/** Lets agents read received events by cursor, and wait a while for the next. */
import type { Timers } from '../../protocols/netconf/timers.ts';
import type { Events, StoredEvent, Stream } from './received-event.ts';

/** Longest wait of one call, seconds; and calls that wait at once for one stream: a further one is answered at once. */
export const MAX_WAIT_SECONDS = 25;
const MAX_WAITING = 32;

export interface EventFeed {
  /** To be called after something was stored in the tenant's stream. */
  wake(tenant: string, stream: Stream): void;
  /** Events after the cursor `since`, oldest first; when there are none, it waits up to `waitSeconds` for some. */
  read(question: {
    readonly tenant: string;
    readonly stream: Stream;
    readonly since: number;
    readonly limit: number;
    readonly waitSeconds: number;
  }): Promise<readonly StoredEvent[]>;
}

export function createEventFeed(events: Events, timers: Timers): EventFeed {
  const waiting = new Map<string, Set<() => void>>();

  /** Resolves when something was stored in the stream, or when the time is over. */
  const sleep = (key: string, seconds: number): { readonly over: Promise<boolean>; readonly cancel: () => void } => {
    const sleepers = waiting.get(key) ?? new Set();
    waiting.set(key, sleepers);
    let end: (woken: boolean) => void = () => undefined;
    const over = new Promise<boolean>((resolve) => {
      end = resolve;
    });
    const wake = (): void => settle(true);
    const settle = (woken: boolean): void => {
      stopTimer();
      sleepers.delete(wake);
      end(woken);
    };
    const stopTimer = timers.set(seconds * 1_000, () => settle(false));
    sleepers.add(wake);
    return { over, cancel: () => settle(false) };
  };

  return {
    wake(tenant, stream) {
      for (const wake of [...(waiting.get(keyOf(tenant, stream)) ?? [])]) wake();
    },
    async read({ tenant, stream, since, limit, waitSeconds }) {
      const look = () => events.after(tenant, stream, since, limit);
      const seconds = Math.min(waitSeconds, MAX_WAIT_SECONDS);
      if (seconds <= 0 || (waiting.get(keyOf(tenant, stream))?.size ?? 0) >= MAX_WAITING) return look();
      // Asleep before the first look: what is stored between look and sleep would go unheard.
      const { over, cancel } = sleep(keyOf(tenant, stream), seconds);
      try {
        const found = await look();
        if (found.length > 0) return found;
        await over;
        return await look();
      } finally {
        cancel();
      }
    },
  };
}

const keyOf = (tenant: string, stream: Stream): string => JSON.stringify([tenant, stream]);
