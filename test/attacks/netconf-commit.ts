/** Attacks on a change between its commit and its end: lost replies and sessions, other units, somebody else who confirms. */
import type { TransactionStep } from '../../broker/contract.ts';
import { createNetconfDriver } from '../../broker/drivers/netconf/driver.ts';
import { createDevices } from '../../broker/execution/devices.ts';
import { learnQuirks } from '../../broker/execution/learn-quirks.ts';
import { canonical, parseData, readRunning } from '../../broker/execution/running.ts';
import { runTransaction } from '../../broker/execution/transaction.ts';
import { createMemoryJournal } from '../../broker/stores/memory-journal.ts';
import { runCase, STEPS } from '../faults/lab.ts';
import { createManualTimers, itemB, NS, openClient, START, startDevice } from '../simulators/netconf/device.ts';
import { type Attack, type Attempt, attemptAll } from './attack.ts';

const config = (items: string): string => `<box xmlns="${NS}">${items}</box>`;
const TRIAL = {
  edit: config(itemB),
  inverse: `<box xmlns="${NS}"><item xmlns:nc="urn:ietf:params:xml:ns:netconf:base:1.0" nc:operation="delete"><name>b</name></item></box>`,
  before: canonical(parseData(config(START))),
  expected: canonical(parseData(config(START + itemB))),
  persistId: 'wl_1',
};

/** Loses the session once the device has done the step. Refused means: what is said of the device is what it holds. */
async function loseAfter(step: TransactionStep): Promise<Attempt> {
  const { outcome, lies } = await runCase({ persona: 'none', step, line: 'lost after' });
  return { refused: lies.length === 0, how: lies.length === 0 ? outcome : lies.join('; ') };
}

/** A change whose checks fail, while somebody else confirms it on a session of their own with `said`. */
async function confirmForeign(said: string): Promise<Attempt> {
  const device = await startDevice();
  const driver = createNetconfDriver({ timers: createManualTimers() });
  const clock = { now: () => 0 };
  let opened = 0;
  const confirm = async (): Promise<void> => {
    const stranger = await openClient(device);
    await stranger.outcome(said);
    stranger.session.destroy();
  };
  try {
    const devices = createDevices({
      ...{ netconf: driver, snmp: driver, rest: driver, clock },
      endpoint: async () => {
        opened += 1;
        // The writer and its witness have the first two: the third puts the device right, when no lock is held.
        if (opened === 3) await confirm();
        return device.endpoint();
      },
    });
    const wait = async (ms: number): Promise<void> => device.timers.advance(ms);
    const { outcome } = await runTransaction(
      { devices, journal: createMemoryJournal(), clock, wait, running: readRunning, announce: () => undefined },
      {
        record: { ...TRIAL, intent: 'int_1', tenant: 'acme', device: 'box1', beforeHash: '', steps: [], state: 'open' },
        confirmSeconds: 600,
        verify: async () => ({ ok: false, detail: 'the box is not well' }),
      },
    );
    const holds = device.running() === START ? 'the old' : 'the new';
    return {
      refused: outcome === 'reverted' && device.running() === START,
      how: `${outcome}, holds ${holds} configuration`,
    };
  } finally {
    await driver.close();
    await device.close();
  }
}

export const NETCONF_COMMIT_ATTACKS: readonly Attack[] = [
  {
    id: 'XML-17',
    guard: 'outcome-from-device',
    attempt: () => attemptAll([['commit', () => loseAfter('commit-confirmed')]]),
  },
  {
    id: 'XML-18',
    guard: 'confirm-timeout-tried',
    attempt: async () => {
      const device = await startDevice();
      const driver = createNetconfDriver({ timers: createManualTimers() });
      try {
        const { ladder } = await learnQuirks(
          {
            open: () => driver.openWriteSession(device.endpoint(), undefined, 'running'),
            running: readRunning,
            // A second asked for is a minute at this device: of a minute that passes, it counts a second.
            wait: async (ms) => {
              await new Promise((resolve) => setImmediate(resolve));
              device.timers.advance(ms / 60);
            },
          },
          TRIAL,
        );
        return { refused: ladder !== 'confirmed', how: `certified for ${ladder ?? 'nothing'}` };
      } finally {
        await driver.close();
        await device.close();
      }
    },
  },
  {
    id: 'XML-19',
    guard: 'inverse-edit',
    attempt: () =>
      attemptAll([
        ['the right persist-id', () => confirmForeign('<commit><persist-id>wl_1</persist-id></commit>')],
        ['a guessed one', () => confirmForeign('<commit><persist-id>wl_2</persist-id></commit>')],
        ['none', () => confirmForeign('<commit/>')],
      ]),
  },
  {
    id: 'XML-21',
    guard: 'outcome-from-device',
    attempt: () =>
      attemptAll(
        STEPS.confirmed
          .filter(({ step }) => step !== 'confirm')
          .map(({ step }) => [step, () => loseAfter(step)] as const),
      ),
  },
];
