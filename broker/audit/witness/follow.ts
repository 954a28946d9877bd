/** Keeps a witness up to date with a log: compares at start, then submits checkpoints in order, behind the local commit. */
import { WayleaveError } from '../../errors.ts';
import type { Clock } from '../../ports.ts';
import type { HashTree } from '../tree.ts';
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

/** Throws `AUDIT_BROKEN` when the witness saw a longer or another log, `UNAVAILABLE` when it does not answer. */
export async function followWitness(
  client: WitnessClient | undefined,
  clock: Clock,
  tree: HashTree,
  note: string,
  size: number,
): Promise<WitnessFollower> {
  let state: WitnessState = { status: client === undefined ? 'none' : 'behind', size: 0 };
  let last: { readonly note: string; readonly line: string } | undefined;
  let next: { readonly note: string; readonly size: number } | undefined;
  let running: Promise<void> | undefined;

  const present = async (
    witness: WitnessClient,
    head: { readonly note: string; readonly size: number },
  ): Promise<void> => {
    const proof = (old: number) => tree.consistencyProof(old, head.size);
    let answer: WitnessAnswer = await witness.add(state.size, proof(state.size), head.note);
    // It may have signed before an answer was lost, or in an earlier life of this process: go on from what it has.
    if (answer.kind === 'conflict' && answer.size !== state.size && answer.size <= head.size) {
      answer = await witness.add(answer.size, proof(answer.size), head.note);
    }
    if (answer.kind === 'signed') {
      state = { status: 'following', size: head.size, at: clock.now() };
      last = { note: head.note, line: answer.line };
    } else {
      state = { ...state, status: answer.kind === 'unavailable' ? 'behind' : 'refused' };
    }
  };

  const drain = async (witness: WitnessClient): Promise<void> => {
    while (next !== undefined && state.status !== 'refused') {
      const head = next;
      next = undefined;
      await present(witness, head);
    }
    running = undefined;
  };

  if (client !== undefined) {
    await present(client, { note, size });
    if (state.status === 'behind') throw new WayleaveError('UNAVAILABLE', 'The audit witness does not answer.');
    if (state.status === 'refused') {
      throw new WayleaveError(
        'AUDIT_BROKEN',
        `The witness has seen more of the audit log than its ${size} entries, or others.`,
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
