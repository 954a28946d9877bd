/** Waits until whoever sits at the terminal ends a command that otherwise goes on. */

/** Settles when `signal` is aborted, at once when it was already. */
export const interruption = (signal: AbortSignal): Promise<undefined> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve(undefined);
    else signal.addEventListener('abort', () => resolve(undefined), { once: true });
  });
