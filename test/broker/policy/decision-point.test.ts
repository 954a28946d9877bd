/** The decision point with the shipped policies, the real referee process and real Cedar. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LADDER, type Ladder } from '../../../broker/contract.ts';
import { createBrake } from '../../../broker/policy/brake.ts';
import { createDecisionPoint } from '../../../broker/policy/decision-point.ts';
import { DEFAULT_POLICIES, loadPolicies } from '../../../broker/policy/load-policies.ts';
import { type Referee, type RefereeProcess, startReferee } from '../../../broker/policy/referee/client.ts';
import { spawnReferee, systemTimers } from '../../../broker/policy/referee/spawn-referee.ts';
import { listRefusals, proveRefusals } from '../../../broker/policy/refusals.ts';
import type { DecisionPoint } from '../../../broker/ports.ts';
import { EXAMPLE_TOOLS, request, subject } from './example-tools.ts';

// Generous deadlines: a busy machine must not fail a test about policy.
const referee = startReferee({ spawn: spawnReferee, timers: systemTimers, decideWithin: 30_000 });
let point: DecisionPoint;

beforeAll(async () => {
  point = await createDecisionPoint({ referee, tools: EXAMPLE_TOOLS, policies: await loadPolicies(DEFAULT_POLICIES) });
});
afterAll(() => referee.close());

describe('permission is the intersection of human and agent', () => {
  it('permits the repair with the strictest union of obligations, each policy and reason cited', async () => {
    const decision = await point.decide(request());
    expect(decision).toMatchObject({
      effect: 'permit',
      policies: ['operators-change-wan', 'troubleshooter-repairs-wan'],
      obligations: [
        { kind: 'confirmed-commit', seconds: 120 },
        { kind: 'limit', devices: 10 },
        { kind: 'rehearse' },
        { kind: 'require-approval', count: 1, role: 'tenant-admin' },
      ],
      revision: point.revision(),
    });
    expect(decision.reasons).toHaveLength(2);
    expect(decision.id).toMatch(/^dec_[0-9a-f]{32}$/);
  });

  it('denies when only the agent may', async () => {
    const decision = await point.decide(request({ subject: subject({ agent: 'troubleshooter', roles: ['auditor'] }) }));
    expect(decision).toMatchObject({ effect: 'deny', obligations: [] });
    expect(decision.reasons).toEqual(['No policy grants bgp.set-local-as to operator@acme.']);
  });

  it('denies when only the human may', async () => {
    const decision = await point.decide(request({ subject: subject({ agent: 'router' }) }));
    expect(decision.reasons).toEqual(['No policy grants bgp.set-local-as to router.']);
  });

  it('lets a person change directly without an incident, but an agent only for an open one', async () => {
    const closed = { id: 'inc_1', kind: 'incident', open: false } as const;
    expect(await point.decide(request({ subject: subject(), purpose: closed }))).toMatchObject({ effect: 'permit' });
    expect(await point.decide(request({ purpose: closed }))).toMatchObject({ effect: 'deny' });
    expect(await point.decide(request({ purpose: { id: 'chat:1', kind: 'chat', open: true } }))).toMatchObject({
      effect: 'deny',
    });
  });
});

describe('a device that keeps what is committed', () => {
  const on = (ladder: Ladder) => ({ targets: [{ device: 'br2_edge', role: 'edge', site: 'br2', ladder }] });

  it.each(LADDER.slice(1))('is changed by people after two approvals, and not by agents: %s', async (ladder) => {
    const decision = await point.decide(request({ ...on(ladder), subject: subject() }));
    expect(decision).toMatchObject({ effect: 'permit', policies: ['operators-change-wan-that-stays'] });
    expect(decision.obligations).toEqual([
      { kind: 'limit', devices: 1 },
      { kind: 'rehearse' },
      { kind: 'require-approval', count: 2, role: 'tenant-admin' },
    ]);
    expect(await point.decide(request(on(ladder)))).toMatchObject({ effect: 'deny' });
    expect(await point.decide(request({ ...on(ladder), subject: subject({ roles: ['auditor'] }) }))).toMatchObject({
      effect: 'deny',
    });
  });

  it('is certified like any other: by people, after one approval', async () => {
    const tool = { name: 'device.certify', domain: 'inventory', effect: 'change' } as const;
    const certify = { ...on('running'), tool, input: { interface: 'ge0/0' } };
    const decision = await point.decide(request({ ...certify, subject: subject() }));
    expect(decision).toMatchObject({ effect: 'permit', policies: ['operators-certify'] });
    expect(decision.obligations).toContainEqual({ kind: 'require-approval', count: 1, role: 'tenant-admin' });
    expect(await point.decide(request(certify))).toMatchObject({ effect: 'deny' });
  });

  it('is read as any other', async () => {
    const tool = { name: 'bgp.read', domain: 'diagnostics', effect: 'read' } as const;
    expect(await point.decide(request({ ...on('running'), tool, input: {} }))).toMatchObject({ effect: 'permit' });
  });
});

describe('boundaries', () => {
  it('keeps tenants apart, and says which rule did', async () => {
    const decision = await point.decide(request({ tenant: 'globex' }));
    expect(decision).toMatchObject({ effect: 'deny', policies: ['tenant-boundary'] });
  });

  it.each([
    [59, 'change', 'permit'],
    [60, 'change', 'deny'],
    [89, 'read', 'permit'],
    [90, 'read', 'deny'],
  ] as const)('at risk %i a %s is: %s', async (risk, kind, effect) => {
    const read = { name: 'bgp.read', domain: 'diagnostics', effect: 'read' } as const;
    const asked = kind === 'read' ? request({ risk, tool: read, input: {} }) : request({ risk });
    expect(await point.decide(asked)).toMatchObject({ effect });
  });

  it('decides for every device: one that is not permitted denies all', async () => {
    const tool = { name: 'bgp.read', domain: 'diagnostics', effect: 'read' } as const;
    const two = [
      { device: 'br1_edge', role: 'edge', site: 'br1' },
      { device: 'br2_edge', role: 'edge', site: 'br2' },
    ];
    expect(await point.decide(request({ tool, input: {}, targets: two }))).toMatchObject({ effect: 'permit' });
    const noTarget = await point.decide(request({ tool, input: {}, targets: [] }));
    expect(noTarget).toMatchObject({ effect: 'deny' });
  });
});

describe('anything Cedar cannot evaluate denies', () => {
  it.each([
    ['an unknown tool', request({ tool: { name: 'no.such', domain: 'wan', effect: 'change' } })],
    ['a wrong type', request({ input: { localAs: 'sixty-five' } })],
    ['a fraction', request({ input: { localAs: 1.5 } })],
    ['a missing parameter', request({ input: {} })],
    ['an unknown parameter', request({ input: { localAs: 1, more: true } })],
    ['an entity in disguise', request({ input: { localAs: { __entity: { type: 'Human', id: 'x' } } } })],
    ['no role', request({ subject: subject({ roles: [] }) })],
  ])('%s', async (_, asked) => {
    const decision = await point.decide(asked);
    expect(decision.effect).toBe('deny');
    expect(decision.reasons.length).toBeGreaterThan(0);
  });
});

describe('a referee that is killed', () => {
  it('denies what waits, and its successor decides the same', async () => {
    const spawned: RefereeProcess[] = [];
    const mortal = startReferee({
      timers: systemTimers,
      decideWithin: 30_000,
      spawn: () => {
        const started = spawnReferee();
        spawned.push(started);
        return started;
      },
    });
    const stops: string[] = [];
    const brake = createBrake((why) => stops.push(why));
    const options = { brake, referee: mortal, tools: EXAMPLE_TOOLS, policies: await loadPolicies(DEFAULT_POLICIES) };
    const first = await createDecisionPoint(options);
    spawned[0]?.kill();
    const denied = await first.decide(request());
    expect(denied).toMatchObject({ effect: 'deny', policies: [] });
    expect(denied.reasons.join()).toMatch(/referee/);
    expect(stops).toEqual(['the policy referee gave no answer (the policy referee ended)']);
    const read = { tool: { name: 'bgp.read', domain: 'diagnostics', effect: 'read' }, input: {} } as const;
    expect(await first.decide(request(read)), 'reading goes on').toMatchObject({ effect: 'permit' });
    const second = await createDecisionPoint(options);
    expect(await first.decide(request()), 'a human has not looked').toMatchObject({ effect: 'deny' });
    brake.release();
    expect(await first.decide(request())).toMatchObject({ effect: 'permit' });
    expect(spawned).toHaveLength(2);
    expect(await second.decide(request())).toEqual(await point.decide(request()));
    await second.close();
  });
});

describe('two evaluators that disagree', () => {
  it('are not needed to deny what is no question, so that nonsense stops nothing', async () => {
    const brake = createBrake();
    const asked: unknown[] = [];
    const watched: Referee = {
      ...referee,
      decide: (questions) => {
        asked.push(questions);
        return referee.decide(questions);
      },
    };
    const policies = await loadPolicies(DEFAULT_POLICIES);
    const watching = await createDecisionPoint({ referee: watched, tools: EXAMPLE_TOOLS, brake, policies });
    for (const human of ['\u{d800}', 'x\u{dc00}y']) {
      expect(await watching.decide(request({ subject: subject({ human }) }))).toMatchObject({ effect: 'deny' });
    }
    expect(await watching.decide(request({ input: { localAs: 2 ** 53 } }))).toMatchObject({ effect: 'deny' });
    expect(asked).toEqual([]);
    expect(brake.reason()).toBeUndefined();
  });

  it('deny, stop changes until a human has looked, and let reading go on', async () => {
    const brake = createBrake();
    let lies = true;
    const lying: Referee = {
      ...referee,
      decide: async (questions) => {
        const decided = await referee.decide(questions);
        if (!lies || !decided.ok) return decided;
        return { ok: true, answers: decided.answers.map((answer) => ({ ...answer, policies: ['another-policy'] })) };
      },
    };
    const doubted = await createDecisionPoint({
      ...{ referee: lying, tools: EXAMPLE_TOOLS, brake },
      policies: await loadPolicies(DEFAULT_POLICIES),
    });
    const read = request({ tool: { name: 'bgp.read', domain: 'diagnostics', effect: 'read' }, input: {} });
    expect(await doubted.decide(request())).toMatchObject({ effect: 'deny', obligations: [] });
    expect(brake.reason()).toBe('the two policy evaluators disagree about bgp.set-local-as by operator@acme');
    expect(await doubted.decide({ ...request(), asks: 'listing' })).toMatchObject({ effect: 'permit' });
    expect(await doubted.decide(read)).toMatchObject({ effect: 'permit' });
    lies = false;
    expect((await doubted.decide(request())).reasons.join()).toMatch(/until a human has looked/);
    expect(brake.release()).toMatch(/disagree/);
    expect(await doubted.decide(request())).toMatchObject({ effect: 'permit' });
  });
});

describe('the proof at start', () => {
  it('finds nothing with the shipped policies', async () => {
    expect(await proveRefusals(point, EXAMPLE_TOOLS)).toEqual([]);
  });

  it('finds every refusal that a decision point permits', async () => {
    const careless: DecisionPoint = {
      ...point,
      decide: async (asked) => ({ ...(await point.decide(asked)), effect: 'permit' }),
    };
    expect(await proveRefusals(careless, EXAMPLE_TOOLS)).toHaveLength(listRefusals(EXAMPLE_TOOLS).length);
  });

  it('asks well-formed questions: the form is never what refuses', async () => {
    for (const { says, request: asked } of listRefusals(EXAMPLE_TOOLS)) {
      if (says === 'a tool that does not exist') continue;
      const { reasons } = await point.decide(asked);
      expect(reasons.join(), says).not.toMatch(/not valid|not recognized|unexpected/);
    }
  });
});
