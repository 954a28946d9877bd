/** The workers that were heard of lately: which queue each works on, how much at a time, and what waits there. */
import { z } from 'zod';
import type { KeyedRecords } from '../identity/keyed-records.ts';
import type { Clock } from '../ports.ts';

/** Jobs by their state, as BullMQ names states. */
const counts = z
  .record(z.string().regex(/^[a-z-]{1,30}$/), z.int().min(0))
  .refine((all) => Object.keys(all).length <= 20);

/** What a worker says of itself every few seconds. */
export const workerReport = z.strictObject({
  worker: z.string().regex(/^wrk_[a-z0-9]{1,60}$/),
  queue: z.enum(['embedded', 'postgres', 'redis', 'none']),
  /** Runs and parts of runs that it takes at a time. */
  concurrency: z.int().min(1).max(1_000),
  /** The whole queue, not only what this worker has. */
  jobs: counts,
});
export type WorkerReport = Readonly<z.infer<typeof workerReport>>;

const heard = workerReport.extend({ heardAt: z.string() });
export type HeardWorker = Readonly<z.infer<typeof heard>>;
export const heardWorkers = z.strictObject({ workers: z.array(heard) });

/** Who says nothing for so long does not work any more: three times what a worker leaves between two reports. */
export const WORKER_SILENT_MS = 45_000;
/** A silent one is shown so long, so that people see that it is gone. */
const SHOWN_MS = 600_000;
const MOST_WORKERS = 500;

export interface Workers {
  hear(report: WorkerReport): Promise<void>;
  /** Latest heard first. */
  list(): Promise<readonly HeardWorker[]>;
}

/** One record for all: there are few, and a record of a worker that is gone would stay for ever. */
const ALL = 'all';

export function createWorkers(records: KeyedRecords<z.infer<typeof heardWorkers>>, clock: Clock): Workers {
  const isShown = ({ heardAt }: HeardWorker): boolean => clock.now() - Date.parse(heardAt) < SHOWN_MS;
  return {
    async hear(report) {
      await records.update(ALL, (before) => {
        const others = (before?.workers ?? []).filter((one) => one.worker !== report.worker && isShown(one));
        const all = [{ ...report, heardAt: new Date(clock.now()).toISOString() }, ...others];
        return { workers: all.slice(0, MOST_WORKERS) };
      });
    },
    list: async () => ((await records.get(ALL))?.workers ?? []).filter(isShown),
  };
}
