/**
 * Finds out what a device on a lower rung holds, and puts the old configuration back by the inverse edit: nothing there
 * goes away by itself. Never repeats the edit.
 */
import { DriverError, type WriteSession } from '../drivers/driver.ts';
import type { TransactionRecord } from '../ports.ts';
import type { Progress, ReconcileDeps, Reconciled } from './reconcile.ts';

/** Rejects with `DriverError` when the device was lost meanwhile; the caller tries again. */
export async function settleKept(
  deps: ReconcileDeps,
  record: TransactionRecord,
  known: Progress,
  tried: { inverse: boolean },
): Promise<Reconciled> {
  const session = await deps.devices.write(record.tenant, record.device, 'running');
  try {
    const running = await deps.running(session, 'running');
    if (running === record.before) {
      return known.committed
        ? { outcome: 'reverted', detail: 'the device has its old configuration', running }
        : { outcome: 'failed', detail: 'nothing was committed', running };
    }
    if (running !== record.expected) {
      return {
        outcome: 'unknown',
        detail: 'the device holds neither the old nor the new configuration: somebody else changed it',
        running,
      };
    }
    if (known.verified) return { outcome: 'succeeded', detail: 'the change was verified and stands', running };
    tried.inverse = true;
    await putBack(session, record, deps);
    const after = await deps.running(session, 'running');
    if (after === record.before)
      return { outcome: 'reverted', detail: 'the inverse edit put the old configuration back', running: after };
    const detail =
      'ROLLBACK_FAILED: the device kept the change: the inverse edit did not restore the old configuration';
    return { outcome: 'unknown', code: 'ROLLBACK_FAILED', detail, running: after };
  } finally {
    await session.close().catch(() => undefined);
  }
}

async function putBack(session: WriteSession, record: TransactionRecord, deps: ReconcileDeps): Promise<void> {
  if (record.ladder === 'running') {
    await session.lockRunning();
    await session.editRunning(record.inverse);
    await session.unlockRunning().catch(() => undefined);
    return;
  }
  await session.lockCandidate();
  await session.editCandidate(record.inverse);
  if ((await deps.running(session, 'candidate')) !== record.before) {
    // Whatever else is in the candidate would be committed with it.
    await session.discardChanges();
    throw new DriverError('RPC_ERROR', 'the inverse edit would not restore the old configuration', 'operation-failed');
  }
  await session.commit();
  await session.unlockCandidate().catch(() => undefined);
}
