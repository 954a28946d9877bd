/** The desk: watching ends when the watcher leaves, and pages of the log stay within bounds. */
import { describe, expect, it } from 'vitest';
import { createBench, TOLD } from './pipeline/bench.ts';

const STEP = { device: 'br2_edge', step: 'lock', ok: true, detail: '', at: '' } as const;

describe('watching steps', () => {
  it('shows the steps of the own tenant, and ends also while it waits for one', async () => {
    const bench = await createBench();
    const steps = bench.desk.steps(bench.subjectOf({ human: 'admin@acme' }))[Symbol.asyncIterator]();
    bench.feed.publish({ tenant: 'globex', intent: 'int_theirs', step: STEP });
    bench.feed.publish({ tenant: 'acme', intent: 'int_ours', step: STEP });
    expect(await steps.next()).toEqual({ done: false, value: { intent: 'int_ours', ...STEP } });
    const waiting = steps.next();
    await steps.return?.();
    expect(await waiting).toEqual({ done: true, value: undefined });
    expect(await steps.next()).toEqual({ done: true, value: undefined });
  });

  it('rings once for a network that stands otherwise, of the own tenant', async () => {
    const bench = await createBench();
    const steps = bench.desk.steps(bench.subjectOf({ human: 'admin@acme' }))[Symbol.asyncIterator]();
    for (const tenant of ['globex', 'acme', 'acme']) bench.feed.ring(tenant);
    bench.feed.publish({ tenant: 'acme', intent: 'int_ours', step: STEP });
    expect([(await steps.next()).value, (await steps.next()).value]).toEqual([
      'network',
      { intent: 'int_ours', ...STEP },
    ]);
    await steps.return?.();
  });

  it('keeps no watcher that left before it read', async () => {
    const bench = await createBench();
    const stop = new AbortController();
    const unread = bench.feed.watch('acme', stop.signal)[Symbol.asyncIterator]();
    stop.abort();
    bench.feed.publish({ tenant: 'acme', intent: 'int_ours', step: STEP });
    expect(await unread.next()).toEqual({ done: true, value: undefined });
  });
});

describe('the log', () => {
  it('is read by overseers only, of their tenant only, a page at a time', async () => {
    const bench = await createBench();
    for (let n = 0; n < 1100; n += 1)
      await bench.audit.append({ at: '', tenant: n % 50 === 0 ? 'globex' : 'acme', kind: 'test', content: { n } });
    const read = (human: string, limit: number) => bench.desk.auditEntries(bench.subjectOf({ human }), 0, limit);
    await expect(read('operator@acme', 10)).rejects.toMatchObject({ code: 'DENIED' });
    expect(await read('admin@acme', 1_000_000)).toHaveLength(1000);
    expect((await read('admin@globex', 1_000_000)).every((entry) => entry.tenant === 'globex')).toBe(true);
  });
});

describe('the counts of what devices told', () => {
  it('are for overseers', async () => {
    const { desk, subjectOf } = await createBench();
    await expect(desk.telemetry(subjectOf({ human: 'operator@acme' }))).rejects.toMatchObject({ code: 'DENIED' });
    expect(await desk.telemetry(subjectOf({ human: 'admin@acme' }))).toEqual(TOLD);
  });
});
