/** Reads a stored log and checks every checkpoint of it under the key that was in force there. */
import { WayleaveError } from '../errors.ts';
import { parseEntry } from './entry.ts';
import type { Milestone } from './milestone.ts';
import { type Checkpoint, type NoteVerifier, parseCheckpoint, parseNote, parseVerifier, verifyNote } from './note.ts';
import type { AuditBatch, AuditStore } from './store.ts';
import { HashTree, hashLeaf } from './tree.ts';

/** A checkpoint that names the next key. */
export interface Handover {
  readonly note: string;
  readonly size: number;
}

export interface Replayed {
  readonly tree: HashTree;
  /** Last signed note, undefined for an empty log. */
  readonly checkpoint: string | undefined;
  /** Epoch of that note, 0 for an empty log. */
  readonly epoch: number;
  /** Time of the last entry, empty for an empty log. */
  readonly lastAt: string;
  /** Key that signs the next checkpoint, and how many the log had before. */
  readonly verifier: NoteVerifier;
  readonly generation: number;
  /** Of what was read. */
  readonly handovers: readonly Handover[];
}

export interface ReplayOptions {
  readonly store: AuditStore;
  /** Key of the first checkpoint that is read. */
  readonly verifier: NoteVerifier;
  /** Where to begin; absent = at the first entry. */
  readonly after?: Milestone;
  /** Where to stop, a batch boundary; absent = at the end. */
  readonly until?: number;
  /** Lets others work now and then. */
  readonly breathe?: () => Promise<void>;
}

/** Adds a batch behind the others, or checks the last one again (`known`). Throws `AUDIT_BROKEN`. */
export function takeBatch(state: Replayed, batch: AuditBatch, known = false): Replayed {
  const { tree, verifier, generation, handovers } = state;
  if (!known && batch.from !== tree.size) throw broken(tree.size, 'entries are missing or twice');
  if (!known) for (const line of batch.lines) tree.append(hashLeaf(Buffer.from(line)));
  const signed = readHead(batch, verifier);
  if (signed.size !== tree.size || !signed.root.equals(tree.root()))
    throw broken(batch.from, `entries up to ${tree.size - 1} differ from what was signed`);
  if (signed.epoch < state.epoch) throw broken(batch.from, 'a writer that had been fenced off wrote here');
  const last = batch.lines.at(-1);
  const lastAt = last === undefined ? state.lastAt : parseEntry(last).at;
  const taken = { tree, checkpoint: batch.checkpoint, epoch: signed.epoch, lastAt };
  if (signed.next === undefined) return { ...taken, verifier, generation, handovers };
  return {
    ...taken,
    verifier: readNext(signed.next, batch.from),
    generation: generation + 1,
    handovers: [...handovers, { note: batch.checkpoint, size: signed.size }],
  };
}

/** Throws `AUDIT_BROKEN` with the first entry that is not as it was signed. */
export async function replayBatches(options: ReplayOptions): Promise<Replayed> {
  const { store, after, until, verifier } = options;
  const tree = after?.tree ?? new HashTree();
  const { epoch = 0, lastAt = '', generation = 0 } = after ?? {};
  let state: Replayed = { tree, checkpoint: undefined, epoch, lastAt, verifier, generation, handovers: [] };
  for await (const batch of store.batches(Math.max(0, tree.size - 1))) {
    if (until !== undefined && batch.from >= until) break;
    // The batch that a milestone stands behind is read again, for its checkpoint.
    state = takeBatch(state, batch, after !== undefined && state.checkpoint === undefined);
    await options.breathe?.();
  }
  if (tree.size !== (until ?? tree.size) || (after !== undefined && state.checkpoint === undefined))
    throw broken(tree.size, 'the rest is missing');
  return state;
}

function readHead(batch: AuditBatch, verifier: NoteVerifier): Checkpoint {
  try {
    const note = parseNote(batch.checkpoint);
    const head = parseCheckpoint(note.text);
    if (head.origin === verifier.name && verifyNote(note, verifier)) return head;
  } catch {
    // Malformed is as bad as wrongly signed.
  }
  throw broken(batch.from, 'its checkpoint is not signed by the key of this log');
}

function readNext(text: string, index: number): NoteVerifier {
  try {
    return parseVerifier(text);
  } catch {
    throw broken(index, 'its checkpoint names a next key that is none');
  }
}

const broken = (index: number, what: string): WayleaveError =>
  new WayleaveError('AUDIT_BROKEN', `The audit log does not verify at entry ${index}: ${what}.`);
