/** What breaks on the way: the log, the journal, the device, the process. The record never says other than the device. */
import { describe, expect, it } from 'vitest';
import { sha256 } from '../../../broker/digest.ts';
import { DriverError } from '../../../broker/drivers/driver.ts';
import { trailEntry } from '../../../broker/stages/record.ts';
import { type Bench, createBench, outcomeOf, propose, RIGHT_AS } from './bench.ts';

async function approved(): Promise<Bench> {
  const bench = await createBench();
  bench.inject();
  await bench.vote('admin@acme', await propose(bench));
  return bench;
}
const device = (bench: Bench) => bench.device('acme', 'br2_edge');
const receiptOf = async (bench: Bench) => {
  const [approval] = await bench.approvals.list('acme');
  return (await bench.journal.find('acme', approval?.intent.id ?? ''))?.receipt;
};
/** The outcomes that the log tells of changes. */
const outcomes = async (bench: Bench) =>
  (await bench.entries()).filter((one) => one.kind === 'outcome').map((one) => one.content['outcome']);

describe('the log', () => {
  it('comes first: without its entry nothing is sent, and the approval is still good', async () => {
    const bench = await approved();
    bench.turn.failAudit = (entry) => entry.kind === 'execute';
    expect(await outcomeOf(bench.change())).toBe('UNAVAILABLE');
    expect(device(bench).commits).toEqual([]);
    bench.turn.failAudit = () => false;
    expect(await outcomeOf(bench.change())).toBe('succeeded');
  });

  it('is waited for also by a read', async () => {
    const bench = await createBench();
    bench.turn.failAudit = (entry) => entry.kind === 'execute';
    const args = { target: { devices: ['br1_edge'] }, input: {}, purpose: 'chat:1' };
    expect(await outcomeOf(bench.call({ human: 'operator@acme' }, 'diagnostics', 'bgp.read', args))).toBe(
      'UNAVAILABLE',
    );
    expect(bench.reads).toEqual([]);
  });

  it('says that it is away, and not that something is broken, when its server restarts', async () => {
    const bench = await createBench();
    bench.turn.failAudit = (entry) => {
      if (entry.kind === 'execute') throw Object.assign(new Error('the server'), { code: '57P03' });
      return false;
    };
    const args = { target: { devices: ['br1_edge'] }, input: {}, purpose: 'chat:1' };
    const refused = bench.call({ human: 'operator@acme' }, 'diagnostics', 'bgp.read', args);
    await expect(refused).rejects.toMatchObject({ code: 'UNAVAILABLE', retryAfterSeconds: 2 });
  });

  it('may fail after the device was changed: the outcome is found out and written when it works again', async () => {
    const bench = await approved();
    bench.turn.failAudit = (entry) => entry.kind === 'outcome';
    expect(await outcomeOf(bench.change())).toBe('UNAVAILABLE');
    expect(bench.localAs()).toBe(RIGHT_AS);
    expect(await receiptOf(bench)).toBeUndefined();
    expect(await outcomeOf(bench.change())).toBe('CONFLICT');
    // A process that starts now must not take it for a change that never began.
    expect(await bench.closeInterrupted()).toEqual([]);
    await expect(bench.recover()).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    bench.turn.failAudit = () => false;
    expect(await bench.recover()).toMatchObject([{ outcome: 'succeeded' }]);
    expect(await receiptOf(bench)).toMatchObject({ outcome: 'succeeded' });
    expect(await outcomes(bench)).toEqual(['succeeded']);
    expect(await outcomeOf(bench.change())).toBe('succeeded');
    expect(device(bench).commits).toHaveLength(1);
    const failed = (await bench.entries()).find((entry) => entry.kind === 'failed');
    expect(failed?.content).toMatchObject({ error: 'UNAVAILABLE', outcome: 'unknown' });
  });

  it('has every refusal, however long what the caller sent', async () => {
    const bench = await createBench();
    const devices = Array.from({ length: 500 }, (_, n) => `x${'y'.repeat(57)}${n}`);
    const args = { target: { devices }, input: {}, purpose: `chat:${'z'.repeat(110)}` };
    expect(await outcomeOf(bench.call({ human: 'operator@acme' }, 'diagnostics', 'bgp.read', args))).toBe('NOT_FOUND');
    const keys = Object.fromEntries(Array.from({ length: 5000 }, (_, n) => [`key${n}`.padEnd(30, 'k'), n]));
    expect(
      await outcomeOf(bench.call({ human: 'operator@acme' }, 'diagnostics', 'bgp.read', { ...args, ...keys })),
    ).toBe('INPUT_INVALID');
    const told = bench.call({ human: 'operator@acme' }, 'diagnostics', 'bgp.read', { ...args, ...keys });
    expect(await told.catch((error: unknown) => String(error).length)).toBeLessThan(330);
    const name = `no.${'tool'.repeat(50_000)}`;
    expect(await outcomeOf(bench.call({ human: 'operator@acme' }, 'diagnostics', name, args))).toBe('NOT_FOUND');
    expect(await bench.kinds()).toEqual(['refused', 'refused', 'refused', 'refused']);
  });

  it('has a long field of an entry as its beginning and its digest', () => {
    const { content } = trailEntry({ facts: { said: 'x'.repeat(100_000), short: 'y' } }, 0, 'test', {});
    expect(JSON.stringify(content).length).toBeLessThan(1000);
    expect(content).toMatchObject({ short: 'y', said: { digest: sha256(JSON.stringify('x'.repeat(100_000))) } });
  });
});

describe('the journal', () => {
  it('that cannot open the transaction leaves a receipt: failed, nothing sent', async () => {
    const bench = await approved();
    bench.shared.journal.openTransaction = () => Promise.reject(new Error('disk full'));
    expect(await outcomeOf(bench.change())).toBe('failed');
    expect(device(bench).commits).toEqual([]);
    expect(await outcomes(bench)).toEqual(['failed']);
    expect(bench.log).toHaveLength(1);
  });

  it('that fails in the middle leaves the transaction to recovery, which undoes what is not verified', async () => {
    const bench = await approved();
    const { recordStep } = bench.shared.journal;
    let broken = true;
    bench.shared.journal.recordStep = async (intent, step) => {
      if (broken && step.step === 'read-back') throw new Error('disk full');
      return recordStep(intent, step);
    };
    expect(await outcomeOf(bench.change())).toBe('INTERNAL');
    expect(bench.localAs()).toBe(RIGHT_AS);
    broken = false;
    expect(await outcomeOf(bench.change(undefined, { intent: 'int_bbbbbbbb' }))).toBe('CHANGES_STOPPED');
    expect(await bench.recover()).toMatchObject([{ outcome: 'reverted' }]);
    expect(bench.localAs()).not.toBe(RIGHT_AS);
    expect(await outcomes(bench)).toEqual(['reverted']);
    expect(await outcomeOf(bench.change())).toBe('reverted');
  });

  it('whose last note is lost is tidied without asking the device or telling the outcome twice', async () => {
    const bench = await approved();
    const { closeTransaction } = bench.shared.journal;
    bench.shared.journal.closeTransaction = () => Promise.reject(new Error('killed'));
    expect(await outcomeOf(bench.change())).toBe('INTERNAL');
    bench.shared.journal.closeTransaction = closeTransaction;
    bench.turn.silent.add('acme/br2_edge');
    expect(await bench.recover()).toMatchObject([{ outcome: 'succeeded' }]);
    expect(await outcomes(bench)).toEqual(['succeeded']);
    expect(await bench.journal.unfinished()).toEqual([]);
  });

  it('of a process that died before it opened the transaction ends in failed', async () => {
    const bench = await approved();
    const { update } = bench.shared.approvals;
    bench.shared.approvals.update = () => Promise.reject(new Error('killed'));
    expect(await outcomeOf(bench.change())).toBe('INTERNAL');
    bench.shared.approvals.update = update;
    expect(await outcomeOf(bench.change())).toBe('CONFLICT');
    expect(await bench.closeInterrupted()).toMatchObject([{ outcome: 'failed' }]);
    expect(await outcomeOf(bench.change())).toBe('failed');
    expect(device(bench).commits).toEqual([]);
  });

  it('of a process that died before it sent anything ends in failed, whatever others did to the device since', async () => {
    const bench = await approved();
    const { recordStep } = bench.shared.journal;
    bench.shared.journal.recordStep = () => Promise.reject(new Error('killed'));
    expect(await outcomeOf(bench.change())).toBe('INTERNAL');
    bench.shared.journal.recordStep = recordStep;
    expect(await bench.journal.unfinished()).toHaveLength(1);
    bench.inject('out_of_band_change', 'node/br2_edge');
    bench.turn.silent.add('acme/br2_edge');
    expect(await bench.recover()).toMatchObject([{ outcome: 'failed' }]);
    expect(await bench.journal.unfinished()).toEqual([]);
    expect(device(bench).commits).toEqual([]);
  });
});

describe('the device', () => {
  it('whose confirm timer fires in the middle is told as reverted', async () => {
    const bench = await approved();
    bench.turn.meddle = (request) => {
      if (request === 'confirm') device(bench).lapse();
    };
    expect(await outcomeOf(bench.change())).toBe('reverted');
    expect(bench.localAs()).not.toBe(RIGHT_AS);
    expect(await bench.journal.unfinished()).toEqual([]);
  });

  it('that falls silent leaves an unknown outcome: it takes no change until it is found out, and that is written too', async () => {
    const bench = await approved();
    bench.turn.meddle = (request) => {
      if (request !== 'confirm') return;
      bench.turn.silent.add('acme/br2_edge');
      throw new DriverError('LOST', 'connection lost');
    };
    expect(await outcomeOf(bench.change())).toBe('unknown');
    bench.turn.silent.clear();
    const other = { intent: 'int_bbbbbbbb', input: { localAs: 65_003 } };
    expect(await outcomeOf(bench.change(undefined, other))).toBe('DEVICE_QUARANTINED');
    // Other devices are not concerned.
    const elsewhere = {
      intent: 'int_cccccccc',
      target: { devices: ['br1_edge'] },
      input: { interface: 'ge0/2', description: 'x' },
    };
    expect(await outcomeOf(bench.change(undefined, elsewhere, 'interface.set-description'))).toBe('pending');
    expect(await outcomeOf(bench.change())).toBe('unknown');

    bench.turn.silent.add('acme/br2_edge');
    expect(await bench.recover()).toMatchObject([{ outcome: 'unknown' }]);
    expect(await bench.recover()).toMatchObject([{ outcome: 'unknown' }]);
    expect(await outcomes(bench)).toEqual(['unknown']);
    expect(bench.pages).toMatchObject([{ code: 'OUTCOME_UNKNOWN', device: 'br2_edge' }]);
    bench.turn.silent.clear();
    bench.turn.meddle = () => undefined;
    expect(await bench.recover()).toMatchObject([{ outcome: 'reverted' }]);
    expect(await outcomes(bench)).toEqual(['unknown', 'reverted']);
    expect(await receiptOf(bench)).toMatchObject({ outcome: 'reverted' });
    expect(await outcomeOf(bench.change(undefined, { intent: 'int_dddddddd' }))).toBe('pending');
  });

  it('that keeps what it should take back, and refuses the inverse, is blocked and a human is paged once', async () => {
    const bench = await approved();
    let edits = 0;
    bench.turn.meddle = (request) => {
      if (request === 'edit') edits += 1;
      // The check after the commit fails, no commit is said to be pending, and no second edit is taken.
      if (request === 'edit' && edits > 1) throw new DriverError('RPC_ERROR', 'read-only', 'access-denied');
      if (request === 'cancel') throw new DriverError('RPC_ERROR', 'nothing is pending', 'invalid-value');
    };
    const { read } = bench.shared.devices;
    bench.shared.devices.read = (tenant, operation) =>
      device(bench).commits.length > 0 ? Promise.reject(new TypeError('hostile')) : read(tenant, operation);
    bench.shared.pager.page = async (page) => {
      bench.pages.push(page);
      throw new Error('the pager is down');
    };
    expect(await outcomeOf(bench.change())).toBe('unknown');
    expect(bench.localAs()).toBe(RIGHT_AS);
    expect(await bench.recover()).toMatchObject([{ outcome: 'unknown' }]);
    expect(bench.pages).toMatchObject([{ code: 'ROLLBACK_FAILED', tenant: 'acme', device: 'br2_edge' }]);
    expect((await bench.entries()).filter(({ kind }) => kind === 'outcome').at(-1)?.content).toMatchObject({
      ...{ outcome: 'unknown', code: 'ROLLBACK_FAILED' },
    });
    expect(await outcomeOf(bench.change(undefined, { intent: 'int_bbbbbbbb' }))).toBe('DEVICE_QUARANTINED');

    bench.turn.meddle = () => undefined;
    expect(await bench.recover()).toMatchObject([{ outcome: 'reverted' }]);
    expect(bench.localAs()).not.toBe(RIGHT_AS);
    // It kept a change once: a human looks before the next one.
    expect(await outcomeOf(bench.change(undefined, { intent: 'int_cccccccc' }))).toBe('DEVICE_QUARANTINED');
  });

  it('that will not say whether a commit is pending is not called done', async () => {
    const bench = await approved();
    bench.turn.meddle = (request) => {
      if (request === 'confirm') throw new DriverError('LOST', 'connection lost');
      if (request === 'cancel') throw new DriverError('RPC_ERROR', 'busy', 'in-use');
    };
    expect(await outcomeOf(bench.change())).toBe('unknown');
    device(bench).lapse();
    bench.turn.meddle = () => undefined;
    expect(await bench.recover()).toMatchObject([{ outcome: 'reverted' }]);
  });

  it('whose state cannot be judged is put back', async () => {
    const bench = await approved();
    const { read } = bench.shared.devices;
    bench.shared.devices.read = (tenant, operation) =>
      device(bench).commits.length > 0 ? Promise.reject(new TypeError('hostile')) : read(tenant, operation);
    expect(await outcomeOf(bench.change())).toBe('reverted');
    expect(bench.localAs()).not.toBe(RIGHT_AS);
  });

  it('is left alone by recovery while a change is under way', async () => {
    const bench = await approved();
    let recovering: Promise<unknown> | undefined;
    bench.turn.meddle = (request) => {
      if (request === 'commit') recovering = bench.recover();
    };
    expect(await outcomeOf(bench.change())).toBe('succeeded');
    expect(await recovering).toEqual([]);
    expect(await outcomes(bench)).toEqual(['succeeded']);
    expect(bench.localAs()).toBe(RIGHT_AS);
  });

  it('with an open transaction refuses at once, and does not let callers wait for the end', async () => {
    const bench = await approved();
    let other: Promise<string> | undefined;
    bench.turn.meddle = (request) => {
      if (request === 'validate') other ??= outcomeOf(bench.change(undefined, { intent: 'int_bbbbbbbb' }));
    };
    expect(await outcomeOf(bench.change())).toBe('succeeded');
    expect(await other).toBe('CHANGES_STOPPED');
  });

  it('is closed also to a caller who waited while its change ended in doubt', async () => {
    const bench = await approved();
    bench.turn.meddle = (request) => {
      if (request === 'confirm') throw new DriverError('LOST', 'connection lost');
      if (request === 'cancel') throw new DriverError('RPC_ERROR', 'busy', 'in-use');
    };
    const more = { intent: 'int_bbbbbbbb', input: { localAs: 65_009 } };
    const both = await Promise.all([outcomeOf(bench.change()), outcomeOf(bench.change(undefined, more))]);
    expect(both).toEqual(['unknown', 'DEVICE_QUARANTINED']);
  });
});
