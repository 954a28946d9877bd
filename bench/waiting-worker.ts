/** A worker process of `bench/workers.ts`: each job asks one device and waits for its answer. Told by its first argument, as JSON. */
import { z } from 'zod';
import { openQueue } from '../apps/jobs/queue.ts';
import { locateQueue, queueSettings } from '../apps/jobs/queue-location.ts';

const told = z
  .strictObject({ queue: queueSettings, concurrency: z.int(), device: z.url() })
  .parse(JSON.parse(process.argv[2] ?? ''));

const queue = await openQueue(locateQueue(told.queue), {
  alarm: (error) => {
    throw error;
  },
});
queue.work(async ({ id }) => {
  await (await fetch(`${told.device}/${id}`)).text();
  return {};
}, told.concurrency);
console.log('ready');
