/** The life of a change as it should be. */
import { describe, expect, it } from 'vitest';
import { createBench, propose, RIGHT_AS } from './bench.ts';

describe('the life of a change', () => {
  it('waits for a person, executes once, verifies, and leaves one digest in every record', async () => {
    const bench = await createBench();
    bench.inject();
    expect(bench.localAs()).not.toBe(RIGHT_AS);
    const approval = await propose(bench);
    await bench.vote('admin@acme', approval);
    const answer = await bench.change();
    if (answer.status !== 'done' || answer.receipt === undefined) throw new Error('no receipt');
    const { receipt } = answer;
    expect(receipt.outcome).toBe('succeeded');
    expect(bench.localAs()).toBe(RIGHT_AS);
    expect((await bench.approvals.get('acme', approval))?.status).toBe('consumed');
    expect(await bench.journal.unfinished()).toEqual([]);

    const { digest } = receipt.intent;
    expect((await bench.approvals.get('acme', approval))?.intent.digest).toBe(digest);
    const own = (await bench.entries()).filter((entry) => entry.intent === receipt.intent.id);
    expect(own.map((entry) => entry.kind)).toEqual(['pending', 'approval.vote', 'execute', 'outcome']);
    expect(own.map((entry) => entry.content['digest'])).toEqual([digest, digest, digest, digest]);
    expect(own.at(-1)?.index).toBe(receipt.auditIndex);
  });

  it('ends before the device when who asked may act no more by then', async () => {
    const bench = await createBench();
    bench.inject();
    const approval = await propose(bench);
    await bench.vote('admin@acme', approval);
    bench.turn.ended = 'session ended';
    await expect(bench.change()).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
    expect(bench.localAs()).not.toBe(RIGHT_AS);
    expect((await bench.entries()).at(-1)).toMatchObject({
      ...{ kind: 'refused', human: 'operator@acme', content: { reason: 'before execution: session ended' } },
    });
    bench.turn.ended = undefined;
    expect(await bench.change()).toMatchObject({ status: 'done' });
  });
});
