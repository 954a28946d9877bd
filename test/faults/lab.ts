/** One change on a simulated device that turns bad at a chosen step: the real transaction, driver and server, with time in the lab's hand. */
import type { Ladder, Outcome, TransactionStep } from '../../broker/contract.ts';
import { createNetconfDriver } from '../../broker/drivers/netconf/driver.ts';
import { createDevices } from '../../broker/execution/devices.ts';
import { keepChange } from '../../broker/execution/keep-change.ts';
import { progressOf, reconcile } from '../../broker/execution/reconcile.ts';
import { canonical, parseData, readRunning } from '../../broker/execution/running.ts';
import { runTransaction, type TransactionDeps, type TransactionResult } from '../../broker/execution/transaction.ts';
import { runWaves } from '../../broker/execution/waves.ts';
import type { TransactionRecord } from '../../broker/ports.ts';
import { createMemoryJournal } from '../../broker/stores/memory-journal.ts';
import type { Lacking } from '../../simulators/protocols/netconf/personas.ts';
import type { Hold } from '../../simulators/protocols/netconf/server.ts';
import type { NetconfPersona } from '../../simulators/protocols/persona.ts';
import { createManualTimers, itemB, NS, START, startDevice, type TestDevice } from '../simulators/netconf/device.ts';

/** What happens besides: nothing, the connection dies before the step or after the device acted, or the post-conditions do not hold. */
export const LINES = ['kept', 'lost before', 'lost after', 'kept, checks fail'] as const;
export type Line = (typeof LINES)[number];

/** What the bad device is in the change: the only one, or the canary or the last of two, the other of which is well. */
export const PARTS = ['alone', 'canary', 'last'] as const;
export type Part = (typeof PARTS)[number];

interface StepPoint {
  readonly step: TransactionStep;
  /** Its first rpc. */
  readonly rpc: string;
  /** The step that is stored before it begins. */
  readonly after: TransactionStep;
}

/** Steps that speak to the device, by the rung on which it is changed. */
export const STEPS: Readonly<Record<Ladder, readonly StepPoint[]>> = {
  confirmed: [
    { step: 'lock', rpc: 'lock', after: 'prepare' },
    { step: 'edit', rpc: 'edit-config', after: 'lock' },
    { step: 'validate', rpc: 'validate', after: 'edit' },
    { step: 'commit-confirmed', rpc: 'commit', after: 'validate' },
    { step: 'read-back', rpc: 'get-config', after: 'commit-confirmed' },
    { step: 'verify', rpc: 'get-config', after: 'read-back' },
    { step: 'confirm', rpc: 'commit', after: 'verify' },
  ],
  candidate: [
    { step: 'lock', rpc: 'lock', after: 'prepare' },
    { step: 'edit', rpc: 'edit-config', after: 'lock' },
    { step: 'commit-confirmed', rpc: 'commit', after: 'validate' },
    { step: 'read-back', rpc: 'get-config', after: 'commit-confirmed' },
    { step: 'verify', rpc: 'get-config', after: 'read-back' },
  ],
  running: [
    { step: 'lock', rpc: 'lock', after: 'prepare' },
    { step: 'edit', rpc: 'edit-config', after: 'validate' },
    { step: 'read-back', rpc: 'get-config', after: 'edit' },
    { step: 'verify', rpc: 'get-config', after: 'read-back' },
  ],
};

/** What a device on each rung lacks. */
const LACKS: Readonly<Record<Ladder, readonly Lacking[]>> = {
  confirmed: [],
  candidate: ['confirmed-commit'],
  running: ['candidate', 'confirmed-commit'],
};

export interface Case {
  readonly persona: NetconfPersona | 'none';
  /** One of the rung's `STEPS`. */
  readonly step: TransactionStep;
  readonly line: Line;
  /** `confirmed` when absent; a device on a lower one is changed alone. */
  readonly ladder?: Ladder;
  /** `alone` when absent. */
  readonly part?: Part;
}

export interface Cell extends Case {
  /** What the transaction said while the device was bad. */
  readonly outcome: Outcome;
  readonly code?: string;
  readonly detail: string;
  /** What was found out when the device had come to its senses; absent unless the outcome was `unknown`. */
  readonly resolved?: Outcome;
  /** What is not as it was said; empty when the cell is true. */
  readonly lies: readonly string[];
}

/** Longer than any transaction here takes on the device's clock, which runs ahead while something is waited for. */
const CONFIRM_SECONDS = 86_400;
/** The device that is well, in a change of two. */
const MATE = 'box2';
const INVERSE = `<box xmlns="${NS}"><item xmlns:nc="urn:ietf:params:xml:ns:netconf:base:1.0" nc:operation="delete"><name>b</name></item></box>`;
const config = (items: string): string => `<box xmlns="${NS}">${items}</box>`;
const NEW = START + itemB;

/** Runs one cell. Rejects only with defects of the broker or the lab. */
export async function runCase(one: Case): Promise<Cell> {
  const device = await startDevice();
  const { part = 'alone', ladder = 'confirmed' } = one;
  const mate = part === 'alone' ? undefined : await startDevice();
  const all = mate === undefined ? [device] : [device, mate];
  const advance = (ms: number): void => {
    for (const each of all) each.timers.advance(ms);
  };
  const driverTimers = createManualTimers();
  const driver = createNetconfDriver({ timers: driverTimers, deadlines: { helloMs: 1e9, connectMs: 1e9 } });
  const devices = createDevices({
    netconf: driver,
    snmp: driver,
    rest: driver,
    endpoint: async (_tenant, name) =>
      name === MATE && mate !== undefined ? { ...mate.endpoint(), device: MATE } : device.endpoint(),
    clock: { now: () => 0 },
  });
  const journal = createMemoryJournal();
  const trouble = createTrouble(device, one);
  const deps: TransactionDeps = {
    devices,
    journal,
    clock: { now: () => 0 },
    wait: async (ms) => advance(ms),
    running: readRunning,
    announce: (_intent, _tenant, { step, ok, device: name }) => {
      if (ok && name === 'box1' && step === trouble.after) trouble.begin();
    },
  };
  const record: TransactionRecord = {
    intent: 'int_1',
    tenant: 'acme',
    device: 'box1',
    persistId: 'wl_1',
    edit: config(itemB),
    inverse: INVERSE,
    before: canonical(parseData(config(START))),
    beforeHash: '',
    expected: canonical(parseData(config(NEW))),
    ...(ladder === 'confirmed' ? {} : { ladder }),
    steps: [],
    state: 'open',
  };
  // A slow device and the deadlines of the driver need time that passes; nothing waits for it in earnest.
  const stop = passTime(() => {
    advance(100);
    if (one.persona === 'hung' && trouble.begun()) driverTimers.advance(1_000);
  });
  try {
    const execute = async (): Promise<{ readonly result: TransactionResult; readonly mate: Outcome }> => {
      if (ladder !== 'confirmed') return { result: await keepChange(deps, planOf(record), ladder), mate: 'failed' };
      if (part === 'alone')
        return {
          result: await runTransaction(deps, { ...planOf(record), confirmSeconds: CONFIRM_SECONDS }),
          mate: 'failed',
        };
      const well = { ...record, device: MATE, persistId: 'wl_2' };
      const plans = (part === 'canary' ? [record, well] : [well, record]).map(planOf);
      const waves = { waveSize: 1, waveSeconds: CONFIRM_SECONDS, marginSeconds: CONFIRM_SECONDS, toleratedShare: 0 };
      const { devices: ends } = await runWaves(deps, { devices: plans, ...waves });
      const result = ends.get('box1');
      // A device that no wave reached was not touched.
      const untouched = { outcome: 'failed', detail: 'not reached', steps: [] } as const;
      return { result: result ?? untouched, mate: ends.get(MATE)?.outcome ?? 'failed' };
    };
    const planOf = (of: TransactionRecord) => ({
      record: of,
      verify: async () => {
        const reply = await devices.read('acme', {
          protocol: 'netconf',
          kind: 'get-config',
          device: of.device,
          source: 'running',
          filter: '',
        });
        if (of === record && one.line === 'kept, checks fail') return { ok: false, detail: 'the box is not well' };
        return reply.ok ? { ok: true, detail: 'the box answers' } : { ok: false, detail: reply.error.message };
      },
    });
    const ended = await execute();
    const { result } = ended;
    const check = (outcome: Outcome): string[] => [
      ...checkSaid(device, outcome),
      ...(mate === undefined ? [] : checkSaid(mate, ended.mate).map((lie) => `the other device: ${lie}`)),
    ];
    if (result.outcome !== 'unknown') await journal.closeTransaction(record);
    if (ended.mate !== 'unknown') await journal.closeTransaction({ ...record, device: MATE });
    const lies = [...check(result.outcome), ...(await checkBlocked(journal, result.outcome))];
    if (mate !== undefined) {
      if (ended.mate === 'unknown') lies.push('a device that is well is not known');
      if ((ended.mate === 'succeeded') !== (result.outcome === 'succeeded'))
        lies.push(`one device ${result.outcome}, the other ${ended.mate}: neither all nor none`);
    }
    if (result.outcome !== 'unknown') {
      // What was said must still be so when the device's time to revert is over.
      advance((CONFIRM_SECONDS * 4 + 1) * 1000);
      lies.push(...check(result.outcome).map((lie) => `later: ${lie}`));
    }
    trouble.end();
    const resolved = result.outcome === 'unknown' ? await resolve() : undefined;
    if (resolved === 'unknown') lies.push('nobody finds out what a device holds that is well again');
    if (resolved !== undefined) lies.push(...checkSaid(device, resolved).map((lie) => `resolved: ${lie}`));
    return {
      ...one,
      outcome: result.outcome,
      detail: result.detail,
      ...(result.code === undefined ? {} : { code: result.code }),
      ...(resolved === undefined ? {} : { resolved }),
      lies,
    };
  } finally {
    trouble.end();
    stop();
    await driver.close();
    await Promise.all(all.map((each) => each.close()));
  }

  async function resolve(): Promise<Outcome> {
    const [open] = await journal.unfinished();
    if (open === undefined) return 'unknown';
    // One that is well has given the change back by now: it may not stand here alone (`settleAll` in recover.ts).
    const progress = progressOf(open);
    return (await reconcile(deps, open, mate === undefined ? progress : { ...progress, verified: false })).outcome;
  }
}

interface Trouble {
  /** The step after whose storing it begins. */
  readonly after: TransactionStep;
  begin(): void;
  begun(): boolean;
  end(): void;
}

function createTrouble(device: TestDevice, { persona, step, line, ladder = 'confirmed' }: Case): Trouble {
  const at = STEPS[ladder].find((one) => one.step === step);
  if (at === undefined) throw new Error(`no step ${step} on the rung ${ladder}`);
  const lacks = LACKS[ladder];
  device.server.setPersona({ name: 'none', lacks });
  let hold: Hold | undefined;
  let begun = false;
  return {
    after: at.after,
    begin() {
      if (begun) return;
      begun = true;
      device.server.setPersona({ name: persona, lacks });
      if (line === 'lost before') device.server.dropConnections();
      if (line !== 'lost after') return;
      const held = device.server.hold({ operation: at.rpc, when: 'after' });
      hold = held;
      void held.reached.then(() => {
        device.server.dropConnections();
        held.release();
      });
    },
    begun: () => begun,
    end() {
      hold?.release();
      device.server.setPersona({ name: 'none', lacks });
    },
  };
}

function checkSaid(device: TestDevice, outcome: Outcome): string[] {
  if (outcome === 'unknown') return [];
  const holds = device.running() === NEW ? 'new' : device.running() === START ? 'old' : 'another';
  return holds === (outcome === 'succeeded' ? 'new' : 'old')
    ? []
    : [`said ${outcome}, holds the ${holds} configuration`];
}

/** A device is blocked as long as a transaction on it is open; only an outcome that is known may free it. */
async function checkBlocked(
  journal: Pick<ReturnType<typeof createMemoryJournal>, 'unfinished'>,
  outcome: Outcome,
): Promise<string[]> {
  const blocked = (await journal.unfinished()).length > 0;
  if (blocked === (outcome === 'unknown')) return [];
  return [blocked ? 'known, but the device is blocked' : 'unknown, but the device is not blocked'];
}

/** Calls back as often as sockets have been served, until stopped. */
function passTime(tick: () => void): () => void {
  let going = true;
  const next = (): void => {
    if (!going) return;
    tick();
    setTimeout(next, 1);
  };
  next();
  return () => {
    going = false;
  };
}
