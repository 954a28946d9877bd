/** What a witness decides on an `add-checkpoint` (C2SP tlog-witness): sign only what extends what it saw. Pure. */
import { z } from 'zod';
import { type NoteVerifier, parseCheckpoint, parseNote, parseVerifier, verifyNote } from '../note.ts';
import { EMPTY_ROOT, type Hash, verifyConsistency } from '../tree.ts';

/** The last tree head it signed; of an unseen log, the empty tree. */
export interface WitnessMemory {
  readonly size: number;
  readonly root: Hash;
  /** Verifier key of the log that is in force, once it is not the first one any more. */
  readonly key?: string;
}

export const NOTHING_SEEN: WitnessMemory = { size: 0, root: EMPTY_ROOT };

/** Where a witness keeps its memory, in its own folder. */
export const MEMORY_FILE = 'seen.json';

const Memory = z.strictObject({
  size: z.int().nonnegative(),
  root: z.base64().length(44),
  key: z.string().optional(),
});

/** A memory that cannot be read throws: forgetting would let an old log pass. */
export function readMemory(bytes: Buffer | undefined): WitnessMemory {
  if (bytes === undefined) return NOTHING_SEEN;
  const { size, root, key } = Memory.parse(JSON.parse(bytes.toString()));
  return { size, root: Buffer.from(root, 'base64'), ...(key === undefined ? {} : { key }) };
}

export const printMemory = ({ size, root, key }: WitnessMemory): Buffer =>
  Buffer.from(JSON.stringify({ size, root: root.toString('base64'), key }));

export type WitnessVerdict =
  /** Store `memory` durably, then cosign `text`. */
  | { readonly kind: 'sign'; readonly memory: WitnessMemory; readonly text: string }
  /** 409: the size this witness has seen. */
  | { readonly kind: 'conflict'; readonly size: number }
  | { readonly kind: 'refuse'; readonly status: 400 | 403 | 404 | 422; readonly reason: string };

/** RFC 6962 proofs have at most one hash a level; tlog-witness §add-checkpoint allows 63. */
const MAX_PROOF = 63;

/** Decides on the body of a request: `old <size>`, base64 proof lines, a blank line, the checkpoint. */
export function judgeCheckpoint(memory: WitnessMemory, log: NoteVerifier, body: string): WitnessVerdict {
  const refuse = (status: 400 | 403 | 404 | 422, reason: string): WitnessVerdict => ({
    kind: 'refuse',
    status,
    reason,
  });
  let request: ReturnType<typeof parseRequest>;
  try {
    request = parseRequest(body);
  } catch {
    return refuse(400, 'malformed request');
  }
  const { old, proof, note, head } = request;
  if (head.origin !== log.name) return refuse(404, 'unknown log');
  const inForce = memory.key === undefined ? log : parseVerifier(memory.key);
  if (!verifyNote(note, inForce)) return refuse(403, 'not signed by the key of the log that is in force');
  if (old > head.size) return refuse(400, 'old size is larger than the checkpoint');
  if (old !== memory.size) return { kind: 'conflict', size: memory.size };
  if (old === head.size && !head.root.equals(memory.root)) return { kind: 'conflict', size: memory.size };
  if (!verifyConsistency(old, head.size, proof, memory.root, head.root)) return refuse(422, 'inconsistent');
  const key = head.next ?? memory.key;
  return {
    kind: 'sign',
    memory: { size: head.size, root: head.root, ...(key === undefined ? {} : { key }) },
    text: note.text,
  };
}

function parseRequest(body: string) {
  const end = body.indexOf('\n\n');
  const [first = '', ...hashes] = body.slice(0, end).split('\n');
  const old = /^old (0|[1-9]\d{0,14})$/.exec(first)?.[1];
  if (end < 0 || old === undefined || hashes.length > MAX_PROOF) throw new TypeError('malformed');
  const proof = hashes.map((line) => {
    const hash = Buffer.from(line, 'base64');
    if (hash.length !== 32 || hash.toString('base64') !== line) throw new TypeError('malformed');
    return hash;
  });
  const note = parseNote(body.slice(end + 2));
  const head = parseCheckpoint(note.text);
  if (head.next !== undefined) parseVerifier(head.next);
  return { old: Number(old), proof, note, head };
}
