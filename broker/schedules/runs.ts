/** The runs of schedules: one at a time each, with how far it is, how it ended and what it found. */
import { z } from 'zod';
import type { KeyedRecords } from '../identity/keyed-records.ts';
import { partName } from '../identity/schedules.ts';
import type { Clock } from '../ports.ts';

/** How a run ended: `partial` when some of its parts died, `lost` when its worker fell silent, `missed` when nobody was there at its time. */
export const RUN_OUTCOMES = ['done', 'partial', 'failed', 'missed', 'lost'] as const;
/** Outcomes that another run may put right. */
export const DEAD_OUTCOMES: readonly (typeof RUN_OUTCOMES)[number][] = ['partial', 'failed', 'lost'];

export const runId = z.string().regex(/^run_[a-z0-9]{1,60}$/);

/** How far a run with parts is; `dead` of those `done` failed for good. */
const progress = z.strictObject({ of: z.int().min(0), done: z.int().min(0), dead: z.int().min(0) });
/** Parts that failed for good, each with its reason. */
const deadParts = z.array(z.strictObject({ part: partName, why: z.string().max(300) })).max(100);

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
  progress: progress.optional(),
  dead: deadParts.optional(),
  /** The run that was ordered to put it right. */
  retriedBy: runId.optional(),
});
export type ScheduleRun = Readonly<z.infer<typeof scheduleRun>>;

export const runsOfSchedule = z.strictObject({ schedule: z.string(), runs: z.array(scheduleRun) });
/** Schedules with a run that began and was not seen to end. */
export const openRuns = z.strictObject({ schedules: z.array(z.string()) });

/** Runs kept of one schedule, the newest of them with their dead parts; the audit log has them all. */
const KEPT = 50;
const KEPT_WITH_DEAD = 10;
/** A worker that says nothing for so long is gone, and another may run the schedule. */
const SILENT_MS = 90_000;

/** What a worker says of a run. */
export const runReport = z.strictObject({
  calls: z.int().min(0),
  said: z.string().max(4_000),
  outcome: z.enum(['done', 'partial', 'failed', 'missed']).optional(),
  progress: progress.optional(),
  dead: deadParts.optional(),
});
export type RunReport = Readonly<z.infer<typeof runReport>>;

export interface Runs {
  /** Newest first. */
  list(schedule: string): Promise<readonly ScheduleRun[]>;
  /** False when another run of the schedule is under way, or this one ended already; the same run may begin again. */
  begin(schedule: string, run: string, by: string): Promise<boolean>;
  /** False when the run is not under way any more: its worker must stop. */
  report(schedule: string, run: string, report: RunReport): Promise<boolean>;
  /** Notes that `by` was ordered to put `run` right; false when it is not dead, or was retried before. */
  retry(schedule: string, run: string, by: string): Promise<boolean>;
  /** Ends as `lost` what nobody was heard of for too long, and tells which those are. To be called again and again. */
  loseSilent(): Promise<readonly { readonly schedule: string; readonly run: string; readonly calls: number }[]>;
}

/** It ended badly, and nobody has ordered another run for it. */
export const isDead = ({ outcome, retriedBy }: ScheduleRun): boolean =>
  outcome !== undefined && DEAD_OUTCOMES.includes(outcome) && retriedBy === undefined;

/** One record for all schedules with a run under way, so that nobody has to read every history to find those. */
const OPEN = 'all';

export function createRuns(
  records: KeyedRecords<z.infer<typeof runsOfSchedule>>,
  open: KeyedRecords<z.infer<typeof openRuns>>,
  clock: Clock,
): Runs {
  const now = (): string => new Date(clock.now()).toISOString();
  const isUnderWay = (run: ScheduleRun): boolean =>
    run.endedAt === undefined && clock.now() - Date.parse(run.heardAt) < SILENT_MS;

  const openSchedules = async (): Promise<readonly string[]> => (await open.get(OPEN))?.schedules ?? [];
  async function note(schedule: string): Promise<void> {
    if ((await openSchedules()).includes(schedule)) return;
    await open.update(OPEN, (before) => ({ schedules: [...new Set([...(before?.schedules ?? []), schedule])] }));
  }

  return {
    list: async (schedule) => (await records.get(schedule))?.runs ?? [],
    async begin(schedule, id, by) {
      // Before it begins, in case this process ends in between; and after, in case the note was just taken away.
      await note(schedule);
      let began = false;
      await records.update(schedule, (before) => {
        const runs = before?.runs ?? [];
        const known = runs.find((run) => run.id === id);
        // Whoever asks does not wait for sites that are spread over an hour: that run makes way.
        const makesWay = (run: ScheduleRun): boolean =>
          by !== 'time' && run.by === 'time' && run.progress !== undefined && run.id !== id;
        const blocks = (run: ScheduleRun): boolean => isUnderWay(run) && !makesWay(run);
        began = known === undefined ? !runs.some(blocks) : known.endedAt === undefined;
        if (!began) return { schedule, runs };
        const at = now();
        const others = runs
          .filter((run) => run.id !== id)
          .map((run) => {
            if (run.endedAt !== undefined) return run;
            if (!isUnderWay(run)) return { ...run, endedAt: at, outcome: 'lost' as const };
            return { ...run, endedAt: at, outcome: 'missed' as const, said: `${run.said}; ${id} took its place.` };
          });
        const begun = { id, by, startedAt: known?.startedAt ?? at, heardAt: at, calls: 0, said: '' };
        const kept = [
          begun,
          ...others.map(({ dead, ...run }, n) => (dead && n < KEPT_WITH_DEAD ? { ...run, dead } : run)),
        ];
        return { schedule, runs: kept.slice(0, KEPT) };
      });
      if (began) await note(schedule);
      return began;
    },
    async report(schedule, id, { outcome, ...said }) {
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
            return { ...run, heardAt: at, ...said, ...end };
          }),
        };
      });
      return taken;
    },
    async retry(schedule, id, by) {
      let taken = false;
      await records.update(schedule, (before) => ({
        schedule,
        runs: (before?.runs ?? []).map((run) => {
          if (run.id !== id || !isDead(run)) return run;
          taken = true;
          return { ...run, retriedBy: by };
        }),
      }));
      return taken;
    },
    async loseSilent() {
      const lost: { schedule: string; run: string; calls: number }[] = [];
      for (const schedule of await openSchedules()) {
        const known = (await records.get(schedule))?.runs ?? [];
        if (known.some(isUnderWay)) continue;
        await records.update(schedule, (before) => ({
          schedule,
          runs: (before?.runs ?? []).map((run) => {
            if (run.endedAt !== undefined || isUnderWay(run)) return run;
            lost.push({ schedule, run: run.id, calls: run.calls });
            return { ...run, endedAt: now(), outcome: 'lost' as const };
          }),
        }));
        await open.update(OPEN, (before) => ({
          schedules: (before?.schedules ?? []).filter((one) => one !== schedule),
        }));
        if ((await records.get(schedule))?.runs.some(isUnderWay)) await note(schedule);
      }
      return lost;
    },
  };
}
