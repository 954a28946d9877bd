/** What was predicted is held against what then was, and how wrong it was is in the receipt and in the log. */
import { describe, expect, it } from 'vitest';
import { type Bench, createBench, OPERATOR, outcomeOf, propose } from '../pipeline/bench.ts';

const describePort = { input: { interface: 'ge0/2', description: 'guests' }, intent: 'int_bbbbbbbb' };
const receiptOf = async (bench: Bench) => {
  const [approval] = await bench.approvals.list('acme');
  return (await bench.journal.find('acme', approval?.intent.id ?? ''))?.receipt;
};

describe('the prediction', () => {
  it('of a repair comes true, also where it says that something heals', async () => {
    const bench = await createBench();
    bench.inject();
    await bench.vote('admin@acme', await propose(bench));
    expect(await outcomeOf(bench.change())).toBe('succeeded');
    const receipt = await receiptOf(bench);
    expect(receipt?.rehearsal?.predicted.some((line) => line.includes('→ established'))).toBe(true);
    expect(receipt?.prediction).toMatchObject({ wrong: 0, lines: [] });
    expect(receipt?.prediction?.compared).toBeGreaterThan(5);
    const outcome = (await bench.entries()).find(({ kind }) => kind === 'outcome');
    expect(outcome?.content['prediction']).toMatchObject({ wrong: 0 });
  });

  it('is wrong where the network did something else meanwhile, and says where', async () => {
    const bench = await createBench();
    const change = () => bench.change(OPERATOR, describePort, 'interface.set-description');
    const answer = await change();
    if (answer.status !== 'pending') throw new Error('not pending');
    await bench.vote('admin@acme', answer.approval);
    bench.turn.meddle = (request) => void (request === 'confirm' && bench.inject('provider_outage', 'node/isp1_core'));
    expect(await outcomeOf(change())).toBe('succeeded');
    const { prediction } = (await receiptOf(bench)) ?? {};
    expect(prediction?.wrong).toBeGreaterThan(0);
    expect(prediction?.lines[0]).toMatch(/^tunnel\/br2_edge:.* bfd\.state: predicted up, is down$/);
  });

  it('leaves out what the model had wrong before', async () => {
    const bench = await createBench();
    bench.inject('provider_outage', 'node/isp1_core');
    const change = () => bench.change(OPERATOR, describePort, 'interface.set-description');
    const answer = await change();
    if (answer.status !== 'pending') throw new Error('not pending');
    await bench.vote('admin@acme', answer.approval);
    expect(await outcomeOf(change())).toBe('succeeded');
    expect((await receiptOf(bench))?.prediction).toMatchObject({ wrong: 0 });
  });

  it('is not compared with a device that does not answer, and fails no change', async () => {
    const bench = await createBench();
    bench.inject();
    await bench.vote('admin@acme', await propose(bench));
    bench.turn.meddle = (request) => void (request === 'unlock' && bench.turn.silent.add('acme/br2_edge'));
    expect(await outcomeOf(bench.change())).toBe('succeeded');
    expect((await receiptOf(bench))?.prediction).toMatchObject({ wrong: 0 });
  });
});
