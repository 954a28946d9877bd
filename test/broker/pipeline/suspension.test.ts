/** A suspension says so, ends by another person's word only, and leaves a trace; an approval that the device outran is void. */
import { describe, expect, it } from 'vitest';
import { type Bench, createBench, OPERATOR, outcomeOf, propose, RIGHT_AS } from './bench.ts';

const read = (bench: Bench, device: string): Promise<string> =>
  outcomeOf(
    bench.call(OPERATOR, 'diagnostics', 'bgp.read', { target: { devices: [device] }, input: {}, purpose: 'chat:1' }),
  );

/** Tries names that are not there until the risk stops it; at most as many as one day of typing. */
async function suspend(bench: Bench): Promise<void> {
  for (let tries = 0; tries < 20; tries += 1) {
    expect(await read(bench, `br${tries + 9}_edge`)).toBe('NOT_FOUND');
    if ((await read(bench, 'br2_edge')) !== 'done') return;
  }
  throw new Error('never suspended');
}

describe('a suspension', () => {
  it('is told as what it is, and ended by another person with a role for it', async () => {
    const bench = await createBench();
    expect(await read(bench, 'br2_edge')).toBe('done');
    await suspend(bench);
    expect(await read(bench, 'br2_edge')).toBe('SUSPENDED');

    const clear = (human: string, of: string): Promise<void> => bench.desk.clearRisk(bench.subjectOf({ human }), of);
    await expect(clear('operator@acme', 'operator@acme')).rejects.toMatchObject({ code: 'SUSPENDED' });
    await expect(clear('admin@acme', 'nobody@acme')).rejects.toMatchObject({ code: 'NOT_FOUND' });
    expect(await read(bench, 'br2_edge')).toBe('SUSPENDED');
    await clear('admin@acme', 'operator@acme');
    expect(await read(bench, 'br2_edge')).toBe('done');
    const cleared = (await bench.entries()).filter(
      (entry) => entry.kind === 'risk.cleared' && entry.content['of'] === 'operator@acme',
    );
    expect(cleared.map((entry) => entry.human)).toEqual(['admin@acme']);
  });
});

/** What a hostile session in this person's name would leave in the log. */
async function suspendBy(bench: Bench, human: string, agent?: 'troubleshooter'): Promise<void> {
  for (let tries = 0; tries < 20; tries += 1) {
    await bench.shared.audit.append({
      at: new Date(bench.clock.now()).toISOString(),
      ...{ tenant: 'acme', kind: 'refused', human, session: 'ses_x', ...(agent === undefined ? {} : { agent }) },
      content: { error: 'NOT_FOUND', tool: 'bgp.read', requested: [`br${tries + 9}_edge`] },
    });
  }
  expect(bench.transitions.at(-1)).toMatchObject({ to: 'suspended', key: { human } });
}

describe('a suspended person', () => {
  it.each([
    ['directly', undefined],
    ['through an agent', 'troubleshooter' as const],
  ])('%s votes on nothing, until somebody else has looked', async (_, agent) => {
    const bench = await createBench();
    bench.inject();
    const approval = await propose(bench);
    await suspendBy(bench, 'admin@acme', agent);
    for (const verdict of ['approve', 'reject'] as const)
      await expect(bench.vote('admin@acme', approval, verdict)).rejects.toMatchObject({ code: 'SUSPENDED' });
    expect((await bench.approvals.get('acme', approval))?.votes).toEqual([]);
    const refused = (await bench.entries()).filter(({ kind }) => kind === 'approval.refused');
    expect(refused.map(({ human }) => human)).toEqual(['admin@acme', 'admin@acme']);
    await suspendBy(bench, 'admin2@acme');
    const friend = bench.subjectOf({ human: 'admin2@acme' });
    // Two who are suspended do not help each other out.
    await expect(bench.desk.clearRisk(friend, 'admin@acme')).rejects.toMatchObject({ code: 'SUSPENDED' });
    bench.turn.roles.set('second@acme', ['tenant-admin']);
    const third = bench.subjectOf({ human: 'second@acme' });
    for (const human of ['admin@acme', 'admin2@acme']) await bench.desk.clearRisk(third, human);
    await bench.vote('admin@acme', approval);
    expect(await outcomeOf(bench.change())).toBe('succeeded');
  });

  it('takes the vote along: nothing is executed on it', async () => {
    const bench = await createBench();
    bench.inject();
    const approval = await propose(bench);
    await bench.vote('admin@acme', approval);
    await suspendBy(bench, 'admin@acme');
    expect(await outcomeOf(bench.change())).toBe('DENIED');
    expect(await bench.kinds()).not.toContain('execute');
    await bench.desk.clearRisk(bench.subjectOf({ human: 'admin2@acme' }), 'admin@acme');
    expect(await outcomeOf(bench.change())).toBe('succeeded');
  });
});

describe('an approval that the device outran', () => {
  it('is void, and the requester hears of the drift', async () => {
    const bench = await createBench();
    bench.inject();
    const approval = await propose(bench);
    await bench.vote('admin@acme', approval);
    const ref = { tenant: 'acme', device: 'br2_edge' };
    const config = bench.network.config(ref);
    if (config.bgp === undefined) throw new Error('no BGP');
    bench.network.commit(ref, { ...config, bgp: { ...config.bgp, localAs: RIGHT_AS } }, 'netops');
    expect(await outcomeOf(bench.change())).toBe('DRIFT');
    expect((await bench.approvals.get('acme', approval))?.status).toBe('void');
    expect(await bench.kinds()).not.toContain('execute');
  });
});
