/** Whether the server answers: lost with the first request that gets no answer, and back when a look at `/healthz` does. */

type State = 'ok' | 'lost';
let state: State = 'ok';
let waiting = false;
const listeners = new Set<(state: State) => void>();

const set = (next: State): void => {
  if (next === state) return;
  state = next;
  for (const listener of listeners) listener(next);
};

export const connection = {
  get: (): State => state,
  /** For `useSyncExternalStore`, and for what has to begin again once the connection is back. */
  subscribe(listener: (state: State) => void): () => void {
    listeners.add(listener);
    return () => void listeners.delete(listener);
  },
};

/** Milliseconds between two looks, growing to the last. */
const PAUSES = [500, 1_000, 2_000, 4_000];

async function look(attempt: number): Promise<void> {
  const found = await fetch('/healthz', { cache: 'no-store' }).catch(() => undefined);
  if (found?.ok === true) {
    waiting = false;
    set('ok');
    return;
  }
  setTimeout(() => void look(attempt + 1), PAUSES[Math.min(attempt, PAUSES.length - 1)]);
}

/** A request got no answer. */
export function unreachable(): void {
  set('lost');
  if (waiting) return;
  waiting = true;
  setTimeout(() => void look(0), PAUSES[0]);
}

/** A request got one, whichever. */
export function reachable(): void {
  if (!waiting) set('ok');
}
