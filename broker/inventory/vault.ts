/**
 * Envelope encryption of device credentials: a data key per device, wrapped by a master key from a file that lies
 * outside the database and its backups. AES-256-GCM with 96-bit random nonces (NIST SP 800-38D §8.2.2); tenant and
 * device are the associated data, so that a row moved to another device does not open.
 */
import { createCipheriv, createDecipheriv, type KeyObject, randomBytes } from 'node:crypto';
import { z } from 'zod';

const NONCE = 12;
const TAG = 16;
const KEY = 32;

const Sealed = z.strictObject({ v: z.literal(1), key: z.base64(), body: z.base64() });

/** Seals `plain` for one device; the result is printable and holds nothing in the clear. */
export function sealSecret(master: KeyObject, tenant: string, device: string, plain: string): string {
  const dataKey = randomBytes(KEY);
  try {
    return JSON.stringify({
      v: 1,
      key: encrypt(master, associated('key', tenant, device), dataKey).toString('base64'),
      body: encrypt(dataKey, associated('body', tenant, device), Buffer.from(plain)).toString('base64'),
    });
  } finally {
    dataKey.fill(0);
  }
}

/** Opens what `sealSecret` made for the same device and master key; throws otherwise, without detail. */
export function openSecret(master: KeyObject, tenant: string, device: string, sealed: string): string {
  const { key, body } = Sealed.parse(JSON.parse(sealed));
  const dataKey = decrypt(master, associated('key', tenant, device), Buffer.from(key, 'base64'));
  try {
    return decrypt(dataKey, associated('body', tenant, device), Buffer.from(body, 'base64')).toString();
  } finally {
    dataKey.fill(0);
  }
}

/** Wraps the data key anew, from whichever key opens it: the secret itself is not opened. Throws when none does. */
export function rewrapSecret(
  keys: readonly KeyObject[],
  to: KeyObject,
  tenant: string,
  device: string,
  sealed: string,
): string {
  const parsed = Sealed.parse(JSON.parse(sealed));
  const aad = associated('key', tenant, device);
  const dataKey = openWithOne(keys, (key) => decrypt(key, aad, Buffer.from(parsed.key, 'base64')));
  try {
    return JSON.stringify({ ...parsed, key: encrypt(to, aad, dataKey).toString('base64') });
  } finally {
    dataKey.fill(0);
  }
}

/** What the first of the keys that fits opens; throws when none does. */
export function openWithOne<T>(keys: readonly KeyObject[], open: (key: KeyObject) => T): T {
  for (const key of keys) {
    try {
      return open(key);
    } catch {
      // Authenticated encryption: a key that does not fit says so.
    }
  }
  throw new Error('no key opens it');
}

const associated = (part: string, tenant: string, device: string): Buffer =>
  Buffer.from(JSON.stringify(['wayleave-vault-1', part, tenant, device]));

function encrypt(key: KeyObject | Buffer, aad: Buffer, plain: Buffer): Buffer {
  const nonce = randomBytes(NONCE);
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(aad);
  return Buffer.concat([nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
}

function decrypt(key: KeyObject | Buffer, aad: Buffer, bytes: Buffer): Buffer {
  const body = bytes.subarray(NONCE, -TAG);
  const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, NONCE), { authTagLength: TAG });
  decipher.setAAD(aad).setAuthTag(bytes.subarray(-TAG));
  return Buffer.concat([decipher.update(body), decipher.final()]);
}
