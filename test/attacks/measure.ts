/** Measures what a defence is worth: takes it out of a copy of the sources, and tries there the attacks that name it. */
import { execFile } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import type { Defence } from './defences.ts';
import type { Tried } from './run.ts';

const run = promisify(execFile);
const COPIED = [
  'agents',
  'apps',
  'broker',
  'protocols',
  'scenarios',
  'simulators',
  'storage',
  'test',
  'tools',
  'bin',
  'package.json',
  'tsconfig.json',
];
const PATIENCE_MS = 300_000;

export interface Copy {
  /** What came of the attacks with the defence taken out. Rejects when a `find` does not stand exactly once. */
  readonly tryWithout: (defence: Defence, ids: readonly string[]) => Promise<readonly Tried[]>;
  readonly remove: () => void;
}

/** A copy of the sources under `root`; the installed packages are shared. */
export function copySources(root: string): Copy {
  const folder = mkdtempSync(path.join(tmpdir(), 'wayleave-without-'));
  for (const name of COPIED) cpSync(path.join(root, name), path.join(folder, name), { recursive: true });
  symlinkSync(path.join(root, 'node_modules'), path.join(folder, 'node_modules'));
  return {
    tryWithout: async (defence, ids) => {
      const originals = new Map<string, string>();
      try {
        for (const { file, find, replace } of defence.without) {
          const name = path.join(folder, file);
          const text = readFileSync(name, 'utf8');
          if (!originals.has(name)) originals.set(name, text);
          if (text.split(find).length !== 2) throw new Error(`${file}: does not hold exactly once: ${find}`);
          writeFileSync(
            name,
            text.replace(find, () => replace),
          );
        }
        const tsx = path.join(folder, 'node_modules', 'tsx', 'dist', 'cli.mjs');
        const { stdout } = await run(
          process.execPath,
          [tsx, path.join('test', 'attacks', 'run.ts'), '--only', ids.join(',')],
          {
            cwd: folder,
            timeout: PATIENCE_MS,
            maxBuffer: 16 * 1024 * 1024,
          },
        );
        return stdout
          .split('\n')
          .filter((line) => line.startsWith('{'))
          .map((line): Tried => JSON.parse(line));
      } finally {
        for (const [name, text] of originals) writeFileSync(name, text);
      }
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
