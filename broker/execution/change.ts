/** Executes an approved change on its device as one transaction, with the tool's post-conditions as its test. */
import type { PostCondition } from '../../tools/tool.ts';
import type { Receipt } from '../contract.ts';
import { sha256 } from '../digest.ts';
import type { Ids, Journal } from '../ports.ts';
import type { ApprovedCall, PreparedChange } from '../stages/context.ts';
import type { Serial } from './serial.ts';
import { runTransaction, type TransactionDeps } from './transaction.ts';

export interface ChangeDeps extends TransactionDeps {
  readonly journal: Journal;
  readonly ids: Ids;
  /** One writing transaction a device at a time. */
  readonly perDevice: Serial;
}

/** Confirm timeout when no policy names one (RFC 6241 §8.4.5.1 has 600 s; a branch must not wait that long). */
const DEFAULT_CONFIRM_SECONDS = 120;
/** Part of the confirm timeout that is kept for reading back and confirming. */
const MARGIN_SECONDS = 20;
const POLL_MS = 500;

export async function executeChange(
  deps: ChangeDeps,
  context: ApprovedCall,
  change: PreparedChange,
): Promise<Omit<Receipt, 'auditIndex'>> {
  const { intent, subject, decision, approval } = context;
  const commit = decision.obligations.find((one) => one.kind === 'confirmed-commit');
  const confirmSeconds = commit?.kind === 'confirmed-commit' ? commit.seconds : DEFAULT_CONFIRM_SECONDS;
  const result = await deps.perDevice.run(`${subject.tenant}/${change.device}`, () =>
    runTransaction(deps, {
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
    }),
  );
  return {
    intent,
    decision,
    rehearsal: change.rehearsal,
    approvals: approval?.votes ?? [],
    operations: context.operations,
    steps: result.steps,
    before: change.before,
    ...(result.after === undefined ? {} : { after: result.after }),
    outcome: result.outcome,
    detail: result.detail,
  };
}

/** Stage 8, verify: polls the tool's post-conditions until all hold together, or the time for it is over. */
async function verify(
  deps: ChangeDeps,
  context: ApprovedCall,
  maxSeconds: number,
): Promise<{ readonly ok: boolean; readonly detail: string }> {
  const conditions = context.tool.postConditions?.(context.input, context.intent.target, context.toolContext) ?? [];
  const seconds = Math.min(maxSeconds, Math.max(0, ...conditions.map((one) => one.withinSeconds)));
  const deadline = deps.clock.now() + seconds * 1000;
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
  return condition.holds(replies, context.toolContext);
}
