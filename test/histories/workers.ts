/** Plays many seeds on all cores, each worker a process of its own, and gathers what they tell. */
import { spawn } from 'node:child_process';
import path from 'node:path';
import { createInterface } from 'node:readline';
import type { Line, Violation } from './run.ts';

export interface Played {
  readonly seeds: number;
  readonly brokers: number;
  readonly outcomes: Readonly<Record<string, number>>;
  /** By seed. */
  readonly violations: readonly Violation[];
}

export interface PlayOptions {
  /** Where the sources are: the repository, or a copy of it. */
  readonly root: string;
  /** The seeds `from` ≤ seed < `to`. */
  readonly from: number;
  readonly to: number;
  readonly workers: number;
  /** Ends each worker at its first violation. */
  readonly first?: true;
  readonly progress?: (seeds: number) => void;
}

export async function playSeeds(options: PlayOptions): Promise<Played> {
  const { root, from, to, workers, first, progress = () => undefined } = options;
  const played = Array.from({ length: workers }, () => 0);
  const violations: Violation[] = [];
  const outcomes: Record<string, number> = {};
  let [seeds, brokers] = [0, 0];
  const work = async (index: number): Promise<void> => {
    const args = ['--from', `${from + index}`, '--to', `${to}`, '--step', `${workers}`, ...(first ? ['--first'] : [])];
    const child = spawn(
      process.execPath,
      ['--max-semi-space-size=64', '--import', 'tsx', path.join('test', 'histories', 'run.ts'), ...args],
      {
        cwd: root,
        stdio: ['ignore', 'pipe', 'inherit'],
      },
    );
    const exit = new Promise<number | null>((resolve) => child.once('close', resolve));
    for await (const text of createInterface({ input: child.stdout })) {
      const line: Line = JSON.parse(text);
      if (line.kind === 'violation') violations.push({ seed: line.seed, what: line.what });
      if (line.kind === 'progress') {
        played[index] = line.seeds;
        progress(played.reduce((sum, one) => sum + one, 0));
      }
      if (line.kind !== 'end') continue;
      seeds += line.seeds;
      brokers += line.brokers;
      for (const [outcome, count] of Object.entries(line.outcomes))
        outcomes[outcome] = (outcomes[outcome] ?? 0) + count;
    }
    const code = await exit;
    if (code !== 0) throw new Error(`a worker ended with exit code ${code}`);
  };
  await Promise.all(Array.from({ length: workers }, (_, index) => work(index)));
  return { seeds, brokers, outcomes, violations: violations.toSorted((a, b) => a.seed - b.seed) };
}
