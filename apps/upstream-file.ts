/** Reads the file that names the MCP servers of others; credentials stand elsewhere, in the environment or in files of their own. */
import { readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { parse as parseYaml } from 'yaml';
import { z } from 'zod';
import { WayleaveError } from '../broker/errors.ts';
import {
  type UpstreamServer,
  upstreamFields,
  upstreamProgram,
  upstreamServers,
} from '../broker/upstream/server-list.ts';

/** A file that others can read is refused: what lies there open is known. */
const OTHERS = 0o077;

const reference = z.union([
  z.strictObject({ env: z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/) }),
  z.strictObject({ file: z.string().refine((name) => path.isAbsolute(name), 'give an absolute path') }),
]);
const upstreamFile = z.strictObject({
  servers: z.array(
    upstreamFields.extend({
      credential: reference.optional(),
      program: upstreamProgram.extend({ env: z.record(z.string(), reference).default({}) }).optional(),
    }),
  ),
});

/**
 * The servers with their credentials; none for an empty name.
 * @throws WayleaveError `CONFIG_INVALID`, which names what is missing and never what a credential is.
 */
export function loadUpstream(
  file: string,
  env: { readonly [name: string]: string | undefined },
): readonly UpstreamServer[] {
  if (file === '') return [];
  const fail = (what: string): never => {
    throw new WayleaveError('CONFIG_INVALID', `${file}: ${what}`);
  };
  const read = (): unknown => {
    try {
      return parseYaml(readFileSync(file, 'utf8'), { maxAliasCount: 0 });
    } catch {
      return fail('it cannot be read, or is no YAML');
    }
  };
  const secretOf = (name: string, from: z.infer<typeof reference>): string => {
    if ('env' in from) return env[from.env] || fail(`${name}: ${from.env} is not set`);
    try {
      if ((statSync(from.file).mode & OTHERS) !== 0) return fail(`${name}: others can read ${from.file}`);
      return readFileSync(from.file, 'utf8').trim();
    } catch (error) {
      if (error instanceof WayleaveError) throw error;
      return fail(`${name}: ${from.file} cannot be read`);
    }
  };
  const parsed = upstreamFile.safeParse(read());
  if (!parsed.success) return fail(z.prettifyError(parsed.error));
  const servers = upstreamServers.safeParse(
    parsed.data.servers.map(({ credential, program, ...server }) => ({
      ...server,
      ...(credential === undefined ? {} : { credential: secretOf(server.name, credential) }),
      ...(program === undefined
        ? {}
        : {
            program: {
              ...program,
              env: Object.fromEntries(
                Object.entries(program.env).map(([name, from]) => [name, secretOf(server.name, from)]),
              ),
            },
          }),
    })),
  );
  // An issue names its place and its rule; of a credential it could be told what is wrong, and is not.
  return servers.success
    ? servers.data
    : fail(servers.error.issues.map(({ path: at, message }) => `${at.join('.')} ${message}`).join('; '));
}
