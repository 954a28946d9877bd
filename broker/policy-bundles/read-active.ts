/** Reads which bundle is in force, and believes none of it: signatures, digests, the log and the mark must all agree. */
import { z } from 'zod';
import { sameDigest } from '../digest.ts';
import { WayleaveError } from '../errors.ts';
import type { AuditLog } from '../ports.ts';
import { type Activation, type Bundle, digestBundle, openActivation, openBundle } from './bundle.ts';
import type { BundleKeys } from './bundle-keys.ts';
import { ACTIVE, type BundleRecord, type Mark, type PolicyStore } from './policy-store.ts';

export interface ReadActiveDeps {
  readonly store: PolicyStore;
  readonly keys: BundleKeys;
  readonly mark: Mark;
  readonly audit: Pick<AuditLog, 'entries'>;
}

export type ReadActive =
  | {
      readonly found: 'active';
      readonly activation: Activation;
      readonly record: BundleRecord;
      readonly bundle: Bundle;
    }
  /** There never was one. */
  | { readonly found: 'nothing' }
  | { readonly found: 'tampered'; readonly why: string };

/** Rejects when the store or the log cannot be read at all: that is an outage, and says nothing about anybody. */
export async function readActive(deps: ReadActiveDeps): Promise<ReadActive> {
  try {
    return await read(deps);
  } catch (error) {
    if (error instanceof Contradiction || (error instanceof WayleaveError && error.code === 'SIGNATURE_INVALID'))
      return { found: 'tampered', why: error.message };
    if (error instanceof z.ZodError || error instanceof SyntaxError)
      return { found: 'tampered', why: 'a stored policy record has a form that this broker never wrote' };
    throw error;
  }
}

class Contradiction extends Error {
  override readonly name = 'Contradiction';
}
const demand = (holds: boolean, otherwise: string): void => {
  if (!holds) throw new Contradiction(otherwise);
};

async function read({ store, keys, mark, audit }: ReadActiveDeps): Promise<ReadActive> {
  const stored = await store.active.get(ACTIVE);
  const seen = mark.read();
  if (stored === undefined) {
    demand(seen === undefined, `the store names no active policies, but activation ${seen?.number ?? 0} was seen here`);
    return { found: 'nothing' };
  }
  const { content: activation } = openActivation(stored.signed, keys);
  demand(
    seen === undefined || activation.number >= seen.number,
    `the store has activation ${activation.number}, but ${seen?.number ?? 0} was seen here: older policies were put back`,
  );
  demand(
    seen?.number !== activation.number || sameDigest(seen.digest, activation.digest),
    `activation ${activation.number} is of other policies than were seen here`,
  );
  const record = await store.bundles.get(activation.bundle);
  if (record === undefined) throw new Contradiction(`the active bundle ${activation.bundle} is not in the store`);
  const { content: bundle } = openBundle(record.signed, keys);
  demand(
    sameDigest(digestBundle(bundle), activation.digest),
    'the bundle in the store is not the one that was activated',
  );
  const [entry] = await audit.entries(activation.entry, 1);
  const logged = entry?.kind === 'policy.activated' ? entry.content : undefined;
  demand(
    logged?.['digest'] === activation.digest && logged['activation'] === activation.number,
    `the audit log does not have activation ${activation.number} where it should be`,
  );
  return { found: 'active', activation, record, bundle };
}
