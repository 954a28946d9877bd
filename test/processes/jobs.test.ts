/** Scheduled work in a running installation: it acts for its owner as they are now, through the broker, and outlives its processes. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createIdentityClient } from '../../apps/client/identity-client.ts';
import { createScheduleClient, type ScheduleClient } from '../../apps/client/schedule-client.ts';
import { wantedSchedule } from '../../broker/identity/schedules.ts';
import type { ScheduleRun } from '../../broker/schedules/runs.ts';
import { runWayleave } from './command-line.ts';
import { openStage, type Stage, until, verifyAudit } from './fixture.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await openStage({ tenants: 'acme:s' });
});
afterAll(() => stage.close());

const clientOf = async (user: string): Promise<ScheduleClient> =>
  createScheduleClient((await stage.signIn(user)).session);
async function play(client: ScheduleClient, id: string): Promise<ScheduleRun> {
  const run = await client.runNow(id);
  return until(async () => {
    const found = (await client.runs(id)).find((one) => one.id === run);
    if (found?.endedAt === undefined) throw new Error('the run has not ended');
    return found;
  });
}
const sweep = wantedSchedule.parse({
  ...{ agent: 'health-monitor', title: 'sweep', when: { everyMinutes: 10_080 } },
});

it('is ordered, run and looked at from the command line, and every read of it is decided and in the log', async () => {
  const added = await runWayleave(stage, 'jobs', 'add', 'health', '--cron', '0 3 * * *', '--as', 'operator@acme');
  const id = /sch_[a-z0-9]+/.exec(added.out)?.[0] ?? '';
  const ran = await runWayleave(stage, 'jobs', 'run', id, '--as', 'operator@acme', '--json');
  expect(ran).toMatchObject({ exit: 0 });
  const run: ScheduleRun = JSON.parse(ran.out);
  expect(run).toMatchObject({ outcome: 'done', by: 'operator@acme' });
  expect(run.calls).toBeGreaterThan(2);
  const shown = await runWayleave(stage, 'jobs', '--as', 'operator@acme');
  expect(shown.out).toContain(id);
  expect(shown.out).toMatch(/health-monitor\s+on\s+0 3 \* \* \* UTC\s+operator@acme\s+done/);
  const { desk } = await stage.signIn('auditor@acme');
  const entries = (await desk.auditEntries(0, 1_000)).filter(({ session }) => session === id);
  const decided = entries.filter(({ kind, content }) => kind === 'outcome' && content['decision'] === 'permit');
  expect(decided).toHaveLength(run.calls);
  for (const one of decided)
    expect(one).toMatchObject({ human: 'operator@acme', agent: 'health-monitor', content: { purpose: id } });
  expect(JSON.stringify(entries)).toContain('schedule.run-ended');
});

it('looks at each site by itself when it is ordered so, and sums up', async () => {
  const as = ['--as', 'operator@acme'] as const;
  const added = await runWayleave(
    stage,
    'jobs',
    'add',
    'health',
    '--every',
    '1h',
    '--by-site',
    '--spread',
    '50m',
    ...as,
  );
  const id = /sch_[a-z0-9]+/.exec(added.out)?.[0] ?? '';
  const ran = await runWayleave(stage, 'jobs', 'run', id, ...as, '--json');
  expect(ran).toMatchObject({ exit: 0 });
  const run: ScheduleRun = JSON.parse(ran.out);
  const sites = new Set((await (await stage.signIn('operator@acme')).desk.inventory()).devices.map(({ site }) => site));
  expect(run.said).toMatch(/^\d+ sites: /);
  expect(run.progress?.of).toBeLessThanOrEqual(sites.size);
  expect(run.progress).toMatchObject({ done: run.progress?.of, dead: 0 });
  const shown = await runWayleave(stage, 'jobs', 'show', id, ...as);
  expect(shown.out).toContain('by site over 50 min');
  expect(shown.out).toContain('[####################]');
  expect((await runWayleave(stage, 'jobs', 'dead', ...as, '--json')).out).not.toContain(id);
});

it('is shown on a board over the embedded queue, to people of the provider alone', async () => {
  const denied = await runWayleave(stage, 'jobs', 'board', '--as', 'operator@acme');
  expect(denied.exit).not.toBe(0);
  expect(denied.err).toContain('for people of the provider');
  const { home } = stage.config;
  const env = { PATH: process.env['PATH'] ?? '', HOME: home, WAYLEAVE_HOME: home };
  const command = [path.resolve('bin', 'wayleave.js'), 'jobs', 'board', '--as', 'provider@acme', '--json'];
  const board = spawn(process.execPath, command, { env, stdio: ['ignore', 'pipe', 'inherit'] });
  try {
    const [line] = await once(createInterface({ input: board.stdout }), 'line');
    const { url }: { readonly url: string } = JSON.parse(String(line));
    const entered = await fetch(url, { redirect: 'manual' });
    const cookie = (entered.headers.get('set-cookie') ?? '').split(';')[0] ?? '';
    const shown = await fetch(new URL('/api/queues?activeQueue=wayleave', url), { headers: { cookie } });
    // Every sweep above has left its jobs in the queue, which only the agents' process can open.
    expect(await shown.json()).toMatchObject({ queues: [{ name: 'wayleave', readOnlyMode: true }] });
    expect((await fetch(new URL('/', url), { headers: { cookie } })).status).toBe(200);
    expect((await fetch(new URL('/', url))).status).toBe(401);
  } finally {
    board.kill('SIGINT');
  }
  const [exit] = await once(board, 'exit');
  expect(exit).toBe(0);
});

it('is still known after the broker was killed', async () => {
  const before = await clientOf('operator@acme');
  const { id } = await before.add(sweep);
  expect(await play(before, id)).toMatchObject({ outcome: 'done' });
  await stage.killBroker();
  await stage.restartBroker();
  const after = await clientOf('operator@acme');
  expect(await play(after, id)).toMatchObject({ outcome: 'done' });
  expect(await after.runs(id)).toHaveLength(2);
});

it('looks no more once its owner is suspended', async () => {
  const { id } = await (await clientOf('oncall@acme')).add(sweep);
  const admin = await stage.signIn('admin@acme');
  await createIdentityClient(admin.session).setPerson('oncall@acme', { disabled: true });
  const client = createScheduleClient(admin.session);
  const run = await play(client, id);
  expect(run).toMatchObject({ outcome: 'failed', calls: 1 });
  expect((await client.list()).find((one) => one.id === id)).toMatchObject({ owner: 'oncall@acme' });
  await client.end(id);
  await expect(client.runNow(id)).rejects.toMatchObject({ code: 'USAGE' });
  await verifyAudit(stage, admin);
});
