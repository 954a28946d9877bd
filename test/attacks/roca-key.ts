/** Makes an RSA key as the faulty library of CVE-2017-15361 did: each prime is `k·M + (65537^a mod M)` (Nemec et al., CCS 2017, §2.1). */
import { checkPrimeSync, createPrivateKey, type KeyObject, randomBytes } from 'node:crypto';

/** For 2048 bits, M is the product of the first 126 primes. */
const PRIMES = 126;
const PRIME_BITS = 1024n;
const EXPONENT = 65_537n;

export function generateRocaKey(): KeyObject {
  const product = firstPrimes(PRIMES).reduce((all, prime) => all * prime, 1n);
  const [p, q] = [generatePrime(product), generatePrime(product)];
  const d = invert(EXPONENT, (p - 1n) * (q - 1n));
  const numbers = { n: p * q, e: EXPONENT, d, p, q, dp: d % (p - 1n), dq: d % (q - 1n), qi: invert(q, p) };
  const jwk = Object.fromEntries(Object.entries(numbers).map(([name, value]) => [name, encode(value)]));
  return createPrivateKey({ key: { kty: 'RSA', ...jwk }, format: 'jwk' });
}

function generatePrime(product: bigint): bigint {
  const least = (3n << (PRIME_BITS - 2n)) / product + 1n; // the two highest bits are set, as in any RSA prime
  const room = (1n << PRIME_BITS) / product - least;
  for (;;) {
    const candidate = (least + (random() % room)) * product + power(EXPONENT, random(), product);
    if (checkPrimeSync(candidate)) return candidate;
  }
}

const random = (): bigint => BigInt(`0x${randomBytes(16).toString('hex')}`);

function firstPrimes(count: number): readonly bigint[] {
  const primes: bigint[] = [];
  for (let n = 2n; primes.length < count; n += 1n) if (primes.every((prime) => n % prime !== 0n)) primes.push(n);
  return primes;
}

function power(base: bigint, exponent: bigint, modulus: bigint): bigint {
  let [result, square] = [1n, base % modulus];
  for (let left = exponent; left > 0n; left >>= 1n) {
    if (left % 2n === 1n) result = (result * square) % modulus;
    square = (square * square) % modulus;
  }
  return result;
}

/** By the extended algorithm of Euclid. */
function invert(value: bigint, modulus: bigint): bigint {
  let [before, after, a, b] = [0n, 1n, modulus, value % modulus];
  while (b > 0n) {
    const times = a / b;
    [a, b] = [b, a % b];
    [before, after] = [after, before - times * after];
  }
  return ((before % modulus) + modulus) % modulus;
}

function encode(value: bigint): string {
  const hex = value.toString(16);
  return Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex').toString('base64url');
}
