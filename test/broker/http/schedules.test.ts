/** Schedules over real sockets: what people order in their tenant, what workers hear and say, and who is no worker. */
import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createWorkerClient } from '../../../agents/broker/worker-client.ts';
import { createScheduleClient } from '../../../apps/client/schedule-client.ts';
import { wantedSchedule } from '../../../broker/identity/schedules.ts';
import { signCompactJws } from '../../../protocols/oauth/compact-jws.ts';
import { generateSigningKey, type SigningKey } from '../../../protocols/oauth/jwk.ts';
import { type Front, startFront } from './fixture.ts';

let front: Front;
beforeEach(async () => {
  front = await startFront();
});
afterEach(() => front.close());

const person = async (name: string) => createScheduleClient(await front.login(name));
const worker = (key: SigningKey | undefined = front.workerKey) =>
  createWorkerClient({ brokerUrl: front.url, key: () => key, fetch, now: front.clock.now });
const nightly = wantedSchedule.parse({
  ...{ agent: 'health-monitor', title: 'nightly', when: { cron: '0 3 * * *', timeZone: 'Europe/Berlin' } },
});
const passTime = (seconds: number): void => {
  front.clock.offset += seconds * 1000;
};

describe('people', () => {
  it('order, hold and end work of their tenant, and see no other', async () => {
    const operator = await person('operator@acme');
    const { id } = await operator.add(nightly);
    expect(await operator.list()).toMatchObject([{ id, owner: 'operator@acme', tenant: 'acme', ...nightly }]);
    expect((await operator.pause(id)).pausedAt).toBeDefined();
    expect((await operator.resume(id)).pausedAt).toBeUndefined();
    const [known] = front.people;
    if (known === undefined) throw new Error('nobody is there');
    await front.writeUsers([...front.people, { ...known, name: 'operator@globex', tenant: 'globex' }]);
    const stranger = await person('operator@globex');
    expect(await stranger.list()).toEqual([]);
    for (const act of [stranger.pause, stranger.resume, stranger.runNow, stranger.end, stranger.runs])
      await expect(act(id)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await operator.end(id);
    await expect(operator.runNow(id)).rejects.toMatchObject({ code: 'USAGE' });
    expect(await worker().schedules()).toEqual([]);
  });

  it('order records to be kept, by the agent that may', async () => {
    const operator = await person('operator@acme');
    const checkpoint = { ...nightly, agent: 'compliance-auditor', work: 'checkpoint' } as const;
    const { id } = await operator.add(checkpoint);
    expect(await worker().schedules()).toMatchObject([{ id, agent: 'compliance-auditor', work: 'checkpoint' }]);
    const added = front.audit.find(({ kind }) => kind === 'schedule.added');
    expect(added?.content).toMatchObject({ schedule: id, work: 'checkpoint' });
  });

  it('hear what is wrong with what they order', async () => {
    const operator = await person('operator@acme');
    const wrong: readonly object[] = [
      { when: { cron: '0 3 * *', timeZone: 'UTC' } },
      { when: { cron: '61 * * * *', timeZone: 'UTC' } },
      { when: { cron: '0 3 * * *', timeZone: 'Mars/Olympus' } },
      { when: { everyMinutes: 0 } },
      { when: { everyMinutes: 10, jitterMinutes: 11 } },
      { agent: 'router' },
      { title: '' },
      { budget: { calls: 0, minutes: 1 } },
      { spreadMinutes: 5 },
      { by: 'site', spreadMinutes: 55, when: { everyMinutes: 60 } },
      { onlyIn: 'a name with spaces' },
      { work: 'checkpoint' },
      { work: 'retention', by: 'site' },
      { work: 'deletion' },
      { agent: 'compliance-auditor', work: 'retention' },
    ];
    for (const change of wrong)
      await expect(operator.add({ ...nightly, ...change })).rejects.toMatchObject({ code: 'USAGE' });
    expect(await operator.list()).toEqual([]);
  });
});

describe('workers', () => {
  it('run one schedule one at a time, and its history says who asked, how far it is and what came of it', async () => {
    const operator = await person('operator@acme');
    const { id } = await operator.add(nightly);
    const asked = await operator.runNow(id);
    expect(await worker().schedules()).toMatchObject([{ id, owner: 'operator@acme', asked: { run: asked } }]);
    expect(await worker().begin(id, asked)).toEqual({ begun: true, leftOut: [] });
    expect((await worker().schedules())[0]?.asked).toBeUndefined();
    expect(await worker().begin(id, 'run_other')).toMatchObject({ begun: false });
    expect(await worker().report(id, asked, { calls: 3, said: 'Call 3: bgp.read' })).toBe(true);
    expect(await operator.runs(id)).toMatchObject([{ id: asked, by: 'operator@acme', calls: 3 }]);
    expect(await worker().report(id, asked, { calls: 4, said: 'All is well.', outcome: 'done' })).toBe(true);
    expect(await operator.runs(id)).toMatchObject([{ id: asked, outcome: 'done', said: 'All is well.' }]);
    expect(await worker().begin(id, asked)).toMatchObject({ begun: false });
    expect(await worker().report(id, asked, { calls: 9, said: 'Something else.' })).toBe(false);
    expect(await worker().begin(id, 'run_other')).toMatchObject({ begun: true });
    expect(await operator.runs(id)).toMatchObject([{ id: 'run_other', by: 'time' }, { id: asked }]);
    expect(front.audit.map(({ kind }) => kind).filter((kind) => kind.startsWith('schedule.'))).toEqual([
      ...['schedule.added', 'schedule.asked', 'schedule.run-began', 'schedule.run-ended', 'schedule.run-began'],
    ]);
  });

  it('lose a run when nothing is heard of them, and go on with it after a crash', async () => {
    const operator = await person('operator@acme');
    const { id } = await operator.add(nightly);
    await worker().begin(id, 'run_one');
    expect(await worker().begin(id, 'run_one')).toMatchObject({ begun: true });
    passTime(60);
    await worker().report(id, 'run_one', { calls: 1, said: '' });
    passTime(60);
    expect(await worker().begin(id, 'run_two')).toMatchObject({ begun: false });
    passTime(40);
    expect(await worker().begin(id, 'run_two')).toMatchObject({ begun: true });
    expect(await worker().report(id, 'run_one', { calls: 2, said: '' })).toBe(false);
    expect(await operator.runs(id)).toMatchObject([{ id: 'run_two' }, { id: 'run_one', outcome: 'lost' }]);
  });

  it('lose a silent run also when no other one begins: the broker itself notices, and says so in the log', async () => {
    const operator = await person('operator@acme');
    const { id } = await operator.add(nightly);
    const asked = await operator.runNow(id);
    await worker().begin(id, asked);
    await front.workerDesk.loseSilent();
    expect(await operator.runs(id)).toMatchObject([{ id: asked }]);
    expect((await operator.runs(id))[0]?.outcome).toBeUndefined();
    passTime(91);
    await front.workerDesk.loseSilent();
    await front.workerDesk.loseSilent();
    expect(await operator.runs(id)).toMatchObject([{ id: asked, outcome: 'lost' }]);
    expect(await operator.dead()).toMatchObject([{ id: asked }]);
    const ends = front.audit.filter(({ kind }) => kind === 'schedule.run-ended');
    expect(ends).toMatchObject([{ tenant: 'acme', content: { run: asked, outcome: 'lost' } }]);
    expect(await worker().begin(id, asked)).toMatchObject({ begun: false });
  });

  it('lose the run of a schedule that was ended meanwhile, and drop a wish whose run is over', async () => {
    const operator = await person('operator@acme');
    const { id } = await operator.add(nightly);
    await worker().begin(id, 'run_one');
    const found = await front.schedules.get(id);
    if (found === undefined) throw new Error('it is gone');
    await operator.end(id);
    passTime(91);
    await front.workerDesk.loseSilent();
    expect(await operator.runs(id)).toMatchObject([{ id: 'run_one', outcome: 'lost' }]);
    const other = (await operator.add(nightly)).id;
    const asked = await operator.runNow(other);
    const wished = await front.schedules.get(other);
    await worker().begin(other, asked);
    if (wished !== undefined) await front.schedules.put(wished); // the broker ended before the wish was taken away
    await worker().report(other, asked, { calls: 1, said: '', outcome: 'done' });
    expect(await worker().begin(other, asked)).toMatchObject({ begun: false });
    expect((await front.schedules.get(other))?.asked).toBeUndefined();
  });

  it('are shown with what waits: the own to everybody, the queue of all tenants to the provider', async () => {
    const operator = await person('operator@acme');
    const { id } = await operator.add({ ...nightly, by: 'site' });
    expect(await operator.queue()).toEqual({ own: { asked: 0, underWay: 0, partsLeft: 0 }, workers: [] });
    const report = { worker: 'wrk_one', queue: 'redis', concurrency: 8, jobs: { waiting: 3, active: 2 } } as const;
    await worker().hear(report);
    await worker().begin(id, 'run_one');
    await worker().report(id, 'run_one', { calls: 1, said: '', progress: { of: 9, done: 4, dead: 1 } });
    await operator.runNow(id);
    const shown = { worker: 'wrk_one', queue: 'redis', concurrency: 8, silent: false };
    const view = await operator.queue();
    expect(view).toMatchObject({ own: { asked: 1, underWay: 1, partsLeft: 5 }, workers: [shown] });
    expect(view.jobs).toBeUndefined();
    const [known] = front.people;
    if (known === undefined) throw new Error('nobody is there');
    await front.writeUsers([
      ...front.people,
      { ...known, name: 'noc@provider', tenant: 'globex', roles: ['provider-operator'] },
    ]);
    const provider = await (await person('noc@provider')).queue();
    expect(provider).toMatchObject({ own: { asked: 0, underWay: 0, partsLeft: 0 }, jobs: report.jobs });
    passTime(46);
    expect((await operator.queue()).workers).toMatchObject([{ silent: true }]);
    passTime(600);
    expect((await operator.queue()).workers).toEqual([]);
    await expect(worker().hear({ ...report, worker: 'other' })).rejects.toMatchObject({ code: 'USAGE' });
  });

  it('say how far a divided run is and which of its sites are dead, which a person tries again once', async () => {
    const operator = await person('operator@acme');
    const { id } = await operator.add({ ...nightly, by: 'site' });
    await worker().begin(id, 'run_one');
    const progress = { of: 3, done: 1, dead: 0 };
    await worker().report(id, 'run_one', { calls: 2, said: '1 of 3 sites', progress });
    expect(await operator.runs(id)).toMatchObject([{ id: 'run_one', progress }]);
    expect(await operator.dead()).toEqual([]);
    const dead = [{ part: 'br3', why: 'br3_edge does not answer' }];
    const end = { calls: 9, said: '3 sites', outcome: 'partial', dead } as const;
    await worker().report(id, 'run_one', { ...end, progress: { of: 3, done: 3, dead: 1 } });
    expect(await operator.dead()).toMatchObject([{ id: 'run_one', schedule: id, outcome: 'partial', dead }]);
    const again = await operator.retry(id, 'run_one');
    expect(await worker().schedules()).toMatchObject([{ asked: { run: again, only: ['br3'] } }]);
    expect(await operator.dead()).toEqual([]);
    expect(await operator.runs(id)).toMatchObject([{ retriedBy: again }]);
    await expect(operator.retry(id, 'run_one')).rejects.toMatchObject({ code: 'USAGE' });
    await expect(operator.retry(id, 'run_none')).rejects.toMatchObject({ code: 'NOT_FOUND' });
    const ended = front.audit.find(({ kind }) => kind === 'schedule.run-ended');
    expect(ended?.content).toMatchObject({ outcome: 'partial', parts: 3, dead: 1 });
  });

  it('let a run whose sites are spread over time make way for one that a person asks for', async () => {
    const operator = await person('operator@acme');
    const { id } = await operator.add({ ...nightly, by: 'site' });
    await worker().begin(id, 'run_time');
    await worker().report(id, 'run_time', { calls: 2, said: '1 of 9 sites', progress: { of: 9, done: 1, dead: 0 } });
    expect(await worker().begin(id, 'run_next')).toMatchObject({ begun: false });
    const asked = await operator.runNow(id);
    expect(await worker().begin(id, asked)).toMatchObject({ begun: true });
    expect(await worker().report(id, 'run_time', { calls: 3, said: '2 of 9 sites' })).toBe(false);
    const second = await operator.runNow(id);
    expect(await worker().begin(id, second)).toMatchObject({ begun: false });
    expect(await operator.runs(id)).toMatchObject([
      { id: asked },
      { id: 'run_time', outcome: 'missed', said: `1 of 9 sites; ${asked} took its place.` },
    ]);
  });

  it('begin by time only in the window of the schedule, and hear which devices one keeps clear of', async () => {
    const operator = await person('operator@acme');
    const { id } = await operator.add({ ...nightly, onlyIn: 'night', leaveOut: 'maintenance' });
    expect(await worker().begin(id, 'run_early')).toEqual({ begun: false, leftOut: [] });
    expect(await operator.runs(id)).toMatchObject([{ outcome: 'missed', said: 'No change window night was open.' }]);
    const at = (seconds: number): string => new Date(front.clock.now() + seconds * 1000).toISOString();
    const open = (name: string, tenant: string, device: string) =>
      front.windows.update(`win_${name}_${tenant}`, () => ({
        ...{ id: `win_${name}_${tenant}`, tenant, name, devices: [device], from: at(-60), until: at(60) },
        ...{ reason: 'new firmware', openedBy: 'admin@acme' },
      }));
    await open('night', 'globex', 'br1_edge');
    expect(await worker().begin(id, 'run_other')).toMatchObject({ begun: false });
    await open('night', 'acme', 'br1_edge');
    await open('maintenance', 'acme', 'br2_edge');
    expect(await worker().begin(id, 'run_then')).toEqual({ begun: true, leftOut: ['br2_edge'] });
    await worker().report(id, 'run_then', { calls: 0, said: '', outcome: 'done' });
    passTime(61);
    const asked = await operator.runNow(id);
    expect(await worker().begin(id, asked)).toEqual({ begun: true, leftOut: [] });
  });

  it('keep the last fifty runs of a schedule', async () => {
    const operator = await person('operator@acme');
    const { id } = await operator.add(nightly);
    for (let at = 0; at < 52; at += 1) {
      await worker().begin(id, `run_${at}`);
      await worker().report(id, `run_${at}`, { calls: 0, said: '', outcome: 'done' });
    }
    const runs = await operator.runs(id);
    expect(runs).toHaveLength(50);
    expect(runs[0]?.id).toBe('run_51');
  });
});

describe('who is no worker', () => {
  const ask = (authorization: string) => fetch(`${front.url}/api/worker/schedules`, { headers: { authorization } });
  const now = () => Math.floor(front.clock.now() / 1000);
  const claims = () => ({
    ...{ iss: 'worker', sub: 'worker', aud: `${front.url}/api/worker` },
    ...{ iat: now(), exp: now() + 30, jti: randomUUID() },
  });
  const sign = (given: object, header: object = {}, key = front.workerKey) =>
    `Bearer ${signCompactJws({ typ: 'worker+jwt', kid: key.thumbprint, ...header }, { ...claims(), ...given }, key.privateKey)}`;

  it('hears nothing', async () => {
    const good = sign({});
    expect((await ask(good)).status).toBe(200);
    const agent = front.agentKeys.get('troubleshooter');
    if (agent === undefined) throw new Error('no key');
    const refused = [
      good, // a second time
      '',
      'Bearer x',
      good.replace('Bearer', 'DPoP'),
      sign({}, {}, generateSigningKey()),
      sign({}, {}, agent),
      sign({}, { kid: front.workerKey.thumbprint }, agent),
      sign({}, { typ: 'JWT' }),
      sign({ aud: front.url }),
      sign({ aud: [`${front.url}/api/worker`] }),
      sign({ sub: 'troubleshooter' }),
      sign({ exp: now() + 3600 }),
      sign({ iat: now() - 90, exp: now() - 60 }),
      sign({ iat: now() + 60, exp: now() + 90 }),
      sign({ jti: 'short' }),
      sign({ extra: true }),
    ];
    for (const authorization of refused) expect((await ask(authorization)).status).toBe(401);
  });

  it('hears nothing with a person’s token, and a worker’s assertion opens nothing else', async () => {
    const session = await front.login('operator@acme');
    const asPerson = await session.fetch('urn:wayleave:control')(`${front.url}/api/worker/schedules`);
    expect(asPerson.status).toBe(401);
    for (const path of ['/api/schedules', '/api/approvals', '/api/identity/people'])
      expect((await fetch(`${front.url}${path}`, { headers: { authorization: sign({}) } })).status).toBe(401);
  });
});
