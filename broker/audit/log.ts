/**
 * The audit log: takes entries, makes groups of them durable under one signed checkpoint, and proves what it holds.
 *
 * Group commit: all that is queued after one `setImmediate` becomes one batch with one checkpoint and one sync;
 * `append` resolves behind that sync. If a batch cannot be made durable its fate is unknown (a second fsync after a
 * failed one may lie), so the log stops for good and a restart recovers from what the disk has. Where brokers share the
 * log they write in turns, each under a higher epoch than the one before, and what the others wrote is verified first:
 * there the next turn tells what became of a batch.
 *
 * Over 300 lines because a batch, what others wrote before it and the key that signs it share one state.
 *
 * After a start from a milestone (`recall.ts`) older entries are read in the background; one that does not verify stops
 * the log as well.
 */
import { WayleaveError } from '../errors.ts';
import type { AuditEntry, AuditLog, Clock, StoredAuditEntry } from '../ports.ts';
import { type KeptAuditEntry, parseEntry, printEntry } from './entry.ts';
import { exportLog } from './export.ts';
import { createLogKeys, type LaterKeys } from './log-keys.ts';
import { printMilestone } from './milestone.ts';
import { type NoteSigner, printCheckpoint, printVerifier, signNote } from './note.ts';
import { recallLog } from './recall.ts';
import { createRedaction } from './redact.ts';
import { type Handover, takeBatch } from './replay.ts';
import type { AuditBatch, AuditStore } from './store.ts';
import { type Hash, type HashTree, hashLeaf } from './tree.ts';
import { followWitness, type WitnessClient, type WitnessState } from './witness/follow.ts';

export interface AuditLogDeps {
  readonly store: AuditStore;
  /** First key of the log, which others trust; its name is the origin of the checkpoints. */
  readonly signer: NoteSigner;
  /** The keys behind it; absent = the log keeps its first one. */
  readonly laterKeys?: LaterKeys;
  readonly witness?: WitnessClient;
  readonly clock: Clock;
  /** Told what a human must hear of: a clock that went back, old entries that do not verify. */
  readonly alarm?: (what: string) => void;
  /** Entries between two milestones. */
  readonly milestoneEvery?: number;
}

export interface WitnessedAuditLog extends AuditLog {
  /** How far the witness has followed; `none` when there is no witness. */
  witnessed(): WitnessState;
  /** Resolves when everything that is stored has been verified since the start; throws `AUDIT_BROKEN`. */
  verified(): Promise<void>;
  /** Puts a new key in force: the old one signs the checkpoint that names it, and no other any more. */
  rotateKey(): Promise<void>;
}

interface Waiting {
  readonly entry: AuditEntry;
  /** Set for the entry that changes the key. */
  readonly next?: NoteSigner;
  readonly resolve: (index: number) => void;
  readonly reject: (error: unknown) => void;
}

/** Bounds the memory and the sync time of one batch. */
const MAX_BATCH = 4096;
/** A restart reads about as many entries before it serves: some tenths of a second. A log that is no longer is read whole. */
const MILESTONE_EVERY = 16_384;
/** Of the log alone: whoever appends cannot say that its key changed. */
export const KEY_CHANGED = 'audit.key-changed';

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
  const { store, alarm } = deps;
  const keys = createLogKeys(deps.signer, deps.laterKeys);
  const redact = createRedaction(deps.signer.key);
  // Claim first: it recovers what was torn, and from here on nobody else writes.
  const claimed = await store.claim(1);
  const { replayed, past } = await recallLog(store, keys);
  let epoch = claimed > replayed.epoch ? claimed : await store.claim(replayed.epoch + 1);
  let tree: HashTree = replayed.tree;
  let { lastAt, generation, verifier } = replayed;
  let handovers: readonly Handover[] = replayed.handovers;
  let signer = keys.signer(generation);
  if (!keys.verifier(generation).key.equals(replayed.verifier.key))
    throw new WayleaveError('FOLDER_UNUSABLE', `Key ${generation} of the audit log is not the one in force.`);
  const queue: Waiting[] = [];
  let running: Promise<void> | undefined;
  let stopped: WayleaveError | undefined;
  /** Commits and readings of what others wrote go one after the other. */
  let last: Promise<unknown> = Promise.resolve();
  let note = replayed.checkpoint ?? sign(0);
  let size = tree.size;
  /** Epoch of the newest checkpoint. */
  let seen = replayed.epoch;
  let milestone = past === undefined ? 0 : size;
  let keeping: Promise<void> | undefined;
  let closing = false;

  /** Verifies what is before the milestone, then has the whole tree. */
  const readPast = async (): Promise<void> => {
    if (past === undefined) return;
    const older = await past(async () => {
      await new Promise((resolve) => setImmediate(resolve));
      if (closing) throw new WayleaveError('UNAVAILABLE', 'The audit log is closed.');
    });
    for (let index = older.tree.size; index < tree.size; index += 1) older.tree.append(tree.leaf(index));
    tree = older.tree;
    handovers = [...older.handovers, ...handovers];
  };
  const verified = readPast();
  verified.catch((error: unknown) => {
    if (closing) return;
    stopped =
      error instanceof WayleaveError ? error : new WayleaveError('UNAVAILABLE', 'The audit log cannot be read.');
    alarm?.(`the audit log stopped: ${stopped.message}`);
  });
  const follow = () =>
    followWitness({
      ...(deps.witness === undefined ? {} : { client: deps.witness }),
      clock: deps.clock,
      proof: (old, at) => tree.consistencyProof(old, at),
      handovers: () => handovers,
      head: { note, size },
      ...(store.inTurn === undefined
        ? {}
        : {
            latest: async () => {
              await refresh();
              return { note, size };
            },
          }),
    });
  // A witness that stopped following before the milestone needs a proof from there, or an older handover.
  const follower = await follow().catch(async (error: unknown) => {
    if (past === undefined) throw error;
    await verified;
    return follow();
  });

  function sign(at: number, next?: NoteSigner): string {
    const named = next === undefined ? {} : { next: printVerifier(next, 'log') };
    return signNote(printCheckpoint({ origin: signer.name, size: at, root: tree.root(at), epoch, ...named }), signer);
  }

  /** Writes batches until nothing waits. */
  async function drain(): Promise<void> {
    while (queue.length > 0) {
      await new Promise((resolve) => setImmediate(resolve));
      // The entry that changes the key is a batch of its own.
      const turn = queue.findIndex(({ next }) => next !== undefined);
      const batch = queue.splice(0, Math.min(MAX_BATCH, turn < 0 ? MAX_BATCH : Math.max(turn, 1)));
      if (stopped === undefined && follower.state().status === 'refused') {
        stopped = new WayleaveError('AUDIT_BROKEN', 'The witness refused the audit log: it has seen another one.');
      }
      if (stopped === undefined) await alone(() => commit(batch));
      else for (const waiting of batch) waiting.reject(stopped);
    }
    running = undefined;
  }

  function alone<T>(work: () => Promise<T>): Promise<T> {
    const mine = last.then(work);
    last = mine.catch(() => undefined);
    return mine;
  }

  /** What others wrote behind our end; throws `AUDIT_BROKEN` when it does not continue what we have. */
  function take(missed: readonly AuditBatch[]): void {
    for (const batch of missed) {
      if (batch.from + batch.lines.length <= tree.size) continue;
      const state = { tree, checkpoint: note, epoch: seen, lastAt, verifier, generation, handovers };
      const taken = takeBatch(state, batch);
      ({ lastAt, verifier, handovers } = taken);
      note = batch.checkpoint;
      size = tree.size;
      seen = taken.epoch;
      if (taken.generation === generation) continue;
      generation = taken.generation;
      signer = keys.signer(generation);
    }
  }

  function refresh(): Promise<void> {
    if (store.inTurn === undefined) return Promise.resolve();
    return alone(async () => {
      try {
        for await (const batch of store.batches(size)) take([batch]);
      } catch (error) {
        if (error instanceof WayleaveError) stopped ??= error;
        throw error;
      }
    });
  }

  interface Made {
    readonly batch: AuditBatch;
    readonly accepted: readonly { readonly waiting: Waiting; readonly index: number }[];
  }

  /** Prints and signs what waits, behind all that is there; undefined when nothing of it can be printed. */
  function make(waiting: readonly Waiting[]): Made | undefined {
    const from = tree.size;
    const lines: string[] = [];
    const accepted: { readonly waiting: Waiting; readonly index: number }[] = [];
    for (const one of waiting) {
      try {
        if (one.next?.key.equals(signer.key) === true)
          throw new WayleaveError('CONFLICT', 'Another broker has put this key in force.');
        const index = from + lines.length;
        const clockBack = one.entry.at < lastAt;
        if (clockBack) alarm?.(`the clock went back from ${lastAt} to ${one.entry.at} at audit entry ${index}`);
        const line = printEntry(one.entry, index, clockBack, redact);
        lastAt = one.entry.at;
        lines.push(line);
        accepted.push({ waiting: one, index });
      } catch (error) {
        one.reject(error);
      }
    }
    if (lines.length === 0) return undefined;
    for (const line of lines) tree.append(hashLeaf(Buffer.from(line)));
    return { batch: { from, lines, checkpoint: sign(tree.size, accepted[0]?.waiting.next) }, accepted };
  }

  async function commit(waiting: readonly Waiting[]): Promise<void> {
    let made: Made | undefined;
    try {
      if (store.inTurn !== undefined)
        await store.inTurn(size, epoch, (turn) => {
          take(turn.missed);
          epoch = turn.epoch;
          made = make(waiting);
          return made?.batch;
        });
      else {
        made = make(waiting);
        if (made !== undefined) await store.append(made.batch, epoch);
      }
    } catch (error) {
      const lost = new WayleaveError('UNAVAILABLE', 'The audit log stopped: a write did not become durable.');
      if (error instanceof WayleaveError || store.inTurn === undefined)
        stopped = error instanceof WayleaveError ? error : lost;
      // In the next turn it is read whether it is there.
      tree.truncate(size);
      epoch = 0;
      for (const one of waiting) one.reject(stopped ?? lost);
      return;
    }
    if (made === undefined) return;
    const { batch, accepted } = made;
    note = batch.checkpoint;
    size = tree.size;
    seen = epoch;
    const next = accepted[0]?.waiting.next;
    if (next !== undefined) {
      handovers = [...handovers, { note, size }];
      signer = next;
      verifier = keys.verifier(generation + 1);
      generation += 1;
    } else if (size - milestone >= (deps.milestoneEvery ?? MILESTONE_EVERY)) keepMilestone();
    for (const { waiting: one, index } of accepted) one.resolve(index);
    follower.submit(note, size);
  }

  /** Beside the commits: a milestone that is late or lost only makes a start longer. */
  function keepMilestone(): void {
    if (keeping !== undefined) return;
    milestone = size;
    keeping = store
      .keepMilestone(printMilestone({ tree, size, generation, epoch, lastAt }, signer))
      .catch(() => undefined)
      .finally(() => {
        keeping = undefined;
      });
  }

  function queueEntry(entry: AuditEntry, next?: NoteSigner): Promise<number> {
    if (stopped !== undefined) return Promise.reject(stopped);
    return new Promise((resolve, reject) => {
      queue.push({ entry, resolve, reject, ...(next === undefined ? {} : { next }) });
      running ??= drain();
    });
  }

  async function entries(from: number, limit: number): Promise<readonly StoredAuditEntry[]> {
    await verified;
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
      if (entry.kind === KEY_CHANGED)
        return Promise.reject(new WayleaveError('INPUT_INVALID', `Entries of kind ${KEY_CHANGED} are the log’s own.`));
      return queueEntry(entry);
    },
    size: () => size,
    entries,
    checkpoint: latest,
    async *export(tenant) {
      await verified;
      const verifiers = [printVerifier(deps.signer, 'log'), ...follower.verifiers()];
      yield* exportLog({ store, size, checkpoint: latest(), verifiers, tenant });
    },
    async prove(index) {
      await verified;
      const [checkpoint, at] = [latest(), size];
      if (index >= at) return undefined;
      for await (const batch of store.batches(index)) {
        const entry = batch.lines[index - batch.from];
        if (entry !== undefined) return { index, entry, checkpoint, hashes: print(tree.inclusionProof(index, at)) };
        break;
      }
      return undefined;
    },
    async proveConsistency(old) {
      await verified;
      return { checkpoint: latest(), hashes: print(tree.consistencyProof(old, size)) };
    },
    witnessed: () => follower.state(),
    verified: () => verified,
    refresh,
    keys: () => ({
      first: printVerifier(deps.signer, 'log'),
      inForce: printVerifier(signer, 'log'),
      handovers: handovers.map((one) => one.note),
    }),
    async rotateKey() {
      const next = keys.make(generation + 1);
      const content = { generation: generation + 1, key: printVerifier(next, 'log') };
      await queueEntry({ at: new Date(deps.clock.now()).toISOString(), tenant: '-', kind: KEY_CHANGED, content }, next);
    },
    async close() {
      closing = true;
      await running;
      await keeping;
      stopped ??= new WayleaveError('UNAVAILABLE', 'The audit log is closed.');
      await follower.close();
      await store.close();
    },
  };
}

const print = (hashes: readonly Hash[]): readonly string[] => hashes.map((hash) => hash.toString('base64'));
