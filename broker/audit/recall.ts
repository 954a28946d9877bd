/**
 * Recalls a stored log at start: from its newest milestone, or from its first entry where there is none that fits.
 *
 * From a milestone only what came behind it is read before the log serves: its tree is signed by the log, and the
 * witness has signed the same. What is before it is read afterwards (`past`), and the log gives out no old entry, no
 * export and no proof until that has verified.
 */
import type { LogKeys } from './log-keys.ts';
import { type Milestone, readMilestone } from './milestone.ts';
import { type Replayed, replayBatches } from './replay.ts';
import type { AuditStore } from './store.ts';

export interface Recalled {
  readonly replayed: Replayed;
  /** Reads everything before the milestone; throws `AUDIT_BROKEN`. Absent when all was read. */
  readonly past?: (breathe: () => Promise<void>) => Promise<Replayed>;
}

export async function recallLog(store: AuditStore, keys: LogKeys): Promise<Recalled> {
  const milestone = readMilestone(await store.milestone(), keys.verifier);
  const tail = milestone === undefined ? undefined : await readTail(store, keys, milestone);
  if (milestone === undefined || tail === undefined)
    return { replayed: await replayBatches({ store, verifier: keys.root }) };
  const { size: until } = milestone;
  return {
    replayed: tail,
    past: (breathe) => replayBatches({ store, verifier: keys.root, until, breathe }),
  };
}

/** Undefined when the milestone and what is stored do not fit: then reading everything tells which entry is wrong. */
async function readTail(store: AuditStore, keys: LogKeys, after: Milestone): Promise<Replayed | undefined> {
  try {
    return await replayBatches({ store, verifier: keys.verifier(after.generation), after });
  } catch {
    return undefined;
  }
}
