/** An approval counts once, for exactly what was shown, as long as everybody concerned still may. */
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { defineTool } from '../../../tools/define-tool.ts';
import { TOOLS } from '../../../tools/registry.ts';
import { type Bench, createBench, DUTIES, OPERATOR, outcomeOf, propose, RIGHT_AS } from '../pipeline/bench.ts';

async function approved(): Promise<{ readonly bench: Bench; readonly approval: string }> {
  const bench = await createBench();
  bench.inject();
  const approval = await propose(bench);
  await bench.vote('admin@acme', approval);
  return { bench, approval };
}
const commits = (bench: Bench): number => bench.device('acme', 'br2_edge').commits.length;
const statusOf = async (bench: Bench, id: string) => (await bench.approvals.get('acme', id))?.status;

describe('an approval', () => {
  it('is void when the policy changed', async () => {
    const { bench, approval } = await approved();
    bench.turn.revision = 'r2';
    expect(await outcomeOf(bench.change())).toBe('DRIFT');
    expect(await statusOf(bench, approval)).toBe('void');
    expect(
      (await bench.journal.find('acme', (await bench.approvals.get('acme', approval))?.intent.id ?? ''))?.state,
    ).toBe('denied');
    bench.turn.revision = 'r1';
    expect(await outcomeOf(bench.change())).toBe('APPROVAL_CLOSED');
    expect(commits(bench)).toBe(0);
  });

  it('is void when the policies now ask for more people, or for others', async () => {
    for (const demand of [
      { count: 2, role: 'tenant-admin' },
      { count: 1, role: 'provider-admin' },
    ] as const) {
      const { bench } = await approved();
      bench.turn.obligations = [...DUTIES.slice(1), { kind: 'require-approval', ...demand }];
      expect(await outcomeOf(bench.change())).toBe('DRIFT');
      expect(commits(bench)).toBe(0);
    }
  });

  it('is void when the device changed', async () => {
    const { bench } = await approved();
    const ref = { tenant: 'acme', device: 'br2_edge' };
    const config = bench.network.config(ref);
    bench.network.commit(
      ref,
      {
        ...config,
        hostname: 'br2_edge',
        vrrp: [],
        staticRoutes: [{ vrf: 10, prefix: '10.2.77.0/24', nextHop: '10.2.10.9' }],
      },
      'somebody',
    );
    expect(await outcomeOf(bench.change())).toBe('DRIFT');
    expect(commits(bench)).toBe(0);
  });

  it('is void when the same intent compiles to another edit', async () => {
    let more = '';
    const shifty = defineTool({
      name: 'shifty.edit',
      domain: 'wan',
      effect: 'change',
      description: 'Compiles to what it likes.',
      targets: 'one',
      input: z.strictObject({}),
      plan: (_input, { devices }) =>
        devices.map((device) => ({
          protocol: 'netconf',
          kind: 'edit-config',
          device,
          config: `<bgp xmlns="urn:wayleave:sdwan"><local-as>${RIGHT_AS}</local-as></bgp>${more}`,
        })),
      read: () => [],
    });
    const bench = await createBench({ tools: [...TOOLS, shifty] });
    bench.inject();
    const call = () => bench.change(OPERATOR, { input: {} }, 'shifty.edit');
    const answer = await call();
    if (answer.status !== 'pending') throw new Error('not pending');
    await bench.vote('admin@acme', answer.approval);
    more = ' ';
    expect(await outcomeOf(call())).toBe('DRIFT');
    expect(commits(bench)).toBe(0);
  });

  it.each(['devices', 'sites', 'applications'] as const)('is void when the blast radius has more %s', async (part) => {
    const { bench, approval } = await approved();
    const kept = await bench.approvals.get('acme', approval);
    if (kept?.rehearsal === undefined) throw new Error('no rehearsal');
    const { rehearsal } = kept;
    expect(rehearsal.blastRadius[part].length).toBeGreaterThan(0);
    const shown = { ...rehearsal, blastRadius: { ...rehearsal.blastRadius, [part]: [] } };
    await bench.approvals.update({ ...kept, rehearsal: shown }, 'approved');
    expect(await outcomeOf(bench.change())).toBe('DRIFT');
    expect(commits(bench)).toBe(0);
  });

  it('is void when more users are touched, and when no rehearsal was shown', async () => {
    for (const without of [false, true]) {
      const { bench, approval } = await approved();
      const kept = await bench.approvals.get('acme', approval);
      if (kept?.rehearsal === undefined) throw new Error('no rehearsal');
      const { rehearsal, ...bare } = kept;
      const shown = { ...rehearsal, blastRadius: { ...rehearsal.blastRadius, users: rehearsal.blastRadius.users - 1 } };
      await bench.approvals.update(without ? bare : { ...kept, rehearsal: shown }, 'approved');
      expect(await outcomeOf(bench.change())).toBe('DRIFT');
      expect(commits(bench)).toBe(0);
    }
  });

  it('is void when its record is of another intent', async () => {
    const { bench, approval } = await approved();
    const kept = await bench.approvals.get('acme', approval);
    if (kept === undefined) throw new Error('gone');
    const digest = `sha256:${'0'.repeat(64)}`;
    await bench.approvals.update({ ...kept, intent: { ...kept.intent, digest } }, 'approved');
    expect(await outcomeOf(bench.change())).toBe('DRIFT');
    expect(commits(bench)).toBe(0);
  });

  it('expires, before the vote and after it', async () => {
    const { bench, approval } = await approved();
    bench.advance(11 * 60_000);
    expect(await outcomeOf(bench.change())).toBe('APPROVAL_EXPIRED');
    expect(await statusOf(bench, approval)).toBe('expired');
    const late = await createBench();
    late.inject();
    const pending = await propose(late);
    late.advance(11 * 60_000);
    await expect(late.vote('admin@acme', pending)).rejects.toMatchObject({ code: 'APPROVAL_EXPIRED' });
    expect(await outcomeOf(late.change())).toBe('APPROVAL_EXPIRED');
    expect(commits(bench) + commits(late)).toBe(0);
  });

  it('needs the approver to hold the role still', async () => {
    const { bench } = await approved();
    bench.turn.roles.set('admin@acme', ['tenant-operator']);
    expect(await outcomeOf(bench.change())).toBe('DENIED');
    bench.turn.roles.delete('admin@acme');
    expect(await outcomeOf(bench.change())).toBe('DENIED');
    expect(commits(bench)).toBe(0);
    bench.turn.roles.set('admin@acme', ['tenant-admin']);
    expect(await outcomeOf(bench.change())).toBe('succeeded');
  });

  it('counts no vote of the requester, even one that found its way into the record', async () => {
    const { bench, approval } = await approved();
    bench.turn.roles.set('operator@acme', ['tenant-operator', 'tenant-admin']);
    const kept = await bench.approvals.get('acme', approval);
    if (kept === undefined) throw new Error('gone');
    const votes = kept.votes.map((vote) => ({ ...vote, human: 'operator@acme' }));
    await bench.approvals.update({ ...kept, votes }, 'approved');
    expect(await outcomeOf(bench.change())).toBe('DENIED');
    expect(commits(bench)).toBe(0);
  });

  it('counts nobody twice, even in the record', async () => {
    const { bench, approval } = await approved();
    const kept = await bench.approvals.get('acme', approval);
    if (kept === undefined) throw new Error('gone');
    await bench.approvals.update(
      { ...kept, votes: [...kept.votes, ...kept.votes], needed: { count: 2, role: 'tenant-admin' } },
      'approved',
    );
    expect(await outcomeOf(bench.change())).toBe('DENIED');
  });

  it('is good once: whoever flips it executes', async () => {
    const { bench, approval } = await approved();
    const { update } = bench.shared.approvals;
    bench.shared.approvals.update = async (next, expected) =>
      next.status === 'consumed' ? false : update(next, expected);
    expect(await outcomeOf(bench.change())).toBe('APPROVAL_CLOSED');
    expect(commits(bench)).toBe(0);
    expect(await statusOf(bench, approval)).toBe('approved');
  });

  it('is refused when used up or rejected', async () => {
    const { bench, approval } = await approved();
    const kept = await bench.approvals.get('acme', approval);
    if (kept === undefined) throw new Error('gone');
    await bench.approvals.update({ ...kept, status: 'consumed' }, 'approved');
    expect(await outcomeOf(bench.change())).toBe('APPROVAL_CLOSED');
    const other = await createBench();
    other.inject();
    await other.vote('admin@acme', await propose(other), 'reject', 'not now');
    await expect(other.change()).rejects.toMatchObject({ code: 'APPROVAL_REJECTED', message: 'not now' });
    expect(commits(bench) + commits(other)).toBe(0);
  });

  it('is always needed: a policy that names no approver, or two different ones, executes nothing', async () => {
    for (const demands of [
      [],
      [{ count: 0, role: 'tenant-admin' }],
      [
        { count: 1, role: 'tenant-admin' },
        { count: 1, role: 'auditor' },
      ],
    ] as const) {
      const bench = await createBench();
      bench.inject();
      bench.turn.obligations = [
        { kind: 'rehearse' },
        ...demands.map((one) => ({ kind: 'require-approval' as const, ...one })),
      ];
      expect(await outcomeOf(bench.change())).toBe('DENIED');
      expect(await outcomeOf(bench.change())).toBe('DENIED');
      expect(commits(bench)).toBe(0);
    }
  });

  it('is limited in number, and those that expired make room', async () => {
    const { bench, approval } = await approved();
    const kept = await bench.approvals.get('acme', approval);
    if (kept === undefined) throw new Error('gone');
    for (let n = 0; n < 200; n += 1)
      await bench.approvals.create({
        ...kept,
        id: `apr_${n}`,
        status: 'pending',
        intent: { ...kept.intent, id: `int_${n}` },
      });
    const another = { intent: 'int_bbbbbbbb' };
    expect(await outcomeOf(bench.change(OPERATOR, another))).toBe('LIMITED');
    bench.advance(11 * 60_000);
    expect(await outcomeOf(bench.change(OPERATOR, another))).toBe('pending');
    expect(await bench.approvals.list('acme', 'pending')).toHaveLength(1);
  });
});
