/** What scheduled work keeps of records: the signed checkpoint as the log has it, and the retention of telemetry. */
import { describe, expect, it } from 'vitest';
import { parseCheckpoint, parseNote } from '../../../broker/audit/note.ts';
import { readTelemetry } from '../../../broker/execution/read-telemetry.ts';
import { createBench } from '../pipeline/bench.ts';

describe('the checkpoint', () => {
  it('is the one of the log, and is one record with its signatures', async () => {
    const bench = await createBench();
    const ask = (human: string) =>
      bench.call({ human }, 'compliance', 'audit.read', { input: { last: 1, checkpoint: true }, purpose: 'chat:1' });
    const answer = await ask('operator@acme');
    if (answer.status !== 'done') throw new Error('it waits');
    const value = (signal: string) => answer.evidence.find((one) => one.signal === `audit.checkpoint.${signal}`)?.value;
    const { text, signatures } = parseNote(String(value('note')));
    const { size, root } = parseCheckpoint(text);
    expect(value('size')).toBe(size);
    expect(value('root')).toBe(root.toString('base64'));
    expect(size).toBeGreaterThan(0);
    expect(value('witnessed')).toBe(signatures.length > 1);
  });
});

describe('retention', () => {
  const window = { signal: null, from: '2026-01-01T00:00:00Z', to: '2026-01-02T00:00:00Z', last: 1 };
  const history = {
    ...({} as Parameters<typeof readTelemetry>[0]['history'] & object),
    tend: async () => ({ hours: 4, dropped: ['a', 'b'], deleted: 9 }),
    keeps: (tenant: string) => ({ days: tenant === 'acme' ? 3 : 7, hourlyDays: 400 }),
  };
  const inventory = { topology: () => Promise.reject(new Error('not wanted')) };

  it('is carried out, and says how long the tenant keeps what', async () => {
    const asked = { ...window, kind: 'retention', resource: 'network' } as const;
    expect(await readTelemetry({ history, inventory }, 'acme', asked)).toEqual({
      retention: { days: 3, hourlyDays: 400, summarised: 4, dropped: 2, deleted: 9 },
    });
    await expect(
      readTelemetry({ history, inventory }, 'acme', { ...asked, resource: 'node/br1_edge' }),
    ).rejects.toMatchObject({ code: 'INPUT_INVALID' });
  });
});
