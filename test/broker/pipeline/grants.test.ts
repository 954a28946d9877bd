/** Just-in-time grants under the shipped policies: one use, for a while, with every duty; never more than the granter may. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { WantedGrant } from '../../../broker/grants/give-grant.ts';
import { createDecisionPoint } from '../../../broker/policy/decision-point.ts';
import { DEFAULT_POLICIES, loadPolicies } from '../../../broker/policy/load-policies.ts';
import { startReferee } from '../../../broker/policy/referee/client.ts';
import { spawnReferee, systemTimers } from '../../../broker/policy/referee/spawn-referee.ts';
import type { DecisionPoint } from '../../../broker/ports.ts';
import { TOOLS } from '../../../tools/registry.ts';
import { type Bench, type Caller, createBench, outcomeOf } from './bench.ts';

const referee = startReferee({ spawn: spawnReferee, timers: systemTimers, decideWithin: 30_000 });
let decisionPoint: DecisionPoint;
beforeAll(async () => {
  decisionPoint = await createDecisionPoint({ referee, tools: TOOLS, policies: await loadPolicies(DEFAULT_POLICIES) });
}, 60_000);
afterAll(() => referee.close());

/** Reads records only, whatever the policies say of operators. */
const CLERK: Caller = { human: 'second@acme' };
const WANTED: WantedGrant = {
  human: 'second@acme',
  tools: ['bgp.set-local-as'],
  devices: ['br2_edge'],
  reason: 'replacement of br2 tonight',
  seconds: 3600,
};

async function open(): Promise<Bench> {
  const bench = await createBench({ decisionPoint });
  bench.turn.roles.set('second@acme', ['auditor']);
  bench.inject();
  return bench;
}
const give = (bench: Bench, more: Partial<WantedGrant> = {}, by = 'admin@acme') =>
  bench.desk.giveGrant(bench.subjectOf({ human: by }), { ...WANTED, ...more });
const toolsOf = async (bench: Bench, caller: Caller = CLERK): Promise<readonly string[]> =>
  (await bench.broker.listTools(bench.credentialOf(caller), 'wan')).map(({ name }) => name);

describe('a grant', () => {
  it('permits what no policy permits, with every duty of the granter, and is named in decision and log', async () => {
    const bench = await open();
    expect(await outcomeOf(bench.change(CLERK))).toBe('NOT_FOUND');
    expect(await toolsOf(bench)).toEqual([]);
    const grant = await give(bench);
    expect(await toolsOf(bench)).toEqual(['bgp.set-local-as']);
    const answer = await bench.change(CLERK, { intent: 'int_bbbbbbbb' });
    if (answer.status !== 'pending') throw new Error('not pending');
    expect(answer.summary.decision.policies).toContain(grant.id);
    expect(answer.summary.decision.reasons.at(-1)).toContain('admin@acme granted this until');
    expect(answer.summary.decision.obligations.map(({ kind }) => kind)).toEqual(
      expect.arrayContaining(['require-approval', 'rehearse', 'confirmed-commit']),
    );
    await expect(bench.vote('second@acme', answer.approval)).rejects.toMatchObject({ code: 'DENIED' });
    await bench.vote('admin2@acme', answer.approval);
    expect(await outcomeOf(bench.change(CLERK, { intent: 'int_bbbbbbbb' }))).toBe('succeeded');
    const kinds = await bench.kinds();
    expect(kinds.indexOf('grant.given')).toBeLessThan(kinds.indexOf('execute'));
    const outcome = (await bench.entries()).find(({ kind }) => kind === 'execute');
    expect(JSON.stringify(outcome?.content)).toContain(grant.id);
  });

  it('is for its tool, its device and its person, and for an agent only when it says so', async () => {
    const bench = await open();
    await give(bench);
    const other = { intent: 'int_cccccccc', target: { devices: ['br1_edge'] } };
    expect(await outcomeOf(bench.change(CLERK, other))).toBe('DENIED');
    const both = {
      intent: 'int_dddddddd',
      target: { devices: ['br1_edge', 'br2_edge'] },
      input: { interface: 'ge0/2', description: 'x' },
    };
    expect(await outcomeOf(bench.change(CLERK, both, 'interface.set-description'))).toBe('NOT_FOUND');
    const optimizer: Caller = { human: 'operator@acme', agent: 'experience-optimizer' };
    expect(await toolsOf(bench, optimizer)).toEqual([]);
    await give(bench, { human: 'operator@acme' });
    expect(await toolsOf(bench, optimizer)).toEqual([]);
    await give(bench, { human: 'operator@acme', agent: 'experience-optimizer' });
    expect(await toolsOf(bench, optimizer)).toEqual(['bgp.set-local-as']);
    expect(await outcomeOf(bench.change(optimizer, { intent: 'int_eeeeeeee' }))).toBe('pending');
  });

  it('is gone by itself, when it is ended, and when the granter loses the right, also between approval and execution', async () => {
    const bench = await open();
    await give(bench, { seconds: 120 });
    expect(await toolsOf(bench)).not.toEqual([]);
    bench.advance(121_000);
    expect(await toolsOf(bench)).toEqual([]);

    const grant = await give(bench);
    const ask = () => bench.change(CLERK, { intent: 'int_bbbbbbbb' });
    const answer = await ask();
    if (answer.status !== 'pending') throw new Error('not pending');
    await bench.vote('admin2@acme', answer.approval);
    bench.turn.roles.set('admin@acme', ['auditor']);
    expect(await outcomeOf(ask())).toBe('NOT_FOUND');
    bench.turn.roles.set('admin@acme', ['tenant-admin']);
    await bench.desk.endGrant(bench.subjectOf({ human: 'admin2@acme' }), grant.id);
    expect(await outcomeOf(ask())).toBe('NOT_FOUND');
    expect(bench.device('acme', 'br2_edge').commits).toEqual([]);
    expect((await bench.kinds()).filter((kind) => kind === 'grant.ended')).toHaveLength(1);
  });

  it('lifts no forbid', async () => {
    const bench = await open();
    await give(bench);
    for (let n = 0; n < 16; n += 1) {
      const args = { target: { devices: [`nowhere${n}`] }, input: {}, purpose: 'chat:1' };
      await bench.call(CLERK, 'diagnostics', 'bgp.read', args).catch(() => undefined);
    }
    expect(['SUSPENDED', 'NOT_FOUND', 'DENIED']).toContain(
      await outcomeOf(bench.change(CLERK, { intent: 'int_bbbbbbbb' })),
    );
    expect(await bench.approvals.list('acme')).toEqual([]);
  });
});

describe('giving a grant', () => {
  it.each([
    ['to oneself', { human: 'admin@acme' }, 'admin@acme', 'DENIED'],
    ['of what one may not do', {}, 'second@acme', 'DENIED'],
    ['to somebody of another tenant', { human: 'operator@globex' }, 'admin@acme', 'NOT_FOUND'],
    ['of a device that is not there', { devices: ['br9_edge'] }, 'admin@acme', 'NOT_FOUND'],
    ['of no device', { devices: [] }, 'admin@acme', 'INPUT_INVALID'],
    ['of a tool that is not there', { tools: ['firmware.upgrade'] }, 'admin@acme', 'NOT_FOUND'],
    ['for two days', { seconds: 172_800 }, 'admin@acme', 'INPUT_INVALID'],
    ['for no time', { seconds: Number.NaN }, 'admin@acme', 'INPUT_INVALID'],
    ['to an agent that nobody knows', { agent: 'root' }, 'admin@acme', 'INPUT_INVALID'],
  ])('%s is refused', async (_says, more, by, code) => {
    const bench = await open();
    const human = by === 'second@acme' ? { human: 'operator@acme' } : {};
    await expect(give(bench, { ...human, ...more }, by)).rejects.toMatchObject({ code });
    expect(await bench.grants.list('acme')).toEqual([]);
  });

  it('is seen by who has it, who gave it and who oversees, and by nobody of another tenant', async () => {
    const bench = await open();
    bench.turn.roles.set('admin2@acme', ['tenant-operator']);
    const { id } = await give(bench);
    const seenBy = async (human: string) => (await bench.desk.grants(bench.subjectOf({ human }))).length;
    expect([
      await seenBy('second@acme'),
      await seenBy('admin@acme'),
      await seenBy('admin2@acme'),
      await seenBy('admin@globex'),
    ]).toEqual([1, 1, 0, 0]);
    for (const human of ['admin2@acme', 'admin@globex'])
      await expect(bench.desk.endGrant(bench.subjectOf({ human }), id)).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });
});
