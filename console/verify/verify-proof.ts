/** Verifies in the browser that an entry stands in the signed tree of the log, without the rest of it (RFC 9162 §2.1.3.2). */
import { VERIFY } from '../text/verify.ts';
import { type Head, type Key, openNote, readKey } from './read-note.ts';
import { fromBase64, hashEntry, isIncluded, toBase64 } from './tree-hash.ts';

/** Hashes are base64; `entry` is the line as it was hashed. */
export interface EntryProof {
  readonly index: number;
  readonly entry: string;
  readonly hashes: readonly string[];
  readonly checkpoint: string;
}

export interface Verdict {
  /** Why it proves nothing; absent when it does. */
  readonly problem?: string;
  /** Leaf hash that was computed here, base64. */
  readonly leaf: string;
  readonly head?: Head;
}

/** The keys of a log: the trusted ones, and each later one that the key before it named in a signed checkpoint. */
export async function followKeys(trusted: readonly string[], handovers: readonly string[]): Promise<readonly Key[]> {
  const keys: Key[] = [];
  const add = (key: Key | undefined): void => void (key === undefined || keys.push(key));
  for (const text of trusted) add(await readKey(text));
  for (const note of handovers) {
    const next = await readKey((await openNote(note, keys))?.next ?? '');
    if (next?.type === 1) add(next);
  }
  return keys;
}

export async function verifyEntryProof(proof: EntryProof, keys: readonly Key[]): Promise<Verdict> {
  const { index, entry, hashes, checkpoint } = proof;
  const hash = await hashEntry(entry);
  const leaf = toBase64(hash);
  const head = await openNote(checkpoint, keys);
  if (head === undefined) return { leaf, problem: VERIFY.untrusted };
  const included = await isIncluded(hash, index, head.size, hashes.map(fromBase64), head.root);
  return { leaf, head, ...(included ? {} : { problem: VERIFY.notIncluded(index, head.size) }) };
}
