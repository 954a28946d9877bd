/** What people do with the schedules of their tenant: order, look at, hold, run now, end. */
import type { Json, Subject } from '../contract.ts';
import { WayleaveError } from '../errors.ts';
import type { Schedule, Schedules, WantedSchedule } from '../identity/schedules.ts';
import type { AuditLog, Clock, Ids } from '../ports.ts';
import type { Runs, ScheduleRun } from './runs.ts';

export interface ScheduleDeskDeps {
  readonly schedules: Schedules;
  readonly runs: Runs;
  readonly audit: Pick<AuditLog, 'append'>;
  readonly clock: Clock;
  readonly ids: Ids;
}

export interface ShownSchedule extends Schedule {
  readonly lastRun?: ScheduleRun;
}

/** Every method takes an authenticated human and answers within their tenant; a schedule of another one is `NOT_FOUND`. */
export interface ScheduleDesk {
  list(subject: Subject): Promise<readonly ShownSchedule[]>;
  /** It acts for who adds it, with the rights that person has whenever it runs, and looks only. */
  add(subject: Subject, wanted: WantedSchedule): Promise<Schedule>;
  runs(subject: Subject, id: string): Promise<readonly ScheduleRun[]>;
  pause(subject: Subject, id: string): Promise<Schedule>;
  resume(subject: Subject, id: string): Promise<Schedule>;
  /** The id of the run that a worker begins as soon as it hears of it. */
  runNow(subject: Subject, id: string): Promise<{ readonly run: string }>;
  end(subject: Subject, id: string): Promise<void>;
}

export function createScheduleDesk({ schedules, runs, audit, clock, ids }: ScheduleDeskDeps): ScheduleDesk {
  const now = (): string => new Date(clock.now()).toISOString();
  const record = (subject: Subject, kind: string, content: { readonly [key: string]: Json }): Promise<number> => {
    const { tenant, human, session } = subject;
    return audit.append({ at: now(), tenant, kind, human, session, content });
  };

  async function find(subject: Subject, id: string): Promise<Schedule> {
    const found = await schedules.get(id);
    if (found?.tenant !== subject.tenant) throw new WayleaveError('NOT_FOUND');
    return found;
  }
  /** Its owner, or who looks after the tenant. */
  async function findOwn(subject: Subject, id: string): Promise<Schedule> {
    const found = await find(subject, id);
    const keeper = subject.roles.some((role) => role === 'tenant-admin' || role === 'provider-admin');
    if (found.owner !== subject.human && !keeper)
      throw new WayleaveError('DENIED', 'Only its owner or an admin of the tenant may do this to a schedule.');
    if (found.endedAt !== undefined) throw new WayleaveError('USAGE', `${id} has ended.`);
    return found;
  }
  async function put(changed: Schedule): Promise<Schedule> {
    await schedules.put(changed);
    return changed;
  }

  return {
    list: async (subject) =>
      Promise.all(
        (await schedules.list(subject.tenant)).map(async (one) => {
          const [lastRun] = await runs.list(one.id);
          return lastRun === undefined ? one : { ...one, lastRun };
        }),
      ),
    async add(subject, wanted) {
      const { tenant, human: owner } = subject;
      const added = { id: ids.id('sch'), tenant, owner, ...wanted, createdAt: now() };
      await record(subject, 'schedule.added', { schedule: added.id, ...wanted });
      return put(added);
    },
    runs: async (subject, id) => runs.list((await find(subject, id)).id),
    async pause(subject, id) {
      const found = await findOwn(subject, id);
      if (found.pausedAt !== undefined) return found;
      await record(subject, 'schedule.paused', { schedule: id });
      return put({ ...found, pausedAt: now() });
    },
    async resume(subject, id) {
      const { pausedAt, ...found } = await findOwn(subject, id);
      if (pausedAt === undefined) return found;
      await record(subject, 'schedule.resumed', { schedule: id });
      return put(found);
    },
    async runNow(subject, id) {
      const found = await findOwn(subject, id);
      const run = ids.id('run');
      await record(subject, 'schedule.asked', { schedule: id, run });
      await put({ ...found, asked: { run, by: subject.human } });
      return { run };
    },
    async end(subject, id) {
      const found = await findOwn(subject, id);
      await record(subject, 'schedule.ended', { schedule: id });
      await put({ ...found, endedAt: now() });
    },
  };
}
