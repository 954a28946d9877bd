/** Reads the policy files of a folder. An unreadable or empty folder is an error: there is no default that permits. */
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { WayleaveError } from '../errors.ts';
import type { PolicyFile } from './referee/messages.ts';

/** The policies that Wayleave ships with. */
export const DEFAULT_POLICIES = fileURLToPath(new URL('./default/', import.meta.url));

/**
 * All `*.cedar` files of the folder, sorted by name.
 * @throws WayleaveError `CONFIG_INVALID`, so that the broker does not start.
 */
export async function loadPolicies(folder: string): Promise<readonly PolicyFile[]> {
  const files = await readFolder(folder, '.cedar').catch(() => undefined);
  if (files === undefined) throw new WayleaveError('CONFIG_INVALID', `The policy folder cannot be read: ${folder}`);
  if (files.length === 0) throw new WayleaveError('CONFIG_INVALID', `There is no *.cedar file in ${folder}`);
  return files;
}

/** The files with this ending, sorted by name. */
export async function readFolder(folder: string, ending: string): Promise<readonly PolicyFile[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith(ending)).sort();
  return Promise.all(names.map(async (name) => ({ name, text: await readFile(path.join(folder, name), 'utf8') })));
}
