/** The questions that somebody asked on this terminal, kept for the arrow keys in a file that only they may read. */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { writeSecret } from '../home.ts';

/** Lines kept; a shell keeps about as many. */
export const KEPT_LINES = 500;
const LONGEST = 2_000;

const fileOf = (home: string): string => path.join(home, 'chat-history');

/** Newest first, as readline wants them; nothing where there is no file or it cannot be read. */
export function readHistory(home: string): string[] {
  const file = fileOf(home);
  try {
    if (!existsSync(file)) return [];
    return readFileSync(file, 'utf8').split('\n').filter(Boolean).slice(0, KEPT_LINES);
  } catch {
    return [];
  }
}

/** Replaces what was kept. What cannot be written is lost: it must not end a conversation. */
export function keepHistory(home: string, newestFirst: readonly string[]): void {
  const lines = newestFirst.filter((line) => line.length <= LONGEST).slice(0, KEPT_LINES);
  try {
    writeSecret(fileOf(home), `${lines.join('\n')}\n`);
  } catch {
    // A folder that is read-only or gone.
  }
}
