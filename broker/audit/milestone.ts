/**
 * A milestone: the tree as it was at some size, signed by the log, so that a restart reads only what came later. Pure.
 *
 * It holds the roots of the complete subtrees of that size. Whoever can write where it is kept can take it away or put
 * an older one in its place, which costs time; making one takes the key of the log. What is before it is read all the
 * same, after the log has begun to serve.
 */
import { type NoteSigner, type NoteVerifier, parseNote, signNote, verifyNote } from './note.ts';
import { HashTree } from './tree.ts';

export interface Milestone {
  readonly tree: HashTree;
  readonly size: number;
  /** How often the key of the log had been replaced until then. */
  readonly generation: number;
  readonly epoch: number;
  /** Time of the last entry. */
  readonly lastAt: string;
}

/** Peaks of a tree that is as large as an index can be. */
const MAX_PEAKS = 53;
const FORM =
  /^(\S+) milestone\nsize ([1-9]\d{0,14})\ngeneration (\d{1,9})\nepoch (\d{1,15})\nat (\S{0,64})\n((?:[A-Za-z0-9+/]{43}=\n)+)$/;

export function printMilestone({ tree, size, generation, epoch, lastAt }: Milestone, signer: NoteSigner): string {
  const peaks = tree.peaks().map((hash) => `${hash.toString('base64')}\n`);
  const head = `${signer.name} milestone\nsize ${size}\ngeneration ${generation}\nepoch ${epoch}\nat ${lastAt}\n`;
  return signNote(`${head}${peaks.join('')}`, signer);
}

/** Undefined for anything that this log did not sign; `keyOf` knows the log's keys, first one first. */
export function readMilestone(
  text: string | undefined,
  keyOf: (generation: number) => NoteVerifier,
): Milestone | undefined {
  if (text === undefined) return undefined;
  try {
    const note = parseNote(text);
    const [, name, size, generation, epoch, lastAt = '', peaks = ''] = FORM.exec(note.text) ?? [];
    const key = keyOf(Number(generation));
    if (name !== key.name || !verifyNote(note, key)) return undefined;
    const hashes = peaks
      .trimEnd()
      .split('\n', MAX_PEAKS)
      .map((peak) => Buffer.from(peak, 'base64'));
    const tree = HashTree.resume(Number(size), hashes);
    return { tree, size: Number(size), generation: Number(generation), epoch: Number(epoch), lastAt };
  } catch {
    return undefined;
  }
}
