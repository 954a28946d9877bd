/** What people do with the schedules of their tenant: order, look at, hold, run now, end. */
import type { Json, Subject } from '../contract.ts';
import { WayleaveError } from '../errors.ts';
import type { Schedule, Schedules, WantedSchedule } from '../identity/schedules.ts';
import type { AuditLog, Clock, Ids } from '../ports.ts';
import { isDead, type Runs, type ScheduleRun } from './runs.ts';

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
  /** Runs that ended badly and that nobody has retried, newest first. */
  dead(subject: Subject): Promise<readonly DeadRun[]>;
  /** Another run in place of a dead one: of its dead parts, where it has parts, else of everything. */
  retry(subject: Subject, id: string, run: string): Promise<{ readonly run: string }>;
}

export type DeadRun = ScheduleRun & { readonly schedule: string; readonly title: string };

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

  async function ask(
    subject: Subject,
    found: Schedule,
    run: string,
    only?: readonly string[],
  ): Promise<{ readonly run: string }> {
    const parts = only === undefined ? {} : { only: [...only] };
    await record(subject, 'schedule.asked', { schedule: found.id, run, ...parts });
    await put({ ...found, asked: { run, by: subject.human, ...parts } });
    return { run };
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
      const { onlyIn = null, leaveOut = null, ...rest } = wanted;
      await record(subject, 'schedule.added', { schedule: added.id, ...rest, onlyIn, leaveOut });
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
    runNow: async (subject, id) => ask(subject, await findOwn(subject, id), ids.id('run')),
    async dead(subject) {
      const found = await Promise.all(
        (await schedules.list(subject.tenant)).map(async ({ id, title, endedAt }) =>
          endedAt === undefined
            ? (await runs.list(id)).filter(isDead).map((run) => ({ schedule: id, title, ...run }))
            : [],
        ),
      );
      return found.flat().sort((a, b) => (a.startedAt < b.startedAt ? 1 : -1));
    },
    async retry(subject, id, run) {
      const found = await findOwn(subject, id);
      const broken = (await runs.list(id)).find((one) => one.id === run);
      if (broken === undefined) throw new WayleaveError('NOT_FOUND');
      const next = ids.id('run');
      if (!(await runs.retry(id, run, next))) throw new WayleaveError('USAGE', `${run} is not dead, or was retried.`);
      return ask(
        subject,
        found,
        next,
        broken.dead?.map(({ part }) => part),
      );
    },
    async end(subject, id) {
      const found = await findOwn(subject, id);
      await record(subject, 'schedule.ended', { schedule: id });
      await put({ ...found, endedAt: now() });
    },
  };
}
