/** A worker: keeps the queue as the broker's schedules are, and runs what is due. */
import { createHash } from 'node:crypto';
import { BrokerRefusal } from '../../agents/broker/broker-client.ts';
import type { DueSchedule, WorkerClient } from '../../agents/broker/worker-client.ts';
import type { RunOutcome } from '../../agents/scheduled-run.ts';
import { type DueRun, GivenUp, type JobQueue, type Recurrence } from './queue.ts';

export interface WorkerDeps {
  readonly broker: WorkerClient;
  /** Opened when there is something to keep in it. */
  readonly openQueue: () => Promise<JobQueue>;
  /** One run; `onCall` is told of each call and says whether to go on. */
  readonly run: (
    schedule: DueSchedule,
    run: string,
    onCall: (calls: number, what: string) => boolean,
  ) => Promise<RunOutcome>;
  /** Epoch milliseconds. */
  readonly now: () => number;
  /** Calls `work` again and again with this pause. */
  readonly repeat: (pauseMs: number, work: () => Promise<unknown>) => { readonly stop: () => void };
  readonly alarm: (what: string) => void;
  readonly concurrency: number;
}

export interface Worker {
  /** Brings the queue to the present schedules; called by itself every few seconds. */
  follow(): Promise<void>;
  /** Takes no more, and waits for what runs. */
  stop(): Promise<void>;
}

const FOLLOW_MS = 3_000;
const BEAT_MS = 15_000;
/** A run that begins later than this after its time was missed. */
const LATE_MS = 120_000;
/** What another attempt would not change. */
const FINAL = new Set(['UNAUTHENTICATED', 'DENIED', 'NOT_FOUND', 'USAGE', 'LIMITED']);

export function createWorker(deps: WorkerDeps): Worker {
  const { broker, alarm, now } = deps;
  let known: ReadonlyMap<string, DueSchedule> = new Map();
  /** What the queue was told of each schedule. */
  const told = new Map<string, string>();
  const asked = new Set<string>();
  let queue: JobQueue | undefined;

  async function open(): Promise<JobQueue> {
    const opened = await deps.openQueue();
    for (const schedule of await opened.schedules()) told.set(schedule, '');
    opened.work(perform, deps.concurrency);
    return opened;
  }

  async function follow(): Promise<void> {
    const schedules = await broker.schedules();
    known = new Map(schedules.map((one) => [one.id, one]));
    if (queue === undefined && schedules.length === 0) return;
    queue ??= await open();
    const active = new Map(schedules.filter(({ pausedAt }) => pausedAt === undefined).map((one) => [one.id, one]));
    for (const id of told.keys()) {
      if (active.has(id)) continue;
      await queue.remove(id);
      told.delete(id);
    }
    for (const { id, when } of active.values()) {
      const text = JSON.stringify(when);
      if (told.get(id) === text) continue;
      await queue.put(id, recurrenceOf(id, when));
      told.set(id, text);
    }
    for (const { id, asked: wish } of schedules) {
      if (wish === undefined || asked.has(wish.run)) continue;
      await queue.runNow(id, wish.run);
      asked.add(wish.run);
    }
  }

  async function perform({ id: run, schedule: id, dueAt, isLast }: DueRun): Promise<void> {
    const schedule = known.get(id) ?? (await broker.schedules()).find((one) => one.id === id);
    if (schedule === undefined || (schedule.pausedAt !== undefined && !asked.has(run))) return;
    if (!(await broker.begin(id, run))) return;
    if (schedule.missed === 'skip' && now() - dueAt > LATE_MS && !asked.has(run)) {
      const at = new Date(dueAt).toISOString();
      await broker.report(id, run, { calls: 0, said: `No worker was there at ${at}.`, outcome: 'missed' });
      return;
    }
    let goOn = true;
    let heard = now();
    const beat = (calls: number, what: string): boolean => {
      if (now() - heard >= BEAT_MS) {
        heard = now();
        broker.report(id, run, { calls, said: `Call ${calls}: ${what}` }).then(
          (waits) => {
            goOn = waits;
          },
          () => undefined, // a broker that is away for a moment does not end the run; its calls say so themselves
        );
      }
      return goOn;
    };
    const { calls, said, failure } = await deps.run(schedule, run, beat);
    const isFinal = failure !== undefined && (isLast || FINAL.has(failure.code));
    if (failure !== undefined && !isFinal) throw new Error(failure.message); // begun again by the next attempt
    const words = failure === undefined ? said : [failure.message, said].filter(Boolean).join('\n');
    await broker.report(id, run, {
      calls,
      said: words.slice(0, 4_000),
      outcome: failure === undefined ? 'done' : 'failed',
    });
    if (failure !== undefined) throw new GivenUp(failure.message);
  }

  const followSafely = (): Promise<void> =>
    follow().catch((error: unknown) => {
      // The broker may be starting again: the queue stays as it is until it answers.
      if (error instanceof BrokerRefusal && error.code === 'UNAVAILABLE') return;
      alarm(`schedules cannot be followed: ${error instanceof Error ? error.message : 'unknown'}`);
    });
  const following = deps.repeat(FOLLOW_MS, followSafely);
  return {
    follow,
    async stop() {
      following.stop();
      await queue?.close();
    },
  };
}

/** Intervals begin at a constant part of their jitter, which the id decides. */
export function recurrenceOf(id: string, when: DueSchedule['when']): Recurrence {
  if ('cron' in when) return { cron: when.cron, timeZone: when.timeZone };
  const share = createHash('sha256').update(id).digest().readUInt32BE(0) / 2 ** 32;
  return { everyMs: when.everyMinutes * 60_000, offsetMs: Math.floor(share * when.jitterMinutes * 60_000) };
}
