/** Watches how late the process is with what is due: the mean delay of its event loop over the last second. */
import { monitorEventLoopDelay } from 'node:perf_hooks';

const RESOLUTION_MS = 20;
const WINDOW_MS = 1000;

/** Answers in milliseconds; costs a timer that keeps no process alive. */
export function watchLag(): () => number {
  const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  delay.enable();
  let lag = 0;
  setInterval(() => {
    // The histogram counts the interval of its own timer as well.
    lag = delay.count === 0 ? 0 : Math.max(0, delay.mean / 1e6 - RESOLUTION_MS);
    delay.reset();
  }, WINDOW_MS).unref();
  return () => lag;
}
