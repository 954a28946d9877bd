/** Reads signed checkpoints for the verifier (C2SP signed-note, tlog-checkpoint, tlog-cosignature), apart from the log's own code. Pure. */
import { createPublicKey, hash, type KeyObject, verify } from 'node:crypto';

/** A tree head that a key of the log signed. */
export interface Head {
  readonly name: string;
  readonly size: number;
  /** base64 */
  readonly root: string;
  readonly epoch: number;
  /** Verifier key that signs what comes behind this checkpoint, where the key changes. */
  readonly next?: string;
  /** Verifier key that signed it. */
  readonly by: string;
}

/** A public key as notes name it. */
export interface Key {
  readonly text: string;
  readonly name: string;
  /** 1: signs a log. 4: countersigns as a witness. */
  readonly type: number;
  readonly id: string;
  readonly key: KeyObject;
}

/** A signed-note verifier key (`name+id+key`); undefined when malformed or its id does not fit. */
export function readKey(text: string): Key | undefined {
  const [, name = '', id = '', encoded = ''] = /^([^+\s]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/]{44})$/.exec(text) ?? [];
  const bytes = Buffer.from(encoded, 'base64');
  const type = bytes[0];
  if (bytes.length !== 33 || type === undefined) return undefined;
  const named = hash('sha256', Buffer.concat([Buffer.from(`${name}\n`), bytes]), 'buffer');
  if (named.subarray(0, 4).toString('hex') !== id) return undefined;
  const x = bytes.subarray(1).toString('base64url');
  return { text, name, type, id, key: createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' }) };
}

const HEAD = /^([^\n]+)\n(\d{1,15})\n([A-Za-z0-9+/]{43}=)\nepoch (\d{1,15})\n(?:next (\S+)\n)?$/;

/** The size that a note claims, before anybody has looked at its signature. */
export const claimedSize = (note: string): number | undefined => {
  const size = HEAD.exec(note.slice(0, note.lastIndexOf('\n\n') + 1))?.[2];
  return size === undefined ? undefined : Number(size);
};

/** The tree head of a note that a log key among `keys` signed; signatures of known witnesses must be good too. */
export function openNote(note: string, keys: readonly Key[]): Head | undefined {
  const end = note.lastIndexOf('\n\n');
  if (end < 0) return undefined;
  const text = note.slice(0, end + 1);
  const [, name = '', size, root = '', epoch, next] = HEAD.exec(text) ?? [];
  let by: string | undefined;
  for (const line of note.slice(end + 2).split('\n')) {
    const [, signer, encoded = ''] = /^— (\S+) (\S+)$/.exec(line) ?? [];
    const bytes = Buffer.from(encoded, 'base64');
    const key = keys.find((one) => one.name === signer && one.id === bytes.subarray(0, 4).toString('hex'));
    if (key === undefined) continue;
    if (!isGood(text, bytes.subarray(4), key)) return undefined;
    if (key.type === 1 && key.name === name) by = key.text;
  }
  if (by === undefined) return undefined;
  return { name, size: Number(size), root, epoch: Number(epoch), by, ...(next === undefined ? {} : { next }) };
}

function isGood(text: string, signature: Buffer, key: Key): boolean {
  if (key.type === 1) return verify(null, Buffer.from(text), key.key, signature);
  // tlog-cosignature: eight bytes of time in front, which are part of what is signed.
  if (key.type !== 4 || signature.length !== 72) return false;
  const message = `cosignature/v1\ntime ${signature.readBigUInt64BE(0)}\n${text}`;
  return verify(null, Buffer.from(message), key.key, signature.subarray(8));
}
