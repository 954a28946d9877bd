/**
 * A narrowing: policies of one tenant that forbid what the provider's would permit, as one signed text, and what is stored
 * of it. Nothing here is believed without its signature, its entry in the audit log and its mark.
 */
import { z } from 'zod';
import { canonicalText } from '../../protocols/canonical-json.ts';
import { sha256 } from '../digest.ts';
import { WayleaveError } from '../errors.ts';
import type { KeyedRecords } from '../identity/keyed-records.ts';
import type { PolicyFile } from '../policy/referee/messages.ts';
import { demandBounds, open, seal } from './bundle.ts';
import type { BundleKeys } from './bundle-keys.ts';

/** Characters of all files of one tenant: every one of its decisions evaluates them. */
const MAX_TEXT = 30_000;

export const narrowingFiles = z
  .array(z.strictObject({ name: z.string().regex(/^[a-z0-9][a-z0-9._-]{0,59}\.cedar$/), text: z.string() }))
  .max(16);

const narrowingForm = z.strictObject({
  form: z.literal('wayleave-narrowing/1'),
  tenant: z.string(),
  /** The n-th of this tenant. */
  number: z.int().min(1),
  /** Empty when it was withdrawn. */
  files: narrowingFiles,
  at: z.string(),
  /** Index of its entry in the audit log. */
  entry: z.int().min(0),
});
export type Narrowing = Readonly<z.infer<typeof narrowingForm>>;

const vote = z.strictObject({ human: z.string(), reason: z.string(), at: z.string(), entry: z.int().min(0) });
const proposal = z.strictObject({
  files: narrowingFiles,
  digest: z.string(),
  /** Number of the narrowing that was in force when it was proposed. */
  base: z.int().min(0),
  votes: z.array(vote).readonly(),
});

export const narrowingRecord = z.strictObject({
  tenant: z.string(),
  /** What is in force, signed; absent before the first. */
  signed: z.string().optional(),
  proposal: proposal.optional(),
});
export type NarrowingRecord = Readonly<z.infer<typeof narrowingRecord>>;

/** The highest number of each tenant that was seen, kept beside the keys: who puts an older store back is found out. */
export interface NarrowingMarks {
  read(): Readonly<Record<string, number>>;
  write(marks: Readonly<Record<string, number>>): void;
}
export const narrowingMarks = z.record(z.string(), z.int().min(1));

export interface NarrowingStore {
  readonly records: KeyedRecords<NarrowingRecord>;
  readonly keys: BundleKeys;
  readonly marks: NarrowingMarks;
}

export const digestNarrowing = (tenant: string, files: readonly PolicyFile[]): string =>
  sha256(canonicalText({ tenant, files }));

/** Files by name. @throws WayleaveError `INPUT_INVALID` for what is too large, or no policies. */
export function packNarrowing(files: readonly PolicyFile[]): Narrowing['files'] {
  const sorted = narrowingFiles.safeParse(files.toSorted((a, b) => (a.name < b.name ? -1 : 1)));
  if (!sorted.success) throw new WayleaveError('INPUT_INVALID', z.prettifyError(sorted.error));
  demandBounds({ files: sorted.data }, MAX_TEXT);
  return sorted.data;
}

export const signNarrowing = (narrowing: Narrowing, keys: BundleKeys): string =>
  seal('wayleave-narrowing+jwt', narrowing, keys);

/** @throws WayleaveError `SIGNATURE_INVALID` */
export const openNarrowing = (signed: string, keys: BundleKeys): Narrowing =>
  open('wayleave-narrowing+jwt', signed, narrowingForm, keys).content;
