/** A device is certified through the same pipeline as any change: approved, tried, put back, and believed afterwards. */
import { describe, expect, it } from 'vitest';
import { DriverError } from '../../../broker/drivers/driver.ts';
import type { Caller } from './bench.ts';
import { type Bench, createBench, DUTIES, OPERATOR, outcomeOf, propose, RIGHT_AS } from './bench.ts';

const certify = (bench: Bench, caller: Caller = OPERATOR) =>
  bench.call(caller, 'inventory', 'device.certify', {
    ...{ target: { devices: ['br2_edge'] }, input: { interface: 'ge0/0' }, purpose: 'chat:certify' },
    intent: 'int_aaaaaaaa',
  });
const description = (bench: Bench): string | undefined =>
  bench.network.config({ tenant: 'acme', device: 'br2_edge' }).interfaces.find(({ name }) => name === 'ge0/0')
    ?.description;

async function approved(): Promise<Bench> {
  const bench = await createBench();
  const answer = await certify(bench);
  if (answer.status !== 'pending') throw new Error('not pending');
  expect(answer.summary.diff).toContain('wayleave certification');
  await bench.vote('admin@acme', answer.approval);
  return bench;
}

/** A confirmed commit lapses while the broker waits. */
const lapsing = (bench: Bench): void => {
  bench.turn.wait = (ms) => {
    bench.network.advanceTo(bench.network.now() + ms);
    bench.device('acme', 'br2_edge').lapse();
  };
};

describe('device.certify', () => {
  it('learns after an approval, keeps it in the inventory, and leaves the device as it was', async () => {
    const bench = await approved();
    lapsing(bench);
    const before = description(bench);
    const answer = await certify(bench);
    expect(answer).toMatchObject({
      status: 'done',
      receipt: { outcome: 'succeeded', detail: 'certified: ladder confirmed' },
    });
    expect(description(bench)).toBe(before);
    const view = await bench.desk.device(bench.subjectOf({ human: 'operator@acme' }), 'br2_edge');
    expect(view.certificate).toMatchObject({
      ...{ device: 'br2_edge', ladder: 'confirmed', certifiedBy: 'operator@acme', hostKey: 'SHA256:bench' },
      ...{ intent: expect.stringMatching(/^int_/), base: ['1.0', '1.1'], streams: [] },
      quirks: { locks: true, revertsOnCancel: true, revertsOnTimeout: true, revertsOnSessionLoss: true },
    });
    expect(await bench.shared.journal.unfinished()).toEqual([]);
    const steps = (answer.status === 'done' ? answer.receipt?.steps : []) ?? [];
    expect(steps.map(({ step, ok }) => `${step} ${ok}`)).toEqual(['prepare true', 'validate true', 'read-back true']);
  });

  it('that breaks off certifies nothing, and puts the device back or into quarantine', async () => {
    const bench = await approved();
    let commits = 0;
    bench.turn.meddle = (request) => {
      if (request === 'commit') commits += 1;
      if (request === 'cancel' && commits === 1) throw new DriverError('LOST', 'connection lost');
    };
    let broken = true;
    bench.turn.wait = () => {
      if (broken) bench.turn.meddle = () => undefined;
      broken = false;
    };
    expect(await outcomeOf(certify(bench))).toBe('reverted');
    expect(description(bench)).not.toBe('wayleave certification');
    expect(await bench.shared.certificates.get('acme', 'br2_edge')).toBeUndefined();
  });

  it('whose device is lost for good leaves it in quarantine, and recovery puts it back', async () => {
    const bench = await approved();
    bench.turn.meddle = (request) => {
      if (request === 'commit') bench.turn.silent.add('acme/br2_edge');
    };
    expect(await outcomeOf(certify(bench))).toBe('unknown');
    expect(bench.shared.quarantine.of('acme', 'br2_edge')).toMatchObject([{ reason: 'outcome-unknown' }]);
    bench.turn.silent.clear();
    bench.turn.meddle = () => undefined;
    expect(await bench.recover()).toMatchObject([{ outcome: 'reverted' }]);
    expect(description(bench)).not.toBe('wayleave certification');
    expect(bench.shared.quarantine.of('acme', 'br2_edge')).toEqual([]);
  });

  it('asks no device that drifted', async () => {
    const bench = await approved();
    const ref = { tenant: 'acme', device: 'br2_edge' };
    const config = bench.network.config(ref);
    bench.network.commit(ref, { ...config, hostname: 'somebody-was-here' }, 'netops');
    expect(await outcomeOf(certify(bench))).toBe('DRIFT');
  });
});

describe('what was learnt', () => {
  it('is believed: a device that forgets what it validates is not asked to validate', async () => {
    const bench = await createBench();
    bench.inject();
    const asked: string[] = [];
    bench.turn.meddle = (request) => void asked.push(request);
    await bench.shared.certificates.put({
      ...{ tenant: 'acme', device: 'br2_edge', certifiedAt: '', certifiedBy: '', intent: '', hostKey: '' },
      ...{ ladder: 'confirmed', base: ['1.1'], streams: [] },
      quirks: {
        ...{ candidate: true, confirmedCommit: true, writableRunning: false, rollbackOnError: true, validate: true },
        keepsValidatedCandidate: false,
      },
    });
    const answer = await bench.change();
    if (answer.status !== 'pending') throw new Error('not pending');
    await bench.vote('admin@acme', answer.approval);
    expect(await outcomeOf(bench.change())).toBe('succeeded');
    expect(asked).not.toContain('validate');
  });

  it('decides how it is changed: one that keeps what it is given gets a plain commit, or the inverse', async () => {
    for (const holds of [true, false]) {
      const bench = await createBench();
      bench.inject();
      bench.turn.ladders.set('acme/br2_edge', 'candidate');
      bench.turn.obligations = DUTIES.filter(({ kind }) => kind !== 'confirmed-commit');
      await bench.vote('admin@acme', await propose(bench));
      const asked: string[] = [];
      bench.turn.meddle = (request) => void asked.push(request);
      const { read } = bench.shared.devices;
      bench.shared.devices.read = (tenant, operation) =>
        !holds && asked.includes('commit') ? Promise.reject(new TypeError('hostile')) : read(tenant, operation);
      expect(await outcomeOf(bench.change())).toBe(holds ? 'succeeded' : 'reverted');
      expect(bench.localAs() === RIGHT_AS).toBe(holds);
      expect(asked.filter((request) => request === 'commit')).toHaveLength(holds ? 1 : 2);
      for (const never of ['confirm', 'cancel']) expect(asked).not.toContain(never);
    }
  });

  it('keeps a device that cannot hold a change out of a change of several', async () => {
    const bench = await createBench();
    bench.turn.ladders.set('acme/br2_edge', 'candidate');
    bench.turn.obligations = DUTIES.filter(({ kind }) => kind === 'require-approval' || kind === 'rehearse');
    const change = () =>
      bench.call(OPERATOR, 'wan', 'interface.set-description', {
        ...{ target: { devices: ['br1_edge', 'br2_edge'] }, input: { interface: 'ge0/0', description: 'both' } },
        ...{ purpose: 'chat:1', intent: 'int_dddddddd' },
      });
    const answer = await change();
    if (answer.status !== 'pending') throw new Error('not pending');
    await bench.vote('admin@acme', answer.approval);
    expect(await change()).toMatchObject({
      receipt: { outcome: 'failed', detail: expect.stringContaining('br2_edge keeps what it is given') },
    });
    expect(bench.device('acme', 'br1_edge').commits).toEqual([]);
  });
});
