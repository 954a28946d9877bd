/** A change of several devices: canary, waves, and all of them or none, whatever one of them does. */
import { describe, expect, it } from 'vitest';
import type { TransactionDeps } from '../../../broker/execution/transaction.ts';
import { runWaves, type WavesPlan } from '../../../broker/execution/waves.ts';
import { createMemoryJournal } from '../../../broker/stores/memory-journal.ts';
import { createFakeDevice, type FakeDevice } from './fake-device.ts';

const NAMES = ['canary', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j', 'k'];

/** Eleven devices: a canary and two waves of five. `order` has every request that acted, of all devices. */
function createFleet() {
  const edits = new Map([
    ['the edit', 'new'],
    ['the inverse', 'old'],
  ]);
  const fleet = new Map<string, FakeDevice>(NAMES.map((name) => [name, createFakeDevice('old', edits)]));
  const unwell = new Set<string>();
  const timeouts: string[] = [];
  const journal = createMemoryJournal();
  const at = (name: string): FakeDevice => fleet.get(name) ?? createFakeDevice('', edits);
  const deps: TransactionDeps = {
    devices: {
      read: () => Promise.reject(new Error('not used')),
      write: async (_tenant, name) => {
        const session = await at(name).open();
        return {
          ...session,
          commitConfirmed: (options) => {
            timeouts.push(`${name} ${options.timeoutSeconds}`);
            return session.commitConfirmed(options);
          },
        };
      },
    },
    journal,
    clock: { now: () => 0 },
    wait: () => Promise.resolve(),
    running: (session, source) => session.getConfig(source, ''),
    announce: () => undefined,
  };
  const plan: WavesPlan = {
    devices: NAMES.map((device) => ({
      record: {
        intent: 'int_1',
        tenant: 'acme',
        device,
        persistId: `wl_${device}`,
        edit: 'the edit',
        inverse: 'the inverse',
        before: 'old',
        beforeHash: '',
        expected: 'new',
        steps: [],
        state: 'open',
      },
      verify: async () => ({ ok: !unwell.has(device), detail: `${device} was looked at` }),
    })),
    waveSize: 5,
    waveSeconds: 30,
    marginSeconds: 20,
    toleratedShare: 0,
  };
  return {
    at,
    journal,
    timeouts,
    unwell,
    run: (more: Partial<WavesPlan> = {}) => runWaves(deps, { ...plan, ...more }),
    plan,
    holding: () => NAMES.filter((name) => at(name).running === 'new'),
    pending: () => NAMES.filter((name) => at(name).pending !== undefined),
    reached: () => NAMES.filter((name) => at(name).log.includes('commit')),
  };
}

describe('a change of several devices', () => {
  it('holds the canary and each wave unconfirmed, renews what is held, and confirms all at the end', async () => {
    const fleet = createFleet();
    const result = await fleet.run();
    expect(result).toMatchObject({ outcome: 'succeeded', detail: 'confirmed on 11 of 11 devices' });
    expect(fleet.holding()).toEqual(NAMES);
    expect(fleet.pending()).toEqual([]);
    // Three waves of 30 s are ahead of the canary, then two, then one; 20 s are kept for confirming.
    expect(fleet.timeouts.filter((one) => one.startsWith('canary'))).toEqual(['canary 110', 'canary 80', 'canary 50']);
    expect(fleet.timeouts.filter((one) => /^[bg] /.test(one))).toEqual(['b 80', 'b 50', 'g 50']);
  });

  it('touches nobody else when the canary is not well', async () => {
    const fleet = createFleet();
    fleet.unwell.add('canary');
    const result = await fleet.run();
    expect(result.outcome).toBe('reverted');
    expect(result.detail).toContain('1 of 1 devices of the canary failed');
    expect(fleet.reached()).toEqual(['canary']);
    expect(fleet.holding()).toEqual([]);
  });

  it('takes all back when one of the last wave fails', async () => {
    const fleet = createFleet();
    fleet.unwell.add('k');
    const result = await fleet.run();
    expect(result.outcome).toBe('reverted');
    expect(result.devices.size).toBe(11);
    expect(fleet.holding()).toEqual([]);
    expect(fleet.pending()).toEqual([]);
  });

  it('goes on while at most a fifth of a wave fails, and gives up above it', async () => {
    const fleet = createFleet();
    fleet.unwell.add('c');
    const tolerant = await fleet.run({ toleratedShare: 0.2 });
    expect(tolerant).toMatchObject({ outcome: 'succeeded', detail: 'confirmed on 10 of 11 devices' });
    expect(tolerant.devices.get('c')?.outcome).toBe('reverted');

    const worse = createFleet();
    worse.unwell.add('c').add('d');
    expect(await worse.run({ toleratedShare: 0.2 })).toMatchObject({ outcome: 'reverted' });
    expect(worse.reached()).toEqual(['canary', 'b', 'c', 'd', 'e', 'f']);
    expect(worse.holding()).toEqual([]);
  });

  it('takes back by the inverse edit what was confirmed before another device refused', async () => {
    const fleet = createFleet();
    fleet.at('h').mishaps.set('confirm', 'refuse');
    const result = await fleet.run();
    expect(result.outcome).toBe('reverted');
    expect(fleet.holding()).toEqual([]);
    expect(result.devices.get('b')?.steps.at(-1)).toMatchObject({ step: 'rollback', ok: true });
  });

  it('takes all back when a device lost what it held before the next wave', async () => {
    const fleet = createFleet();
    fleet.at('b').mishaps.set('renew', 'lost-before');
    expect((await fleet.run()).outcome).toBe('reverted');
    expect(fleet.reached()).toEqual(['canary', 'b', 'c', 'd', 'e', 'f']);
    expect(fleet.holding()).toEqual([]);
  });

  it('says unknown when one device falls silent, and puts the others back', async () => {
    const fleet = createFleet();
    const devices = fleet.plan.devices.map((one) =>
      one.record.device === 'd'
        ? {
            ...one,
            verify: async () => {
              fleet.at('d').reachable = false;
              return { ok: false, detail: 'silent' };
            },
          }
        : one,
    );
    const result = await fleet.run({ devices, toleratedShare: 0.2 });
    expect(result.outcome).toBe('unknown');
    expect(result.devices.get('d')?.outcome).toBe('unknown');
    expect(fleet.holding()).toEqual(['d']);
    expect((await fleet.journal.unfinished()).some(({ device }) => device === 'd')).toBe(true);
  });

  it.each([
    ['no device', { devices: [] }],
    ['an empty wave', { waveSize: 0 }],
    ['no time', { waveSeconds: 0 }],
    ['more tolerance than a fifth', { toleratedShare: 0.5 }],
  ] as const)('refuses a plan with %s before anything is sent', async (_name, more) => {
    const fleet = createFleet();
    await expect(fleet.run(more)).rejects.toMatchObject({ code: 'INPUT_INVALID' });
    expect(await fleet.journal.unfinished()).toEqual([]);
  });
});
