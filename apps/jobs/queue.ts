/** The queue of due runs: BullMQ on PGlite, PostgreSQL or Redis, behind what Wayleave needs of it. */
import { DelayedError, type IQueueBackend, type Job, UnrecoverableError, WaitingChildrenError } from 'bullmq';
import type { BoardPages } from './board-pages.ts';
import { type Store, withStore } from './connect-store.ts';
import type { QueueLocation } from './queue-location.ts';

/** When something is due again: at the times of a cron line on the clock of a place, or every so often. */
export type Recurrence =
  | { readonly cron: string; readonly timeZone: string }
  | { readonly everyMs: number; readonly offsetMs: number };

/** One run that is due, or a part of one. `id` is the same for every attempt, also on another worker. */
export interface DueRun {
  readonly id: string;
  readonly schedule: string;
  /** Epoch milliseconds. */
  readonly dueAt: number;
  /** The last attempt: a failure now is the end of it. */
  readonly isLast: boolean;
  /** A part of the run that was divided: its name. */
  readonly part?: string;
  /** Only these parts are wanted. */
  readonly only?: readonly string[];
  /** All parts have ended: what came of each. */
  readonly parts?: readonly EndedPart[];
}

/** `value` is what the part came to; without it the part is dead, and `why` says why. */
export type EndedPart =
  | { readonly name: string; readonly value: string }
  | { readonly name: string; readonly why: string };

/** How a run goes on: it ended (a part with a value), its parts are to run first, or it is to begin later, as if never begun. */
export type Next =
  | { readonly value?: string }
  | { readonly divide: readonly { readonly name: string; readonly delayMs: number }[] }
  | { readonly laterMs: number };

/** A run whose parts are under way. */
export interface DividedRun {
  readonly id: string;
  readonly schedule: string;
  readonly of: number;
  readonly done: number;
  /** Of those done, the ones that failed for good. */
  readonly dead: number;
}

/** Thrown by what runs when another attempt would end the same. */
export class GivenUp extends Error {
  override readonly name = 'GivenUp';
}

export interface JobQueue {
  readonly kind: 'embedded' | 'postgres' | 'redis';
  /** Makes a schedule due at its times from now on; said again, the new times replace the old ones. */
  put(schedule: string, recurrence: Recurrence): Promise<void>;
  remove(schedule: string): Promise<void>;
  /** Ids of all schedules that are due at some time. */
  schedules(): Promise<readonly string[]>;
  /** One run now, before all that are due by time; the same run twice is one, unless the first has ended here. */
  runNow(schedule: string, run: string, only?: readonly string[]): Promise<void>;
  /** Takes what is due, so many at a time; what throws is tried again, but for `GivenUp`. One call a queue. */
  work(run: (due: DueRun) => Promise<Next>, concurrency: number): void;
  /** Runs that wait for their parts. */
  divided(): Promise<readonly DividedRun[]>;
  /** A divided run that nobody waits for: what did not begin never will. */
  forget(run: string): Promise<void>;
  /** Jobs by their state, for people who look after the queue. */
  counts(): Promise<{ readonly [state: string]: number }>;
  /** bull-board over this queue, for reading: answers by path, and asks nobody who they are. */
  pages(): Promise<BoardPages['fetch']>;
  /** Waits for what runs, then gives the store up. */
  close(): Promise<void>;
}

export interface QueueOptions {
  /** Told of failures of the store; what is due is taken up again when it answers. */
  readonly alarm: (error: Error) => void;
  /** First pause before another attempt, doubled each time. */
  readonly backoffMs?: number;
  /** Silence after which the run of a worker is given to another one. */
  readonly lockMs?: number;
}

const ATTEMPTS = 3;
const BACKOFF_MS = 5_000;
const LOCK_MS = 30_000;
const KEPT = { count: 500 };
/** Less is sooner: what a person waits for, whole runs, and last the many parts of those that nobody waits for. */
const PRIORITY = { asked: 1, partOfAsked: 5, byTime: 10, partByTime: 20 } as const;

interface Payload {
  readonly schedule: string;
  /** Of a run that a person asked for, and of parts. */
  readonly run?: string;
  readonly part?: string;
  readonly only?: readonly string[];
  /** The parts were added. */
  readonly divided?: boolean;
}

/** Throws as `withStore` does. */
export async function openQueue(location: QueueLocation, options: QueueOptions): Promise<JobQueue> {
  const { made, release } = await withStore(location, options.alarm, (store) => buildQueue(store, options));
  return {
    ...made,
    async close() {
      try {
        await made.close();
      } finally {
        await release();
      }
    },
  };
}

function buildQueue<B extends IQueueBackend, C>(
  { kind, name, classes: { Queue, Worker }, connection }: Store<B, C>,
  { alarm, backoffMs = BACKOFF_MS, lockMs = LOCK_MS }: QueueOptions,
): JobQueue {
  const queue = new Queue<Payload>(name, { connection });
  queue.on('error', alarm);
  const opts = {
    attempts: ATTEMPTS,
    backoff: { type: 'exponential', delay: backoffMs },
    removeOnComplete: KEPT,
    removeOnFail: KEPT,
  } as const;
  let worker: { close(): Promise<void> } | undefined;

  /** Named after run and part, so that adding them again after a crash adds none. */
  async function addParts(job: Job<Payload>, parts: readonly { name: string; delayMs: number }[]): Promise<void> {
    const { id } = dueOf(job);
    const priority = job.data.run === undefined ? PRIORITY.partByTime : PRIORITY.partOfAsked;
    const parent = { id: job.id ?? '', queue: job.queueQualifiedName };
    await queue.addBulk(
      parts.map(({ name: part, delayMs }) => ({
        name: 'part',
        data: { schedule: job.data.schedule, run: id, part },
        opts: {
          ...{ ...opts, jobId: `${id}${PART}${part}`, priority, delay: delayMs, parent },
          ...{ ignoreDependencyOnFailure: true, removeOnComplete: true, removeOnFail: true },
        },
      })),
    );
  }

  return {
    kind,
    async put(schedule, recurrence) {
      const repeat =
        'cron' in recurrence
          ? { pattern: recurrence.cron, tz: recurrence.timeZone }
          : { every: recurrence.everyMs, offset: recurrence.offsetMs };
      await queue.upsertJobScheduler(schedule, repeat, {
        name: 'run',
        data: { schedule },
        opts: { ...opts, priority: PRIORITY.byTime },
      });
    },
    remove: async (schedule) => void (await queue.removeJobScheduler(schedule)),
    schedules: async () => (await queue.getJobSchedulers()).map(({ key }) => key),
    async runNow(schedule, run, only) {
      // BullMQ adds no job under an id that it keeps: one that ended while the broker still waits for it makes room.
      const known = await queue.getJob(run);
      if (known !== undefined && ((await known.isFailed()) || (await known.isCompleted()))) await known.remove();
      const data = { schedule, run, ...(only === undefined ? {} : { only }) };
      await queue.add('run', data, { ...opts, jobId: run, priority: PRIORITY.asked });
    },
    work(run, concurrency) {
      const started = new Worker<Payload>(
        name,
        async (job, token = '') => {
          // Parts that are still under way after a crash are waited for again.
          if (job.data.divided === true && (await job.moveToWaitingChildren(token))) throw new WaitingChildrenError();
          try {
            const parts = job.data.divided === true ? { parts: await partsOf(job) } : {};
            const next = await run({ ...dueOf(job), ...parts });
            if (!('divide' in next)) return await conclude(job, token, next);
            await addParts(job, next.divide);
            await job.updateData({ ...job.data, divided: true });
            if (await job.moveToWaitingChildren(token)) throw new WaitingChildrenError();
            return await conclude(job, token, await run({ ...dueOf(job), parts: await partsOf(job) }));
          } catch (error) {
            if (error instanceof WaitingChildrenError || error instanceof DelayedError) throw error;
            // What is kept with the job is words for people, never more.
            const words = error instanceof Error ? error.message : 'it failed';
            throw error instanceof GivenUp ? new UnrecoverableError(words) : new Error(words);
          }
        },
        { connection, concurrency, lockDuration: lockMs, stalledInterval: lockMs, maxStalledCount: 3 },
      );
      started.on('error', alarm);
      worker = started;
    },
    async divided() {
      const waiting = await queue.getJobs(['waiting-children']);
      return Promise.all(
        waiting.map(async (job) => {
          const { processed = 0, unprocessed = 0, ignored = 0 } = await job.getDependenciesCount();
          const done = processed + ignored;
          return { id: dueOf(job).id, schedule: job.data.schedule, of: done + unprocessed, done, dead: ignored };
        }),
      );
    },
    async forget(run) {
      const waiting = await queue.getJobs(['waiting-children']);
      const job = waiting.find((one) => dueOf(one).id === run);
      await job?.removeUnprocessedChildren();
      // On PostgreSQL it would wait for ever for the parts that are gone (BullMQ 6.7.0); on Redis it goes on at once,
      // ends by itself, and cannot be removed meanwhile.
      await job?.remove({ removeChildren: false }).catch(() => undefined);
    },
    counts: () => queue.getJobCounts(),
    // Loaded by who looks.
    pages: async () => (await import('./board-pages.ts')).createBoardPages(queue),
    async close() {
      await worker?.close();
      await queue.close();
    },
  };
}

/** Between the id of a run and the name of its part. */
const PART = '.';

function dueOf({ id = '', data, attemptsMade, timestamp, delay }: Job<Payload>): DueRun {
  const { schedule, part, only } = data;
  return {
    ...{ id: data.run ?? runOf(id), schedule, dueAt: timestamp + delay, isLast: attemptsMade + 1 >= ATTEMPTS },
    ...(part === undefined ? {} : { part }),
    ...(only === undefined ? {} : { only }),
  };
}

async function conclude(job: Job<Payload>, token: string, next: Next): Promise<string> {
  if ('divide' in next) throw new GivenUp('It was divided a second time.');
  if (!('laterMs' in next)) return next.value ?? '';
  await job.moveToDelayed(Date.now() + next.laterMs, token);
  throw new DelayedError();
}

/** What came of the parts; BullMQ keys them by `…:RUN.PART`. */
async function partsOf(job: Job<Payload>): Promise<readonly EndedPart[]> {
  const nameOf = (key: string): string => key.slice(key.indexOf(PART, key.lastIndexOf(':')) + 1);
  const values = await job.getChildrenValues<unknown>();
  const dead = await job.getIgnoredChildrenFailures();
  return [
    ...Object.entries(values).map(([key, value]) => ({ name: nameOf(key), value: String(value) })),
    ...Object.entries(dead).map(([key, why]) => ({ name: nameOf(key), why })),
  ].sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** BullMQ names a scheduled job `repeat:SCHEDULE:MILLISECONDS`. */
const runOf = (job: string): string => `run_${job.replace(/^repeat:/, '').replaceAll(/[^a-z0-9]/g, '')}`.slice(0, 60);
