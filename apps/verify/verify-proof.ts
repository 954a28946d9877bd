/** Verifies proofs about single entries and older checkpoints without the rest of the log (RFC 6962 §2.1, C2SP tlog-proof). Pure. */
import { type Head, type Key, openNote, readKey } from './read-note.ts';
import { hashEntry, isContinued, isIncluded } from './tree-hash.ts';

/** Hashes are base64; `entry` is the line as it was hashed. */
export interface EntryProof {
  readonly index: number;
  readonly entry: string;
  readonly hashes: readonly string[];
  readonly checkpoint: string;
}

/** The keys of a log: the trusted ones, and each later one that the key before it named in a signed checkpoint. */
export function followKeys(trusted: readonly string[], handovers: readonly string[]): readonly Key[] {
  const keys = trusted.flatMap((text) => readKey(text) ?? []);
  for (const note of handovers) {
    const next = readKey(openNote(note, keys)?.next ?? '');
    if (next?.type === 1) keys.push(next);
  }
  return keys;
}

/** What the proof says, or why it proves nothing. */
export type Verdict =
  | { readonly ok: true; readonly size: number; readonly by: string }
  | { readonly ok: false; readonly what: string };

const refuse = (what: string): Verdict => ({ ok: false, what });
const toBytes = (hashes: readonly string[]): readonly Buffer[] => hashes.map((one) => Buffer.from(one, 'base64'));

export function verifyEntryProof(proof: EntryProof, keys: readonly Key[]): Verdict {
  const head = openNote(proof.checkpoint, keys);
  if (head === undefined) return refuse('the checkpoint is not signed by a trusted key');
  if (!isIncluded(hashEntry(proof.entry), proof.index, head.size, toBytes(proof.hashes), head.root))
    return refuse(`the entry is not number ${proof.index} of the signed tree of ${head.size}`);
  return { ok: true, size: head.size, by: head.by };
}

/** Whether the log of `checkpoint` continues that of `older`. */
export function verifyContinuation(
  older: string,
  proof: { readonly hashes: readonly string[]; readonly checkpoint: string },
  keys: readonly Key[],
): Verdict & { readonly from?: number } {
  const heads = [openNote(older, keys), openNote(proof.checkpoint, keys)] as const;
  const [before, now]: readonly (Head | undefined)[] = heads;
  if (before === undefined) return refuse('the older checkpoint is not signed by a trusted key');
  if (now === undefined) return refuse('the checkpoint is not signed by a trusted key');
  if (before.name !== now.name) return refuse('the checkpoints are of different logs');
  if (now.size < before.size)
    return refuse(`the log has ${now.size} entries and had ${before.size}: it was cut or rolled back`);
  if (!isContinued(before.size, now.size, toBytes(proof.hashes), before.root, now.root))
    return refuse(`the first ${before.size} entries are not those of the older checkpoint`);
  return { ok: true, from: before.size, size: now.size, by: now.by };
}

const VERSION = 'c2sp.org/tlog-proof@v1';

/** A proof as a file (C2SP tlog-proof), with the entry as its extra data. */
export const printProof = ({ index, entry, hashes, checkpoint }: EntryProof): string =>
  [VERSION, `extra ${Buffer.from(entry).toString('base64')}`, `index ${index}`, ...hashes, '', checkpoint].join('\n');

/** Reads such a file; undefined when it is none. */
export function readProof(text: string): EntryProof | undefined {
  const end = text.indexOf('\n\n');
  const [version, extra = '', index = '', ...hashes] = text.slice(0, end).split('\n');
  if (end < 0 || version !== VERSION || !/^extra [A-Za-z0-9+/]+=*$/.test(extra) || !/^index \d{1,15}$/.test(index))
    return undefined;
  const entry = Buffer.from(extra.slice(6), 'base64').toString();
  return { index: Number(index.slice(6)), entry, hashes, checkpoint: text.slice(end + 2) };
}
