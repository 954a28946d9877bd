/** Pages a human and puts into quarantine a device whose state is not known or that kept a change; the device is blocked meanwhile. */
import type { Outcome } from '../contract.ts';
import type { Pager, TransactionRecord } from '../ports.ts';
import type { RecordDeps } from '../stages/record.ts';
import type { Quarantine } from '../standing.ts';
import type { RollbackFailure } from './reconcile.ts';

export interface PageDeps {
  readonly pager: Pager;
  readonly quarantine: Quarantine;
  readonly log: RecordDeps['log'];
}

/** Does nothing for an outcome that is known. A pager that fails is logged and changes no outcome. */
export async function pageHuman(
  { pager, quarantine, log }: PageDeps,
  { tenant, intent, device }: Pick<TransactionRecord, 'tenant' | 'intent' | 'device'>,
  found: { readonly outcome: Outcome; readonly detail: string; readonly code?: RollbackFailure },
): Promise<void> {
  if (found.outcome !== 'unknown') return;
  const reason = found.code === undefined ? 'outcome-unknown' : 'rollback-failed';
  await quarantine
    .enter({ tenant, device, intent, reason, detail: found.detail })
    .catch((error: unknown) => log.error({ err: error, device }, 'a quarantine could not be stored'));
  const page = { code: found.code ?? 'OUTCOME_UNKNOWN', tenant, intent, device, detail: found.detail } as const;
  await pager.page(page).catch((error: unknown) => log.error({ err: error, page }, 'nobody could be paged'));
}
