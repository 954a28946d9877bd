/** Reads a stored log from its beginning and checks every checkpoint of it, before anything is served or appended. */
import { WayleaveError } from '../errors.ts';
import { parseEntry } from './entry.ts';
import { type NoteVerifier, parseCheckpoint, parseNote, verifyNote } from './note.ts';
import type { AuditBatch, AuditStore } from './store.ts';
import { HashTree, hashLeaf } from './tree.ts';

export interface Replayed {
  readonly tree: HashTree;
  /** Last signed note, undefined for an empty log. */
  readonly checkpoint: string | undefined;
  /** Epoch of that note, 0 for an empty log. */
  readonly epoch: number;
  /** Time of the last entry, empty for an empty log. */
  readonly lastAt: string;
}

/** Throws `AUDIT_BROKEN` with the first entry that is not as it was signed. */
export async function replayBatches(store: AuditStore, verifier: NoteVerifier): Promise<Replayed> {
  const tree = new HashTree();
  let checkpoint: string | undefined;
  let epoch = 0;
  let lastAt = '';
  for await (const batch of store.batches(0)) {
    if (batch.from !== tree.size) throw broken(tree.size, 'entries are missing or twice');
    for (const line of batch.lines) tree.append(hashLeaf(Buffer.from(line)));
    const signed = readHead(batch, verifier);
    if (signed.size !== tree.size || !signed.root.equals(tree.root())) {
      throw broken(batch.from, `entries up to ${tree.size - 1} differ from what was signed`);
    }
    if (signed.epoch < epoch) throw broken(batch.from, 'a writer that had been fenced off wrote here');
    checkpoint = batch.checkpoint;
    epoch = signed.epoch;
    const last = batch.lines.at(-1);
    if (last !== undefined) lastAt = parseEntry(last).at;
  }
  return { tree, checkpoint, epoch, lastAt };
}

function readHead(batch: AuditBatch, verifier: NoteVerifier): ReturnType<typeof parseCheckpoint> {
  try {
    const note = parseNote(batch.checkpoint);
    const head = parseCheckpoint(note.text);
    if (head.origin === verifier.name && verifyNote(note, verifier)) return head;
  } catch {
    // Malformed is as bad as wrongly signed.
  }
  throw broken(batch.from, 'its checkpoint is not signed by the key of this log');
}

const broken = (index: number, what: string): WayleaveError =>
  new WayleaveError('AUDIT_BROKEN', `The audit log does not verify at entry ${index}: ${what}.`);
