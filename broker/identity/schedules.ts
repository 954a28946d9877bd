/** Schedules: work that an agent does at set times for the person who ordered it, with the rights that person has by then. */
import { z } from 'zod';
import { AGENTS } from '../contract.ts';
import type { KeyedRecords } from './keyed-records.ts';
import type { Revocation } from './revocation.ts';

export const schedule = z.strictObject({
  id: z.string().regex(/^sch_[a-z0-9]{1,60}$/),
  tenant: z.string(),
  /** The person for whom it runs; it can do no more than they can now, and only look. */
  owner: z.string(),
  agent: z.enum(AGENTS),
  title: z.string().max(200),
  /** When it runs (cron of five fields, UTC); kept here, carried out by the workers. */
  cron: z.string().max(100),
  createdAt: z.string(),
  endedAt: z.string().optional(),
});
export type Schedule = Readonly<z.infer<typeof schedule>>;

/** What workers are called at the token endpoint, and in the chain of who acts. */
export const WORKER_CLIENT = 'worker';

export const isScheduleId = (id: string): boolean => id.startsWith('sch_');

/** The records of schedules. An end is final. */
export interface Schedules {
  get(id: string): Promise<Schedule | undefined>;
  list(tenant: string): Promise<readonly Schedule[]>;
  put(schedule: Schedule): Promise<void>;
}

/** Read at each call, which a schedule makes a few of: nothing is remembered, so an end works at once on every broker. */
export function createSchedules(records: KeyedRecords<Schedule>, revocation: Revocation): Schedules {
  return {
    get: (id) => records.get(id),
    list: async (tenant) => (await records.list()).filter((one) => one.tenant === tenant),
    async put(given) {
      await records.update(given.id, (before) => {
        if (before?.endedAt !== undefined) return before;
        if (before !== undefined && (before.tenant !== given.tenant || before.owner !== given.owner)) return before;
        return given;
      });
      await revocation.bump();
    },
  };
}
