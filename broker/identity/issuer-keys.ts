/** The keys that an issuer of logins publishes (RFC 7517): looked at as a whole, before any of them verifies anything. */
import { createPublicKey } from 'node:crypto';
import { z } from 'zod';

/** What is wrong with the set, in a few words. */
export class KeySetRefused extends Error {
  override readonly name = 'KeySetRefused';
}

const MOST_KEYS = 50;
/** NIST SP 800-131A §3: RSA below 2048 bits is disallowed; above 16384 one verification costs a second. */
const RSA_BITS = { least: 2048, most: 16_384 };
/** FIPS 186-5 §A.1.1: odd, more than 2^16, less than 2^256. */
const EXPONENT = { least: 65_537n, most: 2n ** 256n };
/** Members that only a private or a symmetric key has (RFC 7518 §6.2.2, §6.3.2, §6.4.1). */
const SECRET_MEMBERS = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k'];

const number = z.string().regex(/^[A-Za-z0-9_-]{1,4096}$/);
const keySet = z.object({
  keys: z.array(z.looseObject({ kty: z.string(), kid: z.string().max(500).optional() })).max(MOST_KEYS),
});
type Jwk = z.infer<typeof keySet>['keys'][number];

/**
 * Throws `KeySetRefused` for a set in which a name may mean two keys, a secret is published, or a key can be broken. A type
 * that is not known is left alone (RFC 7517 §5): nothing verifies with it.
 */
export function demandSoundKeys(set: unknown): void {
  const parsed = keySet.safeParse(set);
  if (!parsed.success) throw new KeySetRefused('it is no set of keys');
  const names = parsed.data.keys.map(({ kid }) => kid);
  if (new Set(names).size !== names.length) throw new KeySetRefused('two of its keys have one name');
  for (const key of parsed.data.keys) demandSoundKey(key);
}

function demandSoundKey(key: Jwk): void {
  if (key.kty === 'oct' || SECRET_MEMBERS.some((name) => name in key)) throw new KeySetRefused('it publishes a secret');
  if (key.kty === 'RSA') demandSoundRsa(readNumber(key['n']), readNumber(key['e']));
  if (key.kty !== 'EC') return;
  try {
    createPublicKey({ key: { ...key }, format: 'jwk' });
  } catch {
    throw new KeySetRefused('a point is on no curve that is known');
  }
}

function readNumber(value: unknown): bigint {
  const text = number.safeParse(value).data;
  if (text === undefined) throw new KeySetRefused('a number of an RSA key is missing');
  return BigInt(`0x${Buffer.from(text, 'base64url').toString('hex') || '0'}`);
}

function demandSoundRsa(modulus: bigint, exponent: bigint): void {
  const bits = modulus.toString(2).length;
  if (bits < RSA_BITS.least || bits > RSA_BITS.most) throw new KeySetRefused(`an RSA key has ${bits} bits`);
  if (exponent % 2n === 0n || exponent < EXPONENT.least || exponent > EXPONENT.most)
    throw new KeySetRefused('the exponent of an RSA key is out of bounds');
  if (modulus % 2n === 0n || isRoca(modulus)) throw new KeySetRefused('an RSA key can be factored');
}

/**
 * The fingerprint of moduli whose primes a faulty library chose as `k·M + 65537^a mod M` (Nemec et al., "The Return of
 * Coppersmith's Attack", CCS 2017, §2.3): modulo each small prime they are a power of 65537. Of these primes not every number
 * is one: of sound moduli about one in 2^28 is taken for a faulty one.
 */
const SMALL_PRIMES = [11, 13, 17, 19, 37, 53, 61, 71, 73, 79, 97, 103, 107, 109, 127, 151, 157];

function isRoca(modulus: bigint): boolean {
  return SMALL_PRIMES.every((prime) => powersOf(65_537 % prime, prime).has(Number(modulus % BigInt(prime))));
}

function powersOf(base: number, prime: number): ReadonlySet<number> {
  const powers = new Set<number>();
  for (let power = 1; !powers.has(power); power = (power * base) % prime) powers.add(power);
  return powers;
}
