/** Measures what a defence is worth: takes it out of a copy of the sources, and tries there the attacks that name it. */
import { execFile } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import type { ListedAttack } from './attacks.ts';
import type { Defence } from './defences.ts';
import type { Tried } from './run.ts';

const execute = promisify(execFile);
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
  'package-lock.json',
  'tsconfig.json',
];
const PATIENCE_MS = 300_000;

export interface Copy {
  /** Runs `work` in the folder of the copy while these texts are replaced. Rejects when a `find` does not stand exactly once. */
  readonly replaced: <T>(texts: Defence['without'], work: (folder: string) => Promise<T>) => Promise<T>;
  /** What came of the attacks with the defence taken out. Rejects when a `find` does not stand exactly once. */
  readonly tryWithout: (defence: Defence, attacks: readonly ListedAttack[]) => Promise<readonly Tried[]>;
  readonly remove: () => void;
}

/** A copy of the sources under `root`; the installed packages are shared. */
export function copySources(root: string): Copy {
  const folder = mkdtempSync(path.join(tmpdir(), 'wayleave-without-'));
  for (const name of COPIED) cpSync(path.join(root, name), path.join(folder, name), { recursive: true });
  symlinkSync(path.join(root, 'node_modules'), path.join(folder, 'node_modules'));
  const replaced: Copy['replaced'] = async (texts, work) => {
    const originals = new Map<string, string>();
    try {
      for (const { file, find, replace } of texts) {
        const name = path.join(folder, file);
        const text = readFileSync(name, 'utf8');
        if (!originals.has(name)) originals.set(name, text);
        if (text.split(find).length !== 2) throw new Error(`${file}: does not hold exactly once: ${find}`);
        writeFileSync(
          name,
          text.replace(find, () => replace),
        );
      }
      return await work(folder);
    } finally {
      for (const [name, text] of originals) writeFileSync(name, text);
    }
  };
  return {
    replaced,
    tryWithout: (defence, attacks) =>
      replaced(defence.without, async () => {
        const [only, files] = [attacks.map(({ id }) => id), [...new Set(attacks.map(({ file }) => file))]];
        const run = path.join('test', 'attacks', 'run.ts');
        const args = ['--import', 'tsx', run, '--only', only.join(','), '--files', files.join(',')];
        const options = { cwd: folder, timeout: PATIENCE_MS, maxBuffer: 16 * 1024 * 1024 };
        const { stdout } = await execute(process.execPath, args, options);
        return stdout
          .split('\n')
          .filter((line) => line.startsWith('{'))
          .map((line): Tried => JSON.parse(line));
      }),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
