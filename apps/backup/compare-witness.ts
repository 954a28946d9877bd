/** Holds a log that comes from a backup against what the witness and kept checkpoints saw of it: older, or another one. */
import { existsSync, readFileSync, renameSync } from 'node:fs';
import path from 'node:path';
import { parseCheckpoint, parseNote } from '../../broker/audit/note.ts';
import type { Replayed } from '../../broker/audit/replay.ts';
import { MEMORY_FILE, printMemory, readMemory } from '../../broker/audit/witness/state.ts';
import { WayleaveError } from '../../broker/errors.ts';
import { replaceDurably } from '../../storage/durable-files.ts';
import type { Home } from '../home.ts';

/** What somebody saw of the log: the root (base64) of its first `size` entries. */
interface Seen {
  readonly by: string;
  readonly size: number;
  readonly root: Buffer;
}

/** What is missing at the end of a backup. */
export interface Loss {
  readonly from: number;
  readonly to: number;
  readonly root: string;
  readonly seenBy: string;
}

/**
 * Answers with what is missing, undefined when nothing is. Throws `AUDIT_BROKEN` where the log is another one than was
 * seen: that is no old backup, and nobody can accept it.
 */
export function compareSeen(
  { tree }: Pick<Replayed, 'tree'>,
  home: Home,
  anchors: readonly string[],
): Loss | undefined {
  const seen = [readWitness(home), ...anchors.map(readAnchor)];
  for (const { by, size, root } of seen)
    if (size <= tree.size && !tree.root(size).equals(root))
      throw new WayleaveError('AUDIT_BROKEN', `${by} saw other entries among the first ${size} of the audit log.`);
  const most = seen.reduce((a, b) => (b.size > a.size ? b : a));
  if (most.size <= tree.size) return undefined;
  return { from: tree.size, to: most.size - 1, root: most.root.toString('base64'), seenBy: most.by };
}

export const describeLoss = ({ from, to, seenBy }: Loss): string =>
  `The backup ends before entry ${from} of the audit log, and ${seenBy} saw entries up to ${to}: it is old.`;

function readWitness(home: Home): Seen {
  const file = path.join(home.witness, MEMORY_FILE);
  const { size, root } = readMemory(existsSync(file) ? readFileSync(file) : undefined);
  return { by: 'the witness', size, root };
}

function readAnchor(file: string): Seen {
  try {
    const { size, root } = parseCheckpoint(parseNote(readFileSync(file, 'utf8')).text);
    return { by: `the checkpoint in ${file}`, size, root };
  } catch {
    throw new WayleaveError('USAGE', `${file} is no checkpoint: \`wayleave audit checkpoint --out FILE\` writes one.`);
  }
}

/**
 * Lets the witness go on from the restored log, and the policies from those of the backup. What they saw of the lost part
 * is kept beside, under a name of its own.
 */
export function acceptLoss({ tree, generation }: Replayed, home: Home, inForce: string): void {
  const memory = path.join(home.witness, MEMORY_FILE);
  const mark = path.join(home.brokerKeys, 'policy-mark.json');
  for (const file of [memory, mark]) if (existsSync(file)) renameSync(file, freeName(file));
  const key = generation === 0 ? {} : { key: inForce };
  replaceDurably(memory, printMemory({ size: tree.size, root: tree.root(), ...key }).toString());
}

/** `seen.json` becomes `seen.json.lost-1`, or the next number that is free. */
function freeName(file: string): string {
  for (let at = 1; ; at += 1) if (!existsSync(`${file}.lost-${at}`)) return `${file}.lost-${at}`;
}
