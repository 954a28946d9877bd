/** Where a secret stands that a file only names: in the environment, or in a file that nobody else may read. */
import { readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';

/** A file that others can read is refused: what lies there open is known. */
const OTHERS = 0o077;
/** One that is mounted into a container belongs to root, who gave it to the group of that container. */
const MOUNTED_OTHERS = 0o007;

export const secretReference = z.union([
  z.strictObject({ env: z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/) }),
  z.strictObject({ file: z.string().refine((name) => path.isAbsolute(name), 'give an absolute path') }),
]);
export type SecretReference = z.infer<typeof secretReference>;

/** The secret. `fail` throws what says which one is missing, and never what it is. */
export function readSecret(
  from: SecretReference,
  env: { readonly [name: string]: string | undefined },
  fail: (what: string) => never,
): string {
  if ('env' in from) return env[from.env] || fail(`${from.env} is not set`);
  return readOwn(from.file, fail).trim();
}

/** Text of a file that only its owner may read. */
export function readOwn(file: string, fail: (what: string) => never): string {
  let open: boolean;
  let text: string;
  try {
    const { mode, uid } = statSync(file);
    open = (mode & (uid === process.getuid?.() ? OTHERS : MOUNTED_OTHERS)) !== 0;
    text = readFileSync(file, 'utf8');
  } catch {
    return fail(`${file} cannot be read`);
  }
  return open ? fail(`others can read ${file}; chmod 600 it`) : text;
}
