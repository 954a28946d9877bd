/** Reads the file that names the real devices of an installation, and puts the secrets in that it only refers to. */
import { WayleaveError } from '../broker/errors.ts';
import { InventoryDocument } from '../broker/inventory/document.ts';
import { readOwn, readSecret, secretReference } from './secret-reference.ts';

/** Deeper than any field of the document lies. */
const DEEPEST = 12;

/**
 * The document that the broker imports. Wherever it has a secret there may stand `{"env": "NAME"}` or `{"file": "/path"}`.
 * @throws WayleaveError `CONFIG_INVALID` with the place of what is wrong, and never with a secret.
 */
export function loadInventory(file: string, env: { readonly [name: string]: string | undefined }): InventoryDocument {
  const fail = (what: string): never => {
    throw new WayleaveError('CONFIG_INVALID', `inventory ${file}: ${what}.`);
  };
  const resolve = (value: unknown, place: readonly string[]): unknown => {
    if (typeof value !== 'object' || value === null) return value;
    if (place.length > DEEPEST) return fail('it is nested too deeply');
    const reference = secretReference.safeParse(value);
    if (reference.success) return readSecret(reference.data, env, (what) => fail(`${place.join('.')}: ${what}`));
    if (Array.isArray(value)) return value.map((one, at) => resolve(one, [...place, String(at)]));
    return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, resolve(one, [...place, name])]));
  };
  const text = readOwn(file, fail);
  let raw: unknown;
  try {
    raw = JSON.parse(text);
  } catch {
    return fail('it is no JSON');
  }
  const parsed = InventoryDocument.safeParse(resolve(raw, []));
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  return fail(`${issue?.path.join('.') || 'the whole'}: ${issue?.message ?? 'not valid'}`);
}
