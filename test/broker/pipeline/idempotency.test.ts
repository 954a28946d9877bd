/** One intent key is one change: whoever calls, however often, and at the same time. */
import { describe, expect, it } from 'vitest';
import type { Answer } from '../../../broker/contract.ts';
import { AGENT, type Bench, createBench, OPERATOR, outcomeOf, propose, RIGHT_AS } from './bench.ts';

async function approved(): Promise<Bench> {
  const bench = await createBench();
  bench.inject();
  await bench.vote('admin@acme', await propose(bench));
  return bench;
}
const commits = (bench: Bench): number => bench.device('acme', 'br2_edge').commits.length;

describe('one intent key', () => {
  it('executes once however many calls come at the same time, and all get the same receipt', async () => {
    const bench = await approved();
    const answers = await Promise.all(Array.from({ length: 8 }, () => bench.change()));
    const receipts = answers.map((answer: Answer) =>
      answer.status === 'done' ? answer.receipt?.auditIndex : undefined,
    );
    expect(new Set(receipts).size).toBe(1);
    expect(receipts[0]).toBeTypeOf('number');
    expect(commits(bench)).toBe(1);
    expect((await bench.kinds()).filter((kind) => kind === 'execute')).toHaveLength(1);
    expect((await bench.kinds()).filter((kind) => kind === 'repeated')).toHaveLength(7);
  });

  it('answers a finished change again, although it would now change nothing', async () => {
    const bench = await approved();
    expect(await outcomeOf(bench.change())).toBe('succeeded');
    expect(await outcomeOf(bench.change())).toBe('succeeded');
    expect(commits(bench)).toBe(1);
    expect((await bench.kinds()).at(-1)).toBe('repeated');
  });

  it('is one proposal when it is first used by several calls at once', async () => {
    const bench = await createBench();
    bench.inject();
    let step = 0;
    // Calls that do not even see the same time.
    bench.shared.clock.now = () => {
      step += 1;
      return bench.network.now() + step;
    };
    const answers = await Promise.all([bench.change(), bench.change(), bench.change()]);
    expect(new Set(answers.map((answer) => (answer.status === 'pending' ? answer.approval : ''))).size).toBe(1);
    expect(await bench.approvals.list('acme')).toHaveLength(1);
  });

  it.each([
    ['another input', { input: { localAs: RIGHT_AS + 1 } }],
    ['another device', { target: { devices: ['br1_edge'] } }],
    ['another purpose', { purpose: 'chat:2' }],
  ])('is a conflict with %s', async (_says, more) => {
    const bench = await approved();
    expect(await outcomeOf(bench.change(OPERATOR, more))).toBe('CONFLICT');
    expect(await outcomeOf(bench.change(OPERATOR, more).then((answer) => answer))).toBe('CONFLICT');
    expect(commits(bench)).toBe(0);
  });

  it('is a conflict also for a call that raced with the first', async () => {
    const bench = await createBench();
    bench.inject();
    const outcomes = await Promise.all([
      outcomeOf(bench.change()),
      outcomeOf(bench.change(OPERATOR, { input: { localAs: RIGHT_AS + 1 } })),
      outcomeOf(bench.change(OPERATOR, { purpose: 'chat:2' })),
    ]);
    expect(outcomes).toEqual(['pending', 'CONFLICT', 'CONFLICT']);
    expect(await bench.approvals.list('acme')).toHaveLength(1);
  });

  it('belongs to who used it first: the intent of another is a conflict, and the same key of another is another intent', async () => {
    const bench = await approved();
    const [approval] = await bench.approvals.list('acme');
    const taken = approval?.intent.id ?? '';
    expect(await outcomeOf(bench.change({ human: 'second@acme' }, { intent: taken }))).toBe('CONFLICT');
    expect(await outcomeOf(bench.change(AGENT, { intent: taken }))).toBe('CONFLICT');
    expect(await outcomeOf(bench.change({ human: 'second@acme' }))).toBe('pending');
    expect(commits(bench)).toBe(0);
    // Its owner may name it by the id that the answer gave.
    expect(await outcomeOf(bench.change(OPERATOR, { intent: taken }))).toBe('succeeded');
  });

  it('dies with its intent', async () => {
    const bench = await createBench();
    bench.inject();
    await propose(bench);
    bench.advance(31 * 60_000);
    expect(await outcomeOf(bench.change())).toBe('APPROVAL_EXPIRED');
  });

  it('asks nobody any more when its intent is over', async () => {
    const bench = await createBench();
    bench.inject();
    const { create } = bench.shared.approvals;
    bench.shared.approvals.create = () => Promise.reject(new Error('disk full'));
    expect(await outcomeOf(bench.change())).toBe('INTERNAL');
    bench.shared.approvals.create = create;
    bench.advance(31 * 60_000);
    expect(await outcomeOf(bench.change())).toBe('APPROVAL_EXPIRED');
  });

  it('of a change is not the key of a read', async () => {
    const bench = await createBench();
    bench.inject();
    await propose(bench);
    const read = { target: { devices: ['br2_edge'] }, input: {}, purpose: 'chat:1', intent: 'int_aaaaaaaa' };
    expect(await outcomeOf(bench.call(OPERATOR, 'diagnostics', 'bgp.read', read))).toBe('CONFLICT');
  });

  it('asked for again is no further change, and new ones are limited', async () => {
    const bench = await createBench();
    bench.inject();
    const ask = (n: number) => outcomeOf(bench.change(OPERATOR, { intent: `int_aaaaaaaa${n}` }));
    for (let n = 0; n < 10; n += 1) expect(await ask(n)).toBe('pending');
    expect(await ask(0)).toBe('pending');
    expect(await ask(10)).toBe('LIMITED');
  });
});
