/** How imported devices are reached: a YAML file by device, whose secrets are in files or in the environment. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { WayleaveError } from '../../broker/errors.ts';
import { EndpointDocument } from '../../broker/inventory/document.ts';
import type { NewDevice } from '../../broker/inventory/import-devices.ts';

type Env = { readonly [name: string]: string | undefined };

/** `{file: PATH}`, from the folder of the YAML file, or `{env: NAME}` in place of a text. */
const reference = z.union([z.strictObject({ file: z.string() }), z.strictObject({ env: z.string() })]);
const form = z.strictObject({ devices: z.record(z.string(), z.unknown()) });
const MAX_BYTES = 16 * 1024 * 1024;

/** Endpoints by device. Throws `CONFIG_INVALID` with the place, never with a value. */
export function readCredentials(file: string, env: Env): ReadonlyMap<string, NonNullable<NewDevice['endpoint']>> {
  const refuse = (why: string): WayleaveError => new WayleaveError('CONFIG_INVALID', `${file}: ${why}`);
  let value: unknown;
  try {
    const text = readFileSync(file, 'utf8');
    if (text.length > MAX_BYTES) throw new Error('too large');
    value = parse(text, { maxAliasCount: 0 });
  } catch {
    throw refuse('cannot be read as YAML');
  }
  const parsed = form.safeParse(value);
  if (!parsed.success) throw refuse('give `devices:` with an endpoint for each name');
  return new Map(
    Object.entries(parsed.data.devices).map(([name, given]) => {
      const endpoint = EndpointDocument.safeParse(resolve(given, path.dirname(file), env, refuse));
      if (endpoint.success) return [name, endpoint.data] as const;
      const issue = endpoint.error.issues[0];
      throw refuse(`devices.${name}.${issue?.path.join('.') ?? ''} is not of the form that docs/netbox.md shows`);
    }),
  );
}

/** The same value with every reference replaced by what it names. */
function resolve(value: unknown, folder: string, env: Env, refuse: (why: string) => Error): unknown {
  const referred = reference.safeParse(value);
  if (referred.success) return readSecret(referred.data, folder, env, refuse);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, resolve(inner, folder, env, refuse)]));
}

function readSecret(
  where: z.infer<typeof reference>,
  folder: string,
  env: Env,
  refuse: (why: string) => Error,
): string {
  if ('env' in where) {
    const found = env[where.env];
    if (found === undefined || found === '') throw refuse(`the environment has no ${where.env}`);
    return found;
  }
  try {
    return readFileSync(path.resolve(folder, where.file), 'utf8').trimEnd();
  } catch {
    throw refuse(`the file ${where.file} cannot be read`);
  }
}
