/** Executes an approved change on its device as one transaction, with the tool's post-conditions as its test, and writes its end. */
import type { PostCondition } from '../../tools/tool.ts';
import type { Approval, Receipt } from '../contract.ts';
import { sha256 } from '../digest.ts';
import { WayleaveError } from '../errors.ts';
import type { Approvals, AuditLog, Ids } from '../ports.ts';
import type { ApprovedCall, PreparedChange } from '../stages/context.ts';
import { trailEntry } from '../stages/record.ts';
import { type PageDeps, pageHuman } from './page-human.ts';
import { runTransaction, type TransactionDeps, type TransactionResult } from './transaction.ts';

export interface ChangeDeps extends TransactionDeps, PageDeps {
  readonly approvals: Approvals;
  readonly audit: AuditLog;
  readonly ids: Ids;
  /** How much faster than ours the network's clock runs: 1, but in simulations. */
  readonly networkSpeed: number;
}

/** Confirm timeout when no policy names one (RFC 6241 §8.4.5.1 has 600 s; a branch must not wait that long). */
const DEFAULT_CONFIRM_SECONDS = 120;
/** Part of the confirm timeout that is kept for reading back and confirming. */
const MARGIN_SECONDS = 20;
const POLL_MS = 500;

/**
 * The caller holds the device. The transaction stays open in the journal until log and receipt have the outcome: a crash
 * in between is found out by `recover`, and never ends in a record that contradicts the device.
 */
export async function executeChange(
  deps: ChangeDeps,
  context: ApprovedCall,
  change: PreparedChange,
  approval: Approval,
): Promise<Receipt> {
  const { intent, decision } = context;
  await deps.journal.setState(intent.id, 'executing');
  // Single use: whoever flips the status executes.
  if (!(await deps.approvals.update({ ...approval, status: 'consumed' }, 'approved')))
    throw new WayleaveError('APPROVAL_CLOSED');
  const result = await transact(deps, context, change);
  const auditIndex = await deps.audit.append(
    trailEntry(context.trail, deps.clock.now(), 'outcome', {
      outcome: result.outcome,
      detail: result.detail,
      ...(result.code === undefined ? {} : { code: result.code }),
    }),
  );
  const receipt: Receipt = {
    intent,
    decision,
    rehearsal: change.rehearsal,
    approvals: approval.votes,
    operations: context.operations,
    steps: result.steps,
    before: change.before,
    ...(result.after === undefined ? {} : { after: result.after }),
    outcome: result.outcome,
    detail: result.detail,
    auditIndex,
  };
  await deps.journal.finish(intent.id, receipt);
  if (result.outcome !== 'unknown') await deps.journal.closeTransaction(intent.id);
  await pageHuman(deps, { tenant: context.subject.tenant, intent: intent.id, device: change.device }, result);
  return receipt;
}

async function transact(deps: ChangeDeps, context: ApprovedCall, change: PreparedChange): Promise<TransactionResult> {
  const { intent, subject, decision } = context;
  const commit = decision.obligations.find((one) => one.kind === 'confirmed-commit');
  const confirmSeconds = commit?.kind === 'confirmed-commit' ? commit.seconds : DEFAULT_CONFIRM_SECONDS;
  try {
    return await runTransaction(deps, {
      record: {
        intent: intent.id,
        tenant: subject.tenant,
        device: change.device,
        persistId: deps.ids.id('wl'),
        edit: change.edit,
        inverse: change.inverse,
        before: change.before,
        beforeHash: sha256(change.before),
        expected: change.after,
        steps: [],
        state: 'open',
      },
      confirmSeconds,
      verify: () => verify(deps, context, confirmSeconds - MARGIN_SECONDS),
    });
  } catch (error) {
    // With an open transaction recovery finds out what the device holds; without one nothing was sent.
    if ((await deps.journal.unfinished()).some((one) => one.intent === intent.id)) throw error;
    deps.log.error({ err: error }, 'a transaction could not be opened');
    return { outcome: 'failed', detail: 'an internal failure; nothing was sent to the device', steps: [] };
  }
}

/** Verify: polls the tool's post-conditions until all hold together, or the time for it is over. */
async function verify(
  deps: ChangeDeps,
  context: ApprovedCall,
  maxSeconds: number,
): Promise<{ readonly ok: boolean; readonly detail: string }> {
  const conditions = context.tool.postConditions?.(context.input, context.intent.target, context.toolContext) ?? [];
  // Convergence takes the network's time; the confirm timeout runs in ours.
  const wanted = Math.max(0, ...conditions.map((one) => one.withinSeconds));
  const seconds = Math.min(maxSeconds * deps.networkSpeed, wanted);
  const deadline = deps.clock.now() + (seconds * 1000) / deps.networkSpeed;
  for (;;) {
    const held = await Promise.all(conditions.map((condition) => holds(deps, context, condition)));
    const missing = conditions.filter((_, index) => held[index] !== true).map((condition) => condition.says);
    if (missing.length === 0) return { ok: true, detail: conditions.map((one) => one.says).join('; ') };
    if (deps.clock.now() >= deadline) return { ok: false, detail: `not so within ${seconds} s: ${missing.join('; ')}` };
    await deps.wait(POLL_MS);
  }
}

async function holds(deps: ChangeDeps, context: ApprovedCall, condition: PostCondition): Promise<boolean> {
  const tenant = context.subject.tenant;
  const replies = await Promise.all(condition.operations.map((operation) => deps.devices.read(tenant, operation)));
  return replies.length > 0 && condition.holds(replies, context.toolContext);
}
