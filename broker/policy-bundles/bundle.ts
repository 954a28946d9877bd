/**
 * A bundle: everything that decides, as one signed text. Policies with the cases beside them, the digest of the schema they
 * were written for, which of them are only observed, and the fewest people who approve. Signed as a compact JWS (RFC 7515).
 */
import { z } from 'zod';
import { canonicalText } from '../../protocols/canonical-json.ts';
import { parseCompactJws, signatureHolds, signCompactJws, TokenRefused } from '../../protocols/oauth/compact-jws.ts';
import { sha256 } from '../digest.ts';
import { WayleaveError } from '../errors.ts';
import type { PolicyBundle, PolicyFile } from '../policy/referee/messages.ts';
import type { BundleKeys } from './bundle-keys.ts';

/** Characters of all files together. A list of a million entries or an endless pattern is no policy anybody can review. */
export const MAX_TEXT = 150_000;
/** Wildcards of one pattern: each costs one more pass over the text. */
export const MAX_WILDCARDS = 8;
const MAX_SIGNED = 250_000;
const digestForm = z.string().regex(/^sha256:[0-9a-f]{64}$/);
const policyId = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/);

export const rulesForm = z.strictObject({
  /** Ids of policies that are watched and decide nothing. */
  observe: z.array(policyId).max(100).default([]),
  approvals: z.strictObject({ least: z.int().min(1).max(5) }).default({ least: 1 }),
});
export type BundleRules = Readonly<z.infer<typeof rulesForm>>;

export const filesForm = z
  .array(
    z.strictObject({
      name: z.string().regex(/^[a-z0-9][a-z0-9._-]{0,59}\.(cedar|test\.yaml)$/),
      text: z.string(),
    }),
  )
  .min(1)
  .max(64);

const bundleForm = rulesForm.extend({ form: z.literal('wayleave-policies/1'), files: filesForm, schema: digestForm });
export type Bundle = Readonly<z.infer<typeof bundleForm>>;

/** What is in force: the n-th activation, of which bundle, and where the audit log has it. */
const activationForm = z.strictObject({
  form: z.literal('wayleave-activation/1'),
  number: z.int().min(1),
  bundle: z.string(),
  digest: digestForm,
  at: z.string(),
  /** Index of the entry in the audit log. */
  entry: z.int().min(0),
});
export type Activation = Readonly<z.infer<typeof activationForm>>;

export const digestSchema = (schema: PolicyBundle['schema']): string => sha256(canonicalText(schema));
export const digestBundle = (bundle: Bundle): string => sha256(canonicalText(bundle));

/** Files by name. @throws WayleaveError `INPUT_INVALID` for what is too large, or no bundle. */
export function packBundle(files: readonly PolicyFile[], rules: BundleRules, schema: PolicyBundle['schema']): Bundle {
  const sorted = files.toSorted((a, b) => (a.name < b.name ? -1 : 1));
  const bundle = bundleForm.safeParse({
    ...{ form: 'wayleave-policies/1', files: sorted, schema: digestSchema(schema) },
    ...{ observe: [...new Set(rules.observe)].sort(), approvals: rules.approvals },
  });
  if (!bundle.success) throw new WayleaveError('INPUT_INVALID', z.prettifyError(bundle.error));
  demandBounds(bundle.data);
  return bundle.data;
}

/** @throws WayleaveError `INPUT_INVALID` for more text, or slower patterns, than anybody needs. */
export function demandBounds({ files }: Pick<Bundle, 'files'>, longest = MAX_TEXT): void {
  const length = files.reduce((sum, { text }) => sum + text.length, 0);
  if (length > longest)
    throw new WayleaveError('INPUT_INVALID', `The files have ${length} characters, more than ${longest}.`);
  if (new Set(files.map(({ name }) => name)).size !== files.length)
    throw new WayleaveError('INPUT_INVALID', 'Two files have one name.');
  const patterns = files.flatMap(({ text }) => [...text.matchAll(/\blike\s*"((?:[^"\\]|\\.)*)"/g)]);
  const slow = patterns.find(
    ([, pattern = '']) => pattern.replaceAll(/\\./g, '').split('*').length > MAX_WILDCARDS + 1,
  );
  if (slow !== undefined)
    throw new WayleaveError(
      'INPUT_INVALID',
      `A pattern has more than ${MAX_WILDCARDS} wildcards: ${slow[0].slice(0, 60)}`,
    );
}

export const signBundle = (bundle: Bundle, keys: BundleKeys): string => seal('wayleave-policies+jwt', bundle, keys);
export const signActivation = (activation: Activation, keys: BundleKeys): string =>
  seal('wayleave-activation+jwt', activation, keys);

/** The bundle in a signed text, and by which key. @throws WayleaveError `SIGNATURE_INVALID` */
export function openBundle(signed: string, keys: BundleKeys): Opened<Bundle> {
  const opened = open('wayleave-policies+jwt', signed, bundleForm, keys);
  demandBounds(opened.content);
  return opened;
}

/** @throws WayleaveError `SIGNATURE_INVALID` */
export const openActivation = (signed: string, keys: BundleKeys): Opened<Activation> =>
  open('wayleave-activation+jwt', signed, activationForm, keys);

export interface Opened<T> {
  readonly content: T;
  readonly key: string;
}

/** Signs with the key that signs now; `typ` keeps one kind of text from being taken for another. */
export function seal(typ: string, content: object, keys: BundleKeys): string {
  const key = keys.current();
  return signCompactJws({ typ, kid: key.thumbprint }, { ...content }, key.privateKey);
}

/** The content of a signed text of that kind. @throws WayleaveError `SIGNATURE_INVALID` */
export function open<T>(typ: string, signed: string, form: z.ZodType<T>, keys: BundleKeys): Opened<T> {
  try {
    const jws = parseCompactJws(signed, MAX_SIGNED);
    if (jws.header['typ'] !== typ) throw new TokenRefused('it is signed as something else');
    const kid = jws.header['kid'];
    const key = typeof kid === 'string' ? keys.find(kid) : undefined;
    if (typeof kid !== 'string' || key === undefined) throw new TokenRefused('no accepted key signed it');
    if (!signatureHolds(jws, key)) throw new TokenRefused('the signature is not of these bytes');
    return { content: form.parse(jws.payload), key: kid };
  } catch (error) {
    const why = error instanceof TokenRefused ? error.message : 'its form is not known';
    throw new WayleaveError('SIGNATURE_INVALID', `The signed text does not hold: ${why}.`);
  }
}
