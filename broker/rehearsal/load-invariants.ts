/** Reads files of invariants, once, at start. A file that makes no sense keeps the broker from starting: there is no default that lets pass. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { z } from 'zod';
import { WayleaveError } from '../errors.ts';
import { CHECKS, type CheckName } from './checks/checks.ts';

/** The invariants that Wayleave ships with. */
export const DEFAULT_INVARIANTS = fileURLToPath(new URL('./default-invariants.yaml', import.meta.url));

const checkName = z.custom<CheckName>((value) => typeof value === 'string' && Object.hasOwn(CHECKS, value), {
  error: `give one of ${Object.keys(CHECKS).join(', ')}`,
});
const breaks = z.union([z.literal('deny'), z.strictObject({ approvals: z.int().min(1).max(5) })]);
const base = {
  name: z.string().regex(/^[a-z][a-z0-9-]{1,62}$/, 'give a name like erp-stays-up'),
  says: z.string().min(1).max(200),
  breaks,
};
const invariant = z.union([
  z.strictObject({ ...base, check: checkName, percent: z.number().min(1).max(100).default(100) }),
  // `*` stands for any characters; a predicted line is `tunnel/br1_edge:mpls--hub1_edge:mpls bfd.state` or `node/br1_edge → hub1_srv1:443`.
  z.strictObject({ ...base, keep: z.array(z.string().min(1).max(200)).min(1).max(50) }),
]);
const file = z.strictObject({ invariants: z.array(invariant).min(1).max(200) });

export type DeclaredInvariant = z.infer<typeof invariant>;

/** Largest file that is read, bytes. */
const MAX_BYTES = 256 * 1024;

/**
 * The invariants of all files, in order. Throws `CONFIG_INVALID` with the file and the place: unreadable, not YAML, an
 * unknown check, a name given twice.
 */
export function loadInvariants(paths: readonly string[]): readonly DeclaredInvariant[] {
  const all = paths.flatMap((path) => readInvariants(path));
  const seen = new Set<string>();
  for (const { name } of all) {
    if (seen.has(name)) throw new WayleaveError('CONFIG_INVALID', `The invariant ${name} is declared twice.`);
    seen.add(name);
  }
  return all;
}

function readInvariants(path: string): readonly DeclaredInvariant[] {
  const refuse = (why: string): WayleaveError =>
    new WayleaveError('CONFIG_INVALID', `The invariants of ${path} cannot be used: ${why}`);
  let value: unknown;
  try {
    const text = readFileSync(path, 'utf8');
    if (text.length > MAX_BYTES) throw new Error('the file is too large');
    value = parse(text, { maxAliasCount: 0, uniqueKeys: true });
  } catch (error) {
    throw refuse(error instanceof Error ? error.message : 'unreadable');
  }
  const parsed = file.safeParse(value);
  if (parsed.success) return parsed.data.invariants;
  const issue = parsed.error.issues[0];
  throw refuse(`${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'invalid'}`);
}
