/** Duties that come with a permit are kept, or the permit is a denial; plans stay where they were authorised. */
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { Effect, Obligation, Operation } from '../../../broker/contract.ts';
import { renderXml } from '../../../protocols/netconf/xml.ts';
import { defineTool } from '../../../tools/define-tool.ts';
import { editPort } from '../../../tools/interface-edit.ts';
import { askDirectorOf } from '../../../tools/operations.ts';
import { TOOLS } from '../../../tools/registry.ts';
import { createBench, DUTIES, OPERATOR, outcomeOf, propose } from '../pipeline/bench.ts';

const toolThat = (effect: Effect, plan: (device: string) => readonly Operation[]) =>
  defineTool({
    name: 'odd.tool',
    domain: 'wan',
    effect,
    description: 'Odd.',
    targets: 'many',
    input: z.strictObject({}),
    plan: (_input, { devices }) => devices.flatMap(plan),
    read: () => [],
  });
const edit = (device: string, name = 'x'): Operation => ({
  protocol: 'netconf',
  kind: 'edit-config',
  device,
  config: renderXml(editPort('ge0/2', 'description', name)),
});
const read = (device: string): Operation => ({ protocol: 'netconf', kind: 'get', device, filter: '' });

async function attempt(effect: Effect, plan: (device: string) => readonly Operation[]) {
  const bench = await createBench({ tools: [...TOOLS, toolThat(effect, plan)] });
  const outcome = await outcomeOf(bench.change(OPERATOR, { target: { devices: ['br1_edge'] }, input: {} }, 'odd.tool'));
  return { bench, outcome };
}

describe('an obligation', () => {
  const unknown = { kind: 'sacrifice' } as unknown as Obligation;
  it.each<Obligation>([{ kind: 'redact', fields: ['x'] }, { kind: 'notify', channel: 'x' }, unknown])(
    'that nobody keeps makes a permit a denial: $kind',
    async (duty) => {
      const bench = await createBench();
      bench.inject();
      bench.turn.obligations = [...DUTIES, duty];
      expect(await outcomeOf(bench.change())).toBe('DENIED');
      expect((await bench.entries()).at(-1)?.content['reason']).toBe(`obligation ${duty.kind} cannot be kept`);
    },
  );

  it('to step up is kept by whoever showed a second factor a few minutes ago, and by nobody else', async () => {
    const bench = await createBench();
    bench.inject();
    bench.turn.obligations = [...DUTIES, { kind: 'step-up' }];
    const at = (ago: number): string => new Date(bench.clock.now() - ago).toISOString();
    expect(await outcomeOf(bench.change())).toBe('STEP_UP_REQUIRED');
    expect(await outcomeOf(bench.change({ ...OPERATOR, steppedUpAt: at(301_000) }))).toBe('STEP_UP_REQUIRED');
    expect(await outcomeOf(bench.change({ ...OPERATOR, steppedUpAt: at(-1_000) }))).toBe('STEP_UP_REQUIRED');
    expect(await outcomeOf(bench.change({ ...OPERATOR, steppedUpAt: at(299_000) }))).toBe('pending');
  });

  it('is no question for who can only look: the tool is not there', async () => {
    const bench = await createBench();
    bench.inject();
    expect(await outcomeOf(bench.change({ ...OPERATOR, lookOnly: 'unbound' }))).toBe('NOT_FOUND');
  });

  it.each<Obligation>([
    { kind: 'require-approval', count: 1, role: 'tenant-admin' },
    { kind: 'rehearse' },
    { kind: 'confirmed-commit', seconds: 60 },
  ])('of changes cannot be kept by a read or probe: $kind', async (duty) => {
    const bench = await createBench({
      decisionPoint: {
        decide: async (request) => ({
          id: 'dec_1',
          effect: 'permit',
          policies: [],
          reasons: [],
          obligations: request.tool.effect === 'read' || request.tool.effect === 'probe' ? [duty] : [],
          advice: [],
          revision: 'r1',
        }),
        revision: () => 'r1',
        close: async () => undefined,
      },
    });
    const target = { devices: ['br1_edge'] };
    const ping = { target, input: { vrf: 10, destination: '10.100.20.10' }, purpose: 'chat:1' };
    expect(await outcomeOf(bench.call(OPERATOR, 'diagnostics', 'probe.ping', ping))).toBe('DENIED');
    expect(await outcomeOf(bench.call(OPERATOR, 'diagnostics', 'bgp.read', { ...ping, input: {} }))).toBe('DENIED');
    expect(bench.reads).toEqual([]);
  });

  it('to let a device take a change back is kept by devices that do so only', async () => {
    const bench = await createBench();
    bench.inject();
    bench.turn.ladders.set('acme/br2_edge', 'confirmed');
    expect(await outcomeOf(bench.change())).toBe('pending');
    bench.turn.ladders.set('acme/br2_edge', 'candidate');
    expect(await outcomeOf(bench.change(undefined, { intent: 'int_bbbbbbbb' }))).toBe('DENIED');
    expect((await bench.entries()).at(-1)?.content['reason']).toBe('obligation confirmed-commit cannot be kept');
    const asked: unknown[] = [];
    bench.turn.permit = ({ targets }) => asked.push(...targets.map(({ ladder }) => ladder)) > 0;
    bench.turn.obligations = DUTIES.filter(({ kind }) => kind !== 'confirmed-commit');
    expect(await outcomeOf(bench.change(undefined, { intent: 'int_cccccccc' }))).toBe('pending');
    expect(asked).toEqual(['candidate']);
  });

  it('to limit is kept, also for reads', async () => {
    const bench = await createBench({
      decisionPoint: {
        decide: async () => ({
          id: 'dec_1',
          effect: 'permit',
          policies: [],
          reasons: [],
          obligations: [{ kind: 'limit', devices: 1 }],
          advice: [],
          revision: 'r1',
        }),
        revision: () => 'r1',
        close: async () => undefined,
      },
    });
    const of = (...devices: string[]) =>
      outcomeOf(bench.call(OPERATOR, 'diagnostics', 'bgp.read', { target: { devices }, input: {}, purpose: 'chat:1' }));
    expect(await of('br1_edge', 'br2_edge')).toBe('LIMITED');
    expect(await of('br1_edge', 'br1_edge')).toBe('done');
  });

  it('to commit confirmed gives the device its time', async () => {
    const bench = await createBench();
    bench.inject();
    bench.turn.obligations = DUTIES.map((one) => (one.kind === 'confirmed-commit' ? { ...one, seconds: 30 } : one));
    const asked: number[] = [];
    const { write } = bench.shared.devices;
    bench.shared.devices.write = async (tenant, device) => {
      const session = await write(tenant, device);
      return {
        ...session,
        commitConfirmed: (options) => {
          asked.push(options.timeoutSeconds);
          return session.commitConfirmed(options);
        },
      };
    };
    const answer = await bench.change();
    if (answer.status !== 'pending') throw new Error('not pending');
    await bench.vote('admin@acme', answer.approval);
    await bench.change();
    expect(asked).toEqual([30]);
  });
});

describe('a plan', () => {
  it.each<readonly [string, Effect, (device: string) => readonly Operation[]]>([
    ['changes another device than its target', 'change', () => [edit('br2_edge')]],
    ['reads another device than its target', 'read', () => [read('br2_edge')]],
    ['asks a controller by another way than its own', 'read', () => [read('director')]],
    ['asks a controller about another device too', 'read', (device) => askDirectorOf([device, 'br2_edge'], '/x')],
  ])('that %s is a defect, and stops', async (_says, effect, plan) => {
    const { bench, outcome } = await attempt(effect, plan);
    expect(outcome).toBe('INTERNAL');
    expect(bench.reads).toEqual([]);
  });

  it.each<readonly [string, (device: string) => readonly Operation[]]>([
    ['nothing', () => []],
    ['two edits', (device) => [edit(device), edit(device, 'y')]],
    ['an edit and a read', (device) => [edit(device), read(device)]],
    ['a read', (device) => [read(device)]],
  ])('of a change that is %s is denied', async (_says, plan) => {
    const { bench, outcome } = await attempt('change', plan);
    expect(outcome).toBe('DENIED');
    expect(await bench.approvals.list('acme')).toEqual([]);
  });

  it('that leaves out one of its devices is denied', async () => {
    const bench = await createBench({
      tools: [...TOOLS, toolThat('change', (device) => (device === 'br1_edge' ? [edit(device)] : []))],
    });
    bench.turn.obligations = DUTIES.filter((one) => one.kind !== 'limit');
    const more = { target: { devices: ['br1_edge', 'br2_edge'] }, input: {} };
    await expect(bench.change(OPERATOR, more, 'odd.tool')).rejects.toThrow(/exactly one NETCONF edit on each device/);
  });

  it('of a containment that has no end, or is an edit that nothing would take back, is denied', async () => {
    const { bench, outcome } = await attempt('contain', (device) => [edit(device)]);
    expect(outcome).toBe('DENIED');
    bench.turn.obligations = [];
    const bare = bench.change(OPERATOR, { target: { devices: ['br1_edge'] }, input: {} }, 'odd.tool');
    expect(await outcomeOf(bare)).toBe('DENIED');
  });

  it('of a change that contains is denied: it has no end', async () => {
    const measure = { kind: 'deny-traffic', source: '10.1.10.11' } as const;
    const { outcome } = await attempt('change', (device) => [
      { protocol: 'netconf', kind: 'contain', device, measure },
    ]);
    expect(outcome).toBe('DENIED');
  });

  it('whose edit does not apply, changes nothing, or leaves the data model is refused', async () => {
    const of = (config: string) => attempt('change', (device) => [{ ...edit(device), config } as Operation]);
    const port = renderXml(editPort('ge0/2', 'description', 'corp LAN'));
    const nc = 'xmlns:nc="urn:ietf:params:xml:ns:netconf:base:1.0"';
    for (const config of [
      port.replace('<name>', `<name ${nc} nc:operation="delete">`),
      port,
      '<no-such-thing xmlns="urn:wayleave:sdwan">1</no-such-thing>',
    ])
      expect((await of(config)).outcome).toBe('INPUT_INVALID');
  });
});

describe('a change window', () => {
  it('that a duty names is open for every device, or the change is refused', async () => {
    const bench = await createBench();
    bench.inject();
    bench.turn.obligations = [...DUTIES, { kind: 'change-window', name: 'night' }];
    expect(await outcomeOf(bench.change())).toBe('DENIED');
    const open = (devices: readonly string[]) =>
      bench.desk.openWindow(bench.subjectOf({ human: 'admin@acme' }), {
        ...{
          name: 'night',
          devices,
          from: new Date(bench.clock.now()).toISOString(),
          seconds: 3600,
          reason: 'planned',
        },
      });
    await open(['br1_edge']);
    expect(await outcomeOf(bench.change(undefined, { intent: 'int_bbbbbbbb' }))).toBe('DENIED');
    const { id } = await open(['br2_edge']);
    const approval = await propose(bench, undefined, { intent: 'int_cccccccc' });
    await bench.vote('admin@acme', approval);
    await bench.desk.closeWindow(bench.subjectOf({ human: 'admin@acme' }), id);
    expect(await outcomeOf(bench.change(undefined, { intent: 'int_cccccccc' }))).toBe('DENIED');
    expect(bench.device('acme', 'br2_edge').commits).toEqual([]);
  });

  it('is opened by an administrator, for devices of the tenant', async () => {
    const bench = await createBench();
    const wanted = {
      ...{ name: 'night', devices: ['br2_edge'], from: new Date(bench.clock.now()).toISOString(), seconds: 3600 },
      reason: 'planned',
    };
    const open = (human: string, more: object = {}) =>
      bench.desk.openWindow(bench.subjectOf({ human }), { ...wanted, ...more });
    await expect(open('operator@acme')).rejects.toMatchObject({ code: 'DENIED' });
    await expect(open('admin@acme', { devices: ['nowhere'] })).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(open('admin@acme', { seconds: 4 * 86_400 })).rejects.toMatchObject({ code: 'INPUT_INVALID' });
    const { id } = await open('admin@acme');
    await expect(bench.desk.closeWindow(bench.subjectOf({ human: 'admin@globex' }), id)).rejects.toMatchObject({
      code: 'NOT_FOUND',
    });
  });
});
