/** Streams the steps of changes to people who watch; the log, not this, is the record. */
import type { StepRecord } from '../contract.ts';

export interface FeedEvent {
  readonly tenant: string;
  readonly intent: string;
  readonly step: StepRecord;
}

export interface Feed {
  publish(event: FeedEvent): void;
  /** Events of the tenant from now on, until the signal aborts; a watcher that does not read loses the oldest. */
  watch(tenant: string, signal: AbortSignal): AsyncIterable<FeedEvent>;
}

/** A slow watcher holds at most so many events. */
const BACKLOG = 1000;

interface Watcher {
  readonly tenant: string;
  readonly queue: FeedEvent[];
  wake: () => void;
}

export function createFeed(): Feed {
  const watchers = new Set<Watcher>();
  return {
    publish: (event) => {
      for (const watcher of watchers) {
        if (watcher.tenant !== event.tenant) continue;
        watcher.queue.push(event);
        if (watcher.queue.length > BACKLOG) watcher.queue.shift();
        watcher.wake();
      }
    },
    watch: (tenant, signal) => {
      const watcher: Watcher = { tenant, queue: [], wake: () => undefined };
      const leave = (): void => {
        watchers.delete(watcher);
        watcher.wake();
      };
      watchers.add(watcher);
      if (signal.aborted) leave();
      // Not in the generator: one that was never read has no end of its own.
      signal.addEventListener('abort', leave, { once: true });
      return drain(watcher, signal, leave);
    },
  };
}

async function* drain(watcher: Watcher, signal: AbortSignal, leave: () => void): AsyncGenerator<FeedEvent> {
  try {
    while (!signal.aborted) {
      const event = watcher.queue.shift();
      if (event !== undefined) yield event;
      else
        await new Promise<void>((wake) => {
          watcher.wake = wake;
        });
    }
  } finally {
    signal.removeEventListener('abort', leave);
    leave();
  }
}
