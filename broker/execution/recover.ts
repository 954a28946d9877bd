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
 * next call. Safe at any time: a transaction that is under way holds its device, and is closed when it lets go.
 */
export async function recoverTransactions(deps: RecoverDeps): Promise<readonly Recovered[]> {
  const open = await deps.journal.unfinished();
  const resolved = await Promise.all(
    open.map(({ tenant, device, intent }) =>
      deps.perDevice.run(`${tenant}/${device}`, async () => {
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
    await close(deps, tenant, intent, 'failed', 'interrupted before anything was sent to the device');
    closed.push({ intent, outcome: 'failed' });
  }
  return closed;
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
