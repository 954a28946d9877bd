/** The keys that sign bundles: the first signs, the others are accepted until they are retired, so that rotation stops nothing. */
import type { KeyObject } from 'node:crypto';
import { z } from 'zod';
import {
  exportSigningKey,
  generateSigningKey,
  importPublicJwk,
  importSigningKey,
  type SigningKey,
} from '../../protocols/oauth/jwk.ts';
import { WayleaveError } from '../errors.ts';

/** What the key file holds, the signing key first. */
export const bundleKeyFile = z.strictObject({
  keys: z
    .array(z.strictObject({ pem: z.string() }))
    .min(1)
    .max(5),
});
export type BundleKeyFile = z.infer<typeof bundleKeyFile>;

/** Accepted beside the one that signs; a further rotation retires the oldest. */
const MOST_ACCEPTED = 4;

export interface BundleKeys {
  /** Signs from now on. */
  current(): SigningKey;
  /** The public key of exactly that thumbprint, while it is accepted. */
  find(thumbprint: string): KeyObject | undefined;
  list(): readonly { readonly id: string; readonly status: 'signs' | 'accepted' }[];
  /** Makes a new signing key; it is stored before it signs. */
  rotate(): void;
  /** From now on nothing under this key holds. @throws WayleaveError for the one that signs, and for one that is not there. */
  retire(thumbprint: string): void;
}

export interface BundleKeysDeps {
  readonly load: () => BundleKeyFile;
  readonly save: (file: BundleKeyFile) => void;
}

const newKey = (): BundleKeyFile['keys'][number] => ({ pem: exportSigningKey(generateSigningKey()) });
export const newBundleKeyFile = (): BundleKeyFile => ({ keys: [newKey()] });

export function openBundleKeys({ load, save }: BundleKeysDeps): BundleKeys {
  const read = (file: BundleKeyFile) =>
    file.keys.map((stored) => {
      const key = importSigningKey(stored.pem);
      return { stored, key, publicKey: importPublicJwk(key.publicJwk) };
    });
  let keys = read(load());
  const replace = (stored: BundleKeyFile['keys']): void => {
    save({ keys: stored });
    keys = read({ keys: stored });
  };
  return {
    current() {
      const [first] = keys;
      if (first === undefined) throw new Error('there is no key that signs bundles');
      return first.key;
    },
    find: (thumbprint) => keys.find(({ key }) => key.thumbprint === thumbprint)?.publicKey,
    list: () => keys.map(({ key }, at) => ({ id: key.thumbprint, status: at === 0 ? 'signs' : 'accepted' })),
    rotate: () => replace([newKey(), ...keys.slice(0, MOST_ACCEPTED).map(({ stored }) => stored)]),
    retire(thumbprint) {
      const at = keys.findIndex(({ key }) => key.thumbprint === thumbprint);
      if (at < 0) throw new WayleaveError('NOT_FOUND', 'No such key is accepted.');
      if (at === 0) throw new WayleaveError('DENIED', 'This key signs; rotate first.');
      replace(keys.filter((_, index) => index !== at).map(({ stored }) => stored));
    },
  };
}
