/** The repository's own text files, as the repository tests read them: walked from the root, without what is generated. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** Generated, installed, or not text. */
const SKIPPED = new Set(['node_modules', 'dist', 'coverage', '.git', '.wayleave', 'package-lock.json']);
const TEXT = /\.(ts|tsx|js|mjs|cjs|json|md|txt|cedar|sql|ya?ml|yang|sh|html|css)$|^run$/;

export interface SourceFile {
  /** Relative to the root, with `/`. */
  readonly path: string;
  readonly text: string;
}

/** All text files whose path passes `wanted`, sorted. */
export function readFiles(wanted: (path: string) => boolean): readonly SourceFile[] {
  return listFiles('')
    .filter(wanted)
    .sort()
    .map((file) => ({ path: file, text: readFileSync(path.join(ROOT, file), 'utf8') }));
}

function listFiles(folder: string): readonly string[] {
  return readdirSync(path.join(ROOT, folder), { withFileTypes: true }).flatMap((entry) => {
    const name = path.posix.join(folder, entry.name);
    if (SKIPPED.has(entry.name)) return [];
    if (entry.isDirectory()) return listFiles(name);
    return entry.isFile() && TEXT.test(entry.name) ? [name] : [];
  });
}
