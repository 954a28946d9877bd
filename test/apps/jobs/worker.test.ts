/**
 * A worker beside a queue and a broker of the test’s own: it follows the schedules, runs what is due once, and says how it ended.
 * Over 300 lines because whole runs and divided ones meet the same queue and broker.
 */
import { describe, expect, it } from 'vitest';
import { BrokerRefusal } from '../../../agents/broker/broker-client.ts';
import type { DueSchedule, RunReport, WorkerReport } from '../../../agents/broker/worker-client.ts';
import type { RunOutcome } from '../../../agents/scheduled-run.ts';
import type { InventoryAnswers } from '../../../agents/site-view.ts';
import { type DividedRun, type DueRun, GivenUp, type JobQueue, type Next } from '../../../apps/jobs/queue.ts';
import { createWorker, recurrenceOf } from '../../../apps/jobs/worker.ts';
import type { Evidence } from '../../../broker/contract.ts';

const NOW = Date.parse('2026-11-20T12:00:00Z');
const NIGHTLY: DueSchedule = {
  ...{ id: 'sch_night', tenant: 'acme', owner: 'operator@acme', agent: 'health-monitor', title: 'nightly' },
  ...{ when: { cron: '0 3 * * *', timeZone: 'UTC' }, missed: 'once', budget: { calls: 10, minutes: 1 } },
  ...{ by: 'tenant', spreadMinutes: 0 },
};

const WELL: RunOutcome = { calls: 2, said: 'All is well.', findings: [], unread: [] };

/** Three sites with an edge each, and a controller that is none. */
const FLEET: InventoryAnswers = {
  'inventory.devices': ['br1', 'br2', 'br3', 'ctrl'].map((site) => record(site)),
  'inventory.topology': [],
};
function record(site: string): Evidence {
  const role = site === 'ctrl' ? 'controller' : 'edge';
  return {
    ...{ id: `evd_${site}`, tenant: 'acme', resource: `node/${site}_edge`, signal: 'device', source: 'records' },
    ...{ value: JSON.stringify({ role, site }), observedAt: '', collectedAt: '', intent: 'int_1' },
  };
}

function lab(outcome: RunOutcome | (() => Promise<RunOutcome>) = WELL) {
  const state = {
    schedules: [NIGHTLY] as DueSchedule[],
    queued: new Map<string, unknown>(),
    now: [] as string[],
    begun: true,
    reports: [] as RunReport[],
    opened: 0,
    ran: [] as string[],
    perform: undefined as ((due: DueRun) => Promise<Next>) | undefined,
    leftOut: [] as string[],
    inventories: [] as (InventoryAnswers | undefined)[],
    divided: [] as DividedRun[],
    forgotten: [] as string[],
    only: undefined as readonly string[] | undefined,
    limited: undefined as ((ms: number) => void) | undefined,
    awaited: true,
    heard: [] as WorkerReport[],
    away: false,
    /** A schedule that the queue does not take. */
    refuses: undefined as string | undefined,
    alarms: [] as string[],
    time: NOW,
  };
  const queue: JobQueue = {
    kind: 'embedded',
    put: async (id, recurrence) => {
      if (id === state.refuses) throw new Error('got value 61');
      state.queued.set(id, recurrence);
    },
    remove: async (id) => void state.queued.delete(id),
    schedules: async () => [...state.queued.keys()],
    runNow: async (_id, run, only) => {
      state.now.push(run);
      state.only = only;
    },
    divided: async () => state.divided,
    forget: async (run) => void state.forgotten.push(run),
    counts: async () => ({ waiting: 1 }),
    pages: async () => async () => new Response('a board'),
    work: (run) => {
      state.perform = run;
    },
    close: async () => undefined,
  };
  const worker = createWorker({
    name: 'wrk_one',
    broker: {
      hear: async (report) => void state.heard.push(report),
      schedules: async () => state.schedules,
      begin: async () => {
        if (state.away) throw new BrokerRefusal('UNAVAILABLE', 'The broker cannot be reached.');
        return { begun: state.begun, leftOut: state.leftOut };
      },
      report: async (_schedule, _run, report) => state.reports.push(report) > 0 && state.awaited,
    },
    openQueue: async () => {
      state.opened += 1;
      return queue;
    },
    readFleet: async () => ({ answers: FLEET, calls: 2 }),
    run: async (_schedule, run, on, inventory) => {
      state.ran.push(run);
      state.inventories.push(inventory);
      state.limited = on.limited;
      return typeof outcome === 'function' ? outcome() : outcome;
    },
    now: () => state.time,
    repeat: () => ({ stop: () => undefined }),
    alarm: (what) => {
      if (state.refuses === undefined) throw new Error(what);
      state.alarms.push(what);
    },
    concurrency: 1,
  });
  const due = (more: Partial<DueRun> = {}): DueRun => ({
    ...{ id: 'run_1', schedule: 'sch_night', dueAt: NOW, isLast: false },
    ...more,
  });
  const perform = async (more: Partial<DueRun> = {}): Promise<Next | undefined> => {
    await worker.follow();
    return state.perform?.(due(more));
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

  it('goes on with the work of others when it does not take one schedule', async () => {
    const { state, worker } = lab();
    state.refuses = 'sch_bad';
    state.schedules = [
      { ...NIGHTLY, id: 'sch_bad' },
      { ...NIGHTLY, asked: { run: 'run_asked', by: 'operator@acme' } },
    ];
    await worker.follow();
    expect([...state.queued.keys()]).toEqual([NIGHTLY.id]);
    expect(state.now).toEqual(['run_asked']);
    expect(state.alarms).toEqual(['schedule sch_bad cannot be put into the queue: got value 61']);
  });

  it('is told of, with its length, when the worker says that it is there', async () => {
    const { state, worker } = lab();
    await worker.follow();
    await worker.follow();
    state.time += 15_000;
    await worker.follow();
    const report = { worker: 'wrk_one', concurrency: 1 };
    expect(state.heard).toEqual([
      { ...report, queue: 'none', jobs: {} },
      { ...report, queue: 'embedded', jobs: { waiting: 1 } },
    ]);
  });

  it('is told again of a run that the broker still waits for, and costs no attempt while the broker is away', async () => {
    const { state, worker, perform } = lab();
    state.schedules = [{ ...NIGHTLY, asked: { run: 'run_asked', by: 'operator@acme' } }];
    await worker.follow();
    await worker.follow();
    expect(state.now).toEqual(['run_asked']);
    state.away = true;
    expect(await perform({ id: 'run_asked', isLast: true })).toEqual({ laterMs: 3_000 });
    expect(state.reports).toEqual([]);
    state.time += 30_000;
    await worker.follow();
    expect(state.now).toEqual(['run_asked', 'run_asked']);
    state.away = false;
    await perform({ id: 'run_asked' });
    expect(state.reports.at(-1)).toMatchObject({ outcome: 'done' });
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

  it('waits when a person asked for it and another run is under way', async () => {
    const { state, perform } = lab();
    state.schedules = [{ ...NIGHTLY, asked: { run: 'run_asked', by: 'operator@acme' } }];
    state.begun = false;
    expect(await perform({ id: 'run_asked' })).toEqual({ laterMs: 3_000 });
    expect(await perform({ id: 'run_1' })).toEqual({});
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
    const away = {
      ...WELL,
      calls: 1,
      said: '',
      failure: { code: 'UNAVAILABLE', message: 'The broker cannot be reached.' },
    };
    const { state, perform } = lab(away);
    await expect(perform()).rejects.not.toBeInstanceOf(GivenUp);
    expect(state.reports).toEqual([]);
    await expect(perform({ isLast: true })).rejects.toBeInstanceOf(GivenUp);
    expect(state.reports).toMatchObject([{ outcome: 'failed', said: 'The broker cannot be reached.' }]);
  });

  it('is not tried again for a person who may not, or a budget that is used up', async () => {
    for (const code of ['UNAUTHENTICATED', 'LIMITED', 'DENIED']) {
      const { state, perform } = lab({ ...WELL, calls: 1, said: 'So far.', failure: { code, message: 'No.' } });
      await expect(perform()).rejects.toBeInstanceOf(GivenUp);
      expect(state.reports).toEqual([{ calls: 1, said: 'No.\nSo far.', outcome: 'failed' }]);
    }
  });
});

describe('a run with a part for each site', () => {
  const HOURLY: DueSchedule = {
    ...NIGHTLY,
    by: 'site',
    spreadMinutes: 50,
    when: { everyMinutes: 60, jitterMinutes: 0 },
  };

  it('is divided, each site at a place of its own that stays, and none in a window', async () => {
    const { state, perform } = lab();
    state.schedules = [HOURLY];
    const first = await perform();
    if (first === undefined || !('divide' in first)) throw new Error('it was not divided');
    expect(first.divide.map(({ name }) => name)).toEqual(['br1', 'br2', 'br3']);
    expect(new Set(first.divide.map(({ delayMs }) => delayMs)).size).toBe(3);
    for (const { delayMs } of first.divide) expect(delayMs).toBeLessThan(50 * 60_000);
    expect(await perform({ id: 'run_2' })).toEqual(first);
    expect(state.reports[0]).toMatchObject({ calls: 2, progress: { of: 3, done: 0, dead: 0 } });
    state.leftOut = ['br2_edge'];
    const kept = await perform({ id: 'run_3' });
    expect(kept).toEqual({ divide: first.divide.filter(({ name }) => name !== 'br2') });
  });

  it('is not spread when a person waits for it, and looks only at the sites that are wanted', async () => {
    const { state, worker, perform } = lab();
    state.schedules = [{ ...HOURLY, asked: { run: 'run_9', by: 'operator@acme', only: ['br3'] } }];
    await worker.follow();
    expect(state.only).toEqual(['br3']);
    expect(await perform({ id: 'run_9', only: ['br3'] })).toEqual({ divide: [{ name: 'br3', delayMs: 0 }] });
  });

  it('shows each part its own site, and sums up what they came to', async () => {
    const { state, perform } = lab({ ...WELL, findings: ['BFD is down'], unread: [] });
    state.schedules = [HOURLY];
    await perform();
    const next = await perform({ part: 'br2' });
    expect(state.inventories).toEqual([{ 'inventory.devices': [record('br2')], 'inventory.topology': [] }]);
    const value = next !== undefined && 'value' in next ? (next.value ?? '') : '';
    await perform({
      parts: [
        { name: 'br1', value: value.replace('BFD is down', 'MPLS is slow') },
        { name: 'br2', value },
        { name: 'br3', why: 'br3_edge does not answer' },
      ],
    });
    expect(state.reports.at(-1)).toEqual({
      ...{ calls: 6, outcome: 'partial', progress: { of: 3, done: 3, dead: 1 } },
      dead: [{ part: 'br3', why: 'br3_edge does not answer' }],
      said: [
        '3 sites: 0 well, 2 with something to look at, 1 not read.',
        ...['- br1: MPLS is slow', '- br2: BFD is down', 'Not read:', '- br3: br3_edge does not answer'],
      ].join('\n'),
    });
  });

  it('tries a site again of which nothing was read, and gives it up with the last attempt', async () => {
    const { state, perform } = lab({ ...WELL, unread: ['system.read br2_edge: DEVICE_UNREACHABLE'] });
    state.schedules = [HOURLY];
    await expect(perform({ part: 'br2' })).rejects.not.toBeInstanceOf(GivenUp);
    await expect(perform({ part: 'br2', isLast: true })).rejects.toThrow('system.read br2_edge: DEVICE_UNREACHABLE');
    await expect(perform({ part: 'br9' })).rejects.toBeInstanceOf(GivenUp);
  });

  it('waits with the sites of a tenant that asks too much at once, and not with those of others', async () => {
    const { state, perform } = lab();
    state.schedules = [HOURLY, { ...HOURLY, id: 'sch_other', tenant: 'globex' }];
    await perform({ part: 'br1' });
    state.limited?.(4_000);
    const next = await perform({ part: 'br2' });
    const waitMs = next !== undefined && 'laterMs' in next ? next.laterMs : 0;
    expect(waitMs).toBeGreaterThanOrEqual(4_000);
    expect(waitMs).toBeLessThanOrEqual(8_000);
    expect(await perform({ id: 'run_2', schedule: 'sch_other', part: 'br2' })).toHaveProperty('value');
    state.time += 4_000;
    expect(await perform({ part: 'br2' })).toHaveProperty('value');
  });

  it('is said to be alive by every worker, and is let go when nobody waits for it', async () => {
    const { state, worker } = lab();
    state.schedules = [HOURLY];
    state.divided = [{ id: 'run_1', schedule: 'sch_night', of: 3, done: 1, dead: 0 }];
    await worker.follow();
    expect(state.reports).toEqual([{ calls: 0, said: '1 of 3 sites', progress: { of: 3, done: 1, dead: 0 } }]);
    expect(state.forgotten).toEqual([]);
    state.awaited = false;
    await worker.follow();
    expect(state.forgotten).toEqual(['run_1']);
  });
});

it('a broker that is away leaves the queue as it is; anything else is an alarm', async () => {
  const alarms: string[] = [];
  let follow: (() => Promise<unknown>) | undefined;
  let failure: Error = new BrokerRefusal('UNAVAILABLE', 'away');
  const worker = createWorker({
    name: 'wrk_one',
    broker: {
      hear: () => Promise.reject(failure),
      schedules: () => Promise.reject(failure),
      begin: () => Promise.reject(failure),
      report: async () => true,
    },
    readFleet: () => Promise.reject(new Error('not wanted')),
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
