/** Reads signed checkpoints in the browser (C2SP signed-note, tlog-checkpoint, tlog-cosignature) with WebCrypto's Ed25519. Pure. */
import { type Bytes, fromBase64, sha256 } from './tree-hash.ts';

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
  readonly raw: Bytes;
}

const toHex = (bytes: Bytes): string => Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');

/** A signed-note verifier key (`name+id+key`); undefined when malformed or its id does not fit. */
export async function readKey(text: string): Promise<Key | undefined> {
  const [, name = '', id = '', encoded = ''] = /^([^+\s]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/]{44})$/.exec(text) ?? [];
  const bytes = fromBase64(encoded);
  const [type] = bytes;
  if (bytes.length !== 33 || type === undefined) return undefined;
  const named = await sha256(new Uint8Array([...new TextEncoder().encode(`${name}\n`), ...bytes]));
  return toHex(named.subarray(0, 4)) === id ? { text, name, type, id, raw: bytes.slice(1) } : undefined;
}

const HEAD = /^([^\n]+)\n(\d{1,15})\n([A-Za-z0-9+/]{43}=)\nepoch (\d{1,15})\n(?:next (\S+)\n)?$/;
/** Signatures of one note that are looked at: those of the log and its witnesses. */
const MAX_SIGNATURES = 64;

/** The size that a note claims, before anybody has looked at its signature. */
export function claimedSize(note: string): number | undefined {
  const size = HEAD.exec(note.slice(0, note.lastIndexOf('\n\n') + 1))?.[2];
  return size === undefined ? undefined : Number(size);
}

/** The tree head of a note that a log key among `keys` signed; signatures of known witnesses must be good too. */
export async function openNote(note: string, keys: readonly Key[]): Promise<Head | undefined> {
  const end = note.lastIndexOf('\n\n');
  if (end < 0) return undefined;
  const text = note.slice(0, end + 1);
  const [, name = '', size, root = '', epoch, next] = HEAD.exec(text) ?? [];
  let by: string | undefined;
  for (const line of note.slice(end + 2).split('\n', MAX_SIGNATURES)) {
    const [, signer, encoded = ''] = /^— (\S+) (\S+)$/.exec(line) ?? [];
    const bytes = fromBase64(encoded);
    const key = keys.find((one) => one.name === signer && one.id === toHex(bytes.subarray(0, 4)));
    if (key === undefined) continue;
    if (!(await isGood(text, bytes.slice(4), key))) return undefined;
    if (key.type === 1 && key.name === name) by = key.text;
  }
  if (by === undefined) return undefined;
  return { name, size: Number(size), root, epoch: Number(epoch), by, ...(next === undefined ? {} : { next }) };
}

async function isGood(text: string, signature: Bytes, { type, raw }: Key): Promise<boolean> {
  const key = await crypto.subtle.importKey('raw', raw, 'Ed25519', false, ['verify']);
  const check = (sign: Bytes, message: string): Promise<boolean> =>
    crypto.subtle.verify('Ed25519', key, sign, new TextEncoder().encode(message));
  if (type === 1) return check(signature, text);
  // tlog-cosignature: eight bytes of time in front, which are part of what is signed.
  if (type !== 4 || signature.length !== 72) return false;
  const time = new DataView(signature.buffer).getBigUint64(0);
  return check(signature.slice(8), `cosignature/v1\ntime ${time}\n${text}`);
}
