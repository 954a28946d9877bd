/**
 * The cryptography of the user-based security model: usmHMAC192SHA256 (RFC 7860) and AES-128 in CFB mode (RFC 3826).
 * The older MD5, SHA-1 and DES are not here: what cannot be chosen cannot be chosen by mistake.
 */
import { createCipheriv, createDecipheriv, createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { encodeMessage, placeOfMac, type SnmpMessage } from './message.ts';

/** RFC 7860 §4.2.1: 24 octets of the HMAC-SHA-256 are sent. */
const MAC_BYTES = 24;
const SALT_BYTES = 8;
/** What stands in the place of the MAC while it is worked out. */
const NO_MAC = Buffer.alloc(MAC_BYTES);
const NO_SALT = Buffer.alloc(0);
const AES_KEY_BYTES = 16;
/** RFC 3414 A.2: the pass phrase is repeated up to one mebibyte. */
const EXPANDED_BYTES = 1_048_576;
/** RFC 3414 §3.2 step 7: seconds that a clock may be off. */
export const TIME_WINDOW = 150;
export const MAX_BOOTS = 2_147_483_647;

/** usmStats counters (RFC 3414 §5) that a report names; each is followed by instance 0. */
const USM_STATS = [1, 3, 6, 1, 6, 3, 15, 1, 1] as const;
export const USM_REPORT = {
  unsupportedSecLevels: [...USM_STATS, 1, 0],
  notInTimeWindows: [...USM_STATS, 2, 0],
  unknownUserNames: [...USM_STATS, 3, 0],
  unknownEngineIDs: [...USM_STATS, 4, 0],
  wrongDigests: [...USM_STATS, 5, 0],
  decryptionErrors: [...USM_STATS, 6, 0],
} as const;
export type UsmReport = keyof typeof USM_REPORT;

export interface UsmUser {
  readonly name: string;
  readonly authPassword: string;
  readonly privPassword: string;
}
export interface UsmKeys {
  readonly auth: Buffer;
  readonly priv: Buffer;
}

/** Ku of RFC 3414 §2.6. Costs a mebibyte of hashing: keep what comes out. */
export function stretchPassword(password: string, hash: 'sha1' | 'sha256' = 'sha256'): Buffer {
  const phrase = Buffer.from(password);
  if (phrase.length < 8) throw new RangeError('a pass phrase has at least eight octets'); // RFC 3414 §11.2
  return createHash(hash).update(Buffer.alloc(EXPANDED_BYTES, phrase)).digest();
}

/** Kul of RFC 3414 §2.6: a key that is good for one engine only. */
export function localizeKey(key: Buffer, engineId: Buffer, hash: 'sha1' | 'sha256' = 'sha256'): Buffer {
  return createHash(hash).update(key).update(engineId).update(key).digest();
}

/** Both keys of a user at an engine; AES takes the first 16 octets of its own (RFC 3826 §1.2). */
export function localizeUser(user: UsmUser, engineId: Buffer): UsmKeys {
  return {
    auth: localizeKey(stretchPassword(user.authPassword), engineId),
    priv: localizeKey(stretchPassword(user.privPassword), engineId).subarray(0, AES_KEY_BYTES),
  };
}

/** Encrypts (when `priv`) and signs the message; `data` is the scoped PDU. A salt must never repeat under one key. */
export function sealMessage(
  message: Omit<SnmpMessage, 'auth' | 'authParameters' | 'privParameters'>,
  keys: UsmKeys,
  salt: Buffer,
): Buffer {
  const { id, maxSize, priv, reportable, engineId, engineBoots, engineTime, user, data } = message;
  const sealed: SnmpMessage = {
    id,
    maxSize,
    auth: true,
    priv,
    reportable,
    engineId,
    engineBoots,
    engineTime,
    user,
    authParameters: NO_MAC,
    privParameters: priv ? salt : NO_SALT,
    data: priv ? encryptData(message, keys, salt) : data,
  };
  const bytes = encodeMessage(sealed);
  signBytes(bytes, keys).copy(bytes, placeOfMac(sealed, bytes));
  return bytes;
}

function encryptData(
  message: Pick<SnmpMessage, 'engineBoots' | 'engineTime' | 'data'>,
  keys: UsmKeys,
  salt: Buffer,
): Buffer {
  // A stream of octets: nothing is padded, so that nothing is left for an end to give.
  return createCipheriv('aes-128-cfb', keys.priv, initialVector(message, salt)).update(message.data);
}

/** Whether `message`, decoded from exactly these `bytes`, carries the right MAC (RFC 7860 §4.2.2), in constant time. */
export function isAuthentic(bytes: Buffer, message: SnmpMessage, keys: UsmKeys): boolean {
  const { authParameters } = message;
  if (!message.auth || authParameters.length !== MAC_BYTES) return false;
  const copy = Buffer.from(bytes);
  const start = authParameters.byteOffset - bytes.byteOffset;
  copy.fill(0, start, start + MAC_BYTES);
  return timingSafeEqual(signBytes(copy, keys), authParameters);
}

/** The scoped PDU of an encrypted message, undefined when the salt has a wrong size (RFC 3826 §3.1.4). Authenticate first. */
export function openData(message: SnmpMessage, keys: UsmKeys): Buffer | undefined {
  if (!message.priv) return message.data;
  if (message.privParameters.length !== SALT_BYTES) return undefined;
  return createDecipheriv('aes-128-cfb', keys.priv, initialVector(message, message.privParameters)).update(
    message.data,
  );
}

/** Salts for `sealMessage`: a 64-bit counter from a random start (RFC 3826 §3.1.2.1). */
export function createSalts(random: (bytes: number) => Buffer): () => Buffer {
  let last: Buffer | undefined;
  return () => {
    const salt = Buffer.from(last ?? random(SALT_BYTES));
    for (let at = SALT_BYTES - 1; at >= 0; at -= 1) {
      const octet = ((salt[at] ?? 0) + 1) & 0xff;
      salt[at] = octet;
      if (octet !== 0) break; // nothing to carry
    }
    last = salt;
    return salt;
  };
}

const signBytes = (bytes: Buffer, keys: UsmKeys): Buffer =>
  createHmac('sha256', keys.auth).update(bytes).digest().subarray(0, MAC_BYTES);

function initialVector(message: Pick<SnmpMessage, 'engineBoots' | 'engineTime'>, salt: Buffer): Buffer {
  const vector = Buffer.allocUnsafe(16);
  vector.writeUInt32BE(message.engineBoots, 0);
  vector.writeUInt32BE(message.engineTime, 4);
  vector.set(salt, 8);
  return vector;
}
