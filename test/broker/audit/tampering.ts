/** Eleven ways to tamper with a stored log, what each must be found at, and whether it takes a witness to find it. */
import { createAuditLog } from '../../../broker/audit/log.ts';
import { createMemoryAuditStore } from '../../../broker/audit/memory-store.ts';
import {
  type NoteSigner,
  parseCheckpoint,
  parseNote,
  printCheckpoint,
  printVerifier,
  signNote,
} from '../../../broker/audit/note.ts';
import type { AuditBatch } from '../../../broker/audit/store.ts';
import { HashTree, hashLeaf } from '../../../broker/audit/tree.ts';

export const clock = { now: () => 1_767_225_600_000 };
export const SIZE = 11;

/**
 * An export of the batches as a broker that has them and this key would write it, also of none at all; `hashes` are those
 * of the entries before they were changed.
 */
export function exportOf(
  batches: readonly AuditBatch[],
  signer: NoteSigner,
  hashes?: ReadonlyMap<number, string>,
): readonly string[] {
  const line = (value: object): string => JSON.stringify(value);
  const hashOf = (entry: string): string => hashLeaf(Buffer.from(entry)).toString('base64');
  const nothing = { origin: signer.name, size: 0, root: new HashTree().root(), epoch: 1 };
  return [
    line({ type: 'checkpoint', note: batches.at(-1)?.checkpoint ?? signNote(printCheckpoint(nothing), signer) }),
    line({ type: 'key', verifier: printVerifier(signer, 'log') }),
    ...batches.flatMap(({ from, lines, checkpoint }) => [
      ...lines.map((entry, at) =>
        line({ type: 'entry', index: from + at, hash: hashes?.get(from + at) ?? hashOf(entry), entry }),
      ),
      line({ type: 'checkpoint', note: checkpoint }),
    ]),
  ];
}

/** A log that was written entry by entry: each is a batch of its own. `from` says where the content begins to differ. */
export async function writeBatches(
  signer: NoteSigner,
  size: number = SIZE,
  from: number = size,
): Promise<readonly AuditBatch[]> {
  const store = createMemoryAuditStore();
  const log = await createAuditLog({ store, signer, clock });
  for (let n = 0; n < size; n += 1) {
    const content = n < from ? { n } : { n, forged: true };
    await log.append({ at: '2026-01-01T00:00:00.000Z', tenant: n % 2 === 0 ? 'acme' : 'globex', kind: 'k', content });
  }
  const batches: AuditBatch[] = [];
  for await (const batch of store.batches(0)) batches.push(batch);
  return batches;
}

export interface Tampering {
  readonly name: string;
  /** First entry that is concerned. */
  readonly index: number;
  /** Only somebody who saw the log before can tell. */
  readonly needsWitness: boolean;
  readonly tamper: (
    batches: readonly AuditBatch[],
    signer: NoteSigner,
    thief: NoteSigner,
  ) => Promise<readonly AuditBatch[]>;
}

const edit = (line: string): string => line.replace('"n":', '"m":');
const editEntry = (batches: readonly AuditBatch[], index: number): readonly AuditBatch[] =>
  batches.map((batch) => ({
    ...batch,
    lines: batch.lines.map((line, offset) => (batch.from + offset === index ? edit(line) : line)),
  }));

/** New checkpoints over what the batches hold now: signed, or with the old signatures where there is no key. */
function recompute(batches: readonly AuditBatch[], signer?: NoteSigner): readonly AuditBatch[] {
  const tree = new HashTree();
  return batches.map((batch) => {
    for (const line of batch.lines) tree.append(hashLeaf(Buffer.from(line)));
    const old = parseNote(batch.checkpoint);
    const text = printCheckpoint({ ...parseCheckpoint(old.text), size: tree.size, root: tree.root() });
    const checkpoint =
      signer === undefined ? `${text}${batch.checkpoint.slice(old.text.length)}` : signNote(text, signer);
    return { ...batch, checkpoint };
  });
}

const renumber = (batches: readonly AuditBatch[]): readonly AuditBatch[] =>
  batches.map((batch, from) => ({
    ...batch,
    from,
    lines: batch.lines.map((line) => line.replace(/"index":\d+/, `"index":${from}`)),
  }));

export const TAMPERINGS: readonly Tampering[] = [
  {
    name: 'a byte flipped',
    index: 6,
    needsWitness: false,
    tamper: async (batches) => editEntry(batches, 6),
  },
  {
    name: 'an entry and its checkpoint edited',
    index: 6,
    needsWitness: false,
    tamper: async (batches) => {
      const edited = editEntry(batches, 6);
      return edited.map((batch, at) => (at === 6 ? (recompute(edited)[6] ?? batch) : batch));
    },
  },
  {
    name: 'an entry edited and the whole chain recomputed',
    index: 6,
    needsWitness: false,
    tamper: async (batches) => batches.slice(0, 6).concat(recompute(editEntry(batches, 6)).slice(6)),
  },
  {
    name: 'the log signed anew with another key',
    index: 0,
    needsWitness: false,
    tamper: async (batches, _signer, thief) => recompute(editEntry(batches, 6), thief),
  },
  {
    name: 'an entry in the middle deleted',
    index: 4,
    needsWitness: false,
    tamper: async (batches) => batches.toSpliced(4, 1),
  },
  {
    name: 'an entry deleted and the rest renumbered',
    index: 4,
    needsWitness: false,
    tamper: async (batches) => recompute(renumber(batches.toSpliced(4, 1))),
  },
  {
    name: 'two entries swapped',
    index: 2,
    needsWitness: false,
    tamper: async (batches) => {
      const line = (index: number): readonly string[] => batches[index]?.lines ?? [];
      return batches.map((batch, at) => ({ ...batch, lines: at === 2 ? line(3) : at === 3 ? line(2) : batch.lines }));
    },
  },
  {
    name: 'cut off at a checkpoint',
    index: 8,
    needsWitness: true,
    tamper: async (batches) => batches.slice(0, 8),
  },
  {
    name: 'cut off to nothing',
    index: 0,
    needsWitness: true,
    tamper: async () => [],
  },
  {
    name: 'a fork written with the stolen key',
    index: 5,
    needsWitness: true,
    tamper: async (_batches, signer) => writeBatches(signer, SIZE, 5),
  },
  {
    name: 'an old backup restored, and written on',
    index: 7,
    needsWitness: true,
    tamper: async (_batches, signer) => writeBatches(signer, SIZE + 2, 7),
  },
];
