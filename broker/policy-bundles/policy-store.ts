/** What is remembered of policies: every bundle that was proposed, and which one is in force. Nothing here is believed without its signature. */
import { z } from 'zod';
import type { KeyedRecords } from '../identity/keyed-records.ts';

const vote = z.strictObject({
  human: z.string(),
  tenant: z.string(),
  reason: z.string(),
  at: z.string(),
  /** Index of the vote in the audit log, without which it does not count. */
  entry: z.int().min(0),
});

export const bundleRecord = z.strictObject({
  id: z.string(),
  digest: z.string(),
  /** The bundle, as it was signed. */
  signed: z.string(),
  /** Digest of what was in force when it was proposed; when that is no longer so, it must be proposed anew. */
  base: z.string(),
  votes: z.array(vote).readonly(),
  /** Nobody signed for it: it came with Wayleave. */
  shipped: z.boolean(),
  /** What it is, in the words of who proposed it. */
  what: z.string(),
  proposedAt: z.string(),
  /** Numbers of the activations by which it came into force. */
  activations: z.array(z.int()).readonly(),
});
export type BundleRecord = Readonly<z.infer<typeof bundleRecord>>;

/** A stored record of another form is no signature, and can be replaced. */
export const activationRecord = z.strictObject({ signed: z.string() }).catch({ signed: '' });
export type ActivationRecord = Readonly<z.infer<typeof activationRecord>>;

export interface PolicyStore {
  readonly bundles: KeyedRecords<BundleRecord>;
  /** One record, `ACTIVE`. */
  readonly active: KeyedRecords<ActivationRecord>;
}

export const ACTIVE = 'active';

/** The highest activation that was seen here, kept beside the keys and apart from the store: who restores an older store is found out. */
export interface Mark {
  read(): MarkedActivation | undefined;
  write(mark: MarkedActivation): void;
}
export interface MarkedActivation {
  readonly number: number;
  readonly digest: string;
}
export const markForm = z.strictObject({ number: z.int().min(1), digest: z.string() });
