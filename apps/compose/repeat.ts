/** Repeats work for as long as a process lives. */

/** Runs `work`, which tells its failures itself, again and again, each time only after the last is over: a silent device takes longer than the pause. */
export function repeat(pauseMs: number, work: () => Promise<unknown>): { readonly stop: () => void } {
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;
  const arm = (): void => {
    if (stopped) return;
    timer = setTimeout(() => {
      work().then(arm, arm);
    }, pauseMs);
  };
  arm();
  return {
    stop: () => {
      stopped = true;
      clearTimeout(timer);
    },
  };
}
