/** Stage 7, execute (and verify): writes the log first, then reads through the drivers or runs the change transaction. */
import type { Answer, Evidence, Operation, OperationReply, Receipt } from '../contract.ts';
import { WayleaveError } from '../errors.ts';
import { type ChangeDeps, executeChange } from '../execution/change.ts';
import type { Devices } from '../execution/devices.ts';
import type { AnswerRecords } from '../execution/records.ts';
import type { Approvals, AuditLog, Clock, EvidenceStore, Ids, Journal } from '../ports.ts';
import type { ApprovedCall } from './context.ts';
import { trailEntry } from './record.ts';

export interface ExecuteDeps extends ChangeDeps {
  readonly audit: AuditLog;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly devices: Devices;
  readonly evidence: EvidenceStore;
  readonly approvals: Approvals;
  readonly journal: Journal;
  /** Answers operations on the broker's own records. */
  readonly records: AnswerRecords;
}

/** At most so many operations of one call run at a time (DESIGN §12: keep SSH connects in flight low). */
const PARALLEL = 8;

export const execute =
  (deps: ExecuteDeps) =>
  async (context: ApprovedCall): Promise<Answer> => {
    const { operations, change } = context;
    // Durable before anything touches a device: without this entry nothing is executed.
    const facts = { operations: operations.map(describe) };
    context.trail.executionIndex = await deps.audit.append(
      trailEntry(context.trail, deps.clock.now(), 'execute', facts),
    );
    if (change !== undefined) return finishChange(deps, context, await executeChange(deps, context, change));
    return collect(deps, context);
  };

/** One line an operation, for log and approver. */
function describe(operation: Operation): string {
  if (operation.protocol === 'records') return `records ${operation.kind}`;
  const what =
    operation.protocol === 'rest' ? operation.path : operation.kind === 'edit-config' ? operation.config : '';
  return `${operation.protocol} ${operation.kind} ${operation.device} ${what}`.trim();
}

async function collect(deps: ExecuteDeps, context: ApprovedCall): Promise<Answer> {
  const replies = await runAll(deps, context);
  const failed = replies.filter((reply) => !reply.ok);
  const first = failed[0];
  if (first !== undefined && !first.ok && failed.length === replies.length) {
    throw new WayleaveError(first.error.code as 'DEVICE_UNREACHABLE', first.error.message);
  }
  context.trail.facts['unanswered'] = failed.length;
  const observations = context.tool.read(replies, context.toolContext);
  const collectedAt = new Date(deps.clock.now()).toISOString();
  const evidence: Evidence[] = observations.map((observation) => ({
    id: deps.ids.id('evd'),
    tenant: context.subject.tenant,
    ...observation,
    collectedAt,
    intent: context.intent.id,
  }));
  // Records that are read back keep the ids they have; everything else becomes a new record.
  const kept = await deps.records.existing(context, replies);
  if (kept !== undefined) return { status: 'done', intent: context.intent.id, evidence: kept };
  await deps.evidence.put(evidence);
  return { status: 'done', intent: context.intent.id, evidence };
}

async function runAll(deps: ExecuteDeps, context: ApprovedCall): Promise<readonly OperationReply[]> {
  const replies: OperationReply[] = [];
  for (let at = 0; at < context.operations.length; at += PARALLEL) {
    const batch = context.operations
      .slice(at, at + PARALLEL)
      .map((operation) =>
        operation.protocol === 'records'
          ? deps.records.answer(context, operation)
          : deps.devices.read(context.subject.tenant, operation),
      );
    replies.push(...(await Promise.all(batch)));
  }
  return replies;
}

/** Outcome entry first, then the receipt that quotes its index. */
async function finishChange(
  deps: ExecuteDeps,
  context: ApprovedCall,
  result: Omit<Receipt, 'auditIndex'>,
): Promise<Answer> {
  const auditIndex = await deps.audit.append(
    trailEntry(context.trail, deps.clock.now(), 'outcome', { outcome: result.outcome, detail: result.detail }),
  );
  const receipt: Receipt = { ...result, auditIndex };
  await deps.journal.finish(context.intent.id, receipt);
  return { status: 'done', intent: context.intent.id, evidence: [], receipt };
}
