/**
 * A change on a lower rung of the ladder: the device keeps what it is given, so every check comes before or right after,
 * and what does not hold is put back by the inverse edit. RFC 6241 §8.3 (candidate, whole or not at all), §8.2 (running).
 */
import type { Ladder, StepRecord, TransactionStep } from '../contract.ts';
import { DriverError, type WriteSession } from '../drivers/driver.ts';
import { reconcile } from './reconcile.ts';
import { lockPatiently, type TransactionDeps, type TransactionPlan, type TransactionResult } from './transaction.ts';

/** A check of the broker failed (not the device): the change must not stand. */
class Unfit extends Error {
  override readonly name = 'Unfit';
}

/** Rejects only with defects of the broker itself; the transaction is open then. */
export async function keepChange(
  deps: TransactionDeps,
  plan: Omit<TransactionPlan, 'confirmSeconds'>,
  rung: Exclude<Ladder, 'confirmed'>,
): Promise<TransactionResult> {
  const { record } = plan;
  const steps: StepRecord[] = [];
  const open: WriteSession[] = [];
  let current: TransactionStep = 'lock';
  let sent = false;
  let verified = false;
  const note = async (step: TransactionStep, ok: boolean, detail: string): Promise<void> => {
    const warnings = open.flatMap((one) => one.takeWarnings());
    const said = warnings.length === 0 ? detail : `${detail}; the device warns: ${warnings.join('; ')}`;
    const entry = { device: record.device, step, ok, detail: said, at: new Date(deps.clock.now()).toISOString() };
    steps.push(entry);
    await deps.journal.recordStep(record, entry);
    deps.announce(record.intent, record.tenant, entry);
  };
  const session = async (): Promise<WriteSession> => {
    const one = await deps.devices.write(record.tenant, record.device, rung);
    open.push(one);
    return one;
  };
  const closeAll = (): Promise<unknown> => Promise.all(open.map((one) => one.close().catch(() => undefined)));
  const demand = async (one: WriteSession, store: 'running' | 'candidate', wanted: string, otherwise: string) => {
    if ((await deps.running(one, store)) !== wanted) throw new Unfit(otherwise);
  };

  /** Up to the point where running has the change. */
  const give = async (writer: WriteSession): Promise<void> => {
    if (rung === 'running') {
      await lockPatiently(deps, () => writer.lockRunning());
      await demand(writer, 'running', record.before, 'the device drifted');
      await note('lock', true, 'running locked; it equals what was approved');
      current = 'edit';
      await note('validate', true, 'left to the edit, which this device takes into running at once');
      sent = true; // from the moment the request may have left, the device may hold the change
      await writer.editRunning(record.edit);
      return note('edit', true, 'running edited');
    }
    await lockPatiently(deps, () => writer.lockCandidate());
    await demand(
      writer,
      'candidate',
      record.before,
      'the candidate holds changes of somebody else, or the device drifted',
    );
    await note('lock', true, 'candidate locked; it equals what was approved');
    current = 'edit';
    await writer.editCandidate(record.edit);
    await demand(writer, 'candidate', record.expected, 'the candidate is not what was planned');
    await note('edit', true, 'candidate edited and read back as planned');
    current = 'commit-confirmed';
    await note('validate', true, 'left to the commit');
    sent = true;
    await writer.commit();
    await note('commit-confirmed', true, 'committed for good: this device has no confirmed commit');
  };

  await deps.journal.openTransaction(record);
  await note('prepare', true, 'pre-image and edit are stored');
  try {
    const writer = await session();
    await give(writer);
    current = 'read-back';
    await demand(await session(), 'running', record.expected, 'running is not what was planned');
    await note('read-back', true, 'running, read on a second session, is as planned');
    current = 'verify';
    const seen = await plan.verify().catch((): never => {
      throw new Unfit('the post-conditions could not be checked');
    });
    if (!seen.ok) throw new Unfit(seen.detail);
    verified = true;
    await note('verify', true, seen.detail);
    return { outcome: 'succeeded', detail: seen.detail, steps, after: record.expected };
  } catch (error) {
    if (!(error instanceof DriverError) && !(error instanceof Unfit)) throw error;
    await note(current, false, error.message);
    return await undo(error.message);
  } finally {
    await closeAll();
  }

  async function undo(reason: string): Promise<TransactionResult> {
    if (!sent) {
      const [writer] = open;
      // Closing the session releases its lock and discards the candidate as well (RFC 6241 §7.5, §8.3.4.2).
      if (rung === 'candidate' && steps.some(({ step, ok }) => step === 'lock' && ok))
        await writer?.discardChanges().catch(() => undefined);
      await note('rollback', true, 'nothing was committed');
      return { outcome: 'failed', detail: `${current}: ${reason}`, steps, after: record.before };
    }
    // Its own lock would keep the inverse edit out.
    await closeAll();
    const { outcome, detail, running, code } = await reconcile(deps, record, { committed: true, verified });
    await note('rollback', outcome !== 'unknown', detail);
    return {
      ...{ outcome, steps, detail: `${current}: ${reason}; ${detail}` },
      ...(running === undefined ? {} : { after: running }),
      ...(code === undefined ? {} : { code }),
    };
  }
}
