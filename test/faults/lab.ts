/** One change on a simulated device that turns bad at a chosen step: the real transaction, driver and server, with time in the lab's hand. */
import type { Outcome, TransactionStep } from '../../broker/contract.ts';
import { createNetconfDriver } from '../../broker/drivers/netconf/driver.ts';
import { createDevices } from '../../broker/execution/devices.ts';
import { progressOf, reconcile } from '../../broker/execution/reconcile.ts';
import { canonical, parseData, readRunning } from '../../broker/execution/running.ts';
import { runTransaction, type TransactionDeps } from '../../broker/execution/transaction.ts';
import type { TransactionRecord } from '../../broker/ports.ts';
import { createMemoryJournal } from '../../broker/stores/memory-journal.ts';
import type { Hold } from '../../simulators/protocols/netconf/server.ts';
import type { NetconfPersona } from '../../simulators/protocols/persona.ts';
import { createManualTimers, itemB, NS, START, startDevice, type TestDevice } from '../simulators/netconf/device.ts';

/** What happens besides: nothing, the connection dies before the step or after the device acted, or the post-conditions do not hold. */
export const LINES = ['kept', 'lost before', 'lost after', 'kept, checks fail'] as const;
export type Line = (typeof LINES)[number];

/** Steps that speak to the device, each with its first rpc and the step that is stored before it begins. */
export const STEPS = [
  { step: 'lock', rpc: 'lock', after: 'prepare' },
  { step: 'edit', rpc: 'edit-config', after: 'lock' },
  { step: 'validate', rpc: 'validate', after: 'edit' },
  { step: 'commit-confirmed', rpc: 'commit', after: 'validate' },
  { step: 'read-back', rpc: 'get-config', after: 'commit-confirmed' },
  { step: 'verify', rpc: 'get-config', after: 'read-back' },
  { step: 'confirm', rpc: 'commit', after: 'verify' },
] as const satisfies readonly {
  readonly step: TransactionStep;
  readonly rpc: string;
  readonly after: TransactionStep;
}[];
export type FaultStep = (typeof STEPS)[number]['step'];

export interface Case {
  readonly persona: NetconfPersona | 'none';
  readonly step: FaultStep;
  readonly line: Line;
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
const INVERSE = `<box xmlns="${NS}"><item xmlns:nc="urn:ietf:params:xml:ns:netconf:base:1.0" nc:operation="delete"><name>b</name></item></box>`;
const config = (items: string): string => `<box xmlns="${NS}">${items}</box>`;
const NEW = START + itemB;

/** Runs one cell. Rejects only with defects of the broker or the lab. */
export async function runCase(one: Case): Promise<Cell> {
  const device = await startDevice();
  const driverTimers = createManualTimers();
  const driver = createNetconfDriver({ timers: driverTimers, deadlines: { helloMs: 1e9, connectMs: 1e9 } });
  const devices = createDevices({
    netconf: driver,
    snmp: driver,
    rest: driver,
    endpoint: async () => device.endpoint(),
    clock: { now: () => 0 },
  });
  const journal = createMemoryJournal();
  const trouble = createTrouble(device, one);
  const deps: TransactionDeps = {
    devices,
    journal,
    clock: { now: () => 0 },
    wait: async (ms) => device.timers.advance(ms),
    running: readRunning,
    announce: (_intent, _tenant, { step, ok }) => {
      if (ok && step === trouble.after) trouble.begin();
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
    steps: [],
    state: 'open',
  };
  // A slow device and the deadlines of the driver need time that passes; nothing waits for it in earnest.
  const stop = passTime(() => {
    device.timers.advance(100);
    if (one.persona === 'hung' && trouble.begun()) driverTimers.advance(1_000);
  });
  try {
    const result = await runTransaction(deps, {
      record,
      confirmSeconds: CONFIRM_SECONDS,
      verify: async () => {
        const reply = await devices.read('acme', {
          protocol: 'netconf',
          kind: 'get-config',
          device: 'box1',
          source: 'running',
          filter: '',
        });
        if (one.line === 'kept, checks fail') return { ok: false, detail: 'the box is not well' };
        return reply.ok ? { ok: true, detail: 'the box answers' } : { ok: false, detail: reply.error.message };
      },
    });
    if (result.outcome !== 'unknown') await journal.closeTransaction(record.intent, record.device);
    const lies = [...checkSaid(device, result.outcome), ...(await checkBlocked(journal, result.outcome))];
    if (result.outcome !== 'unknown') {
      // What was said must still be so when the device's time to revert is over.
      device.timers.advance((CONFIRM_SECONDS + 1) * 1000);
      lies.push(...checkSaid(device, result.outcome).map((lie) => `later: ${lie}`));
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
    await device.close();
  }

  async function resolve(): Promise<Outcome> {
    const [open] = await journal.unfinished();
    if (open === undefined) return 'unknown';
    return (await reconcile(deps, open, progressOf(open))).outcome;
  }
}

interface Trouble {
  /** The step after whose storing it begins. */
  readonly after: TransactionStep;
  begin(): void;
  begun(): boolean;
  end(): void;
}

function createTrouble(device: TestDevice, { persona, step, line }: Case): Trouble {
  const at = STEPS.find((one) => one.step === step);
  if (at === undefined) throw new Error(`no step ${step}`);
  let hold: Hold | undefined;
  let begun = false;
  return {
    after: at.after,
    begin() {
      if (begun) return;
      begun = true;
      device.server.setPersona({ name: persona });
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
      device.server.setPersona({ name: 'none' });
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
