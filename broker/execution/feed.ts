/** Streams the steps of changes to people who watch, and rings when a device told of a state; the log, not this, is the record. */
import type { StepRecord } from '../contract.ts';

export interface FeedEvent {
  readonly tenant: string;
  readonly intent: string;
  readonly step: StepRecord;
}

/** Something of the network stands otherwise, or was read anew. What it is has to be asked for, and is decided then. */
export const RUNG = 'network';

export interface Feed {
  publish(event: FeedEvent): void;
  ring(tenant: string): void;
  /** Events of the tenant from now on, until the signal aborts; a watcher that does not read loses the oldest. */
  watch(tenant: string, signal: AbortSignal): AsyncIterable<FeedEvent | typeof RUNG>;
}

/** A slow watcher holds at most so many events. */
const BACKLOG = 1000;

interface Watcher {
  readonly tenant: string;
  readonly queue: (FeedEvent | typeof RUNG)[];
  wake: () => void;
}

export function createFeed(): Feed {
  const watchers = new Set<Watcher>();
  const tell = (tenant: string, event: FeedEvent | typeof RUNG): void => {
    for (const watcher of watchers) {
      if (watcher.tenant !== tenant || (event === RUNG && watcher.queue.includes(RUNG))) continue;
      watcher.queue.push(event);
      if (watcher.queue.length > BACKLOG) watcher.queue.shift();
      watcher.wake();
    }
  };
  return {
    publish: (event) => tell(event.tenant, event),
    ring: (tenant) => tell(tenant, RUNG),
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

async function* drain(
  watcher: Watcher,
  signal: AbortSignal,
  leave: () => void,
): AsyncGenerator<FeedEvent | typeof RUNG> {
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
