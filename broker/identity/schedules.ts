/** Schedules: work that an agent does at set times for the person who ordered it, with the rights that person has by then. */
import { z } from 'zod';
import { AGENTS } from '../contract.ts';
import { whyNeverDue } from '../schedules/cron-line.ts';
import type { KeyedRecords } from './keyed-records.ts';
import type { Revocation } from './revocation.ts';

/** IANA name, as `Intl` knows it. */
const timeZone = z.string().max(60).refine(isTimeZone, 'no time zone of the IANA database, e.g. Europe/Berlin');

/** When it is due: by a cron line of five fields on the clock of a place, or every so often, spread by a part of its own. */
export const timing = z.union([
  z.strictObject({
    cron: z.string().regex(/^[\d*,/-]{1,40}( [\d*,/-]{1,40}){4}$/, 'five fields of a cron line'),
    timeZone: timeZone.default('UTC'),
  }),
  z
    .strictObject({
      everyMinutes: z.int().min(1).max(10_080),
      /** Each schedule is shifted by a constant part of this, so that many do not run at once. */
      jitterMinutes: z.int().min(0).max(1_440).default(0),
    })
    .refine(
      ({ everyMinutes, jitterMinutes }) => jitterMinutes <= everyMinutes,
      'jitterMinutes is longer than the interval',
    ),
]);

/** What one run may use up. */
export const budget = z.strictObject({
  calls: z.int().min(1).max(10_000).default(500),
  minutes: z.int().min(1).max(240).default(10),
});

/** Name of a change window, as policies call it. */
const windowName = z.string().regex(/^[\w.-]{1,60}$/, 'the name of a change window, e.g. maintenance');

const wishes = {
  title: z.string().trim().min(1).max(200),
  when: timing,
  /** One run looks at the whole tenant, or is divided into a part for each site. */
  by: z.enum(['tenant', 'site']).default('tenant'),
  /** The sites of a run begin over this time, each at a constant place of its own. */
  spreadMinutes: z.int().min(0).max(1_440).default(0),
  /** Begins by time only while such a change window is open. */
  onlyIn: windowName.optional(),
  /** Devices for which such a change window is open are left alone. */
  leaveOut: windowName.optional(),
  /** A time at which no worker was there: left out, or made up for by one run. */
  missed: z.enum(['skip', 'once']).default('once'),
  budget: budget.prefault({}),
};

/** What a run does beside the sweep of its agent: who does it is fixed. */
export const WORK = {
  forecast: 'health-monitor',
  checkpoint: 'compliance-auditor',
  retention: 'health-monitor',
} as const;
const work = z.enum(['forecast', 'checkpoint', 'retention']);

/** What somebody says who wants a schedule. */
export const wantedSchedule = z
  .strictObject({ agent: z.enum(AGENTS).exclude(['router', 'troubleshooter']), work: work.optional(), ...wishes })
  .refine(({ agent, work: what }) => what === undefined || WORK[what] === agent, 'this agent does not do that work')
  .refine(
    ({ by, work: what }) => by === 'tenant' || what === undefined || what === 'forecast',
    'this work has no sites',
  )
  .refine(({ by, spreadMinutes }) => spreadMinutes === 0 || by === 'site', 'spreadMinutes needs a part for each site')
  // The last site must have ended before the next run begins, or that one is refused as the second.
  .refine(
    ({ when, spreadMinutes }) => 'cron' in when || spreadMinutes * 10 <= when.everyMinutes * 9,
    'spreadMinutes is longer than nine tenths of the interval',
  )
  // Asked here and not of what is stored: a line that the queue cannot take must not keep the broker from its start.
  .superRefine(({ when }, context) => {
    const why = 'cron' in when ? whyNeverDue(when.cron) : undefined;
    if (why !== undefined) context.addIssue({ code: 'custom', path: ['when', 'cron'], message: why });
  });
export type WantedSchedule = Readonly<z.infer<typeof wantedSchedule>>;

/** A name of a part as the inventory has it. */
export const partName = z.string().regex(/^[\w.-]{1,63}$/);

export const schedule = z.strictObject({
  id: z.string().regex(/^sch_[a-z0-9]{1,60}$/),
  tenant: z.string(),
  /** The person for whom it runs; it can do no more than they can now, and only look. */
  owner: z.string(),
  ...wishes,
  agent: z.enum(AGENTS),
  /** Absent: the sweep of the agent. */
  work: work.optional(),
  createdAt: z.string(),
  /** Nothing is due as long as it is there. */
  pausedAt: z.string().optional(),
  /** A person wants it now: the run that does so, who it is, and of which parts. */
  asked: z.strictObject({ run: z.string(), by: z.string(), only: z.array(partName).max(100).optional() }).optional(),
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
  /** Of all tenants, without those that ended: for the workers. */
  live(): Promise<readonly Schedule[]>;
  put(schedule: Schedule): Promise<void>;
  /**
   * What `change` makes of the schedule as it is at that moment, one after the other on all brokers, so that none writes
   * over what another one just wrote. Undefined when there is none that has not ended; throws what `change` throws.
   */
  change(id: string, change: (present: Schedule) => Schedule): Promise<Schedule | undefined>;
}

/** Read at each call, which a schedule makes a few of: nothing is remembered, so an end works at once on every broker. */
export function createSchedules(records: KeyedRecords<Schedule>, revocation: Revocation): Schedules {
  return {
    get: (id) => records.get(id),
    list: async (tenant) => (await records.list()).filter((one) => one.tenant === tenant),
    live: async () => (await records.list()).filter((one) => one.endedAt === undefined),
    async put(given) {
      await records.update(given.id, (before) => {
        if (before?.endedAt !== undefined) return before;
        if (before !== undefined && (before.tenant !== given.tenant || before.owner !== given.owner)) return before;
        return given;
      });
      await revocation.bump();
    },
    async change(id, change) {
      if ((await records.get(id)) === undefined) return undefined;
      let live = false;
      const after = await records.update(id, (present) => {
        if (present === undefined) throw new Error(`the record of ${id} is gone`);
        live = present.endedAt === undefined;
        return live ? change(present) : present;
      });
      if (live) await revocation.bump();
      return live ? after : undefined;
    },
  };
}

/** Names that were found to be right: every worker asks for all schedules every few seconds, and `Intl` takes 0.1 ms a name. */
const timeZones = new Set<string>();

function isTimeZone(name: string): boolean {
  if (timeZones.has(name)) return true;
  try {
    const found = new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== '';
    // A few hundred names exist, written in upper and lower case as one likes.
    if (found && timeZones.size < MOST_TIME_ZONES) timeZones.add(name);
    return found;
  } catch {
    return false;
  }
}
const MOST_TIME_ZONES = 1_000;
