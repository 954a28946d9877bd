/** What workers hear of schedules and say of their runs. A worker has no rights here but these: what a run reads, it asks for by a token of its own. */
import { WayleaveError } from '../errors.ts';
import type { Schedule, Schedules } from '../identity/schedules.ts';
import { WORKER_CLIENT } from '../identity/schedules.ts';
import type { AuditLog, Clock } from '../ports.ts';
import { type ChangeWindows, isOpen } from '../windows/change-window.ts';
import type { RunReport, Runs } from './runs.ts';
import type { WorkerReport, Workers } from './workers.ts';

/** A schedule as workers know it. */
export type DueSchedule = Omit<Schedule, 'createdAt' | 'endedAt'>;

export interface Begun {
  /** False: leave it, another run of this schedule is under way, this one ended, or it may not begin now. */
  readonly begun: boolean;
  /** Devices that this run leaves alone: a change window that the schedule keeps clear of is open for them. */
  readonly leftOut: readonly string[];
}

export interface WorkerDesk {
  schedules(): Promise<readonly DueSchedule[]>;
  /** `NOT_FOUND` when the schedule ended. */
  begin(schedule: string, run: string): Promise<Begun>;
  /** False: stop, nobody waits for this run any more. */
  report(schedule: string, run: string, report: RunReport): Promise<boolean>;
  /** A worker is there, and so long is its queue. */
  hear(report: WorkerReport): Promise<void>;
  /** Ends runs whose worker fell silent, each with an entry in the log. To be called again and again by the broker itself. */
  loseSilent(): Promise<void>;
}

export function createWorkerDesk(deps: {
  readonly schedules: Schedules;
  readonly runs: Runs;
  readonly workers: Workers;
  readonly windows: Pick<ChangeWindows, 'list'>;
  readonly audit: Pick<AuditLog, 'append'>;
  readonly clock: Clock;
}): WorkerDesk {
  const { schedules, runs, workers, windows, audit, clock } = deps;
  /** Devices for which a window of this name is open now. */
  async function openFor(tenant: string, name: string): Promise<readonly string[]> {
    const all = (await windows.list()).filter((one) => one.tenant === tenant && one.name === name);
    return [...new Set(all.filter((one) => isOpen(one, clock.now())).flatMap(({ devices }) => devices))].sort();
  }
  async function find(id: string): Promise<Schedule> {
    const found = await schedules.get(id);
    if (found === undefined || found.endedAt !== undefined) throw new WayleaveError('NOT_FOUND');
    return found;
  }
  /** Only this wish: another one may have come in its place. */
  const fulfil = (id: string, run: string): Promise<unknown> =>
    schedules.change(id, ({ asked, ...rest }) =>
      asked === undefined || asked.run === run ? rest : { ...rest, asked },
    );
  const record = (
    { tenant, owner, id }: Schedule,
    kind: string,
    content: { readonly [key: string]: string | number },
  ) =>
    audit.append({
      ...{ at: new Date(clock.now()).toISOString(), tenant, kind, human: owner, session: id },
      content: { schedule: id, by: WORKER_CLIENT, ...content },
    });

  return {
    schedules: async () => (await schedules.live()).map(({ createdAt: _, endedAt: __, ...due }) => due),
    async begin(id, run) {
      const found = await find(id);
      const asker = found.asked?.run === run ? found.asked.by : undefined;
      const isAsked = asker !== undefined;
      const began = await runs.begin(id, run, asker ?? 'time');
      if (!began) {
        // It ended while the wish for it was still there: nobody waits for it any more.
        const ended = isAsked && (await runs.list(id)).some((one) => one.id === run && one.endedAt !== undefined);
        if (ended) await fulfil(id, run);
        return { begun: false, leftOut: [] };
      }
      const { tenant, onlyIn, leaveOut } = found;
      if (!isAsked && onlyIn !== undefined && (await openFor(tenant, onlyIn)).length === 0) {
        const said = `No change window ${onlyIn} was open.`;
        await runs.report(id, run, { calls: 0, said, outcome: 'missed' });
        await record(found, 'schedule.run-ended', { run, outcome: 'missed', calls: 0 });
        return { begun: false, leftOut: [] };
      }
      await record(found, 'schedule.run-began', { run });
      if (isAsked) await fulfil(id, run);
      return { begun: true, leftOut: leaveOut === undefined ? [] : await openFor(tenant, leaveOut) };
    },
    async report(id, run, said) {
      const found = await find(id);
      const taken = await runs.report(id, run, said);
      if (taken && said.outcome !== undefined)
        await record(found, 'schedule.run-ended', {
          ...{ run, outcome: said.outcome, calls: said.calls },
          ...(said.progress === undefined ? {} : { parts: said.progress.of, dead: said.progress.dead }),
        });
      return taken;
    },
    hear: (report) => workers.hear(report),
    async loseSilent() {
      for (const { schedule, run, calls } of await runs.loseSilent()) {
        const found = await schedules.get(schedule);
        if (found !== undefined) await record(found, 'schedule.run-ended', { run, outcome: 'lost', calls });
      }
    },
  };
}
