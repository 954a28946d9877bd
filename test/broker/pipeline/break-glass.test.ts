/** Emergencies: nobody is asked first, everything else is as always, and somebody looks afterwards. */
import { describe, expect, it } from 'vitest';
import type { WantedBreakGlass } from '../../../broker/grants/break-glass.ts';
import { type Bench, type Caller, createBench, OPERATOR, outcomeOf } from './bench.ts';

const ONCALL: Caller = { human: 'second@acme' };

async function open(): Promise<{ readonly bench: Bench; readonly incident: string }> {
  const bench = await createBench();
  bench.turn.roles.set('second@acme', ['tenant-operator', 'break-glass']);
  bench.inject();
  const input = { title: 'branch down', severity: 'critical', resources: [], evidence: [] };
  await bench.call(OPERATOR, 'inventory', 'incident.open', { input, purpose: 'chat:1' });
  return { bench, incident: (await bench.incidents.list('acme'))[0]?.id ?? '' };
}
const glass = (bench: Bench, incident: string, more: Partial<WantedBreakGlass> = {}, human = 'second@acme') =>
  bench.desk.breakGlass(bench.subjectOf({ human }), {
    ...{ incident, devices: ['br2_edge'], reason: 'nobody answers', seconds: 1800 },
    ...more,
  });
const change = (bench: Bench, purpose: string, caller = ONCALL, more = {}) =>
  outcomeOf(bench.change(caller, { purpose, ...more }));
const review = (bench: Bench, id: string, human: string) =>
  bench.desk.reviewBreakGlass(bench.subjectOf({ human }), id, { verdict: 'justified', reason: 'it was down' });

describe('an emergency', () => {
  it('executes without an approval, rehearsed and as a transaction, and its use is in receipt, list and log', async () => {
    const { bench, incident } = await open();
    expect(await change(bench, incident, ONCALL, { intent: 'int_bbbbbbbb' })).toBe('pending');
    const { id } = await glass(bench, incident);
    expect(await change(bench, incident)).toBe('succeeded');
    expect(await change(bench, incident)).toBe('succeeded');
    expect(bench.device('acme', 'br2_edge').commits).toHaveLength(1);
    const [broken] = await bench.desk.breakGlasses(bench.subjectOf({ human: 'admin@acme' }));
    expect(broken?.uses).toHaveLength(1);
    const receipt = (await bench.journal.find('acme', broken?.uses[0] ?? ''))?.receipt;
    expect(receipt).toMatchObject({ approvals: [], outcome: 'succeeded', rehearsal: { verdict: 'pass' } });
    const entries = await bench.entries();
    expect(entries.findLast(({ kind }) => kind === 'execute')?.content['breakGlass']).toBe(id);
    expect(entries.findIndex(({ kind }) => kind === 'break-glass.opened')).toBeGreaterThan(0);
    expect(bench.log).toContainEqual(expect.objectContaining({ breakGlass: id }));
  });

  it('is for its person, incident and devices, not through an agent, and ends by itself or with its review', async () => {
    const { bench, incident } = await open();
    const { id } = await glass(bench, incident, { seconds: 600 });
    const next = (n: number) => ({ intent: `int_cccccccc${n}` });
    expect(await change(bench, 'chat:1', ONCALL, next(1))).toBe('pending');
    expect(await change(bench, incident, OPERATOR, next(2))).toBe('pending');
    expect(await change(bench, incident, { ...ONCALL, agent: 'troubleshooter' }, next(3))).toBe('pending');
    const elsewhere = { ...next(4), target: { devices: ['br1_edge'] }, input: { localAs: 65_009 } };
    expect(await change(bench, incident, ONCALL, elsewhere)).not.toBe('succeeded');
    bench.turn.roles.set('second@acme', ['tenant-operator']);
    expect(await change(bench, incident, ONCALL, next(5))).toBe('pending');
    bench.turn.roles.set('second@acme', ['tenant-operator', 'break-glass']);
    await review(bench, id, 'admin@acme');
    expect(await change(bench, incident, ONCALL, next(6))).toBe('pending');
    await glass(bench, incident, { seconds: 60 });
    bench.advance(61_000);
    expect(await change(bench, incident, ONCALL, next(7))).toBe('pending');
    expect(bench.device('acme', 'br2_edge').commits).toEqual([]);
  });

  it('stops at policy and rehearsal as everybody does', async () => {
    const { bench, incident } = await open();
    await glass(bench, incident);
    bench.network.clear(bench.network.faults()[0]?.id ?? '');
    bench.advance(60_000);
    const shut = { purpose: incident, input: { interface: 'ge0/2', enabled: false } };
    await expect(bench.change(ONCALL, shut, 'interface.set-enabled')).rejects.toThrow(/The rehearsal .* failed/);
    bench.turn.permit = () => false;
    expect(await change(bench, incident, ONCALL, { intent: 'int_dddddddd' })).not.toBe('succeeded');
    expect(bench.device('acme', 'br2_edge').commits).toEqual([]);
  });

  it('is reviewed by somebody else before the same person can declare the next', async () => {
    const { bench, incident } = await open();
    const { id } = await glass(bench, incident);
    await change(bench, incident);
    bench.advance(1_801_000);
    await expect(glass(bench, incident)).rejects.toMatchObject({ code: 'DENIED' });
    await expect(review(bench, id, 'second@acme')).rejects.toMatchObject({ code: 'DENIED' });
    for (const stranger of ['operator@acme', 'admin@globex'])
      await expect(review(bench, id, stranger)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    expect((await review(bench, id, 'admin@acme')).review).toMatchObject({ by: 'admin@acme', verdict: 'justified' });
    expect((await glass(bench, incident)).id).not.toBe(id);
  });

  it('cannot put off its review by another one that is declared in time', async () => {
    const { bench, incident } = await open();
    const { id } = await glass(bench, incident);
    expect(await change(bench, incident)).toBe('succeeded');
    bench.advance(1_700_000);
    await glass(bench, incident);
    bench.advance(101_000);
    const describe = { purpose: incident, input: { interface: 'ge0/2', description: 'x' } };
    const label = (intent: string) =>
      outcomeOf(bench.change(ONCALL, { ...describe, intent }, 'interface.set-description'));
    expect(await label('int_eeeeeee2')).toBe('pending');
    await review(bench, id, 'admin@acme');
    expect(await label('int_eeeeeee3')).toBe('succeeded');
  });

  it.each([
    ['without the role', {}, 'operator@acme', 'DENIED'],
    ['without an incident', { incident: 'inc_none' }, 'second@acme', 'NOT_FOUND'],
    ['of a device that is not there', { devices: ['br9_edge'] }, 'second@acme', 'NOT_FOUND'],
    ['of no device', { devices: [] }, 'second@acme', 'NOT_FOUND'],
    ['of two hours', { seconds: 7200 }, 'second@acme', 'INPUT_INVALID'],
  ])('%s is refused', async (_says, more, human, code) => {
    const { bench, incident } = await open();
    await expect(glass(bench, incident, more, human)).rejects.toMatchObject({ code });
  });
});
