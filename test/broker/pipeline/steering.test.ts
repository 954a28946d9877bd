/** The tools that adjust how applications are steered and queued, through the whole pipeline: what the rehearsal predicts of each path, what it refuses, and what users have of it. */
import { describe, expect, it } from 'vitest';
import { createBench, OPERATOR, outcomeOf } from './bench.ts';

type Bench = Awaited<ReturnType<typeof createBench>>;

const ask = (bench: Bench, tool: string, device: string, input: object, intent = 'int_steering0000') =>
  bench.call(OPERATOR, 'experience', tool, { target: { devices: [device] }, input, purpose: 'chat:1', intent });

/** Asks, has it approved, asks again. */
async function carryOut(bench: Bench, tool: string, device: string, input: object, intent?: string) {
  const answer = await ask(bench, tool, device, input, intent);
  if (answer.status !== 'pending') throw new Error('not pending');
  await bench.vote('admin@acme', answer.approval);
  const approval = await bench.approvals.get('acme', answer.approval);
  return { rehearsal: approval?.rehearsal, outcome: await outcomeOf(ask(bench, tool, device, input, intent)) };
}

const erpAt = ({ network }: Bench, device: string) =>
  network.state({ tenant: 'acme', device }).applications.find(({ application }) => application === 'erp');

/** A rule that pins the ERP to the internet, and a provider that loses packets there. */
async function pinned(): Promise<Bench> {
  const bench = await createBench({ branches: 3 });
  bench.inject('approute_pins_bad_path', 'policy/director/approute-erp');
  bench.inject('provider_brownout', 'circuit/br3/biz-internet');
  return bench;
}

const ERP = { rule: 'erp', colors: ['mpls', 'biz-internet'], strict: false };

describe('steering', () => {
  it('says which application takes which path from where, and moves it', async () => {
    const bench = await pinned();
    expect(erpAt(bench, 'br3_edge')).toMatchObject({ color: 'biz-internet' });
    expect(erpAt(bench, 'br3_edge')?.score).toBeLessThan(60);
    const { rehearsal, outcome } = await carryOut(bench, 'approute.set-colors', 'director', ERP);
    expect(rehearsal?.predicted).toContainEqual(
      expect.stringMatching(
        /^node\/br3_edge erp path: biz-internet \(loss [4-8][.\d]* %, round trip \d[.\d]* ms, misses critical\) → mpls \(loss 0[.\d]* %, .*, meets critical\)$/,
      ),
    );
    expect(rehearsal?.blastRadius.devices).toEqual(['br1_edge', 'br2_edge', 'br3_edge', 'director']);
    expect(rehearsal?.blastRadius.applications).toEqual(['erp']);
    expect(outcome).toBe('succeeded');
    expect(erpAt(bench, 'br3_edge')).toMatchObject({ color: 'mpls' });
    expect(erpAt(bench, 'br3_edge')?.score).toBeGreaterThan(80);
  });

  it('is refused when an application would leave a path that is good for one that is not', async () => {
    const bench = await createBench({ branches: 3 });
    bench.inject('provider_brownout', 'circuit/br3/biz-internet');
    const before = bench.network.config({ tenant: 'acme', device: 'director' });
    await expect(
      ask(bench, 'approute.set-colors', 'director', { rule: 'erp', colors: ['biz-internet'], strict: true }),
    ).rejects.toThrow(/classes-kept: erp of br3_edge would go to biz-internet, which misses critical/);
    expect(bench.network.config({ tenant: 'acme', device: 'director' })).toEqual(before);
    // Preferred only, and not bound to it: what misses the class is passed over.
    const answer = await ask(bench, 'approute.set-colors', 'director', {
      ...{ rule: 'erp', colors: ['biz-internet', 'mpls'], strict: false },
    });
    if (answer.status !== 'pending') throw new Error('not pending');
    const { rehearsal } = (await bench.approvals.get('acme', answer.approval)) ?? {};
    expect(rehearsal?.predicted.filter((line) => line.includes('br3_edge erp'))).toEqual([]);
  });

  it('is refused for a rule that is not there, an edge that has no rules, and what changes nothing', async () => {
    const bench = await createBench();
    for (const [device, input] of [
      ['director', { ...ERP, rule: 'nothing' }],
      ['br2_edge', ERP],
      ['director', ERP],
    ] as const)
      await expect(ask(bench, 'approute.set-colors', device, input)).rejects.toMatchObject({ code: 'INPUT_INVALID' });
  });
});

describe('queues', () => {
  it('give voice back what a wrong intention took from it, where config.restore finds nothing to restore', async () => {
    const bench = await createBench();
    const [place = ''] = bench.network.bearers('acme', 'qos_misqueue');
    const [, device = '', policy = ''] = place.split('/');
    bench.inject('qos_misqueue', place);
    const voice = () =>
      bench.network
        .config({ tenant: 'acme', device })
        .qos.find(({ name }) => name === policy)
        ?.classes.find((one) => one.class === 'voice');
    expect(voice()).toMatchObject({ bandwidthPct: 0, priority: false });
    const share = { policy, class: 'voice', priority: true };
    await expect(
      ask(bench, 'qos.set-class', device, { ...share, bandwidthPct: 30 }, 'int_toomuch00000'),
    ).rejects.toThrow(/queues-add-up: the shares of qos-wan would add up to 110 %/);
    const { outcome } = await carryOut(bench, 'qos.set-class', device, { ...share, bandwidthPct: 20 });
    expect(outcome).toBe('succeeded');
    expect(voice()).toMatchObject({ bandwidthPct: 20, priority: true });
  });

  it('never take from voice', async () => {
    const bench = await createBench();
    await expect(
      ask(bench, 'qos.set-class', 'br2_edge', { policy: 'qos-wan', class: 'voice', bandwidthPct: 5, priority: true }),
    ).rejects.toThrow(/voice-kept/);
  });
});

it('code points that a tunnel rewrote are kept again', async () => {
  const bench = await createBench();
  const [place = ''] = bench.network.bearers('acme', 'dscp_remark');
  const [, device = ''] = place.split('/');
  bench.inject('dscp_remark', place);
  const rewrites = () =>
    bench.network.config({ tenant: 'acme', device }).tunnels.filter(({ dscpRewrite }) => dscpRewrite !== undefined);
  const tunnel = rewrites()[0]?.name ?? '';
  for (const [at, { name }] of rewrites().entries())
    expect((await carryOut(bench, 'tunnel.set-dscp', device, { tunnel: name }, `int_dscp0000000${at}`)).outcome).toBe(
      'succeeded',
    );
  expect(rewrites()).toEqual([]);
  await expect(ask(bench, 'tunnel.set-dscp', device, { tunnel, dscp: 0 })).rejects.toThrow(/voice-kept/);
});
