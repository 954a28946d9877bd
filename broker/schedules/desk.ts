/** What people do with the schedules of their tenant: order, look at, hold, run now, end. */
import type { Json, Subject } from '../contract.ts';
import { WayleaveError } from '../errors.ts';
import type { Schedule, Schedules, WantedSchedule } from '../identity/schedules.ts';
import type { AuditLog, Clock, Ids } from '../ports.ts';
import { isDead, type Runs, type ScheduleRun } from './runs.ts';
import { type HeardWorker, WORKER_SILENT_MS, type Workers } from './workers.ts';

export interface ScheduleDeskDeps {
  readonly schedules: Schedules;
  readonly runs: Runs;
  readonly workers: Workers;
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
  /** What waits and what runs for the tenant, and who works. */
  queue(subject: Subject): Promise<QueueView>;
}

export interface QueueView {
  /** Of the own tenant: runs that a person asked for and that no worker has begun, runs under way, and their parts to come. */
  readonly own: { readonly asked: number; readonly underWay: number; readonly partsLeft: number };
  readonly workers: readonly (Pick<HeardWorker, 'worker' | 'queue' | 'concurrency' | 'heardAt'> & {
    /** Nothing was heard of it for 45 seconds: it ended, or cannot reach the broker. */
    readonly silent: boolean;
  })[];
  /** Jobs of all tenants by state, as a worker saw them last: for roles of the provider. */
  readonly jobs?: { readonly [state: string]: number };
}

export type DeadRun = ScheduleRun & { readonly schedule: string; readonly title: string };

export function createScheduleDesk({ schedules, runs, workers, audit, clock, ids }: ScheduleDeskDeps): ScheduleDesk {
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
  async function change(id: string, to: (present: Schedule) => Schedule): Promise<Schedule> {
    const after = await schedules.change(id, to);
    if (after === undefined) throw new WayleaveError('USAGE', `${id} has ended.`);
    return after;
  }

  /** Throws `USAGE` when another run is wished for and has not begun: a wish that was acknowledged gives way to none. */
  async function ask(
    subject: Subject,
    id: string,
    run: string,
    only?: readonly string[],
  ): Promise<{ readonly run: string }> {
    const parts = only === undefined ? {} : { only: [...only] };
    await record(subject, 'schedule.asked', { schedule: id, run, ...parts });
    await change(id, (present) => {
      refuseSecond(present);
      return { ...present, asked: { run, by: subject.human, ...parts } };
    });
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
      const { onlyIn = null, leaveOut = null, work = null, ...rest } = wanted;
      await record(subject, 'schedule.added', { schedule: added.id, ...rest, work, onlyIn, leaveOut });
      await schedules.put(added);
      return added;
    },
    async queue(subject) {
      const live = (await schedules.list(subject.tenant)).filter(({ endedAt }) => endedAt === undefined);
      const under = (await Promise.all(live.map(({ id }) => runs.list(id)))).flatMap((all) =>
        all.filter(({ endedAt }) => endedAt === undefined),
      );
      const known = await workers.list();
      const isProvider = subject.roles.some((role) => role === 'provider-admin' || role === 'provider-operator');
      const [latest] = known.filter(({ queue }) => queue !== 'none');
      return {
        own: {
          asked: live.filter(({ asked }) => asked !== undefined).length,
          underWay: under.length,
          partsLeft: under.reduce(
            (sum, { progress }) => sum + (progress === undefined ? 0 : progress.of - progress.done),
            0,
          ),
        },
        workers: known.map(({ worker, queue, concurrency, heardAt }) => ({
          ...{ worker, queue, concurrency, heardAt },
          silent: clock.now() - Date.parse(heardAt) > WORKER_SILENT_MS,
        })),
        ...(isProvider && latest !== undefined ? { jobs: latest.jobs } : {}),
      };
    },
    runs: async (subject, id) => runs.list((await find(subject, id)).id),
    async pause(subject, id) {
      const found = await findOwn(subject, id);
      if (found.pausedAt !== undefined) return found;
      await record(subject, 'schedule.paused', { schedule: id });
      return change(id, (present) => ({ ...present, pausedAt: now() }));
    },
    async resume(subject, id) {
      const found = await findOwn(subject, id);
      if (found.pausedAt === undefined) return found;
      await record(subject, 'schedule.resumed', { schedule: id });
      return change(id, ({ pausedAt: _, ...present }) => present);
    },
    async runNow(subject, id) {
      const { asked } = await findOwn(subject, id);
      // The same is wished for already: one run does both.
      if (asked !== undefined && asked.only === undefined) return { run: asked.run };
      return ask(subject, id, ids.id('run'));
    },
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
      if (!isDead(broken)) throw new WayleaveError('USAGE', `${run} is not dead, or was retried.`);
      refuseSecond(found);
      const next = ids.id('run');
      await ask(
        subject,
        id,
        next,
        broken.dead?.map(({ part }) => part),
      );
      // Noted when the wish is safe: a crash in between leaves the run among the dead, not without anybody to look after it.
      await runs.retry(id, run, next);
      return { run: next };
    },
    async end(subject, id) {
      await findOwn(subject, id);
      await record(subject, 'schedule.ended', { schedule: id });
      await change(id, (present) => ({ ...present, endedAt: now() }));
    },
  };
}

function refuseSecond({ asked }: Schedule): void {
  if (asked !== undefined)
    throw new WayleaveError('USAGE', `${asked.run} was asked for and has not begun; ask again when it has.`);
}
