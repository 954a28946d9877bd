/** One queue, three stores: what is due runs once, again after a failure, by the next worker after a death, and the person's wish first. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, afterEach, describe, expect, it, vi } from 'vitest';
import { type DueRun, GivenUp, type JobQueue, type Next, openQueue } from '../../../apps/jobs/queue.ts';
import type { QueueLocation } from '../../../apps/jobs/queue-location.ts';

const root = mkdtempSync(path.join(tmpdir(), 'wayleave-jobs-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const { DATABASE_URL: databaseUrl = '', REDIS_URL: redisUrl = '' } = process.env;
const source = (file: string): string => JSON.stringify(new URL(`../../../${file}`, import.meta.url).href);
let count = 0;
/** A store that is empty at first; asked twice for the same name it is the same one. */
const STORES: readonly (readonly [string, ((name: string) => QueueLocation) | undefined, string])[] = [
  ['embedded', (name) => ({ folder: path.join(root, name) }), ''],
  ['postgres', databaseUrl === '' ? undefined : (name) => ({ databaseUrl, name }), 'DATABASE_URL is not set'],
  ['redis', redisUrl === '' ? undefined : (name) => ({ redisUrl, name }), 'REDIS_URL is not set'],
];
const fresh = (): string => {
  count += 1;
  return `test-${process.pid}-${count}`;
};

describe.each(STORES)('on %s', (_, locate, why) => {
  if (locate === undefined) {
    it.skip(`skipped: ${why}`, () => undefined);
    return;
  }
  const opened: JobQueue[] = [];
  const alarms: Error[] = [];
  const open = async (name: string): Promise<JobQueue> => {
    const options = { alarm: (error: Error) => alarms.push(error), backoffMs: 10, lockMs: 1_000 };
    const queue = await openQueue(locate(name), options);
    opened.push(queue);
    return queue;
  };
  afterEach(async () => {
    for (const queue of opened.splice(0)) await queue.close();
  });
  /** Works until `enough` runs were begun, and answers with them. */
  const workUntil = (
    queue: JobQueue,
    enough: number,
    act: (due: DueRun, begun: number) => Next | undefined = () => undefined,
  ) =>
    new Promise<readonly DueRun[]>((resolve) => {
      const begun: DueRun[] = [];
      queue.work(async (due) => {
        begun.push(due);
        if (begun.length === enough) setImmediate(() => resolve(begun));
        return act(due, begun.length) ?? {};
      }, 1);
    });
  /** Another process opens the queue, does `work` with it until it says that it has begun, and is killed then. */
  const killWorker = async (name: string, work: string): Promise<void> => {
    const child = spawn(
      process.execPath,
      [
        ...['--import', 'tsx', '--input-type=module', '-e'],
        `import { openQueue } from ${source('apps/jobs/queue.ts')};
         const queue = await openQueue(${JSON.stringify(locate(name))}, { alarm: () => undefined, lockMs: 1_000 });
         ${work}
         setInterval(() => undefined, 1_000);`,
      ],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    await once(createInterface({ input: child.stdout }), 'line');
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
  };

  const SITES = ['br1', 'br2', 'br3.north'];
  const END: Next = {};
  const divide = (names: readonly string[], delayMs = 0): Next => ({
    divide: names.map((name) => ({ name, delayMs })),
  });

  it('runs a schedule every so often, each time under a name of its own', async () => {
    const queue = await open(fresh());
    await queue.put('sch_often', { everyMs: 60, offsetMs: 0 });
    const begun = await workUntil(queue, 3);
    expect(new Set(begun.map(({ id }) => id)).size).toBe(3);
    expect(begun.map(({ schedule }) => schedule)).toEqual(['sch_often', 'sch_often', 'sch_often']);
    for (const { id } of begun) expect(id).toMatch(/^run_[a-z0-9]{1,60}$/);
    expect(begun[2]?.dueAt).toBeGreaterThan(begun[0]?.dueAt ?? Number.POSITIVE_INFINITY);
  });

  it('knows its schedules after it was opened again, takes new times for them, and forgets one', async () => {
    const name = fresh();
    const first = await open(name);
    await first.put('sch_a', { cron: '0 3 * * *', timeZone: 'Europe/Berlin' });
    await first.put('sch_b', { everyMs: 86_400_000, offsetMs: 0 });
    await first.put('sch_a', { cron: '0 4 * * *', timeZone: 'UTC' });
    await first.close();
    opened.length = 0;
    const second = await open(name);
    expect([...(await second.schedules())].sort()).toEqual(['sch_a', 'sch_b']);
    await second.remove('sch_b');
    expect(await second.schedules()).toEqual(['sch_a']);
  });

  it('takes a run again under its name when the first has ended, and not while that waits', async () => {
    const name = fresh();
    const first = await open(name);
    await first.runNow('sch_asked', 'run_asked');
    await first.runNow('sch_asked', 'run_asked');
    const begun: string[] = [];
    const seen = new Promise<void>((resolve) => {
      first.work(async ({ id }) => {
        begun.push(id);
        if (begun.length === 1) throw new GivenUp('the broker was away');
        resolve();
        return END;
      }, 1);
    });
    await vi.waitFor(async () => expect((await first.counts())['failed']).toBe(1), { timeout: 10_000 });
    await first.runNow('sch_asked', 'run_asked');
    await seen;
    expect(begun).toEqual(['run_asked', 'run_asked']);
  });

  it('tries what failed again under the same name, says which attempt is the last, and then leaves it', async () => {
    const queue = await open(fresh());
    await queue.runNow('sch_fails', 'run_fails');
    await queue.runNow('sch_after', 'run_after');
    const begun = await workUntil(queue, 4, ({ schedule }) => {
      if (schedule === 'sch_fails') throw new Error('the device is away');
      return END;
    });
    const fails = begun.filter(({ schedule }) => schedule === 'sch_fails');
    expect(fails.map(({ id, isLast }) => [id, isLast])).toEqual([
      ['run_fails', false],
      ['run_fails', false],
      ['run_fails', true],
    ]);
    expect(begun.filter(({ schedule }) => schedule === 'sch_after')).toHaveLength(1);
  });

  it('does not try again what gave up', async () => {
    const queue = await open(fresh());
    await queue.runNow('sch_gives', 'run_gives');
    await queue.runNow('sch_other', 'run_other');
    await queue.runNow('sch_other', 'run_last');
    const begun = await workUntil(queue, 3, ({ schedule }) => {
      if (schedule === 'sch_gives') throw new GivenUp('its owner may not look any more');
      return END;
    });
    expect(begun.map(({ id }) => id).sort()).toEqual(['run_gives', 'run_last', 'run_other']);
  });

  it('runs what a person asked for once, though it is said twice, and before what is due by time', async () => {
    const queue = await open(fresh());
    await queue.put('sch_time', { everyMs: 3_600_000, offsetMs: 0 });
    await queue.runNow('sch_now', 'run_now');
    await queue.runNow('sch_now', 'run_now');
    const begun = await workUntil(queue, 2);
    expect(begun.map(({ schedule }) => schedule)).toEqual(['sch_now', 'sch_time']);
  });

  it('divides a run into parts, tries each again, and goes on with what came of them when the last has ended', async () => {
    const queue = await open(fresh());
    await queue.runNow('sch_fleet', 'run_fleet', ['br1']);
    const begun = await workUntil(queue, 7, ({ part, parts }) => {
      if (part === undefined) return parts === undefined ? divide(SITES) : END;
      if (part === 'br2') throw new Error('br2 does not answer');
      if (part === 'br3.north') throw new GivenUp('its owner may not look any more');
      return { value: `${part} is well` };
    });
    expect(begun.filter(({ part }) => part === 'br2').map(({ isLast }) => isLast)).toEqual([false, false, true]);
    expect(begun.filter(({ part }) => part === 'br3.north')).toHaveLength(1);
    expect(begun[0]).toMatchObject({ id: 'run_fleet', only: ['br1'] });
    expect(begun.slice(1, -1).every(({ id }) => id === 'run_fleet')).toBe(true);
    expect(begun.at(-1)).toMatchObject({
      id: 'run_fleet',
      parts: [
        { name: 'br1', value: 'br1 is well' },
        { name: 'br2', why: 'br2 does not answer' },
        { name: 'br3.north', why: 'its owner may not look any more' },
      ],
    });
  });

  it('says how far a divided run is, and forgets it with the parts that did not begin', async () => {
    const queue = await open(fresh());
    await queue.runNow('sch_fleet', 'run_fleet');
    const begun: string[] = [];
    queue.work(async ({ id, part = '', parts }) => {
      const later = [...SITES, 'br4'].map((name, at) => ({ name, delayMs: at * 3_600_000 }));
      if (parts === undefined) begun.push(`${id} ${part}`.trim());
      return id === 'run_fleet' && part === '' && parts === undefined ? { divide: later } : END;
    }, 1);
    await vi.waitFor(
      async () =>
        expect(await queue.divided()).toEqual([{ id: 'run_fleet', schedule: 'sch_fleet', of: 4, done: 1, dead: 0 }]),
      { timeout: 20_000 },
    );
    await queue.forget('run_fleet');
    await queue.forget('run_fleet');
    expect(await queue.divided()).toEqual([]);
    expect(await queue.counts()).toMatchObject({ delayed: 0, 'waiting-children': 0 });
    await queue.runNow('sch_after', 'run_after');
    await vi.waitFor(() => expect(begun).toEqual(['run_fleet', 'run_fleet br1', 'run_after']), { timeout: 20_000 });
  });

  it('runs what a person asked for before the parts of a sweep, and those before the parts that nobody waits for', async () => {
    const queue = await open(fresh());
    await queue.put('sch_time', { everyMs: 3_600_000, offsetMs: 0 });
    const begun = await workUntil(queue, 9, ({ schedule, part, parts }, at) => {
      if (at === 1) void queue.runNow('sch_asked', 'run_asked');
      return part === undefined && parts === undefined
        ? divide(schedule === 'sch_time' ? SITES : SITES.slice(0, 2))
        : END;
    });
    const order = begun.map(({ schedule, part }) => `${schedule.slice(4)} ${part ?? ''}`.trim());
    expect(order.indexOf('asked')).toBeLessThan(3);
    expect(order.lastIndexOf('asked')).toBeLessThan(order.lastIndexOf('time br3.north'));
  });

  it('begins later what is not to begin yet, and counts that as no attempt', async () => {
    const queue = await open(fresh());
    await queue.runNow('sch_later', 'run_later');
    const begun = await workUntil(queue, 5, (_due, at) => (at < 5 ? { laterMs: 1 } : END));
    expect(begun.map(({ isLast }) => isLast)).toEqual([false, false, false, false, false]);
  });

  it('goes on with a divided run after its worker was killed, and runs no part a second time that had ended', async () => {
    const name = fresh();
    await killWorker(
      name,
      `await queue.runNow('sch_fleet', 'run_fleet');
      const parts = ${JSON.stringify(SITES)}.map((name) => ({ name, delayMs: 0 }));
      queue.work(({ part }) => {
        if (part === undefined) return Promise.resolve({ divide: parts });
        if (part === 'br1') return Promise.resolve({ value: 'before' });
        return new Promise(() => console.log('begun'));
      }, 1);`,
    );
    const begun = await workUntil(await open(name), 3, ({ part }) => ({ value: part === undefined ? '' : 'after' }));
    expect(begun.at(-1)?.parts).toEqual([
      { name: 'br1', value: 'before' },
      { name: 'br2', value: 'after' },
      { name: 'br3.north', value: 'after' },
    ]);
  });

  it('gives the run of a worker that was killed to the next one', async () => {
    const name = fresh();
    await killWorker(
      name,
      `await queue.runNow('sch_killed', 'run_killed');
      queue.work(() => new Promise(() => console.log('begun')), 1);`,
    );
    const [taken] = await workUntil(await open(name), 1);
    expect(taken).toMatchObject({ id: 'run_killed', schedule: 'sch_killed' });
  });
});
