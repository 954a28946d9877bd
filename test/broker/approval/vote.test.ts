/** Votes: who may, how often, and that none is lost. */
import { describe, expect, it } from 'vitest';
import { type Bench, createBench, DUTIES, outcomeOf, propose } from '../pipeline/bench.ts';

async function pending(count = 1): Promise<{ readonly bench: Bench; readonly approval: string }> {
  const bench = await createBench();
  bench.inject();
  bench.turn.obligations = [...DUTIES.slice(1), { kind: 'require-approval', count, role: 'tenant-admin' }];
  return { bench, approval: await propose(bench) };
}
const refusals = async (bench: Bench): Promise<number> =>
  (await bench.kinds()).filter((kind) => kind === 'approval.refused').length;

describe('a vote', () => {
  it('is refused without the role, to the requester, and through an agent, and the log says so', async () => {
    const { bench, approval } = await pending();
    await expect(bench.vote('second@acme', approval)).rejects.toMatchObject({ code: 'DENIED' });
    bench.turn.roles.set('operator@acme', ['tenant-admin']);
    await expect(bench.vote('operator@acme', approval)).rejects.toMatchObject({ code: 'DENIED' });
    const agent = bench.subjectOf({ human: 'admin@acme', agent: 'troubleshooter' });
    await expect(bench.desk.vote(agent, approval, 'approve', '')).rejects.toMatchObject({ code: 'DENIED' });
    expect(await refusals(bench)).toBe(3);
    expect((await bench.approvals.get('acme', approval))?.votes).toEqual([]);
  });

  it('is never lost when two people vote at the same time, and one person counts once', async () => {
    const { bench, approval } = await pending(2);
    expect(await outcomeOf(bench.change())).toBe('pending');
    await Promise.allSettled([bench.vote('admin@acme', approval), bench.vote('admin@acme', approval)]);
    expect((await bench.approvals.get('acme', approval))?.status).toBe('pending');
    bench.turn.roles.set('second@acme', ['tenant-admin']);
    await Promise.all([
      bench.vote('admin2@acme', approval),
      bench.vote('second@acme', approval).catch(() => undefined),
    ]);
    const kept = await bench.approvals.get('acme', approval);
    expect(kept?.votes.map((vote) => vote.human)).toEqual(['admin@acme', 'admin2@acme']);
    expect(await outcomeOf(bench.change())).toBe('succeeded');
  });

  it('keeps both of two simultaneous votes', async () => {
    const { bench, approval } = await pending(2);
    await Promise.all([bench.vote('admin@acme', approval), bench.vote('admin2@acme', approval)]);
    expect((await bench.approvals.get('acme', approval))?.status).toBe('approved');
  });

  it('against it needs a reason, and ends it', async () => {
    const { bench, approval } = await pending(2);
    await expect(bench.vote('admin@acme', approval, 'reject', ' ')).rejects.toMatchObject({ code: 'INPUT_INVALID' });
    await bench.vote('admin@acme', approval, 'reject', 'x'.repeat(900));
    expect((await bench.approvals.get('acme', approval))?.votes[0]?.reason).toHaveLength(500);
    await expect(bench.vote('admin2@acme', approval)).rejects.toMatchObject({ code: 'APPROVAL_CLOSED' });
    expect(await outcomeOf(bench.change())).toBe('APPROVAL_REJECTED');
  });

  it('has no effect that the log does not have', async () => {
    const { bench, approval } = await pending();
    bench.turn.failAudit = (entry) => entry.kind === 'approval.vote';
    await expect(bench.vote('admin@acme', approval)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    expect((await bench.approvals.get('acme', approval))?.status).toBe('pending');
  });

  it('of another tenant finds nothing', async () => {
    const { bench, approval } = await pending();
    const text = (id: string) => bench.vote('admin@globex', id).catch((error: unknown) => JSON.stringify(error));
    expect(await text(approval)).toBe(await text('apr_unknown'));
  });
});
