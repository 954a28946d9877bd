/** What lets others do more asks a person with a second factor for it, fresh; what is of low risk, and a no, do not. */
import { expect, it } from 'vitest';
import type { Subject } from '../../../broker/contract.ts';
import { type Bench, createBench, DUTIES, propose } from './bench.ts';

const REQUIRED = { code: 'STEP_UP_REQUIRED' };

async function open(
  count: number,
): Promise<{ readonly bench: Bench; readonly approval: string; readonly fresh: Subject }> {
  const bench = await createBench();
  bench.inject();
  bench.turn.enrolled.add('admin@acme');
  bench.turn.obligations = [...DUTIES.slice(1), { kind: 'require-approval', count, role: 'tenant-admin' }];
  const approval = await propose(bench);
  const steppedUpAt = new Date(bench.clock.now()).toISOString();
  return { bench, approval, fresh: bench.subjectOf({ human: 'admin@acme', steppedUpAt }) };
}

it('a yes to a change of high risk', async () => {
  const { bench, approval, fresh } = await open(2);
  await expect(bench.vote('admin@acme', approval)).rejects.toMatchObject(REQUIRED);
  await bench.desk.vote(fresh, approval, 'approve', 'seen');
  await bench.vote('admin2@acme', approval); // has none
  expect((await bench.approvals.get('acme', approval))?.status).toBe('approved');
});

it('not a yes to another change, and no rejection', async () => {
  const low = await open(1);
  await low.bench.vote('admin@acme', low.approval);
  const high = await open(2);
  await high.bench.vote('admin@acme', high.approval, 'reject', 'not today');
  expect((await high.bench.approvals.get('acme', high.approval))?.status).toBe('rejected');
});

it('a grant, a window, an emergency, and clearing somebody', async () => {
  const { bench, fresh } = await open(1);
  const { desk } = bench;
  const stale = bench.subjectOf({ human: 'admin@acme' });
  const grant = {
    ...{ human: 'operator@acme', tools: ['bgp.set-local-as'], devices: ['br2_edge'], reason: 'tonight', seconds: 600 },
  };
  const at = new Date(bench.clock.now()).toISOString();
  const window = { name: 'maintenance', devices: ['br2_edge'], from: at, seconds: 600, reason: 'works' };
  const glass = { incident: 'inc_1', devices: ['br2_edge'], reason: 'down', seconds: 600 };
  for (const act of [
    () => desk.giveGrant(stale, grant),
    () => desk.openWindow(stale, window),
    () => desk.breakGlass(stale, glass),
    () => desk.clearRisk(stale, 'operator@acme'),
    () => desk.resumeChanges(stale, 'looked'),
  ])
    await expect(act()).rejects.toMatchObject(REQUIRED);
  expect(await desk.openWindow(fresh, window)).toMatchObject({ name: 'maintenance' });
  // To look, and to take something back, needs none.
  await expect(desk.grants(stale)).resolves.toEqual([]);
});
