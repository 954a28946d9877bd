/** Reads from a folder what becomes a bundle: policies, the cases beside them, and `bundle.yaml`. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { WayleaveError } from '../errors.ts';
import { loadPolicies, readFolder } from '../policy/load-policies.ts';
import type { PolicyFile } from '../policy/referee/messages.ts';
import { type BundleRules, rulesForm } from './bundle.ts';

/** What a bundle of the folder holds: the policies, and the cases beside them. @throws WayleaveError `CONFIG_INVALID` */
export const loadBundleFiles = async (folder: string): Promise<readonly PolicyFile[]> => [
  ...(await loadPolicies(folder)),
  ...(await readFolder(folder, '.test.yaml')),
];

/** `bundle.yaml` of the folder: `observe: [id]` and `approvals: {least: n}`; without it every policy decides. */
export async function loadRules(folder: string): Promise<BundleRules> {
  const file = path.join(folder, 'bundle.yaml');
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '{}';
    throw new WayleaveError('CONFIG_INVALID', `${file} cannot be read.`);
  });
  const rules = rulesForm.safeParse(readYaml(file, text) ?? {});
  if (!rules.success) throw new WayleaveError('CONFIG_INVALID', `${file}: ${z.prettifyError(rules.error)}`);
  return rules.data;
}

function readYaml(file: string, text: string): unknown {
  try {
    return parse(text);
  } catch (error) {
    throw new WayleaveError('CONFIG_INVALID', `${file}: ${error instanceof Error ? error.message : 'it is no YAML'}`);
  }
}
