/** Calls that only look at the broker's own records: both their entries are written together, and nobody is answered before. */
import { describe, expect, it } from 'vitest';
import { type Bench, createBench, outcomeOf } from './bench.ts';

const look = (bench: Bench, tool = 'inventory.devices'): Promise<string> =>
  outcomeOf(bench.call({ human: 'operator@acme' }, 'inventory', tool, { input: {}, purpose: 'chat:1' }));
const last = async (bench: Bench): Promise<readonly string[]> => (await bench.kinds()).slice(-2);

describe('a look at the broker’s own records', () => {
  it.each(['execute', 'outcome'])('is not answered when the log does not take its entry %s', async (lost) => {
    const bench = await createBench();
    bench.turn.failAudit = (entry) => entry.kind === lost;
    expect(await look(bench)).toBe('UNAVAILABLE');
  });

  it('leaves both entries in one group, the decision in the first, with the time at which they were written', async () => {
    const bench = await createBench();
    const queued: string[] = [];
    let turns = 0;
    bench.turn.failAudit = (entry) => {
      queued.push(`${entry.kind} in turn ${turns}`);
      void Promise.resolve().then(() => {
        turns += 1;
      });
      return false;
    };
    expect(await look(bench)).toBe('done');
    expect(queued).toEqual(['execute in turn 0', 'outcome in turn 0']);
    const [first, second] = (await bench.entries()).slice(-2);
    expect([first?.kind, second?.kind]).toEqual(['execute', 'outcome']);
    expect(first?.content).toMatchObject({ decision: 'permit', operations: ['records devices {}'] });
    expect(second?.at).toBe(first?.at);
    expect(second?.content).not.toHaveProperty('asked');
  });

  it('that fails leaves its decision and why it failed', async () => {
    const bench = await createBench();
    expect(await look(bench)).toBe('done');
    bench.turn.failAudit = () => false;
    const { list } = bench.incidents;
    bench.incidents.list = () => Promise.reject(new Error('the table is gone'));
    expect(await look(bench, 'incident.list')).toBe('INTERNAL');
    bench.incidents.list = list;
    expect(await last(bench)).toEqual(['execute', 'failed']);
  });
});
