/** Reads a story by the name of its file: a regular YAML file, also at the end of its links, and inside of the folder that was named. */
import { readFileSync, realpathSync, statSync } from 'node:fs';
import path from 'node:path';
import { WayleaveError } from '../broker/errors.ts';
import { MAX_BYTES } from './read-yaml.ts';

const YAML = /\.ya?ml$/;
/** Longest path of Linux (`PATH_MAX`). */
const LONGEST = 4096;

/**
 * The text; undefined when there is no such file. `root` is the folder that somebody named, when they did not name the file:
 * a link in a folder of stories from elsewhere must not lead out of it. Throws `SCENARIO_INVALID`.
 */
export function readStoryFile(name: string, root?: string): string | undefined {
  const refuse = (why: string): WayleaveError =>
    new WayleaveError('SCENARIO_INVALID', `${name.slice(0, 200).replace(/[^\x20-\x7e]/g, '?')}: ${why}`);
  if (!YAML.test(name) || name.length > LONGEST || name.includes('\0'))
    throw refuse('give the id of a scenario, or a file *.yaml');
  let real: string;
  try {
    real = realpathSync(name);
  } catch {
    return undefined;
  }
  if (!YAML.test(real)) throw refuse('it is a link to something else than *.yaml');
  if (root !== undefined && !real.startsWith(realpathSync(root) + path.sep)) throw refuse('it leads out of the folder');
  const { size, isFile } = fileFacts(real);
  if (!isFile) throw refuse('it is no file');
  if (size > MAX_BYTES) throw refuse('larger than 256 KiB.');
  return readFileSync(real, 'utf8');
}

function fileFacts(name: string): { readonly size: number; readonly isFile: boolean } {
  const facts = statSync(name);
  return { size: facts.size, isFile: facts.isFile() };
}
