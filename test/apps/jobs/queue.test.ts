/** One queue, three stores: what is due runs once, again after a failure, by the next worker after a death, and the person's wish first. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { type DueRun, GivenUp, type JobQueue, openQueue, type QueueLocation } from '../../../apps/jobs/queue.ts';

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
  const workUntil = (queue: JobQueue, enough: number, act: (due: DueRun, begun: number) => void = () => undefined) =>
    new Promise<readonly DueRun[]>((resolve) => {
      const begun: DueRun[] = [];
      queue.work(async (due) => {
        begun.push(due);
        if (begun.length === enough) setImmediate(() => resolve(begun));
        act(due, begun.length);
      }, 1);
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

  it('tries what failed again under the same name, says which attempt is the last, and then leaves it', async () => {
    const queue = await open(fresh());
    await queue.runNow('sch_fails', 'run_fails');
    await queue.runNow('sch_after', 'run_after');
    const begun = await workUntil(queue, 4, ({ schedule }) => {
      if (schedule === 'sch_fails') throw new Error('the device is away');
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

  it('gives the run of a worker that was killed to the next one', async () => {
    const name = fresh();
    const child = spawn(
      process.execPath,
      [
        ...['--import', 'tsx', '--input-type=module', '-e'],
        `import { openQueue } from ${source('apps/jobs/queue.ts')};
         const queue = await openQueue(${JSON.stringify(locate(name))}, { alarm: () => undefined, lockMs: 1_000 });
         await queue.runNow('sch_killed', 'run_killed');
         queue.work(() => new Promise(() => console.log('begun')), 1);
         setInterval(() => undefined, 1_000);`,
      ],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    await once(createInterface({ input: child.stdout }), 'line');
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
    const [taken] = await workUntil(await open(name), 1);
    expect(taken).toMatchObject({ id: 'run_killed', schedule: 'sch_killed' });
  });
});
