/**
 * Brings an interrupted or failed change to a known outcome: cancels a pending commit, reads what runs, and says so.
 *
 * Used by the transaction when a step failed, and at start for transactions that a crash left open. It never repeats
 * the edit: it only finds out, and undoes.
 */
import type { Outcome } from '../contract.ts';
import { DriverError, type WriteSession } from '../drivers/driver.ts';
import type { Clock, Journal, TransactionRecord } from '../ports.ts';
import type { Devices } from './devices.ts';
import type { RunningConfig } from './running.ts';
import { settleKept } from './settle-kept.ts';

export interface ReconcileDeps {
  readonly journal: Pick<Journal, 'demandLease'>;
  readonly devices: Devices;
  readonly clock: Clock;
  /** Injected pause, milliseconds. */
  readonly wait: (ms: number) => Promise<void>;
  readonly running: (session: WriteSession, source: 'running' | 'candidate') => Promise<RunningConfig>;
}

/** The device did not take the change back, and the inverse edit did not either. */
export type RollbackFailure = 'ROLLBACK_FAILED';

export interface Reconciled {
  readonly outcome: Outcome;
  readonly detail: string;
  /** With `unknown` only: a human is needed at the device. */
  readonly code?: RollbackFailure;
  readonly running?: RunningConfig;
}

/** Tries to reach the device this often, with growing pauses, before the answer is `unknown`. */
const ATTEMPTS = 4;

/** What is known of how far the transaction came. */
export interface Progress {
  /** A commit may have reached the device. */
  readonly committed: boolean;
  /** The post-conditions had held and only the confirmation is in doubt, so a change that stands may stand. */
  readonly verified: boolean;
}

/** How far a transaction came, from the steps that were stored before each next one began. */
export function progressOf(
  record: TransactionRecord,
): Progress & { /** An edit may have reached the device. */ readonly edited: boolean } {
  const passed = (step: string): boolean => record.steps.some((one) => one.step === step && one.ok);
  const committed = passed('validate');
  return { edited: passed('lock') || committed, committed, verified: passed('verify') };
}

export async function reconcile(deps: ReconcileDeps, record: TransactionRecord, known: Progress): Promise<Reconciled> {
  let last = 'the device was not reached';
  const tried = { inverse: false };
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    if (attempt > 0) await deps.wait(500 * 2 ** attempt);
    // A broker that was taken for dead must not undo what its successor does.
    await deps.journal.demandLease(record.tenant, [record.device]);
    try {
      const isHeld = record.ladder === undefined || record.ladder === 'confirmed';
      return await (isHeld ? settle : settleKept)(deps, record, known, tried);
    } catch (error) {
      if (!(error instanceof DriverError)) throw error;
      last = error.message;
    }
  }
  if (tried.inverse) return rollbackFailed(`the inverse edit did not come through (${last})`);
  return { outcome: 'unknown', detail: `what the device holds could not be read (${last}); it is asked again` };
}

const rollbackFailed = (detail: string, running?: RunningConfig): Reconciled => ({
  outcome: 'unknown',
  code: 'ROLLBACK_FAILED',
  detail: `ROLLBACK_FAILED: the device kept the change: ${detail}`,
  ...(running === undefined ? {} : { running }),
});

async function settle(
  deps: ReconcileDeps,
  record: TransactionRecord,
  known: Progress,
  tried: { inverse: boolean },
): Promise<Reconciled> {
  const session = await deps.devices.write(record.tenant, record.device);
  try {
    const pending = await cancelPending(session, record.persistId);
    const running = await deps.running(session, 'running');
    if (running === record.before) {
      return known.committed
        ? { outcome: 'reverted', detail: 'the device is back on its old configuration', running }
        : { outcome: 'failed', detail: 'nothing was committed', running };
    }
    // A commit that may still be pending would be undone behind a verdict that it stands.
    if (pending instanceof DriverError) throw pending;
    if (running !== record.expected) {
      return {
        outcome: 'unknown',
        detail: 'the device holds neither the old nor the new configuration: somebody else changed it',
        running,
      };
    }
    if (known.verified && pending === 'none')
      return { outcome: 'succeeded', detail: 'the change was verified and stands confirmed', running };
    tried.inverse = true;
    return await pushInverse(deps, session, record);
  } finally {
    await session.close().catch(() => undefined);
  }
}

/**
 * A device without a pending commit of ours answers `invalid-value`, and that is fine (RFC 6241 §8.4.4.1). Any other
 * refusal leaves open whether one is pending: it is returned. `cancelled` is what the device says; running has the proof.
 */
async function cancelPending(session: WriteSession, persistId: string): Promise<'cancelled' | 'none' | DriverError> {
  try {
    await session.cancelCommit(persistId);
    return 'cancelled';
  } catch (error) {
    if (!(error instanceof DriverError) || error.code !== 'RPC_ERROR') throw error;
    return error.tag === 'invalid-value' ? 'none' : error;
  }
}

/** So often in a row a device must refuse in the same words before they count as its way of saying that nothing waits. */
const SAME_WORDS = 3;
const AGAIN_MS = 500;

/**
 * Whether a confirmation was taken: a device that did it has nothing left under this persist-id, and refuses a second
 * one as `invalid-value` (RFC 6241 §8.4.1). Nothing else in NETCONF tells a confirmed commit from one that still waits.
 * Another refusal may only be the trouble of a moment: it counts when it comes again and again, as netconfd's
 * `operation-failed` does.
 */
export async function isSettled(
  { wait }: Pick<ReconcileDeps, 'wait'>,
  session: WriteSession,
  persistId: string,
): Promise<boolean> {
  const said = new Set<string>();
  for (let asked = 0; asked < SAME_WORDS; asked += 1) {
    if (asked > 0) await wait(AGAIN_MS);
    try {
      await session.confirmCommit(persistId);
      return false;
    } catch (error) {
      if (!(error instanceof DriverError) || error.code !== 'RPC_ERROR') throw error;
      if (error.tag === 'invalid-value') return true;
      said.add(`${error.tag} ${error.message}`);
    }
  }
  return said.size === 1;
}

/** How long the device may keep the inverse without a confirmation, which follows at once. */
const INVERSE_SECONDS = 60;

/** The device kept a change that must not stand: put the old configuration back by an edit. */
async function pushInverse(deps: ReconcileDeps, session: WriteSession, record: TransactionRecord): Promise<Reconciled> {
  await session.lockCandidate();
  await session.editCandidate(record.inverse);
  if ((await deps.running(session, 'candidate')) !== record.before) {
    // Whatever else is in the candidate would be committed with it.
    await session.discardChanges();
    return rollbackFailed('the inverse edit would not restore the old configuration, and was not committed');
  }
  await session.validateCandidate();
  await session.commitConfirmed({ timeoutSeconds: INVERSE_SECONDS, persistId: record.persistId });
  await session.confirmCommit(record.persistId);
  if (!(await isSettled(deps, session, record.persistId))) await deps.wait(INVERSE_SECONDS * 1000 + 1000);
  const running = await deps.running(session, 'running');
  if (running !== record.before)
    return rollbackFailed('the inverse edit did not restore the old configuration', running);
  const detail = 'the device had kept the change; the inverse edit put the old configuration back';
  return { outcome: 'reverted', detail, running };
}
