/** Signed notes and checkpoints: C2SP signed-note, tlog-checkpoint and tlog-cosignature (cosignature/v1), Ed25519. Pure. */
import { createHash, createPublicKey, type KeyObject, sign, timingSafeEqual, verify } from 'node:crypto';
import type { Hash } from './tree.ts';

/** Signature types of C2SP signed-note: plain Ed25519, and timestamped Ed25519 of a witness. */
const ED25519 = 0x01;
const COSIGNATURE = 0x04;
const HASH_BYTES = 32;
const MAX_NOTE = 16 * 1024;
const MAX_SIGNATURES = 16;

export interface Checkpoint {
  readonly origin: string;
  readonly size: number;
  readonly root: Hash;
  /** Fencing epoch: an extension line `epoch <n>`; two writers never share one. */
  readonly epoch: number;
  /** Verifier key of whoever signs what comes behind this checkpoint: an extension line `next <vkey>`, where the key changes. */
  readonly next?: string;
}

/** A private key with the name under which it signs. */
export interface NoteSigner {
  readonly name: string;
  readonly key: KeyObject;
}

/** A public key as others know it: `name+keyid+base64(type ‖ key)` (signed-note "vkey"). */
export interface NoteVerifier {
  readonly name: string;
  readonly type: typeof ED25519 | typeof COSIGNATURE;
  readonly key: KeyObject;
}

export interface SignedNote {
  /** Everything up to and including the newline before the blank line. */
  readonly text: string;
  readonly signatures: readonly { readonly name: string; readonly id: Buffer; readonly bytes: Buffer }[];
}

const KEY_BYTES = 32;
/** Exporting a key costs as much as signing with it. */
const rawKeys = new WeakMap<KeyObject, Buffer>();

function rawKey(key: KeyObject): Buffer {
  const known = rawKeys.get(key);
  if (known !== undefined) return known;
  if (key.asymmetricKeyType !== 'ed25519') throw new TypeError('notes are signed with Ed25519 keys');
  // The point is the end of the DER (RFC 8410 §4). As JWK a key that was just generated can stop Node 20 for ever.
  const der = (key.type === 'private' ? createPublicKey(key) : key).export({ type: 'spki', format: 'der' });
  const raw = der.subarray(-KEY_BYTES);
  rawKeys.set(key, raw);
  return raw;
}

const keyId = (name: string, type: number, raw: Buffer): Buffer =>
  createHash('sha256').update(`${name}\n`).update(Buffer.of(type)).update(raw).digest().subarray(0, 4);

/** The vkey of a log signer (`log`) or of a witness (`witness`). */
export function printVerifier(signer: NoteSigner, as: 'log' | 'witness'): string {
  const type = as === 'log' ? ED25519 : COSIGNATURE;
  const raw = rawKey(signer.key);
  const id = keyId(signer.name, type, raw).toString('hex');
  return `${signer.name}+${id}+${Buffer.concat([Buffer.of(type), raw]).toString('base64')}`;
}

/** Reads a vkey; throws `TypeError` when it is malformed or its id does not fit. */
export function parseVerifier(text: string): NoteVerifier {
  const match = /^([^+\s]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/]{44})$/.exec(text);
  const [, name = '', id = '', encoded = ''] = match ?? [];
  const bytes = Buffer.from(encoded, 'base64');
  const type = bytes[0];
  if (bytes.length !== 33 || (type !== ED25519 && type !== COSIGNATURE)) throw new TypeError('not a verifier key');
  const raw = bytes.subarray(1);
  if (keyId(name, type, raw).toString('hex') !== id) throw new TypeError('verifier key with a wrong id');
  const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: raw.toString('base64url') }, format: 'jwk' });
  return { name, type, key };
}

/** The three lines of tlog-checkpoint and our extension lines. */
export const printCheckpoint = ({ origin, size, root, epoch, next }: Checkpoint): string =>
  `${origin}\n${size}\n${root.toString('base64')}\nepoch ${epoch}\n${next === undefined ? '' : `next ${next}\n`}`;

/** Reads a checkpoint's text; throws `TypeError` when it is not exactly of our form. */
export function parseCheckpoint(text: string): Checkpoint {
  const match =
    /^([^\n]+)\n(0|[1-9]\d{0,14})\n([A-Za-z0-9+/]{43}=)\nepoch (0|[1-9]\d{0,14})\n(?:next (\S{1,300})\n)?$/.exec(text);
  if (match === null) throw new TypeError('not a checkpoint');
  const [, origin = '', size, encoded = '', epoch, next] = match;
  const root = Buffer.from(encoded, 'base64');
  if (root.length !== HASH_BYTES || root.toString('base64') !== encoded) throw new TypeError('not a checkpoint');
  return { origin, size: Number(size), root, epoch: Number(epoch), ...(next === undefined ? {} : { next }) };
}

const signatureLine = (name: string, id: Buffer, bytes: Buffer): string =>
  `— ${name} ${Buffer.concat([id, bytes]).toString('base64')}\n`;

/** Text, blank line, signature line. */
export function signNote(text: string, signer: NoteSigner): string {
  const id = keyId(signer.name, ED25519, rawKey(signer.key));
  return `${text}\n${signatureLine(signer.name, id, sign(null, Buffer.from(text), signer.key))}`;
}

/** A witness's signature line over a note's text (tlog-cosignature: 8-byte big-endian seconds, then the signature). */
export function cosignNote(text: string, witness: NoteSigner, seconds: number): string {
  const time = Buffer.alloc(8);
  time.writeBigUInt64BE(BigInt(seconds));
  const signature = sign(null, Buffer.from(cosigned(text, seconds)), witness.key);
  const id = keyId(witness.name, COSIGNATURE, rawKey(witness.key));
  return signatureLine(witness.name, id, Buffer.concat([time, signature]));
}

const cosigned = (text: string, seconds: number | bigint): string => `cosignature/v1\ntime ${seconds}\n${text}`;

/** Splits a note; throws `TypeError` when it is malformed or too large. */
export function parseNote(note: string): SignedNote {
  const end = note.lastIndexOf('\n\n');
  if (note.length > MAX_NOTE || end < 0 || !note.endsWith('\n')) throw new TypeError('not a signed note');
  const lines = note.slice(end + 2, -1).split('\n');
  if (lines.length > MAX_SIGNATURES) throw new TypeError('too many signatures');
  const signatures = lines.map((line) => {
    const [, name = '', encoded = ''] = /^— ([^ +\n]+) ([A-Za-z0-9+/]+={0,2})$/.exec(line) ?? [];
    const bytes = Buffer.from(encoded, 'base64');
    if (bytes.length < 5) throw new TypeError('not a signature line');
    return { name, id: bytes.subarray(0, 4), bytes: bytes.subarray(4) };
  });
  return { text: note.slice(0, end + 1), signatures };
}

/** Whether the note has a good signature of this key. Signatures by unknown keys are ignored, a bad one of this key fails. */
export function verifyNote(note: SignedNote, verifier: NoteVerifier): boolean {
  const id = keyId(verifier.name, verifier.type, rawKey(verifier.key));
  const own = note.signatures.filter(
    (signature) => signature.name === verifier.name && timingSafeEqual(signature.id, id),
  );
  return own.length > 0 && own.every(({ bytes }) => verifyBytes(note.text, bytes, verifier));
}

function verifyBytes(text: string, bytes: Buffer, verifier: NoteVerifier): boolean {
  if (verifier.type === ED25519) return verify(null, Buffer.from(text), verifier.key, bytes);
  if (bytes.length !== 72) return false;
  return verify(null, Buffer.from(cosigned(text, bytes.readBigUInt64BE(0))), verifier.key, bytes.subarray(8));
}
