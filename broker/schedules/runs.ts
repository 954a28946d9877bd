/** The runs of schedules: one at a time each, with how far it is, how it ended and what it found. */
import { z } from 'zod';
import type { KeyedRecords } from '../identity/keyed-records.ts';
import type { Clock } from '../ports.ts';

/** How a run ended: `lost` when its worker fell silent, `missed` when nobody was there at its time. */
export const RUN_OUTCOMES = ['done', 'failed', 'missed', 'lost'] as const;

export const runId = z.string().regex(/^run_[a-z0-9]{1,60}$/);

export const scheduleRun = z.strictObject({
  id: runId,
  /** `time`, or the person who asked for it. */
  by: z.string().max(200),
  startedAt: z.string(),
  /** When its worker was last heard of. */
  heardAt: z.string(),
  endedAt: z.string().optional(),
  outcome: z.enum(RUN_OUTCOMES).optional(),
  /** Calls of tools so far. */
  calls: z.int().min(0),
  /** What it does now, or what it found. */
  said: z.string().max(4_000),
});
export type ScheduleRun = Readonly<z.infer<typeof scheduleRun>>;

export const runsOfSchedule = z.strictObject({ schedule: z.string(), runs: z.array(scheduleRun) });

/** Runs kept of one schedule; the audit log has them all. */
const KEPT = 50;
/** A worker that says nothing for so long is gone, and another may run the schedule. */
const SILENT_MS = 90_000;

/** What a worker says of a run. */
export const runReport = z.strictObject({
  calls: z.int().min(0),
  said: z.string().max(4_000),
  outcome: z.enum(['done', 'failed', 'missed']).optional(),
});
export type RunReport = Readonly<z.infer<typeof runReport>>;

export interface Runs {
  /** Newest first. */
  list(schedule: string): Promise<readonly ScheduleRun[]>;
  /** False when another run of the schedule is under way, or this one ended already; the same run may begin again. */
  begin(schedule: string, run: string, by: string): Promise<boolean>;
  /** False when the run is not under way any more: its worker must stop. */
  report(schedule: string, run: string, report: RunReport): Promise<boolean>;
}

export function createRuns(records: KeyedRecords<z.infer<typeof runsOfSchedule>>, clock: Clock): Runs {
  const now = (): string => new Date(clock.now()).toISOString();
  const isUnderWay = (run: ScheduleRun): boolean =>
    run.endedAt === undefined && clock.now() - Date.parse(run.heardAt) < SILENT_MS;

  return {
    list: async (schedule) => (await records.get(schedule))?.runs ?? [],
    async begin(schedule, id, by) {
      let began = false;
      await records.update(schedule, (before) => {
        const runs = before?.runs ?? [];
        const known = runs.find((run) => run.id === id);
        began = known === undefined ? !runs.some(isUnderWay) : known.endedAt === undefined;
        if (!began) return { schedule, runs };
        const at = now();
        const others = runs
          .filter((run) => run.id !== id)
          .map((run) => (run.endedAt === undefined ? { ...run, endedAt: at, outcome: 'lost' as const } : run));
        const begun = { id, by, startedAt: known?.startedAt ?? at, heardAt: at, calls: 0, said: '' };
        return { schedule, runs: [begun, ...others].slice(0, KEPT) };
      });
      return began;
    },
    async report(schedule, id, { calls, said, outcome }) {
      let taken = false;
      await records.update(schedule, (before) => {
        const runs = before?.runs ?? [];
        const at = now();
        return {
          schedule,
          runs: runs.map((run) => {
            if (run.id !== id || run.endedAt !== undefined) return run;
            taken = true;
            const end = outcome === undefined ? {} : { endedAt: at, outcome };
            return { ...run, heardAt: at, calls, said, ...end };
          }),
        };
      });
      return taken;
    },
  };
}
