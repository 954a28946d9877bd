/** Makes ids with a prefix (`int_…`, 128 random bits in lower-case base32), so that graphs get them as an argument. */
import { randomBytes } from 'node:crypto';

/** Makes a fresh id with the prefix given. */
export type MakeId = (prefix: string) => string;

/** RFC 4648 §6, lower case. */
const ALPHABET = 'abcdefghijklmnopqrstuvwxyz234567';

/** Ids from a source of random bytes (the operating system's, or a seeded one in tests). */
export function createIds(random: (size: number) => Uint8Array = randomBytes): MakeId {
  return (prefix) => {
    let bits = BigInt(`0x${Buffer.from(random(16)).toString('hex')}`);
    let text = '';
    for (let index = 0; index < 26; index += 1) {
      text += ALPHABET[Number(bits & 31n)] ?? '';
      bits >>= 5n;
    }
    return `${prefix}_${text}`;
  };
}
