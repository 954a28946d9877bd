/** Makes ids with a prefix (`int_…`, 128 random bits in lower-case base32), so that graphs get them as an argument. */
import { randomBytes } from 'node:crypto';

/** Makes a fresh id with the prefix given. */
export type MakeId = (prefix: string) => string;

/** RFC 4648 §6, lower case. */
const ALPHABET = 'abcdefghijklmnopqrstuvwxyz234567';

/** Ids from a source of random bytes (the operating system's, or a seeded one in tests). */
export function createIds(random: (size: number) => Uint8Array = randomBytes): MakeId {
  return (prefix) => {
    let text = '';
    let [bits, held] = [0, 0];
    for (const byte of random(16)) {
      bits = (bits << 8) | byte;
      for (held += 8; held >= 5; held -= 5) text += ALPHABET[(bits >> (held - 5)) & 31] ?? '';
      bits &= 31;
    }
    return `${prefix}_${text}${ALPHABET[bits & ((1 << held) - 1)] ?? ''}`;
  };
}
