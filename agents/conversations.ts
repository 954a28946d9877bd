/** Conversations: starts, parks, resumes and shows runs, one at a time per thread, each owned by one human in one tenant. */
import type { BaseCheckpointSaver } from '@langchain/langgraph';
import { Command } from '@langchain/langgraph';
import { PostgresSaver } from '@langchain/langgraph-checkpoint-postgres';
import { WayleaveError } from '../broker/errors.ts';
import type { BrokerPort } from './broker-port.ts';
import { toProblem } from './broker-port.ts';
import type { ChatEvent } from './events.ts';
import { chatEvent } from './events.ts';
import { createGraph } from './graph.ts';
import type { MakeId } from './ids.ts';
import { type BudgetLimits, createBudget } from './model/budget.ts';
import type { LanguageModel } from './model/connect-model.ts';

export interface ConversationDeps {
  readonly saver: BaseCheckpointSaver;
  readonly ids: MakeId;
  readonly model?: LanguageModel | undefined;
  /** What one question may cost the model. */
  readonly budget?: BudgetLimits;
  /** Epoch milliseconds, for the budget only: what is said is dated by the broker's clock. */
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
  /** `waiting` for an approval, `interrupted` by a crash (resume goes on), or `idle`. */
  readonly status: 'idle' | 'waiting' | 'interrupted';
  readonly approval?: string;
  readonly events: readonly ChatEvent[];
}

export interface Conversations {
  /** Runs one turn to its end or to where it waits for people; ends with `done`. */
  chat(turn: Turn & { readonly text: string }): Promise<void>;
  /** Goes on with a run that waits or was cut off. `NOT_FOUND` for an unknown thread. */
  resume(turn: Turn): Promise<void>;
  show(owner: Owner, thread: string): Promise<Shown | undefined>;
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

/** Steps of one run; a diagnosis of 12 reads and a repair take about 25 for each question. */
const MAX_STEPS = 300;

export function createConversations(deps: ConversationDeps): Conversations {
  const { saver, ids, model, containSeconds, budget = BUDGET, now = Date.now, deadline = AbortSignal.timeout } = deps;
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
    const approval = typeof values.approval === 'string' ? values.approval : '';
    return { status, approval, events, turn: Number(values.turn ?? 0) } as const;
  }

  async function run(
    key: string,
    turn: Turn,
    input: Parameters<ReturnType<typeof createGraph>['invoke']>[0],
  ): Promise<void> {
    const { broker, emit } = turn;
    try {
      const counsel = model && { model, ids, deadline, budget: createBudget(budget, now) };
      const graph = createGraph({ broker, ids, emit, counsel, containSeconds }, saver);
      await graph.invoke(input, { configurable: { thread_id: key }, durability: 'sync', recursionLimit: MAX_STEPS });
    } catch (error) {
      emit({ type: 'error', id: 'error', ...toProblem(error) });
    }
    emit({ type: 'done', id: 'done' });
  }

  return {
    chat(turn) {
      const key = keyOf(turn, turn.thread);
      return serialise(key, async () => {
        const found = await inspect(key);
        // What only waits for a second factor gives way to a new question.
        const isLeft = found?.status === 'waiting' && found.approval === '';
        if (found && found.status !== 'idle' && !isLeft) {
          turn.emit({
            type: 'text',
            id: 'busy',
            text: found.approval
              ? `This conversation waits for approval ${found.approval}. Resume it when people have decided, or ask in a new one.`
              : 'This conversation was cut off in the middle. Resume it, or ask in a new one.',
          });
          turn.emit({ type: 'done', id: 'done' });
          return;
        }
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
      const { status, approval, events } = found;
      return { thread, status, events, ...(status === 'waiting' ? { approval } : {}) };
    },
  };
}
