/** The queue of due runs: BullMQ on PGlite, PostgreSQL or Redis, behind what Wayleave needs of it. */
import {
  type BackendClasses,
  createPostgresBackend,
  createRedisBackend,
  type IQueueBackend,
  type PostgresConnection,
  runMigrations,
  UnrecoverableError,
  withBackend,
} from 'bullmq';
import { Redis } from 'ioredis';
import pg from 'pg';
import { openDatabase } from '../../storage/open-database.ts';

/** When something is due again: at the times of a cron line on the clock of a place, or every so often. */
export type Recurrence =
  | { readonly cron: string; readonly timeZone: string }
  | { readonly everyMs: number; readonly offsetMs: number };

/** One run that is due. `id` is the same for every attempt, also on another worker. */
export interface DueRun {
  readonly id: string;
  readonly schedule: string;
  /** Epoch milliseconds. */
  readonly dueAt: number;
  /** The last attempt: a failure now is the end of it. */
  readonly isLast: boolean;
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
  /** One run now, before all that are due by time; the same run twice is one. */
  runNow(schedule: string, run: string): Promise<void>;
  /** Takes what is due, so many at a time; what throws is tried again, but for `GivenUp`. One call a queue. */
  work(run: (due: DueRun) => Promise<void>, concurrency: number): void;
  /** Waits for what runs, then gives the store up. */
  close(): Promise<void>;
}

export type QueueLocation =
  /** Folder of this process alone. */
  | { readonly folder: string }
  /** `name` separates installations on one server. */
  | { readonly databaseUrl: string; readonly name: string }
  | { readonly redisUrl: string; readonly name: string };

export interface QueueOptions {
  /** Told of failures of the store; what is due is taken up again when it answers. */
  readonly alarm: (error: Error) => void;
  /** First pause before another attempt, doubled each time. */
  readonly backoffMs?: number;
  /** Silence after which the run of a worker is given to another one. */
  readonly lockMs?: number;
}

/** Schema of BullMQ's tables; queues in it have names. */
const SCHEMA = 'bullmq';
const ATTEMPTS = 3;
const BACKOFF_MS = 5_000;
const LOCK_MS = 30_000;
const KEPT = { count: 500 };
const ASKED_FIRST = 1;
const BY_TIME = 10;

interface Payload {
  readonly schedule: string;
  readonly run?: string;
}

/** Throws as `openDatabase` does, and whatever the client of Redis says when it cannot be reached. */
export async function openQueue(location: QueueLocation, options: QueueOptions): Promise<JobQueue> {
  if ('redisUrl' in location) {
    const connection = new Redis(location.redisUrl, { maxRetriesPerRequest: null, lazyConnect: true });
    connection.on('error', options.alarm);
    await connection.connect();
    const classes = withBackend(createRedisBackend);
    const queue = buildQueue('redis', location.name, classes, connection, options);
    return { ...queue, close: () => queue.close().finally(() => connection.disconnect()) };
  }
  const embedded = 'folder' in location;
  const database = await openDatabase(
    embedded ? { folder: location.folder } : { url: location.databaseUrl, schema: SCHEMA },
  );
  const client = await database.pool.connect();
  await runMigrations(client, SCHEMA).finally(() => client.release());
  // PGlite is one session: what is set here holds for every client of the pool.
  if (embedded) await database.pool.query(`SET search_path TO ${SCHEMA}`);
  const kind = embedded ? 'embedded' : 'postgres';
  const name = embedded ? 'wayleave' : location.name;
  const pool: unknown = database.pool;
  if (!isQueuePool(pool)) throw new TypeError('no pool of node-postgres');
  const queue = buildQueue(kind, name, withBackend(createPostgresBackend), pool, options);
  return {
    ...queue,
    close: async () => {
      await queue.close();
      await database.close();
    },
  };
}

/** BullMQ declares of node-postgres what it uses, in types of its own. */
const isQueuePool = (value: unknown): value is PostgresConnection['pool'] => value instanceof pg.Pool;

function buildQueue<B extends IQueueBackend, C>(
  kind: JobQueue['kind'],
  name: string,
  { Queue, Worker }: BackendClasses<B, C>,
  connection: C,
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
        opts: { ...opts, priority: BY_TIME },
      });
    },
    remove: async (schedule) => void (await queue.removeJobScheduler(schedule)),
    schedules: async () => (await queue.getJobSchedulers()).map(({ key }) => key),
    runNow: async (schedule, run) =>
      void (await queue.add('run', { schedule, run }, { ...opts, jobId: run, priority: ASKED_FIRST })),
    work(run, concurrency) {
      const started = new Worker<Payload>(
        name,
        async (job) => {
          const id = job.data.run ?? runOf(job.id ?? '');
          const isLast = job.attemptsMade + 1 >= ATTEMPTS;
          try {
            await run({ id, schedule: job.data.schedule, dueAt: job.timestamp + job.delay, isLast });
          } catch (error) {
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
    async close() {
      await worker?.close();
      await queue.close();
    },
  };
}

/** BullMQ names a scheduled job `repeat:SCHEDULE:MILLISECONDS`. */
const runOf = (job: string): string => `run_${job.replace(/^repeat:/, '').replaceAll(/[^a-z0-9]/g, '')}`.slice(0, 60);
