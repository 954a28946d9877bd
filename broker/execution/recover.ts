/** After a crash: finds every transaction that was left open, brings it to a known outcome, and writes that outcome. */
import type { Outcome } from '../contract.ts';
import type { Approvals, AuditLog, Journal, TransactionRecord } from '../ports.ts';
import { progressOf, type ReconcileDeps, reconcile } from './reconcile.ts';
import type { Serial } from './serial.ts';

export interface RecoverDeps extends ReconcileDeps {
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
 * next call. Returns the intents with the outcome each came to.
 */
export async function recoverTransactions(deps: RecoverDeps): Promise<readonly Recovered[]> {
  const open = await deps.journal.unfinished();
  const resolved = await Promise.all(
    open.map((record) => deps.perDevice.run(`${record.tenant}/${record.device}`, () => recoverOne(deps, record))),
  );
  const touched = new Set(open.map((record) => record.intent));
  const untouched: Recovered[] = [];
  for (const { tenant, intent } of await deps.journal.executing()) {
    if (touched.has(intent)) continue;
    // The transaction is stored before the first write: without one, nothing was sent to the device.
    await close(deps, tenant, intent, 'failed', 'interrupted before anything was sent to the device');
    untouched.push({ intent, outcome: 'failed' });
  }
  return [...resolved, ...untouched];
}

async function recoverOne(deps: RecoverDeps, record: TransactionRecord): Promise<Recovered> {
  const found = await reconcile(deps, record, progressOf(record));
  if (found.outcome === 'unknown') return { intent: record.intent, outcome: 'unknown' };
  await close(
    deps,
    record.tenant,
    record.intent,
    found.outcome,
    `resolved after an interruption: ${found.detail}`,
    record,
    found.running,
  );
  await deps.journal.closeTransaction(record.intent);
  return { intent: record.intent, outcome: found.outcome };
}

/** Writes the outcome to the log and the receipt to the journal, with the decision and votes it was executed under. */
async function close(
  deps: RecoverDeps,
  tenant: string,
  intentId: string,
  outcome: Outcome,
  detail: string,
  record?: TransactionRecord,
  running?: string,
): Promise<void> {
  const known = await deps.journal.find(tenant, intentId);
  const approval = await deps.approvals.findByIntent(tenant, intentId);
  if (known === undefined || known.receipt !== undefined || approval === undefined) return;
  const { intent, subject } = known;
  const at = new Date(deps.clock.now()).toISOString();
  const auditIndex = await deps.audit.append({
    at,
    tenant,
    kind: 'outcome',
    human: subject.human,
    session: subject.session,
    ...(subject.agent === undefined ? {} : { agent: subject.agent }),
    tool: intent.tool,
    intent: intentId,
    content: { outcome, detail, digest: intent.digest, target: intent.target.devices, approval: approval.id },
  });
  const steps = record === undefined ? [] : record.steps;
  await deps.journal.finish(intentId, {
    intent,
    decision: approval.decision,
    ...(approval.rehearsal === undefined ? {} : { rehearsal: approval.rehearsal }),
    approvals: approval.votes,
    operations: [],
    steps,
    ...(record === undefined ? {} : { before: record.before }),
    ...(running === undefined ? {} : { after: running }),
    outcome,
    detail,
    auditIndex,
  });
}
