/** A worker beside a queue and a broker of the test's own: it follows the schedules, runs what is due once, and says how it ended. */
import { describe, expect, it } from 'vitest';
import { BrokerRefusal } from '../../../agents/broker/broker-client.ts';
import type { DueSchedule, RunReport } from '../../../agents/broker/worker-client.ts';
import type { RunOutcome } from '../../../agents/scheduled-run.ts';
import { type DueRun, GivenUp, type JobQueue } from '../../../apps/jobs/queue.ts';
import { createWorker, recurrenceOf } from '../../../apps/jobs/worker.ts';

const NOW = Date.parse('2026-11-20T12:00:00Z');
const NIGHTLY: DueSchedule = {
  ...{ id: 'sch_night', tenant: 'acme', owner: 'operator@acme', agent: 'health-monitor', title: 'nightly' },
  ...{ when: { cron: '0 3 * * *', timeZone: 'UTC' }, missed: 'once', budget: { calls: 10, minutes: 1 } },
};

function lab(outcome: RunOutcome | (() => Promise<RunOutcome>) = { calls: 2, said: 'All is well.' }) {
  const state = {
    schedules: [NIGHTLY] as DueSchedule[],
    queued: new Map<string, unknown>(),
    now: [] as string[],
    begun: true,
    reports: [] as RunReport[],
    opened: 0,
    ran: [] as string[],
    perform: undefined as ((due: DueRun) => Promise<void>) | undefined,
  };
  const queue: JobQueue = {
    kind: 'embedded',
    put: async (id, recurrence) => void state.queued.set(id, recurrence),
    remove: async (id) => void state.queued.delete(id),
    schedules: async () => [...state.queued.keys()],
    runNow: async (_id, run) => void state.now.push(run),
    work: (run) => {
      state.perform = run;
    },
    close: async () => undefined,
  };
  const worker = createWorker({
    broker: {
      schedules: async () => state.schedules,
      begin: async () => state.begun,
      report: async (_schedule, _run, report) => state.reports.push(report) > 0,
    },
    openQueue: async () => {
      state.opened += 1;
      return queue;
    },
    run: async (_schedule, run) => {
      state.ran.push(run);
      return typeof outcome === 'function' ? outcome() : outcome;
    },
    now: () => NOW,
    repeat: () => ({ stop: () => undefined }),
    alarm: (what) => {
      throw new Error(what);
    },
    concurrency: 1,
  });
  const due = (more: Partial<DueRun> = {}): DueRun => ({
    ...{ id: 'run_1', schedule: 'sch_night', dueAt: NOW, isLast: false },
    ...more,
  });
  const perform = async (more: Partial<DueRun> = {}): Promise<void> => {
    await worker.follow();
    await state.perform?.(due(more));
  };
  return { state, worker, perform };
}

describe('the queue', () => {
  it('is opened with the first schedule', async () => {
    const { state, worker } = lab();
    state.schedules = [];
    await worker.follow();
    expect(state.opened).toBe(0);
    state.schedules = [NIGHTLY];
    await worker.follow();
    await worker.follow();
    expect(state.opened).toBe(1);
  });

  it('follows what is added, changed, held and ended, and forgets what it knew from before', async () => {
    const { state, worker } = lab();
    state.queued.set('sch_old', 'of an installation before');
    await worker.follow();
    expect([...state.queued]).toEqual([['sch_night', { cron: '0 3 * * *', timeZone: 'UTC' }]]);
    state.schedules = [{ ...NIGHTLY, when: { everyMinutes: 5, jitterMinutes: 0 } }];
    await worker.follow();
    expect([...state.queued]).toEqual([['sch_night', { everyMs: 300_000, offsetMs: 0 }]]);
    state.schedules = [{ ...NIGHTLY, pausedAt: '2026-11-20T12:00:00Z' }];
    await worker.follow();
    expect(state.queued.size).toBe(0);
    state.schedules = [NIGHTLY];
    await worker.follow();
    expect(state.queued.size).toBe(1);
    state.schedules = [];
    await worker.follow();
    expect(state.queued.size).toBe(0);
  });

  it('is told once of a run that a person wants, also of a schedule that is held', async () => {
    const { state, worker } = lab();
    const asked = { run: 'run_asked', by: 'operator@acme' };
    state.schedules = [{ ...NIGHTLY, pausedAt: '2026-11-20T12:00:00Z', asked }];
    await worker.follow();
    await worker.follow();
    expect(state.now).toEqual(['run_asked']);
    await state.perform?.({ id: 'run_asked', schedule: 'sch_night', dueAt: NOW, isLast: false });
    expect(state.ran).toEqual(['run_asked']);
  });

  it('begins intervals at a part of their jitter that each schedule has for itself', () => {
    const when = { everyMinutes: 60, jitterMinutes: 30 };
    const offsets = Array.from({ length: 50 }, (_, at) => recurrenceOf(`sch_${at}`, when)).map((one) =>
      'offsetMs' in one ? one.offsetMs : -1,
    );
    expect(new Set(offsets).size).toBeGreaterThan(45);
    for (const offset of offsets) {
      expect(offset).toBeGreaterThanOrEqual(0);
      expect(offset).toBeLessThan(30 * 60_000);
    }
    expect(recurrenceOf('sch_1', when)).toEqual(recurrenceOf('sch_1', when));
  });
});

describe('what is due', () => {
  it('runs, and its end is told', async () => {
    const { state, perform } = lab();
    await perform();
    expect(state.ran).toEqual(['run_1']);
    expect(state.reports).toEqual([{ calls: 2, said: 'All is well.', outcome: 'done' }]);
  });

  it('is left to whoever runs it already, and when it was ended or held meanwhile', async () => {
    const { state, perform } = lab();
    state.begun = false;
    await perform();
    state.begun = true;
    await perform({ schedule: 'sch_gone' });
    state.schedules = [{ ...NIGHTLY, pausedAt: '2026-11-20T12:00:00Z' }];
    await perform();
    expect(state.ran).toEqual([]);
  });

  it('is left out when its time is long over and nobody wants it made up for', async () => {
    const { state, perform } = lab();
    const dueAt = NOW - 3_600_000;
    await perform({ dueAt });
    expect(state.ran).toEqual(['run_1']);
    state.schedules = [{ ...NIGHTLY, missed: 'skip' }];
    await perform({ id: 'run_2', dueAt });
    expect(state.ran).toEqual(['run_1']);
    expect(state.reports.at(-1)).toMatchObject({
      outcome: 'missed',
      said: 'No worker was there at 2026-11-20T11:00:00.000Z.',
    });
  });

  it('is tried again while the broker is away, and is said to have failed with the last attempt', async () => {
    const away = { calls: 1, said: '', failure: { code: 'UNAVAILABLE', message: 'The broker cannot be reached.' } };
    const { state, perform } = lab(away);
    await expect(perform()).rejects.not.toBeInstanceOf(GivenUp);
    expect(state.reports).toEqual([]);
    await expect(perform({ isLast: true })).rejects.toBeInstanceOf(GivenUp);
    expect(state.reports).toMatchObject([{ outcome: 'failed', said: 'The broker cannot be reached.' }]);
  });

  it('is not tried again for a person who may not, or a budget that is used up', async () => {
    for (const code of ['UNAUTHENTICATED', 'LIMITED', 'DENIED']) {
      const { state, perform } = lab({ calls: 1, said: 'So far.', failure: { code, message: 'No.' } });
      await expect(perform()).rejects.toBeInstanceOf(GivenUp);
      expect(state.reports).toEqual([{ calls: 1, said: 'No.\nSo far.', outcome: 'failed' }]);
    }
  });
});

it('a broker that is away leaves the queue as it is; anything else is an alarm', async () => {
  const alarms: string[] = [];
  let follow: (() => Promise<unknown>) | undefined;
  let failure: Error = new BrokerRefusal('UNAVAILABLE', 'away');
  const worker = createWorker({
    broker: { schedules: () => Promise.reject(failure), begin: async () => true, report: async () => true },
    openQueue: () => Promise.reject(new Error('not wanted')),
    run: () => Promise.reject(new Error('not wanted')),
    now: () => NOW,
    repeat: (_pause, work) => {
      follow = work;
      return { stop: () => undefined };
    },
    alarm: (what) => alarms.push(what),
    concurrency: 1,
  });
  await follow?.();
  expect(alarms).toEqual([]);
  failure = new BrokerRefusal('UNAUTHENTICATED', 'no worker');
  await follow?.();
  expect(alarms).toEqual(['schedules cannot be followed: no worker']);
  await worker.stop();
});
