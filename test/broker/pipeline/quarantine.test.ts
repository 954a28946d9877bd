/** A device whose change ended in doubt takes no other until it is known, or until a human with a role for it answers for it. */
import { describe, expect, it } from 'vitest';
import { DriverError } from '../../../broker/drivers/driver.ts';
import { type Bench, createBench, outcomeOf, propose } from './bench.ts';

async function inDoubt(): Promise<Bench> {
  const bench = await createBench();
  bench.inject();
  await bench.vote('admin@acme', await propose(bench));
  bench.turn.meddle = (request) => {
    if (request === 'confirm') throw new DriverError('LOST', 'connection lost');
    if (request === 'cancel') throw new DriverError('RPC_ERROR', 'busy', 'in-use');
  };
  expect(await outcomeOf(bench.change())).toBe('unknown');
  return bench;
}
const next = (bench: Bench): Promise<string> => outcomeOf(bench.change(undefined, { intent: 'int_bbbbbbbb' }));

describe('a device in quarantine', () => {
  it('is shown with the reason to its own tenant', async () => {
    const bench = await inDoubt();
    const view = await bench.desk.device(bench.subjectOf({ human: 'operator@acme' }), 'br2_edge');
    expect(view.quarantine).toMatchObject([{ reason: 'outcome-unknown', device: 'br2_edge', tenant: 'acme' }]);
    const theirs = await bench.desk.devices(bench.subjectOf({ human: 'admin@globex' }));
    expect(theirs.length).toBeGreaterThan(1);
    expect(theirs.flatMap(({ quarantine }) => quarantine)).toEqual([]);
  });

  it('is out of it when recovery finds out what it holds', async () => {
    const bench = await inDoubt();
    expect(await next(bench)).toBe('DEVICE_QUARANTINED');
    bench.turn.meddle = () => undefined;
    expect(await bench.recover()).toMatchObject([{ outcome: 'reverted' }]);
    expect(await next(bench)).toBe('pending');
  });

  it('is released by a human with a role for it only, in the log with the reason', async () => {
    const bench = await inDoubt();
    const release = (human: string, device: string) =>
      bench.desk.releaseDevice(bench.subjectOf({ human }), device, 'seen on its console');
    await expect(release('operator@acme', 'br2_edge')).rejects.toMatchObject({ code: 'DENIED' });
    await expect(release('admin@globex', 'br2_edge')).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(release('admin@acme', 'br9_edge')).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(release('admin@acme', 'br1_edge')).rejects.toMatchObject({ code: 'NOT_FOUND' });
    expect(await next(bench)).toBe('DEVICE_QUARANTINED');
    expect(await release('admin@acme', 'br2_edge')).toMatchObject([{ reason: 'outcome-unknown' }]);
    expect((await bench.entries()).filter(({ kind }) => kind === 'device.released')).toMatchObject([
      { human: 'admin@acme', content: { device: 'br2_edge', why: 'seen on its console' } },
    ]);
    // The open transaction is the human's now: recovery does not touch the device any more.
    expect(await bench.recover()).toEqual([]);
    bench.turn.meddle = () => undefined;
    expect(await next(bench)).not.toBe('DEVICE_QUARANTINED');
  });
});
