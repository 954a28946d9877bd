/** Whether a server answers: lost with the first request that gets no answer, and back when a look at its `/healthz` gets one. */

type State = 'ok' | 'lost';

export interface Connection {
  get(): State;
  /** For `useSyncExternalStore`, and for what has to begin again once the connection is back. */
  subscribe(listener: (state: State) => void): () => void;
  /** A request got no answer; `origin` is where it went. */
  unreachable(origin: string): void;
  /** A request got one, whichever. */
  reachable(): void;
}

/** Milliseconds between two looks, growing to the last. */
const PAUSES = [500, 1_000, 2_000, 4_000];

function createConnection(): Connection {
  let state: State = 'ok';
  let looking = false;
  const listeners = new Set<(state: State) => void>();

  const set = (next: State): void => {
    if (next === state) return;
    state = next;
    for (const listener of listeners) listener(next);
  };
  async function look(origin: string, attempt: number): Promise<void> {
    // Another origin's answer cannot be read, but that it answers is seen.
    const init: RequestInit = { cache: 'no-store', mode: 'no-cors', credentials: 'omit' };
    const found = await fetch(`${origin}/healthz`, init).catch(() => undefined);
    if (found?.ok === true || found?.type === 'opaque') {
      looking = false;
      return set('ok');
    }
    setTimeout(() => void look(origin, attempt + 1), PAUSES[Math.min(attempt, PAUSES.length - 1)]);
  }
  return {
    get: () => state,
    subscribe(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    unreachable(origin) {
      set('lost');
      if (looking) return;
      looking = true;
      setTimeout(() => void look(origin, 0), PAUSES[0]);
    },
    reachable() {
      if (!looking) set('ok');
    },
  };
}

/** To the broker: without it nothing of the page is true any more. */
export const connection = createConnection();
/** To the agents: without them there is no chat, and everything else goes on. */
export const agentsConnection = createConnection();
