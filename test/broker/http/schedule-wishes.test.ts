/** What people ask of schedules over real sockets: no wish that was acknowledged is written over by what happens at the same time. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createWorkerClient } from '../../../agents/broker/worker-client.ts';
import { createScheduleClient } from '../../../apps/client/schedule-client.ts';
import { wantedSchedule } from '../../../broker/identity/schedules.ts';
import { type Front, startFront } from './fixture.ts';

let front: Front;
beforeEach(async () => {
  front = await startFront();
});
afterEach(() => front.close());

const person = async (name: string) => createScheduleClient(await front.login(name));
const worker = () =>
  createWorkerClient({ brokerUrl: front.url, key: () => front.workerKey, fetch, now: front.clock.now });
const nightly = wantedSchedule.parse({
  ...{ agent: 'health-monitor', title: 'nightly', when: { cron: '0 3 * * *', timeZone: 'Europe/Berlin' } },
});

describe('wishes', () => {
  it('that were acknowledged are kept: the same twice is one run, another one waits, and no beginning takes it away', async () => {
    const operator = await person('operator@acme');
    const { id } = await operator.add({ ...nightly, by: 'site' });
    const first = await operator.runNow(id);
    expect(await operator.runNow(id)).toBe(first);
    await worker().begin(id, first);
    const dead = [{ part: 'br3', why: 'silence' }];
    await worker().report(id, first, { calls: 1, said: '', outcome: 'partial', dead });
    const second = await operator.runNow(id);
    // The wish for another run is there by the time an older one, whose worker was cut off, begins once more.
    await worker().begin(id, first);
    await worker().begin(id, 'run_bytime');
    expect((await front.schedules.get(id))?.asked?.run).toBe(second);
    await expect(operator.retry(id, first)).rejects.toMatchObject({ code: 'USAGE' });
    expect(await operator.dead()).toMatchObject([{ id: first }]);
    await worker().report(id, 'run_bytime', { calls: 1, said: '', outcome: 'done' });
    await worker().begin(id, second);
    const again = await operator.retry(id, first);
    await expect(operator.runNow(id)).rejects.toMatchObject({ code: 'USAGE' });
    expect((await front.schedules.get(id))?.asked).toMatchObject({ run: again, only: ['br3'] });
  });

  it('come one after the other, however many do at once', async () => {
    const operator = await person('operator@acme');
    const { id } = await operator.add(nightly);
    const asked = { run: 'run_wished', by: 'operator@acme' };
    await Promise.all([
      front.schedules.change(id, (present) => ({ ...present, asked })),
      operator.pause(id),
      front.schedules.change(id, (present) => ({ ...present, title: 'renamed' })),
    ]);
    expect(await front.schedules.get(id)).toMatchObject({ asked, title: 'renamed' });
    expect((await front.schedules.get(id))?.pausedAt).toBeDefined();
    await operator.end(id);
    expect(await front.schedules.change(id, (present) => ({ ...present, title: 'late' }))).toBeUndefined();
    expect(await front.schedules.change('sch_none', (present) => present)).toBeUndefined();
  });
});
