/** A worker: keeps the queue as the broker's schedules are, and runs what is due. */
import { BrokerRefusal } from '../../agents/broker/broker-client.ts';
import type { DueSchedule, WorkerClient } from '../../agents/broker/worker-client.ts';
import type { RunOutcome } from '../../agents/scheduled-run.ts';
import { type InventoryAnswers, leaveOut, splitBySite } from '../../agents/site-view.ts';
import { placeSites, printPart, shareOf, sumParts } from './divided-run.ts';
import { type DueRun, GivenUp, type JobQueue, type Next, type Recurrence } from './queue.ts';

/** Told before each call how many there were, and says whether to go on. */
type OnCall = (calls: number, what: string) => boolean;
type OnLimited = (ms: number) => void;

export interface WorkerDeps {
  /** `wrk_…`, as the broker shows it. */
  readonly name: string;
  readonly broker: WorkerClient;
  /** Opened when there is something to keep in it. */
  readonly openQueue: () => Promise<JobQueue>;
  /** One run, or a part with its site for an inventory. */
  readonly run: (
    schedule: DueSchedule,
    run: string,
    on: { readonly call: OnCall; readonly limited: OnLimited },
    inventory?: InventoryAnswers,
  ) => Promise<RunOutcome>;
  /** The tenant's inventory, for a run that is divided or leaves something out. */
  readonly readFleet: (
    schedule: DueSchedule,
    onCall: OnCall,
  ) => Promise<{ readonly answers: InventoryAnswers; readonly calls: number }>;
  /** Epoch milliseconds. */
  readonly now: () => number;
  /** Calls `work` again and again with this pause. */
  readonly repeat: (pauseMs: number, work: () => Promise<unknown>) => { readonly stop: () => void };
  readonly alarm: (what: string) => void;
  readonly concurrency: number;
  /** Told of every run and part that ended here. */
  readonly onEnd?: (kind: 'run' | 'part', outcome: 'done' | 'partial' | 'failed' | 'missed' | 'again') => void;
}

export interface Worker {
  /** Brings the queue to the present schedules; called by itself every few seconds. */
  follow(): Promise<void>;
  /** Jobs of the queue by their state; empty while there is no queue. */
  counts(): Promise<{ readonly [state: string]: number }>;
  /** bull-board over the queue, for reading; undefined while there is no queue. */
  pages(): Promise<((request: Request) => Promise<Response>) | undefined>;
  /** Takes no more, and waits for what runs. */
  stop(): Promise<void>;
}

const FOLLOW_MS = 3_000;
const BEAT_MS = 15_000;
/** A wish that the broker still has after so long is put into the queue again: it was lost there, or given up. */
const ASK_AGAIN_MS = 30_000;
/** A run that begins later than this after its time was missed. */
const LATE_MS = 120_000;
/** What another attempt would not change. */
const FINAL = new Set(['UNAUTHENTICATED', 'DENIED', 'NOT_FOUND', 'USAGE', 'LIMITED']);
/** Inventories of runs under way that are kept for their parts. */
const MAX_FLEETS = 8;

interface Fleet {
  readonly answers: InventoryAnswers;
  readonly calls: number;
  readonly sites: ReturnType<typeof splitBySite>;
}

export function createWorker(deps: WorkerDeps): Worker {
  const { broker, alarm, now, onEnd = () => undefined } = deps;
  let known: ReadonlyMap<string, DueSchedule> = new Map();
  /** What the queue was told of each schedule. */
  const told = new Map<string, string>();
  /** Runs that people asked for, and when the queue was told last. */
  const asked = new Map<string, number>();
  let heardAt = Number.NEGATIVE_INFINITY;
  const fleets = new Map<string, Promise<Fleet>>();
  /** Sites that a run leaves out; of others than those divided here it is unknown, and not told. */
  const leftOut = new Map<string, number>();
  /** Until when the broker wants no more of a tenant's reads. */
  const slow = new Map<string, number>();
  let queue: JobQueue | undefined;

  async function open(): Promise<JobQueue> {
    const opened = await deps.openQueue();
    for (const schedule of await opened.schedules()) told.set(schedule, '');
    opened.work(perform, deps.concurrency);
    return opened;
  }

  async function follow(): Promise<void> {
    const schedules = await broker.schedules();
    known = new Map(schedules.map((one) => [one.id, one]));
    await sayHere();
    if (queue === undefined && schedules.length === 0) return;
    queue ??= await open();
    const active = new Map(schedules.filter(({ pausedAt }) => pausedAt === undefined).map((one) => [one.id, one]));
    for (const id of told.keys()) {
      if (active.has(id)) continue;
      await queue.remove(id);
      told.delete(id);
    }
    for (const { id, when } of active.values()) {
      const text = JSON.stringify(when);
      if (told.get(id) === text) continue;
      // One that the queue does not take must not hold up the work of everybody else.
      try {
        await queue.put(id, recurrenceOf(id, when));
        told.set(id, text);
      } catch (error) {
        alarm(`schedule ${id} cannot be put into the queue: ${error instanceof Error ? error.message : 'unknown'}`);
      }
    }
    for (const { id, asked: wish } of schedules) {
      if (wish === undefined || now() - (asked.get(wish.run) ?? Number.NEGATIVE_INFINITY) < ASK_AGAIN_MS) continue;
      await queue.runNow(id, wish.run, wish.only);
      asked.set(wish.run, now());
    }
    await tellDivided(queue);
  }

  async function sayHere(): Promise<void> {
    if (now() - heardAt < BEAT_MS) return;
    const jobs = (await queue?.counts()) ?? {};
    await broker.hear({ worker: deps.name, queue: queue?.kind ?? 'none', concurrency: deps.concurrency, jobs });
    heardAt = now();
  }

  /** Nobody runs a run that waits for its parts: every worker says that it is alive, and how far. */
  async function tellDivided(from: JobQueue): Promise<void> {
    for (const { id, schedule, ...progress } of await from.divided()) {
      const said = `${progress.done} of ${progress.of} sites`;
      const isWanted = known.has(schedule) && (await broker.report(schedule, id, { calls: 0, said, progress }));
      if (!isWanted) await from.forget(id);
    }
  }

  /** A broker that is away costs no attempt: what it would have been told or asked comes again until it answers. */
  const perform = (due: DueRun): Promise<Next> =>
    attempt(due).catch((error: unknown) => {
      if (error instanceof BrokerRefusal && error.code === 'UNAVAILABLE') return { laterMs: FOLLOW_MS };
      throw error;
    });

  async function attempt(due: DueRun): Promise<Next> {
    const { id: run, schedule: id } = due;
    const schedule = known.get(id) ?? (await broker.schedules()).find((one) => one.id === id);
    if (schedule === undefined) return {};
    if (due.part !== undefined) return performPart(schedule, due, due.part);
    if (due.parts !== undefined) return finish(schedule, due.id, due.parts);
    if (schedule.pausedAt !== undefined && !asked.has(run)) return {};
    const { begun, leftOut: devices } = await broker.begin(id, run);
    // Another run is under way: what a person asked for begins when that has ended.
    if (!begun) return known.get(id)?.asked?.run === run ? { laterMs: FOLLOW_MS } : {};
    if (schedule.missed === 'skip' && now() - due.dueAt > LATE_MS && !asked.has(run)) {
      const at = new Date(due.dueAt).toISOString();
      onEnd('run', 'missed');
      await broker.report(id, run, { calls: 0, said: `No worker was there at ${at}.`, outcome: 'missed' });
      return {};
    }
    if (schedule.by === 'site') return divide(schedule, due, devices);
    const inventory =
      devices.length === 0 ? undefined : leaveOut((await fleetOf(schedule, run)).answers, new Set(devices));
    const on = { call: beatOf(id, run), limited: (ms: number) => slowDown(schedule.tenant, ms) };
    const outcome = await deps.run(schedule, run, on, inventory);
    const { calls, said, failure } = outcome;
    const isFinal = failure !== undefined && (due.isLast || FINAL.has(failure.code));
    if (failure !== undefined && !isFinal) return again('run', failure.message);
    const words = failure === undefined ? said : [failure.message, said].filter(Boolean).join('\n');
    const ended = failure === undefined ? 'done' : 'failed';
    onEnd('run', ended);
    await broker.report(id, run, { calls, said: words.slice(0, 4_000), outcome: ended });
    if (failure !== undefined) throw new GivenUp(failure.message);
    return {};
  }

  /** Begun again by the next attempt. */
  function again(kind: 'run' | 'part', why: string): never {
    onEnd(kind, 'again');
    throw new Error(why);
  }

  function beatOf(schedule: string, run: string): OnCall {
    let goOn = true;
    let heard = now();
    return (calls, what) => {
      if (now() - heard >= BEAT_MS) {
        heard = now();
        broker.report(schedule, run, { calls, said: `Call ${calls}: ${what}` }).then(
          (waits) => {
            goOn = waits;
          },
          () => undefined, // a broker that is away for a moment does not end the run; its calls say so themselves
        );
      }
      return goOn;
    };
  }

  const slowDown = (tenant: string, ms: number): void => {
    slow.set(tenant, Math.max(slow.get(tenant) ?? 0, now() + ms));
  };

  /** Read once for each run in each worker. */
  function fleetOf(schedule: DueSchedule, run: string): Promise<Fleet> {
    const found = fleets.get(run);
    if (found !== undefined) return found;
    const oldest = fleets.size >= MAX_FLEETS ? fleets.keys().next().value : undefined;
    if (oldest !== undefined) fleets.delete(oldest);
    const reading = deps
      .readFleet(schedule, () => true)
      .then(({ answers, calls }) => ({ answers, calls, sites: splitBySite(answers) }));
    fleets.set(run, reading);
    reading.catch(() => fleets.delete(run)); // the next attempt reads again
    return reading;
  }

  async function divide(schedule: DueSchedule, due: DueRun, devices: readonly string[]): Promise<Next> {
    const { id, spreadMinutes } = schedule;
    let fleet: Fleet;
    try {
      fleet = await fleetOf(schedule, due.id);
    } catch (error) {
      const words = error instanceof Error ? error.message : 'The inventory could not be read.';
      const isFinal = due.isLast || (error instanceof BrokerRefusal && FINAL.has(error.code));
      if (!isFinal) return again('run', words);
      onEnd('run', 'failed');
      await broker.report(id, due.id, { calls: 0, said: words, outcome: 'failed' });
      throw new GivenUp(words);
    }
    const inWindow = new Set(devices);
    const wanted = [...fleet.sites.values()].filter(({ name }) => due.only?.includes(name) ?? true);
    const free = wanted.filter((site) => !site.devices.some((device) => inWindow.has(device)));
    leftOut.set(due.id, wanted.length - free.length);
    // Who waits for it does not want it spread.
    const spreadMs = asked.has(due.id) ? 0 : spreadMinutes * 60_000;
    const parts = placeSites(id, free.map(({ name }) => name).sort(), spreadMs);
    if (parts.length === 0) return finish(schedule, due.id, []);
    await broker.report(id, due.id, {
      ...{ calls: fleet.calls, said: `0 of ${parts.length} sites` },
      progress: { of: parts.length, done: 0, dead: 0 },
    });
    return { divide: parts };
  }

  async function performPart(schedule: DueSchedule, { id: run, isLast }: DueRun, part: string): Promise<Next> {
    const waitMs = (slow.get(schedule.tenant) ?? 0) - now();
    if (waitMs > 0) return { laterMs: Math.ceil(waitMs * (1 + shareOf(part))) };
    const site = (await fleetOf(schedule, run)).sites.get(part);
    if (site === undefined) throw new GivenUp('It is not in the inventory any more.');
    const on = { call: () => known.has(schedule.id), limited: (ms: number) => slowDown(schedule.tenant, ms) };
    const outcome = await deps.run(schedule, `${run}_${part}`, on, site.answers);
    const { failure, findings, unread } = outcome;
    // A site of which nothing could be read is tried again, too.
    const why = failure?.message ?? (findings.length === 0 && unread.length > 0 ? unread[0] : undefined);
    if (why !== undefined) {
      if (!isLast && !FINAL.has(failure?.code ?? '')) return again('part', why);
      onEnd('part', 'failed');
      throw new GivenUp(why);
    }
    onEnd('part', 'done');
    return { value: printPart(outcome) };
  }

  async function finish(schedule: DueSchedule, run: string, parts: NonNullable<DueRun['parts']>): Promise<Next> {
    const fleet = await fleets.get(run)?.catch(() => undefined);
    const report = sumParts(parts, leftOut.get(run) ?? 0, fleet?.calls ?? 0);
    fleets.delete(run);
    leftOut.delete(run);
    onEnd('run', report.outcome ?? 'done');
    await broker.report(schedule.id, run, report);
    return {};
  }

  const followSafely = (): Promise<void> =>
    follow().catch((error: unknown) => {
      // The broker may be starting again: the queue stays as it is until it answers.
      if (error instanceof BrokerRefusal && error.code === 'UNAVAILABLE') return;
      alarm(`schedules cannot be followed: ${error instanceof Error ? error.message : 'unknown'}`);
    });
  const following = deps.repeat(FOLLOW_MS, followSafely);
  return {
    follow,
    counts: async () => (await queue?.counts()) ?? {},
    pages: async () => queue?.pages(),
    async stop() {
      following.stop();
      await queue?.close();
    },
  };
}

/** Intervals begin at a constant part of their jitter, which the id decides. */
export function recurrenceOf(id: string, when: DueSchedule['when']): Recurrence {
  if ('cron' in when) return { cron: when.cron, timeZone: when.timeZone };
  return { everyMs: when.everyMinutes * 60_000, offsetMs: Math.floor(shareOf(id) * when.jitterMinutes * 60_000) };
}
