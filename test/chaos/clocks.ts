/** The wall clock of each broker, for the tester to move: a file with an offset that a preloaded script reads (`jumping-clock.js`). */
import { existsSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

export interface Clocks {
  /** Of Node, for the process of that broker. */
  flags(broker: string): readonly string[];
  /** So many milliseconds off from now on, also after a start; `tell` makes the process look. */
  set(broker: string, offsetMs: number, tell: () => void): void;
}

const SCRIPT = path.resolve('test', 'chaos', 'jumping-clock.js');

export function createClocks(folder: string): Clocks {
  const fileOf = (broker: string): string => path.join(folder, `${broker}.offset`);
  return {
    flags(broker) {
      if (!existsSync(fileOf(broker))) writeFileSync(fileOf(broker), '0');
      const script = pathToFileURL(SCRIPT);
      script.searchParams.set('offset', fileOf(broker));
      return [`--import=${script.href}`];
    },
    set(broker, offsetMs, tell) {
      writeFileSync(fileOf(broker), String(offsetMs));
      tell();
    },
  };
}
