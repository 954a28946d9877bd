/** Wires a worker: the broker as its only door, a queue on the store that is configured, and the specialists that it runs. */
import { setTimeout as pause } from 'node:timers/promises';
import { z } from 'zod';
import { type BrokerClient, createBrokerClient } from '../../agents/broker/broker-client.ts';
import { repeatReads } from '../../agents/broker/repeat-reads.ts';
import { createWorkerClient } from '../../agents/broker/worker-client.ts';
import { readFleet, runSchedule } from '../../agents/scheduled-run.ts';
import { startHttpServer } from '../../broker/http/server.ts';
import { importSigningKey, type SigningKey } from '../../protocols/oauth/jwk.ts';
import { locateQueue, queueSettings } from '../jobs/queue-location.ts';
import { createWorker, type Worker, type WorkerDeps } from '../jobs/worker.ts';
import { randomIds } from './ids.ts';
import { createJobMetrics, createRegistry, observeClient } from './metrics.ts';
import { createBrokerFetch, mutualTls } from './mutual-fetch.ts';
import { whyBrokerIsAway, withOperations } from './operations.ts';
import { createProcessLog } from './process-log.ts';
import { repeat } from './repeat.ts';
import { openTracing } from './tracing.ts';

/** Everything the process of a worker is told. */
export const workerSettings = z.strictObject({
  brokerUrl: z.url(),
  workerKey: z.string(),
  queue: queueSettings,
  concurrency: z.int().min(1).max(64),
  /** How the broker is reached by mutual TLS; absent when that is off. */
  mutual: mutualTls.optional(),
  /** Of `/healthz`, `/readyz` and `/metrics` on 127.0.0.1; 0 takes a free one. */
  port: z.int().default(0),
  metricsToken: z.string().default(''),
});

/** Runs what is due until it is stopped; `keyOf` is asked anew each time, since keys rotate. */
export function startWorker(deps: {
  readonly client: Pick<BrokerClient, 'callTool'>;
  readonly brokerUrl: string;
  readonly keyOf: () => SigningKey | undefined;
  readonly fetch: typeof fetch;
  readonly queue: z.infer<typeof queueSettings>;
  readonly concurrency: number;
  readonly onEnd?: WorkerDeps['onEnd'];
}): Worker {
  const log = createProcessLog('worker', 'info');
  const alarm = (what: string): void => log.error(what);
  const now = (): number => Date.now();
  const shared = {
    ...{ client: deps.client, ids: randomIds.id, now },
    pause: async (ms: number) => {
      await pause(ms);
    },
  };
  return createWorker({
    name: randomIds.id('wrk'),
    broker: createWorkerClient({ brokerUrl: deps.brokerUrl, key: deps.keyOf, fetch: deps.fetch, now }),
    // BullMQ is loaded by who has schedules.
    openQueue: async () =>
      (await import('../jobs/queue.ts')).openQueue(locateQueue(deps.queue), {
        alarm: (error) => alarm(`the queue: ${error.message}`),
      }),
    run: (schedule, run, on, inventory) =>
      runSchedule({ ...shared, onCall: on.call, onLimited: on.limited }, schedule, run, inventory),
    readFleet: (schedule, onCall) => readFleet({ ...shared, onCall }, schedule),
    now,
    repeat,
    alarm,
    concurrency: deps.concurrency,
    ...(deps.onEnd === undefined ? {} : { onEnd: deps.onEnd }),
  });
}

/** The process of a worker beside the agents' own. */
export async function composeWorker(settings: z.infer<typeof workerSettings>): Promise<{
  readonly ready: { readonly concurrency: number; readonly url: string };
  readonly stop: () => Promise<void>;
}> {
  const { brokerUrl, concurrency, queue } = settings;
  const key = importSigningKey(settings.workerKey);
  const tracing = await openTracing('worker', process.env, createBrokerFetch(brokerUrl, settings.mutual));
  const registry = createRegistry();
  const { fetch: reach } = tracing;
  const asked = createBrokerClient({ brokerUrl, keyOf: () => key, fetch: reach, now: () => Date.now() });
  const observed = observeClient(asked, registry, tracing);
  const client = { callTool: repeatReads(observed.callTool, (ms) => pause(ms)) };
  const jobs = createJobMetrics(registry);
  const { onEnd } = jobs;
  const worker = startWorker({ client, brokerUrl, keyOf: () => key, fetch: reach, queue, concurrency, onEnd });
  jobs.watch(worker);
  await worker.follow();
  const none = { fetch: () => new Response(null, { status: 404 }) };
  const server = await startHttpServer({
    host: '127.0.0.1',
    port: settings.port,
    createApp: () =>
      withOperations(none, {
        ...{ registry, token: settings.metricsToken },
        whyNotReady: async () => {
          await worker.counts();
          return whyBrokerIsAway(brokerUrl, reach);
        },
      }),
  });
  return {
    ready: { concurrency, url: server.url },
    stop: async () => {
      await server.close();
      await worker.stop();
      await tracing.close();
    },
  };
}
