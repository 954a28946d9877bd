/**
 * The audit log: takes entries, makes groups of them durable under one signed checkpoint, and proves what it holds.
 *
 * Group commit: all that is queued after one `setImmediate` becomes one batch with one checkpoint and one sync;
 * `append` resolves behind that sync. If a batch cannot be made durable its fate is unknown (a second fsync after a
 * failed one may lie), so the log stops for good and a restart recovers from what the disk has.
 */
import { WayleaveError } from '../errors.ts';
import type { AuditEntry, AuditLog, Clock, StoredAuditEntry } from '../ports.ts';
import { type KeptAuditEntry, parseEntry, printEntry } from './entry.ts';
import { exportLog } from './export.ts';
import { type NoteSigner, parseVerifier, printCheckpoint, printVerifier, signNote } from './note.ts';
import { replayBatches } from './replay.ts';
import type { AuditStore } from './store.ts';
import { type HashTree, hashLeaf } from './tree.ts';
import { followWitness, type WitnessClient, type WitnessState } from './witness/follow.ts';

export interface AuditLogDeps {
  readonly store: AuditStore;
  /** Log key; its name is the origin of the checkpoints. */
  readonly signer: NoteSigner;
  readonly witness?: WitnessClient;
  readonly clock: Clock;
}

export interface WitnessedAuditLog extends AuditLog {
  /** How far the witness has followed; `none` when there is no witness. */
  witnessed(): WitnessState;
}

interface Waiting {
  readonly entry: AuditEntry;
  readonly resolve: (index: number) => void;
  readonly reject: (error: unknown) => void;
}

/** Bounds the memory and the sync time of one batch. */
const MAX_BATCH = 4096;

/**
 * Opens the log: claims the store, replays it against its signed checkpoints and asks the witness.
 * Throws `AUDIT_BROKEN` when it does not verify or is shorter than the witness saw, `UNAVAILABLE` when a configured
 * witness does not answer.
 */
export async function createAuditLog(deps: AuditLogDeps): Promise<WitnessedAuditLog> {
  try {
    return await openLog(deps);
  } catch (error) {
    await deps.store.close();
    throw error;
  }
}

async function openLog(deps: AuditLogDeps): Promise<WitnessedAuditLog> {
  const { store, signer } = deps;
  const verifier = parseVerifier(printVerifier(signer, 'log'));
  // Claim first: it recovers what was torn, and from here on nobody else writes.
  const claimed = await store.claim(1);
  const replayed = await replayBatches(store, verifier);
  const epoch = claimed > replayed.epoch ? claimed : await store.claim(replayed.epoch + 1);
  const tree: HashTree = replayed.tree;
  let lastAt = replayed.lastAt;
  let note = replayed.checkpoint ?? sign(0);
  let size = tree.size;
  const follower = await followWitness(deps.witness, deps.clock, tree, note, size);

  const queue: Waiting[] = [];
  let running: Promise<void> | undefined;
  let stopped: WayleaveError | undefined;

  function sign(at: number): string {
    return signNote(printCheckpoint({ origin: signer.name, size: at, root: tree.root(at), epoch }), signer);
  }

  /** Writes batches until nothing waits. */
  async function drain(): Promise<void> {
    while (queue.length > 0) {
      await new Promise((resolve) => setImmediate(resolve));
      const batch = queue.splice(0, MAX_BATCH);
      if (stopped === undefined && follower.state().status === 'refused') {
        stopped = new WayleaveError('AUDIT_BROKEN', 'The witness refused the audit log: it has seen another one.');
      }
      if (stopped === undefined) await commit(batch);
      else for (const waiting of batch) waiting.reject(stopped);
    }
    running = undefined;
  }

  async function commit(batch: readonly Waiting[]): Promise<void> {
    const from = tree.size;
    const lines: string[] = [];
    const accepted: { readonly waiting: Waiting; readonly index: number }[] = [];
    for (const waiting of batch) {
      try {
        const index = from + lines.length;
        const line = printEntry(waiting.entry, index, waiting.entry.at < lastAt);
        lastAt = waiting.entry.at;
        lines.push(line);
        accepted.push({ waiting, index });
      } catch (error) {
        waiting.reject(error);
      }
    }
    if (lines.length === 0) return;
    try {
      for (const line of lines) tree.append(hashLeaf(Buffer.from(line)));
      const checkpoint = sign(tree.size);
      await store.append({ from, lines, checkpoint }, epoch);
      note = checkpoint;
      size = tree.size;
    } catch {
      stopped = new WayleaveError('UNAVAILABLE', 'The audit log stopped: a write did not become durable.');
      for (const { waiting } of accepted) waiting.reject(stopped);
      return;
    }
    for (const { waiting, index } of accepted) waiting.resolve(index);
    follower.submit(note, size);
  }

  async function entries(from: number, limit: number): Promise<readonly StoredAuditEntry[]> {
    const found: KeptAuditEntry[] = [];
    for await (const batch of store.batches(from)) {
      for (const [offset, line] of batch.lines.entries()) {
        if (batch.from + offset < from) continue;
        if (found.length >= limit || batch.from + offset >= size) return found;
        found.push(parseEntry(line));
      }
      if (found.length >= limit) return found;
    }
    return found;
  }

  const latest = (): string => follower.cosigned(note);

  return {
    append(entry) {
      if (stopped !== undefined) return Promise.reject(stopped);
      return new Promise((resolve, reject) => {
        queue.push({ entry, resolve, reject });
        running ??= drain();
      });
    },
    size: () => size,
    entries,
    checkpoint: latest,
    export: (tenant) =>
      exportLog({
        store,
        size,
        checkpoint: latest(),
        verifiers: [printVerifier(signer, 'log'), ...follower.verifiers()],
        tenant,
      }),
    async inclusionProof(index, at) {
      if (at > size) throw new RangeError('the log has no such size');
      return tree.inclusionProof(index, at).map((hash) => hash.toString('base64'));
    },
    witnessed: () => follower.state(),
    async close() {
      await running;
      stopped ??= new WayleaveError('UNAVAILABLE', 'The audit log is closed.');
      await follower.close();
      await store.close();
    },
  };
}
