/** Streams what the broker does (steps, approvals, outcomes) to people who watch; the log, not this, is the record. */

export interface FeedEvent {
  readonly tenant: string;
  readonly kind: 'step' | 'approval' | 'outcome';
  readonly intent: string;
  readonly data: { readonly [key: string]: unknown };
}

export interface Feed {
  publish(event: FeedEvent): void;
  /** Events of the tenant from now on, until the signal aborts; a watcher that does not read loses the oldest. */
  watch(tenant: string, signal: AbortSignal): AsyncIterable<FeedEvent>;
}

/** A slow watcher holds at most so many events. */
const BACKLOG = 1000;

export function createFeed(): Feed {
  const watchers = new Set<{ readonly tenant: string; readonly queue: FeedEvent[]; wake: () => void }>();
  return {
    publish: (event) => {
      for (const watcher of watchers) {
        if (watcher.tenant !== event.tenant) continue;
        watcher.queue.push(event);
        if (watcher.queue.length > BACKLOG) watcher.queue.shift();
        watcher.wake();
      }
    },
    watch: (tenant, signal) => ({
      async *[Symbol.asyncIterator]() {
        const watcher = { tenant, queue: [] as FeedEvent[], wake: (): void => undefined };
        watchers.add(watcher);
        const wakeUp = (): void => watcher.wake();
        signal.addEventListener('abort', wakeUp);
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
          signal.removeEventListener('abort', wakeUp);
          watchers.delete(watcher);
        }
      },
    }),
  };
}
