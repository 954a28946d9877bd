/**
 * A fresh database, made once when the program is built: a first start then copies files instead of running initdb,
 * which takes seconds in WebAssembly. It holds nothing but what initdb writes.
 */
import { copyFileSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** Beside the compiled sources, also for sources that run uncompiled. */
const FOLDER = fileURLToPath(
  new URL(import.meta.url.endsWith('.ts') ? '../dist/storage/template/' : './template/', import.meta.url),
);
/** Written last: without it the template is not whole. */
const MARK = 'complete';

/** Puts a copy of the template at `folder`, which does not exist yet, whole or not at all; false when there is no template. */
export function copyTemplate(folder: string): boolean {
  if (!existsSync(path.join(FOLDER, MARK))) return false;
  const draft = `${folder}.copy`;
  rmSync(draft, { recursive: true, force: true }); // a start that was killed may have left half a copy
  copyFolder(path.join(FOLDER, 'pg'), draft);
  renameSync(draft, folder);
  return true;
}

/** Not `cpSync`: it looks at every folder above the target, which the agents' sandbox refuses. */
function copyFolder(from: string, to: string): void {
  mkdirSync(to, { mode: 0o700 });
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    const [source, target] = [path.join(from, entry.name), path.join(to, entry.name)];
    if (entry.isDirectory()) copyFolder(source, target);
    else copyFileSync(source, target);
  }
}

/** Makes the template with `create`, unless it is there. Two builds at once both succeed. */
export async function makeTemplate(create: (folder: string) => Promise<void>): Promise<void> {
  if (existsSync(path.join(FOLDER, MARK))) return;
  const draft = `${path.resolve(FOLDER)}.${process.pid}`;
  await create(path.join(draft, 'pg'));
  writeFileSync(path.join(draft, MARK), '');
  try {
    renameSync(draft, FOLDER);
  } catch {
    rmSync(draft, { recursive: true }); // another build was faster
  }
}
