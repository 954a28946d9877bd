/** Where passkeys are kept: public keys by person, sealed, so that whoever writes the database can add none. */
import { z } from 'zod';
import type { KeyedRecords } from './keyed-records.ts';

export const passkeyRecord = z.strictObject({
  human: z.string(),
  /** The list, sealed under the vault's master key for this person. */
  sealed: z.string(),
});
export type PasskeyRecord = Readonly<z.infer<typeof passkeyRecord>>;

const keptPasskey = z.strictObject({
  id: z.string(),
  /** COSE key, base64url. */
  publicKey: z.string(),
  /** Signatures that the device has counted; 0 where it does not count. */
  counter: z.int(),
  name: z.string(),
  createdAt: z.string(),
  usedAt: z.string().optional(),
});
export type KeptPasskey = Readonly<z.infer<typeof keptPasskey>>;

export interface PasskeyStore {
  isEnrolled(human: string): Promise<boolean>;
  read(human: string): Promise<readonly KeptPasskey[]>;
  /** One change at a time; throws what `after` throws and then changes nothing. */
  change(human: string, after: (before: readonly KeptPasskey[]) => readonly KeptPasskey[]): Promise<void>;
}

export interface PasskeyStoreDeps {
  readonly records: KeyedRecords<PasskeyRecord>;
  /** Encrypt and decrypt a text for one person. */
  readonly seal: (human: string, plain: string) => string;
  readonly open: (human: string, sealed: string) => string;
}

export function createPasskeyStore({ records, seal, open }: PasskeyStoreDeps): PasskeyStore {
  // The name is that of the question, not of the record: another person's record does not open.
  const parse = (human: string, record: PasskeyRecord | undefined): readonly KeptPasskey[] =>
    record === undefined ? [] : z.array(keptPasskey).parse(JSON.parse(open(human, record.sealed)));
  const read = async (human: string): Promise<readonly KeptPasskey[]> => parse(human, await records.get(human));
  return {
    read,
    isEnrolled: async (human) => (await read(human)).length > 0,
    async change(human, after) {
      await records.update(human, (before) => ({
        human,
        sealed: seal(human, JSON.stringify(after(parse(human, before)))),
      }));
    },
  };
}
