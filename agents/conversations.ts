/** Conversations: starts, parks, resumes and shows runs, one at a time per thread, each owned by one human in one tenant. */
import type { BaseCheckpointSaver } from '@langchain/langgraph';
import { Command } from '@langchain/langgraph';
import { PostgresSaver } from '@langchain/langgraph-checkpoint-postgres';
import { WayleaveError } from '../broker/errors.ts';
import type { BrokerPort } from './broker-port.ts';
import { toProblem } from './broker-port.ts';
import type { ChatEvent } from './events.ts';
import { chatEvent, eventId, isKept } from './events.ts';
import { createGraph } from './graph.ts';
import type { MakeId } from './ids.ts';
import { createLiveRuns } from './live-runs.ts';
import { type BudgetLimits, createBudget } from './model/budget.ts';
import type { LanguageModel } from './model/connect-model.ts';
import { type AskedTurn, createMemoryThreadList, openThreadList, type ThreadList } from './thread-list.ts';
import { approvalsOf } from './threat-watcher/cases.ts';

export interface ConversationDeps {
  readonly saver: BaseCheckpointSaver;
  readonly ids: MakeId;
  readonly model?: LanguageModel | undefined;
  /** What one question may cost the model. */
  readonly budget?: BudgetLimits;
  /** What was asked; forgotten with the process when none is given. */
  readonly threads?: ThreadList;
  /** Epoch milliseconds, for the budget and for when something was asked: what is said is dated by the broker's clock. */
  readonly now?: () => number;
  /** A signal that aborts after so many milliseconds. */
  readonly deadline?: (ms: number) => AbortSignal;
  readonly containSeconds?: number | undefined;
}

/** A question costs a model no more than this, unless the installation says otherwise. */
const BUDGET: BudgetLimits = { calls: 4, tokens: 12_000, seconds: 30 };

/** Whose conversation it is. Part of the checkpoint's key: to anybody else the thread does not exist. */
export interface Owner {
  readonly human: string;
  readonly tenant: string;
}

export interface Turn extends Owner {
  readonly thread: string;
  readonly broker: BrokerPort;
  readonly emit: (event: ChatEvent) => void;
}

export interface Shown {
  readonly thread: string;
  /** `running`, `waiting` for people, `interrupted` by a crash or by its owner (resume goes on), or `idle`. */
  readonly status: 'idle' | 'waiting' | 'interrupted' | 'running';
  /** Those that a waiting run waits for; it goes on with each that is decided. None where it waits for a second factor. */
  readonly approvals: readonly string[];
  readonly turns: readonly AskedTurn[];
  readonly events: readonly ChatEvent[];
}

/** One's conversations, the one asked in last first; `title` is the first question. */
export interface ThreadsView {
  readonly threads: readonly {
    readonly thread: string;
    readonly title: string;
    readonly askedAt: string;
    readonly turns: number;
    readonly running: boolean;
  }[];
}

export interface Conversations {
  /** Runs one turn to its end or to where it waits for people; ends with `done`. */
  chat(turn: Turn & { readonly text: string }): Promise<void>;
  /** Goes on with a run that waits or was cut off. `NOT_FOUND` for an unknown thread. */
  resume(turn: Turn): Promise<void>;
  show(owner: Owner, thread: string): Promise<Shown | undefined>;
  list(owner: Owner): Promise<ThreadsView>;
  /** Everything after the event `after` (all when it is empty), and what a run under way goes on to tell; ends with it. */
  follow(owner: Owner, thread: string, after: string, signal: AbortSignal): AsyncIterable<ChatEvent>;
  /** Stops the run before its next step: what it told stays, nothing is undone. False when none is under way. */
  stop(owner: Owner, thread: string): boolean;
}

/** A saver on a pool of the agents' own database (PostgreSQL, or PGlite behind the same interface); it names its schema in every statement. */
export async function createSaver(
  pool: ConstructorParameters<typeof PostgresSaver>[0],
  schema = 'public',
): Promise<PostgresSaver> {
  const saver = new PostgresSaver(pool, undefined, { schema });
  await saver.setup();
  return saver;
}

/** All that conversations keep, in the schema of the pool; makes the tables that are missing. */
export const openRecords = async (...given: Parameters<typeof createSaver>) => ({
  saver: await createSaver(...given),
  threads: await openThreadList(given[0]),
});

const STOPPED = 'Stopped, as you asked. What was found so far stays; nothing was undone. You can go on from here.';

const MAX_TITLE = 200;

/** Steps of one run; a diagnosis of 12 reads and a repair take about 25 for each question. */
const MAX_STEPS = 300;

export function createConversations(deps: ConversationDeps): Conversations {
  const { saver, ids, model, containSeconds, budget = BUDGET, now = Date.now, deadline = AbortSignal.timeout } = deps;
  const threads = deps.threads ?? createMemoryThreadList();
  const live = createLiveRuns();
  // Two resumptions of one thread at once would run its side effects twice: one run at a time.
  const running = new Map<string, Promise<void>>();
  async function serialise(key: string, run: () => Promise<void>): Promise<void> {
    const before = running.get(key) ?? Promise.resolve();
    const mine = before.then(run, run);
    const settled = mine.catch(() => undefined);
    running.set(key, settled);
    try {
      await mine;
    } finally {
      if (running.get(key) === settled) running.delete(key);
    }
  }

  const keyOf = ({ human, tenant }: Owner, thread: string): string => JSON.stringify([tenant, human, thread]);
  const silent = { broker: { call: () => Promise.reject(new WayleaveError('UNAVAILABLE')) }, ids, emit: () => {} };

  async function inspect(key: string) {
    const graph = createGraph(silent, saver);
    const snapshot = await graph.getState({ configurable: { thread_id: key } }, { subgraphs: true });
    if (snapshot.createdAt === undefined) return undefined;
    // While a specialist is parked, what it told is in its own part of the state.
    const inner = snapshot.tasks
      .map(({ state }) => (state && 'values' in state ? state.values : undefined))
      .find(Boolean);
    const values = { ...snapshot.values, ...inner };
    const texts: [string, unknown][] = Object.entries(values.events ?? {});
    const events = texts
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([, text]) => chatEvent.parse(JSON.parse(String(text))));
    const isParked = snapshot.tasks.some(({ interrupts }) => interrupts.length > 0);
    const status = isParked ? 'waiting' : snapshot.next.length > 0 ? 'interrupted' : 'idle';
    return { status, approvals: approvalsOf(values), events, turn: Number(values.turn ?? 0) } as const;
  }

  async function run(
    key: string,
    turn: Turn,
    input: Parameters<ReturnType<typeof createGraph>['invoke']>[0],
  ): Promise<void> {
    const { broker } = turn;
    const { emit: announce, end, signal } = live.begin(key);
    const emit = (event: ChatEvent): void => {
      announce(event);
      turn.emit(event);
    };
    try {
      const counsel = model && { model, ids, deadline, budget: createBudget(budget, now) };
      const graph = createGraph({ broker, ids, emit, counsel, containSeconds }, saver);
      const configurable = { thread_id: key };
      await graph.invoke(input, { configurable, durability: 'sync', recursionLimit: MAX_STEPS, signal });
    } catch (error) {
      if (signal.aborted) emit({ type: 'text', id: 'stopped', text: STOPPED });
      else emit({ type: 'error', id: 'error', ...toProblem(error) });
    }
    emit({ type: 'done', id: 'done' });
    end();
  }

  return {
    chat(turn) {
      const key = keyOf(turn, turn.thread);
      return serialise(key, async () => {
        const found = await inspect(key);
        // What only waits for a second factor gives way to a new question.
        const isLeft = found?.status === 'waiting' && found.approvals.length === 0;
        if (found && found.status !== 'idle' && !isLeft) {
          turn.emit({
            type: 'text',
            id: 'busy',
            text:
              found.approvals.length > 0
                ? `This conversation waits for approval ${found.approvals.join(', ')}. Resume it when people have decided, or ask in a new one.`
                : 'This conversation was cut off in the middle. Resume it, or ask in a new one.',
          });
          turn.emit({ type: 'done', id: 'done' });
          return;
        }
        const from = eventId(found?.events.length ?? 0);
        await threads.add(turn, turn.thread, { text: turn.text, at: new Date(now()).toISOString(), from });
        await run(key, turn, {
          thread: turn.thread,
          question: turn.text,
          turn: (found?.turn ?? 0) + 1,
          tasks: [],
          at: 0,
        });
      });
    },
    resume(turn) {
      const key = keyOf(turn, turn.thread);
      return serialise(key, async () => {
        const found = await inspect(key);
        if (!found) throw new WayleaveError('NOT_FOUND');
        if (found.status === 'idle') {
          turn.emit({ type: 'text', id: 'idle', text: 'Nothing waits in this conversation.' });
          turn.emit({ type: 'done', id: 'done' });
          return;
        }
        await run(key, turn, found.status === 'waiting' ? new Command({ resume: true }) : null);
      });
    },
    async show(owner, thread) {
      const found = await inspect(keyOf(owner, thread));
      if (!found) return undefined;
      const { approvals, events } = found;
      const status = live.isRunning(keyOf(owner, thread)) ? 'running' : found.status;
      const turns = (await threads.get(owner, thread))?.turns ?? [];
      return { thread, status, turns, events, approvals: status === 'waiting' ? approvals : [] };
    },
    async list(owner) {
      const all = await threads.list(owner);
      return {
        threads: all.map(({ thread, turns }) => ({
          thread,
          title: (turns[0]?.text ?? '').slice(0, MAX_TITLE),
          askedAt: turns.at(-1)?.at ?? '',
          turns: turns.length,
          running: live.isRunning(keyOf(owner, thread)),
        })),
      };
    },
    async *follow(owner, thread, after, signal) {
      const key = keyOf(owner, thread);
      let last = after;
      // What the run told and did not keep yet is heard from the run itself, so that is listened to first.
      const running = live.read(key, signal)[Symbol.asyncIterator]();
      const first = running.next();
      for (const event of (await inspect(key))?.events ?? []) {
        if (event.id <= last) continue;
        last = event.id;
        yield event;
      }
      for (let next = await first; next.done !== true; next = await running.next()) {
        const { id } = next.value;
        if (isKept(id) && id <= last) continue;
        if (isKept(id)) last = id;
        yield next.value;
        if (next.value.type === 'done') return;
      }
      if (!signal.aborted) yield { type: 'done', id: 'done' };
    },
    stop: (owner, thread) => live.stop(keyOf(owner, thread)),
  };
}
