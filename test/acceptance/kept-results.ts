/** What was played so far, one line a case: whoever breaks off loses nothing. */
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import type { Scored } from '../../scenarios/replay/summary.ts';

export interface Result {
  readonly piece: string;
  readonly scored: Scored;
}

export interface KeptResults {
  list(): readonly Result[];
  add(result: Result): void;
}

export function openResults(file: string): KeptResults {
  const results: Result[] = existsSync(file)
    ? readFileSync(file, 'utf8')
        .split('\n')
        .flatMap((line) => readLine(line))
    : [];
  return {
    list: () => results,
    add({ piece, scored }) {
      // Neither moments nor evidence is counted, and both are long.
      const played = { ...scored.played, moments: [], because: [], ruled_out: [], diff: '' };
      results.push({ piece, scored: { ...scored, played } });
      appendFileSync(file, `${JSON.stringify(results.at(-1))}\n`);
    },
  };
}

/** A line that a crash cut is as if it was never written. */
function readLine(line: string): readonly Result[] {
  try {
    // Written by this program alone.
    return line === '' ? [] : [JSON.parse(line) as Result];
  } catch {
    return [];
  }
}
