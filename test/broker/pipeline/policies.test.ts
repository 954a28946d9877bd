/** The pipeline under the shipped policies, decided by the real referee process. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createDecisionPoint } from '../../../broker/policy/decision-point.ts';
import { DEFAULT_POLICIES, loadPolicies } from '../../../broker/policy/load-policies.ts';
import { startReferee } from '../../../broker/policy/referee/client.ts';
import { spawnReferee, systemTimers } from '../../../broker/policy/referee/spawn-referee.ts';
import type { DecisionPoint } from '../../../broker/ports.ts';
import { TOOLS } from '../../../tools/registry.ts';
import { AGENT, createBench, OPERATOR, outcomeOf, RIGHT_AS } from './bench.ts';

// Generous deadlines: a busy machine must not fail a test about policy.
const referee = startReferee({ spawn: spawnReferee, timers: systemTimers, decideWithin: 30_000 });
let decisionPoint: DecisionPoint;
beforeAll(async () => {
  decisionPoint = await createDecisionPoint({ referee, tools: TOOLS, policies: await loadPolicies(DEFAULT_POLICIES) });
}, 60_000);
afterAll(() => referee.close());

const chat = { input: {}, purpose: 'chat:1' };

describe('under the shipped policies', () => {
  it('an agent diagnoses, opens an incident, proposes for it, and the approved repair is executed', async () => {
    const bench = await createBench({ decisionPoint });
    bench.inject();
    const target = { devices: ['br2_edge'] };
    expect(await outcomeOf(bench.change(AGENT))).toBe('DENIED');
    const seen = await bench.call(AGENT, 'diagnostics', 'bgp.read', { ...chat, target });
    const evidence = seen.status === 'done' ? seen.evidence.map((one) => one.id) : [];
    const input = { title: 'BGP', severity: 'major', resources: [], evidence };
    await bench.call(AGENT, 'inventory', 'incident.open', { ...chat, input });
    const purpose = (await bench.incidents.list('acme'))[0]?.id ?? '';
    const more = { purpose, intent: 'int_bbbbbbbb' };
    const answer = await bench.change(AGENT, more);
    if (answer.status !== 'pending') throw new Error('not pending');
    await expect(bench.vote('operator@acme', answer.approval)).rejects.toMatchObject({ code: 'DENIED' });
    await bench.vote('admin@acme', answer.approval);
    expect(await outcomeOf(bench.change(AGENT, more))).toBe('succeeded');
    expect(bench.localAs()).toBe(RIGHT_AS);
  });

  it('who may not list a tool hears the same of it, of its input and of one that does not exist', async () => {
    const bench = await createBench({ decisionPoint });
    const router = { human: 'operator@acme', agent: 'router' } as const;
    const say = (tool: string, args: unknown) =>
      bench.call(router, 'wan', tool, args).catch((error: unknown) => JSON.stringify(error));
    const target = { devices: ['br2_edge'] };
    const unknown = await say('no.such-tool', {});
    expect(unknown).toContain('NOT_FOUND');
    expect(await say('bgp.set-local-as', { ...chat, target, input: { localAs: 1 } })).toBe(unknown);
    expect(await say('bgp.set-local-as', { nonsense: true })).toBe(unknown);
    const listed = await bench.broker.listTools(bench.credentialOf(router), 'wan');
    expect(listed).toEqual([]);
    const own = await bench.broker.listTools(bench.credentialOf(OPERATOR), 'wan');
    expect(own.map((tool) => tool.name)).toContain('bgp.set-local-as');
  });

  it('who is denied too often is suspended', async () => {
    const bench = await createBench({ decisionPoint });
    const nothing = (n: number) => ({ ...chat, target: { devices: [`nowhere${n}`] } });
    for (let n = 0; n < 15; n += 1)
      expect(await outcomeOf(bench.call(OPERATOR, 'diagnostics', 'bgp.read', nothing(n)))).toBe('NOT_FOUND');
    const read = { ...chat, target: { devices: ['br1_edge'] } };
    expect(await outcomeOf(bench.call(OPERATOR, 'diagnostics', 'bgp.read', read))).toBe('SUSPENDED');
    expect(await bench.broker.listTools(bench.credentialOf(OPERATOR), 'diagnostics')).toEqual([]);
  });

  it('listing has a rate like every read', async () => {
    const bench = await createBench();
    const list = () => bench.broker.listTools(bench.credentialOf(OPERATOR), 'wan');
    for (let n = 0; n < 200; n += 1) await list();
    await expect(list()).rejects.toMatchObject({ code: 'LIMITED' });
  });
});
