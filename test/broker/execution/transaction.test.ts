/** The change transaction against a device in memory: every refusal, every lost connection, every crash ends in the truth. */
import { describe, expect, it } from 'vitest';
import type { StepRecord, TransactionStep } from '../../../broker/contract.ts';
import { DriverError } from '../../../broker/drivers/driver.ts';
import type { Devices } from '../../../broker/execution/devices.ts';
import { progressOf, reconcile } from '../../../broker/execution/reconcile.ts';
import { runTransaction, type TransactionDeps } from '../../../broker/execution/transaction.ts';
import type { Journal, TransactionRecord } from '../../../broker/ports.ts';
import { createFakeDevice, type FakeDevice, type Mishap } from './fake-device.ts';

const RECORD: TransactionRecord = {
  intent: 'int_1',
  tenant: 'acme',
  device: 'br2_edge',
  persistId: 'wl_1',
  edit: 'the edit',
  inverse: 'the inverse',
  before: 'old',
  beforeHash: '',
  expected: 'new',
  steps: [],
  state: 'open',
};

class Crash extends Error {}

/** A journal in memory that can crash the process right after it stored a step. */
function createJournal(crashAfter?: TransactionStep) {
  const stored: { record: TransactionRecord | undefined; steps: StepRecord[]; closed: boolean } = {
    record: undefined,
    steps: [],
    closed: false,
  };
  const journal: Pick<Journal, 'demandLease' | 'openTransaction' | 'recordStep' | 'closeTransaction'> = {
    demandLease: async () => {},
    openTransaction: async (record) => {
      stored.record = record;
    },
    recordStep: async (_intent, step) => {
      stored.steps.push(step);
      if (step.step === crashAfter) throw new Crash();
    },
    closeTransaction: async () => {
      stored.closed = true;
    },
  };
  return { stored, journal: journal as Journal };
}

const newDevice = (): FakeDevice =>
  createFakeDevice(
    'old',
    new Map([
      ['the edit', 'new'],
      ['the inverse', 'old'],
    ]),
  );

function depsFor(device: FakeDevice, journal: Journal): TransactionDeps {
  const devices: Devices = {
    read: () => Promise.reject(new Error('not used')),
    write: () => device.open(),
  };
  return {
    devices,
    journal,
    clock: { now: () => 0 },
    wait: () => Promise.resolve(),
    running: (session, source) => session.getConfig(source, ''),
    announce: () => undefined,
  };
}

async function run(device: FakeDevice, verified = true, journal = createJournal()) {
  const result = await runTransaction(depsFor(device, journal.journal), {
    record: RECORD,
    confirmSeconds: 120,
    verify: async () => ({ ok: verified, detail: verified ? 'BGP is established' : 'BGP is idle' }),
  });
  return { ...result, closed: journal.stored.closed };
}

describe('the change transaction', () => {
  it('locks, edits, validates, commits confirmed, reads back, verifies and confirms, in this order', async () => {
    const device = newDevice();
    const result = await run(device);
    expect(result.outcome).toBe('succeeded');
    expect(device).toMatchObject({ running: 'new', pending: undefined });
    expect(result.steps.map((step) => step.step)).toEqual([
      'prepare',
      'lock',
      'edit',
      'validate',
      'commit-confirmed',
      'read-back',
      'verify',
      'confirm',
      'unlock',
    ]);
    expect(device.log).toEqual([
      'lock',
      'get-candidate',
      'edit',
      'get-candidate',
      'validate',
      'commit',
      'get-running',
      'confirm',
      'confirm', // refused: the device has nothing left to confirm
      'unlock',
    ]);
  });

  it('rolls back when a post-condition does not hold, and reads that the device did', async () => {
    const device = newDevice();
    const result = await run(device, false);
    expect(result).toMatchObject({ outcome: 'reverted', closed: false, after: 'old' });
    expect(result.detail).toContain('BGP is idle');
    expect(device).toMatchObject({ running: 'old', pending: undefined });
  });

  it('pushes the inverse edit when the device keeps what it should have rolled back', async () => {
    const device = newDevice();
    device.keepsCommits = true;
    const result = await run(device, false);
    expect(result.outcome).toBe('reverted');
    expect(device.running).toBe('old');
    expect(device.log.filter((one) => one === 'commit')).toHaveLength(2);
  });

  it('refuses to write over changes of somebody else in the candidate', async () => {
    const device = newDevice();
    device.candidate = 'somebody else was here';
    const result = await run(device);
    expect(result.outcome).toBe('failed');
    expect(device.log).not.toContain('edit');
  });

  it('tries again while the candidate is locked', async () => {
    const device = newDevice();
    const other = await device.open();
    await other.lockCandidate();
    let waits = 0;
    const journal = createJournal();
    const deps = {
      ...depsFor(device, journal.journal),
      wait: async () => {
        waits += 1;
        if (waits === 2) await other.close();
      },
    };
    const result = await runTransaction(deps, {
      record: RECORD,
      confirmSeconds: 120,
      verify: async () => ({ ok: true, detail: '' }),
    });
    expect(result.outcome).toBe('succeeded');
    expect(waits).toBe(2);
  });

  it('says unknown, and keeps the transaction open, when what the device holds cannot be read', async () => {
    const device = newDevice();
    const journal = createJournal();
    const result = await runTransaction(depsFor(device, journal.journal), {
      record: RECORD,
      confirmSeconds: 120,
      verify: async () => {
        device.reachable = false;
        return { ok: true, detail: '' };
      },
    });
    expect(result.outcome).toBe('unknown');
    expect(journal.stored.closed).toBe(false);
  });

  const requests = ['lock', 'get-candidate', 'edit', 'validate', 'commit', 'get-running', 'confirm'];
  const mishaps: readonly Mishap[] = ['refuse', 'lost-before', 'lost-after'];
  it.each(requests.flatMap((request) => mishaps.map((mishap) => [request, mishap] as const)))(
    'tells the truth about the device when %s is met by %s',
    async (request, mishap) => {
      const device = newDevice();
      device.mishaps.set(request, mishap);
      const result = await run(device);
      expect(device.pending).toBeUndefined();
      expect(device.running).toBe(result.outcome === 'succeeded' ? 'new' : 'old');
      expect(['succeeded', 'failed', 'reverted']).toContain(result.outcome);
      expect(result.closed).toBe(false);
      expect(device.log.filter((one) => one === 'commit').length).toBeLessThanOrEqual(1);
    },
  );

  const steps: readonly TransactionStep[] = [
    'prepare',
    'lock',
    'edit',
    'validate',
    'commit-confirmed',
    'read-back',
    'verify',
    'confirm',
  ];
  it.each(steps)('is resolved to what the device holds after a crash behind %s', async (step) => {
    const device = newDevice();
    const journal = createJournal(step);
    await expect(run(device, true, journal)).rejects.toThrow(Crash);
    const record = { ...RECORD, steps: journal.stored.steps };
    const found = await reconcile(depsFor(device, createJournal().journal), record, progressOf(record));
    expect(device.pending).toBeUndefined();
    expect(found.outcome).toBe(
      step === 'confirm' ? 'succeeded' : ['prepare', 'lock', 'edit'].includes(step) ? 'failed' : 'reverted',
    );
    expect(device.running).toBe(found.outcome === 'succeeded' ? 'new' : 'old');
  });

  it('does not take the trouble of a moment for the proof that a confirmation was taken', async () => {
    const device = newDevice();
    const { open } = device;
    const answers = [
      () => Promise.resolve(), // says that it confirmed, and did not
      () => Promise.reject(new DriverError('RPC_ERROR', 'not now', 'operation-failed')),
    ];
    device.open = async () => {
      const session = await open();
      return { ...session, confirmCommit: (id) => answers.shift()?.() ?? session.confirmCommit(id) };
    };
    const { outcome } = await run(device);
    expect({ outcome, running: device.running, pending: device.pending }).toEqual({
      outcome: 'succeeded',
      running: 'new',
      pending: undefined,
    });
  });

  it('does not call a foreign configuration its own', async () => {
    const device = newDevice();
    device.running = 'somebody else was here';
    const found = await reconcile(depsFor(device, createJournal().journal), RECORD, {
      committed: true,
      verified: true,
    });
    expect(found.outcome).toBe('unknown');
  });

  it('lets a defect of the broker itself through as a defect', async () => {
    const device = newDevice();
    const broken = {
      ...depsFor(device, createJournal().journal),
      running: () => Promise.reject(new TypeError('defect')),
    };
    await expect(
      runTransaction(broken, { record: RECORD, confirmSeconds: 1, verify: async () => ({ ok: true, detail: '' }) }),
    ).rejects.toThrow(TypeError);
  });
});

it('keeps what the device warns of with the step that it warned at', async () => {
  const device = newDevice();
  const { open } = device;
  device.open = async () => {
    const session = await open();
    const warnings: string[] = [];
    return {
      ...session,
      editCandidate: async (config) => {
        await session.editCandidate(config);
        warnings.push('partial-operation: the flash is nearly full');
      },
      takeWarnings: () => warnings.splice(0),
    };
  };
  const { stored, journal } = createJournal();
  await run(device, true, { stored, journal });
  expect(stored.steps.filter(({ detail }) => detail.includes('warns'))).toMatchObject([
    { step: 'edit', ok: true, detail: expect.stringContaining('; the device warns: partial-operation: the flash is') },
  ]);
});
