/** Wires a worker: the broker as its only door, a queue on the store that is configured, and the specialists that it runs. */
import path from 'node:path';
import { z } from 'zod';
import { type BrokerClient, createBrokerClient } from '../../agents/broker/broker-client.ts';
import { createWorkerClient } from '../../agents/broker/worker-client.ts';
import { runSchedule } from '../../agents/scheduled-run.ts';
import { importSigningKey, type SigningKey } from '../../protocols/oauth/jwk.ts';
import type { QueueLocation } from '../jobs/queue.ts';
import { createWorker, type Worker } from '../jobs/worker.ts';
import { randomIds } from './ids.ts';
import { repeat } from './repeat.ts';

/** Where the queue is; the first that is not empty counts. */
export const queueSettings = z.strictObject({
  redisUrl: z.string(),
  databaseUrl: z.string(),
  /** Separates installations on one server. */
  name: z.string(),
  /** Folder for a queue of this process alone. */
  folder: z.string(),
});

/** Everything the process of a worker is told. */
export const workerSettings = z.strictObject({
  brokerUrl: z.url(),
  workerKey: z.string(),
  queue: queueSettings,
  concurrency: z.int().min(1).max(64),
});

const locate = ({ redisUrl, databaseUrl, name, folder }: z.infer<typeof queueSettings>): QueueLocation => {
  if (redisUrl !== '') return { redisUrl, name };
  return databaseUrl === '' ? { folder: path.join(folder, 'jobs') } : { databaseUrl, name };
};

/** Runs what is due until it is stopped; `keyOf` is asked anew each time, since keys rotate. */
export function startWorker(deps: {
  readonly client: Pick<BrokerClient, 'callTool'>;
  readonly brokerUrl: string;
  readonly keyOf: () => SigningKey | undefined;
  readonly fetch: typeof fetch;
  readonly queue: z.infer<typeof queueSettings>;
  readonly concurrency: number;
}): Worker {
  const alarm = (what: string): void => void process.stderr.write(`${JSON.stringify({ level: 50, msg: what })}\n`);
  const now = (): number => Date.now();
  return createWorker({
    broker: createWorkerClient({ brokerUrl: deps.brokerUrl, key: deps.keyOf, fetch: deps.fetch, now }),
    // BullMQ is loaded by who has schedules.
    openQueue: async () =>
      (await import('../jobs/queue.ts')).openQueue(locate(deps.queue), {
        alarm: (error) => alarm(`the queue: ${error.message}`),
      }),
    run: (schedule, run, onCall) => runSchedule({ client: deps.client, ids: randomIds.id, now, onCall }, schedule, run),
    now,
    repeat,
    alarm,
    concurrency: deps.concurrency,
  });
}

/** The process of a worker beside the agents' own. */
export async function composeWorker(settings: z.infer<typeof workerSettings>): Promise<{
  readonly ready: { readonly concurrency: number };
  readonly stop: () => Promise<void>;
}> {
  const { brokerUrl, concurrency, queue } = settings;
  const key = importSigningKey(settings.workerKey);
  const client = createBrokerClient({ brokerUrl, keyOf: () => key, fetch, now: () => Date.now() });
  const worker = startWorker({ client, brokerUrl, keyOf: () => key, fetch, queue, concurrency });
  await worker.follow();
  return { ready: { concurrency }, stop: worker.stop };
}
