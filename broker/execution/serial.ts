/** Runs work one at a time per key: a device is written by one transaction, a vote is counted once. */

export interface Serial {
  /** Waits for earlier work under `key`, then runs `work`. */
  run<T>(key: string, work: () => Promise<T>): Promise<T>;
  /** Waits for all of `keys`, which are taken in one order by everybody, so that two of them never wait for each other. */
  runAll<T>(keys: readonly string[], work: () => Promise<T>): Promise<T>;
  /** Waits for work of this broker; undefined, without a wait, when another broker has one of `keys`. */
  runIfFree<T>(keys: readonly string[], work: () => Promise<T>): Promise<T | undefined>;
}

/** The key of a device: names of tenants and devices cannot run into each other. */
export const deviceKey = (tenant: string, device: string): string => JSON.stringify([tenant, device]);

export function createSerial(): Serial {
  const tails = new Map<string, Promise<unknown>>();
  const serial: Serial = {
    runAll: (keys, work) =>
      [...new Set(keys)].sort().reduceRight<typeof work>((inner, key) => () => serial.run(key, inner), work)(),
    runIfFree: (keys, work) => serial.runAll(keys, work),
    run: async (key, work) => {
      const before = tails.get(key) ?? Promise.resolve();
      const mine = before.then(work, work);
      const settled = mine.catch(() => undefined);
      tails.set(key, settled);
      try {
        return await mine;
      } finally {
        if (tails.get(key) === settled) tails.delete(key);
      }
    },
  };
  return serial;
}
