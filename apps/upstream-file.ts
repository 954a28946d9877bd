/** Reads the file that names the MCP servers of others; credentials stand elsewhere, in the environment or in files of their own. */
import { readFileSync } from 'node:fs';
import { parse as parseYaml } from 'yaml';
import { z } from 'zod';
import { WayleaveError } from '../broker/errors.ts';
import {
  type UpstreamServer,
  upstreamFields,
  upstreamProgram,
  upstreamServers,
} from '../broker/upstream/server-list.ts';
import { readSecret, type SecretReference, secretReference } from './secret-reference.ts';

const upstreamFile = z.strictObject({
  servers: z.array(
    upstreamFields.extend({
      credential: secretReference.optional(),
      program: upstreamProgram.extend({ env: z.record(z.string(), secretReference).default({}) }).optional(),
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
  const secretOf = (name: string, from: SecretReference): string =>
    readSecret(from, env, (what) => fail(`${name}: ${what}`));
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
