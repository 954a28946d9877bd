/**
 * The change transaction: lock → edit → validate → confirmed commit → read back → verify → confirm, or all of it undone.
 *
 * RFC 6241 §7.5 (lock), §8.3 (candidate), §8.4 (confirmed commit with persist-id), §8.6 (validate). Every step is durable
 * before the next begins, so that a crash at any point is resolved by `reconcile` to what the device really holds. The
 * caller closes the transaction in the journal when it has written the outcome down.
 */
import type { Outcome, StepRecord, TransactionStep } from '../contract.ts';
import { DriverError, type WriteSession } from '../drivers/driver.ts';
import type { Journal, TransactionRecord } from '../ports.ts';
import { isSettled, type ReconcileDeps, type RollbackFailure, reconcile } from './reconcile.ts';
import type { RunningConfig } from './running.ts';

export interface TransactionDeps extends ReconcileDeps {
  readonly journal: Journal;
  /** Streams a step to people who watch; durable already when it is called. */
  readonly announce: (intent: string, tenant: string, step: StepRecord) => void;
}

export interface TransactionPlan {
  readonly record: TransactionRecord;
  /** The device reverts by itself unless confirmed within this time (RFC 6241 §8.4.4). */
  readonly confirmSeconds: number;
  /** For devices that forget the candidate when they validate it, as netconfd does: their commit validates anyway (RFC 6241 §8.3.4.1). */
  readonly leavesValidationToCommit?: true;
  /** Checks the post-conditions through reads of the broker; resolves with what was seen. */
  readonly verify: () => Promise<{ readonly ok: boolean; readonly detail: string }>;
}

export interface TransactionResult {
  readonly outcome: Outcome;
  readonly detail: string;
  readonly steps: readonly StepRecord[];
  /** Running configuration at the end, when it could be read. */
  readonly after?: string;
  readonly code?: RollbackFailure;
}

/** A change that is in running and verified, and that the device takes back by itself unless it is confirmed in time. */
export interface HeldChange {
  readonly kind: 'held';
  readonly record: TransactionRecord;
  /** Sets the device's timeout anew, counted from now, by a follow-up confirmed commit; undefined: still held. */
  renew(seconds: number): Promise<TransactionResult | undefined>;
  confirm(): Promise<TransactionResult>;
  takeBack(reason: string): Promise<TransactionResult>;
}

export type HeldOrEnded = HeldChange | { readonly kind: 'ended'; readonly result: TransactionResult };

/** A check of the broker failed (not the device): the change must not stand. */
class Unfit extends Error {
  override readonly name = 'Unfit';
}

/** One device, from lock to confirm. Rejects only with defects of the broker itself; the transaction is open then. */
export async function runTransaction(deps: TransactionDeps, plan: TransactionPlan): Promise<TransactionResult> {
  const held = await holdChange(deps, plan);
  return held.kind === 'ended' ? held.result : held.confirm();
}

/** All steps but the last: the change is held unconfirmed, or has come to its end. Whoever holds it must end it. */
export async function holdChange(deps: TransactionDeps, plan: TransactionPlan): Promise<HeldOrEnded> {
  const { record } = plan;
  const steps: StepRecord[] = [];
  const open: WriteSession[] = [];
  const note = async (step: TransactionStep, ok: boolean, detail: string): Promise<void> => {
    const warnings = open.flatMap((one) => one.takeWarnings());
    const said = warnings.length === 0 ? detail : `${detail}; the device warns: ${warnings.join('; ')}`;
    const entry = { device: record.device, step, ok, detail: said, at: new Date(deps.clock.now()).toISOString() };
    steps.push(entry);
    await deps.journal.recordStep(record, entry);
    deps.announce(record.intent, record.tenant, entry);
  };

  await deps.journal.openTransaction(record);
  await note('prepare', true, 'pre-image and edit are stored');

  const session = async (): Promise<WriteSession> => {
    const one = await deps.devices.write(record.tenant, record.device);
    open.push(one);
    return one;
  };
  const closeAll = (): Promise<unknown> => Promise.all(open.map((one) => one.close().catch(() => undefined)));
  let current: TransactionStep = 'lock';
  let committed = false;
  let verified = false;
  let heldSeconds = plan.confirmSeconds;

  const held = await attempt(async (): Promise<HeldOrEnded> => {
    const writer = await session();
    await lockPatiently(deps, () => writer.lockCandidate());
    await demand(
      deps.running(writer, 'candidate'),
      record.before,
      'the candidate holds changes of somebody else, or the device drifted',
    );
    await note('lock', true, 'candidate locked; it equals what was approved');

    current = 'edit';
    await writer.editCandidate(record.edit);
    await demand(deps.running(writer, 'candidate'), record.expected, 'the candidate is not what was planned');
    await note('edit', true, 'candidate edited and read back as planned');

    current = 'validate';
    if (plan.leavesValidationToCommit) await note('validate', true, 'left to the commit, since this device needs that');
    else {
      await writer.validateCandidate();
      await note('validate', true, 'the device accepts the candidate');
    }

    current = 'commit-confirmed';
    committed = true; // from the moment the request may have left, the device may hold the change
    await writer.commitConfirmed({ timeoutSeconds: plan.confirmSeconds, persistId: record.persistId });
    await note('commit-confirmed', true, `committed; reverts by itself in ${plan.confirmSeconds} s unless confirmed`);

    current = 'read-back';
    const witness = await session();
    await demand(deps.running(witness, 'running'), record.expected, 'running is not what was planned');
    await note('read-back', true, 'running, read on a second session, is as planned');

    current = 'verify';
    const seen = await plan.verify().catch((): never => {
      throw new Unfit('the post-conditions could not be checked');
    });
    if (!seen.ok) throw new Unfit(seen.detail);
    verified = true;
    await note('verify', true, seen.detail);
    current = 'confirm';
    return {
      kind: 'held',
      record,
      renew: async (seconds) => {
        const failed = await attempt(async () => {
          await writer.commitConfirmed({ timeoutSeconds: seconds, persistId: record.persistId, renews: true });
          heldSeconds = seconds;
          return undefined;
        });
        return failed?.result;
      },
      confirm: async () => {
        const ended = await attempt(async () => ({
          kind: 'ended' as const,
          result: await confirm(writer, seen.detail),
        }));
        await closeAll();
        return ended.result;
      },
      takeBack: async (reason) => {
        verified = false; // it held here, and is not wanted all the same
        await note(current, false, reason);
        return undo(reason);
      },
    };
  });
  return held;

  /** Runs the work; what the device or a check has against it ends the transaction. */
  async function attempt<T>(work: () => Promise<T>): Promise<T | Extract<HeldOrEnded, { readonly kind: 'ended' }>> {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof DriverError) && !(error instanceof Unfit)) {
        await closeAll();
        throw error;
      }
      await note(current, false, error.message);
      const result = committed ? await undo(error.message) : await abandon(error.message);
      await closeAll();
      return { kind: 'ended', result };
    }
  }

  async function confirm(writer: WriteSession, detail: string): Promise<TransactionResult> {
    await writer.confirmCommit(record.persistId);
    if (!(await isSettled(deps, writer, record.persistId))) {
      // Either answer may be a lie, and what holds is known when the device's time is over. A lock could keep it from reverting.
      await closeAll();
      await deps.wait(heldSeconds * 1000 + 1000);
      return undo('the device does not say that it took the confirmation');
    }
    await note('confirm', true, 'confirmed');
    await writer.unlockCandidate().then(
      () => note('unlock', true, 'candidate unlocked'),
      () => note('unlock', false, 'the unlock failed; the lock ends with the session'),
    );
    return { outcome: 'succeeded', detail, steps, after: record.expected };
  }

  /** Nothing was committed: throw the candidate away. */
  async function abandon(reason: string): Promise<TransactionResult> {
    const writer = open[0];
    const locked = steps.some((step) => step.step === 'lock' && step.ok);
    if (writer !== undefined && locked) {
      // Closing the session releases the lock and discards the candidate as well (RFC 6241 §7.5, §8.3.4.2).
      await writer.discardChanges().catch(() => undefined);
      await writer.unlockCandidate().catch(() => undefined);
    }
    await note('rollback', true, 'nothing was committed; the candidate is discarded');
    return { outcome: 'failed', detail: `${current}: ${reason}`, steps, after: record.before };
  }

  /** The device may hold the change: bring it back, and say what it really holds. */
  async function undo(reason: string): Promise<TransactionResult> {
    // The writer's lock would keep others, and reconcile itself, from repairing the device.
    await closeAll();
    const { outcome, detail, running, code } = await reconcile(deps, record, { committed: true, verified });
    await note('rollback', outcome !== 'unknown', detail);
    return {
      outcome,
      detail: outcome === 'succeeded' ? detail : `${current}: ${reason}; ${detail}`,
      steps,
      ...(running === undefined ? {} : { after: running }),
      ...(code === undefined ? {} : { code }),
    };
  }
}

async function demand(read: Promise<RunningConfig>, expected: string, otherwise: string): Promise<void> {
  if ((await read) !== expected) throw new Unfit(otherwise);
}

/** `lock-denied` passes by itself: try again a few times (DESIGN: lock-denied and in-use back off). */
export async function lockPatiently(deps: Pick<TransactionDeps, 'wait'>, lock: () => Promise<void>): Promise<void> {
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await lock();
    } catch (error) {
      const transient = error instanceof DriverError && (error.tag === 'lock-denied' || error.tag === 'in-use');
      if (!transient || attempt >= 4) throw error;
      await deps.wait(500 * 2 ** attempt);
    }
  }
}
