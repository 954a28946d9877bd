/** Golden files: generated text that is committed, so that a change is a visible diff. `UPDATE_GOLDEN=1` rewrites them. */
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { ROOT } from './source-files.ts';

/** The committed text of the file, after rewriting it when that was asked for. An absent file is an empty one. */
export function readGolden(file: string, generated: string): string {
  const full = path.join(ROOT, file);
  if (process.env['UPDATE_GOLDEN'] === '1') writeFileSync(full, generated);
  try {
    return readFileSync(full, 'utf8');
  } catch {
    return '';
  }
}
