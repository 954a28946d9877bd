/**
 * The state of a conversation: what its checkpoints keep.
 *
 * Everything that came from a device is a string in here (checkpoints revive objects), long data is an evidence id, and
 * the reducers replace by key, so that a step that runs twice after a crash leaves one result.
 */
import { Annotation } from '@langchain/langgraph';
import type { AgentName } from '../broker/contract.ts';

/** One question of a turn, understood. */
export interface Task {
  readonly id: string;
  readonly agent: Exclude<AgentName, 'router'> | 'none';
  readonly kind: 'diagnose' | 'sweep' | 'drift' | 'watch' | 'experience' | 'list' | 'change' | 'say';
  readonly question: string;
  /** Devices that the question is about; empty means the whole tenant. */
  readonly devices: readonly string[];
  /** Application that the question names. */
  readonly service: string;
  /** The time that the question speaks of, ISO-8601 UTC; empty when it names none. */
  readonly from: string;
  readonly to: string;
  /** What to say (`say`), what to list (`list`), or a `Proposal` as JSON text (`change`). */
  readonly detail: string;
  /** Of a change that another specialist handed over: the incident that is its purpose. */
  readonly incident?: string;
}

const last = <Value>(initial: Value) =>
  Annotation<Value>({ reducer: (_before, after) => after, default: () => initial });

/** `null` empties the table. */
type TableUpdate = { readonly [key: string]: string } | null;

const table = () =>
  Annotation<{ readonly [key: string]: string }, TableUpdate>({
    reducer: (before, after) => (after === null ? {} : { ...before, ...after }),
    default: () => ({}),
  });

export const ConversationState = Annotation.Root({
  thread: last(''),
  question: last(''),
  turn: last(0),
  /** `Inventory` as JSON text. */
  inventory: last(''),
  /** What the last question was understood as (`Reading` as JSON text): a follow-up goes on from it. */
  understood: last(''),
  /** Experience of each site when it was last measured, 0 to 100, as JSON text: a later measurement is compared with it. */
  scores: last(''),
  tasks: last<readonly Task[]>([]),
  /** Index of the task at hand. */
  at: last(0),
  /** `ChatEvent`s as JSON text by id. */
  events: table(),
  /** Device that the first cause sits on. */
  suspect: last(''),
  /** How far the diagnosis of the task at hand is. */
  phase: last<'looking' | 'found' | 'parked' | 'answered'>('looking'),
  /** `Finding` as JSON text. */
  finding: last(''),
  /** `Symptom`s that must be gone when it is mended, as JSON text. */
  symptoms: last(''),
  /** How the devices of the causes differ from their intended configuration: `Sighting`s as JSON text. */
  drift: last(''),
  /** `Proposal` as JSON text. */
  proposal: last(''),
  /** Evidence ids that support the proposal. */
  grounds: last<readonly string[]>([]),
  /** Idempotency keys, made before the steps that use them. */
  incidentIntent: last(''),
  changeIntent: last(''),
  /** Id under which the broker knows the change; people find it in the log. */
  knownIntent: last(''),
  incident: last(''),
  /** Of a watch that found several threats: each with what is asked for it, as JSON text (`threat-watcher/cases.ts`), and the one at hand. */
  cases: last(''),
  caseAt: last(0),
  /** Approval that the run waits for. */
  approval: last(''),
  outcome: last(''),
});

export type Conversation = typeof ConversationState.State;
export type ConversationUpdate = typeof ConversationState.Update;

/** The task at hand; throws when there is none. */
export function currentTask({ tasks, at }: Conversation): Task {
  const task = tasks[at];
  if (!task) throw new RangeError('no task at hand');
  return task;
}
