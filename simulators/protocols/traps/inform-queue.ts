/** Informs of many devices, some at a time: each waits for its acknowledgement on a socket of its own. */

/** Informs that are under way at once. */
const AT_ONCE = 32;
/** A storm longer than this drops what comes last, as the queue of a device does. */
const MOST_WAITING = 10_000;

/** Takes sendings that never reject, and runs them in the order in which they come. */
export function createInformQueue(
  atOnce = AT_ONCE,
  mostWaiting = MOST_WAITING,
): (send: () => Promise<unknown>) => void {
  const waiting: (() => Promise<unknown>)[] = [];
  let busy = 0;
  const next = (): void => {
    const send = busy < atOnce ? waiting.shift() : undefined;
    if (send === undefined) return;
    busy += 1;
    void send().finally(() => {
      busy -= 1;
      next();
    });
  };
  return (send) => {
    if (waiting.length >= mostWaiting) return;
    waiting.push(send);
    next();
  };
}
