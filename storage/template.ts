/**
 * Fresh databases, made once when the program is built: a first start then copies files instead of running initdb and
 * the migrations, which take seconds in WebAssembly. A template holds nothing but what these write.
 */
import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Migration } from './migrate.ts';

/** Beside the compiled sources, also for sources that run uncompiled. */
const FOLDER = fileURLToPath(
  new URL(import.meta.url.endsWith('.ts') ? '../dist/storage/template/' : './template/', import.meta.url),
);
/** Written last: without it the template is not whole. */
const MARK = 'complete';

/** One template for each set of migrations: one that was changed since the build is never copied. */
const templateOf = (migrations: readonly Migration[]): string =>
  path.join(FOLDER, createHash('sha256').update(JSON.stringify(migrations)).digest('hex').slice(0, 16));

/**
 * Puts a copy of the template with these migrations, or of the one without any, at `folder`, which does not exist yet,
 * whole or not at all; false when there is no template.
 */
export function copyTemplate(folder: string, migrations: readonly Migration[] = []): boolean {
  const template = [migrations, []].map(templateOf).find((one) => existsSync(path.join(one, MARK)));
  if (template === undefined) return false;
  const draft = `${folder}.copy`;
  rmSync(draft, { recursive: true, force: true }); // a start that was killed may have left half a copy
  copyFolder(path.join(template, 'pg'), draft);
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

/** Makes the templates that are not there with `create`, which puts a database at `pg` in its folder, and removes those of other migrations. Two builds at once both succeed. */
export async function makeTemplates(
  sets: readonly (readonly Migration[])[],
  create: (folder: string, migrations: readonly Migration[]) => Promise<void>,
): Promise<void> {
  for (const migrations of sets) {
    const template = templateOf(migrations);
    if (existsSync(path.join(template, MARK))) continue;
    const draft = `${path.resolve(FOLDER)}.${process.pid}`;
    await create(draft, migrations);
    writeFileSync(path.join(draft, MARK), '');
    mkdirSync(FOLDER, { recursive: true });
    try {
      renameSync(draft, template);
    } catch {
      rmSync(draft, { recursive: true }); // another build was faster
    }
  }
  const wanted = sets.map((migrations) => path.basename(templateOf(migrations)));
  for (const name of readdirSync(FOLDER)) {
    if (!wanted.includes(name)) rmSync(path.join(FOLDER, name), { recursive: true, force: true });
  }
}
