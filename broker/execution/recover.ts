/** After a crash: finds every transaction that was left open, brings it to a known outcome, and writes that outcome. */
import type { Outcome } from '../contract.ts';
import type { Approvals, AuditLog, Journal, TransactionRecord } from '../ports.ts';
import { type PageDeps, pageHuman } from './page-human.ts';
import { progressOf, type ReconcileDeps, type Reconciled, reconcile } from './reconcile.ts';
import { deviceKey, type Serial } from './serial.ts';

export interface RecoverDeps extends ReconcileDeps, PageDeps {
  readonly journal: Journal;
  readonly approvals: Approvals;
  readonly audit: AuditLog;
  readonly perDevice: Serial;
}

export interface Recovered {
  readonly intent: string;
  readonly outcome: Outcome;
}

/**
 * Resolves what can be resolved; a device that does not answer keeps its transaction open and is asked again by the
 * next call. Safe at any time: a transaction that is under way holds its device, and is closed when it lets go.
 */
export async function recoverTransactions(deps: RecoverDeps): Promise<readonly Recovered[]> {
  const open = await deps.journal.unfinished();
  const resolved = await Promise.all(
    open.map(({ tenant, device, intent }) =>
      deps.perDevice.run(deviceKey(tenant, device), async () => {
        const record = (await deps.journal.unfinished()).find((one) => one.intent === intent && one.device === device);
        return record === undefined ? undefined : recoverOne(deps, record);
      }),
    ),
  );
  return resolved.filter((one) => one !== undefined);
}

/**
 * At start only, before anything is served: closes intents that were about to be executed when the process died. Their
 * transaction is stored before the first write, so without one nothing was sent to the device.
 */
export async function closeInterrupted(deps: RecoverDeps): Promise<readonly Recovered[]> {
  const open = new Set((await deps.journal.unfinished()).map((record) => record.intent));
  const closed: Recovered[] = [];
  for (const { tenant, intent } of await deps.journal.executing()) {
    if (open.has(intent)) continue;
    const detail = 'interrupted before anything was sent to the device';
    if (await close(deps, tenant, intent, { outcome: 'failed', detail })) closed.push({ intent, outcome: 'failed' });
  }
  return closed;
}

async function recoverOne(deps: RecoverDeps, record: TransactionRecord): Promise<Recovered> {
  const { tenant, intent } = record;
  const receipt = (await deps.journal.find(tenant, intent))?.receipt;
  const said = receipt?.outcome;
  // The outcome was written down, and only the last note of the transaction was lost.
  const settled = said !== undefined && said !== 'unknown';
  const found: Reconciled = settled ? { outcome: said, detail: '' } : await reconcile(deps, record, progressOf(record));
  const detail = `resolved after an interruption: ${found.detail}`;
  // An outcome that stays unknown is told again only when it has become worse.
  const worse = found.code !== undefined && receipt?.detail.includes(found.code) !== true;
  if (!settled && (found.outcome !== said || worse)) {
    await close(deps, tenant, intent, { ...found, detail }, record);
    await pageHuman(deps, record, found);
  }
  if (found.outcome !== 'unknown') {
    await deps.journal.closeTransaction(intent);
    // A device that had kept a change stays in quarantine: what it did once it may do again.
    await deps.quarantine.leave(tenant, record.device, { why: `${intent} was ${found.outcome}` }, 'outcome-unknown');
  }
  return { intent, outcome: found.outcome };
}

/**
 * Writes the outcome to the log and the receipt to the journal, with the decision and votes it was executed under. True
 * when done: nothing is executed without an approval, so an intent without one has no outcome to write.
 */
async function close(
  deps: RecoverDeps,
  tenant: string,
  intentId: string,
  found: Reconciled,
  record?: TransactionRecord,
): Promise<boolean> {
  const known = await deps.journal.find(tenant, intentId);
  const approval = await deps.approvals.findByIntent(tenant, intentId);
  if (known === undefined || approval === undefined) return false;
  const { intent, subject } = known;
  const { outcome, detail, code } = found;
  const auditIndex = await deps.audit.append({
    at: new Date(deps.clock.now()).toISOString(),
    tenant,
    kind: 'outcome',
    human: subject.human,
    session: subject.session,
    ...(subject.agent === undefined ? {} : { agent: subject.agent }),
    tool: intent.tool,
    intent: intentId,
    content: {
      outcome,
      detail,
      ...(code === undefined ? {} : { code }),
      digest: intent.digest,
      target: intent.target.devices,
      approval: approval.id,
    },
  });
  await deps.journal.finish(intentId, {
    intent,
    decision: approval.decision,
    ...(approval.rehearsal === undefined ? {} : { rehearsal: approval.rehearsal }),
    approvals: approval.votes,
    operations: known.receipt?.operations ?? [],
    steps: record === undefined ? [] : record.steps,
    ...(record === undefined ? {} : { before: record.before }),
    ...(found.running === undefined ? {} : { after: found.running }),
    outcome,
    detail,
    auditIndex,
  });
  return true;
}
