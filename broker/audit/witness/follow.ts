/** Keeps a witness up to date with a log: compares at start, then submits checkpoints in order, behind the local commit. */
import { WayleaveError } from '../../errors.ts';
import type { Clock } from '../../ports.ts';
import type { Handover } from '../replay.ts';
import type { Hash } from '../tree.ts';
import type { WitnessAnswer, WitnessClient } from './client.ts';

export type { WitnessClient } from './client.ts';

export interface WitnessState {
  /** `behind`: it does not answer (tried again with the next batch); `refused`: it has seen another log. */
  readonly status: 'none' | 'following' | 'behind' | 'refused';
  /** Size of the last cosigned tree. */
  readonly size: number;
  /** Epoch milliseconds of the last cosignature. */
  readonly at?: number;
}

export interface WitnessFollower {
  submit(note: string, size: number): void;
  state(): WitnessState;
  /** The note with the witness's line, when it is the one that was cosigned last. */
  cosigned(note: string): string;
  verifiers(): readonly string[];
  close(): Promise<void>;
}

interface TreeHead {
  readonly note: string;
  readonly size: number;
}

const isAhead = (answer: WitnessAnswer, { size }: TreeHead): boolean =>
  answer.kind === 'conflict' && answer.size > size;

export interface FollowDeps {
  /** Absent: no witness is configured. */
  readonly client?: WitnessClient;
  readonly clock: Clock;
  /** Consistency proof between two sizes of the log; throws `RangeError` where it is not known. */
  readonly proof: (old: number, size: number) => readonly Hash[];
  /** Checkpoints that name a new key: a witness that has not seen them knows no signature behind them. */
  readonly handovers: () => readonly Handover[];
  /** The newest checkpoint at the start. */
  readonly head: TreeHead;
  /** Reads the newest checkpoint again; present where others write the log as well, and may have shown the witness more. */
  readonly latest?: () => Promise<TreeHead>;
}

/**
 * Throws `AUDIT_BROKEN` when the witness saw a longer or another log, `UNAVAILABLE` when it does not answer, and what
 * `proof` throws.
 */
export async function followWitness({
  client,
  clock,
  proof,
  handovers,
  head: first,
  latest = async () => first,
}: FollowDeps): Promise<WitnessFollower> {
  let state: WitnessState = { status: client === undefined ? 'none' : 'behind', size: 0 };
  let last: { readonly note: string; readonly line: string } | undefined;
  let next: TreeHead | undefined;
  let running: Promise<void> | undefined;

  const add = async (witness: WitnessClient, head: TreeHead): Promise<WitnessAnswer> => {
    let old = Math.min(state.size, head.size);
    let answer = await witness.add(old, proof(old, head.size), head.note);
    // It may have signed before an answer was lost, in an earlier life of this process, or for another broker just now: go on
    // from what it has, for as long as that is part of what it is shown.
    for (let first = true; answer.kind === 'conflict' && answer.size <= head.size; first = false) {
      if (answer.size === old || (!first && answer.size < old)) break;
      old = answer.size;
      answer = await witness.add(old, proof(old, head.size), head.note);
    }
    return answer;
  };

  const present = async (witness: WitnessClient, given: TreeHead): Promise<void> => {
    let head = given;
    let answer = await add(witness, head);
    // Another broker was faster: the log itself tells whether it continues what we have.
    while (isAhead(answer, head)) {
      const known = head.size;
      const newer = await latest();
      if (newer.size <= known) break;
      head = newer;
      answer = await add(witness, head);
    }
    if (answer.kind === 'refused' && handovers().length > 0) {
      // The key changed while it did not hear of it: it follows from key to key, like every verifier.
      for (const handover of handovers()) {
        const taken = await add(witness, handover);
        if (taken.kind === 'signed') state = { ...state, size: handover.size };
      }
      answer = await add(witness, head);
    }
    if (answer.kind === 'signed') {
      state = { status: 'following', size: head.size, at: clock.now() };
      last = { note: head.note, line: answer.line };
    } else {
      state = { ...state, status: answer.kind === 'unavailable' ? 'behind' : 'refused' };
    }
  };

  const drain = async (witness: WitnessClient): Promise<void> => {
    try {
      while (next !== undefined && state.status !== 'refused') {
        const head = next;
        next = undefined;
        await present(witness, head);
      }
    } catch {
      // The log could not be read just now: the next checkpoint comes with everything before it.
      state = { ...state, status: 'behind' };
    } finally {
      running = undefined;
    }
  };

  if (client !== undefined) {
    await present(client, first);
    if (state.status === 'behind') throw new WayleaveError('UNAVAILABLE', 'The audit witness does not answer.');
    if (state.status === 'refused') {
      throw new WayleaveError(
        'AUDIT_BROKEN',
        `The witness has seen more of the audit log than its ${first.size} entries, or others.`,
      );
    }
  }

  return {
    submit(head, at) {
      if (client === undefined) return;
      // Only the newest matters: its proof covers all before it.
      next = { note: head, size: at };
      running ??= drain(client);
    },
    state: () => state,
    cosigned: (head) => (last?.note === head ? `${head}${last.line}` : head),
    verifiers: () => (client === undefined ? [] : [client.verifier]),
    async close() {
      await running;
    },
  };
}
