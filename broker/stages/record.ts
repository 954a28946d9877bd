/** Stage 1, record: wraps all others, so that every call leaves an outcome in the audit log, also when a stage throws. */
import type { Answer, Json } from '../contract.ts';
import { WayleaveError } from '../errors.ts';
import type { RiskLedger } from '../limits/risk-ledger.ts';
import type { AuditEntry, AuditLog, Clock } from '../ports.ts';
import type { Stage } from '../stage.ts';
import type { ReceivedCall, Trail } from './context.ts';

export interface RecordDeps {
  readonly audit: AuditLog;
  readonly clock: Clock;
  /** Remembers refusals of a person and agent; policy decides what follows from them. */
  readonly risk: RiskLedger;
  /** Told about defects (unexpected errors), with an id under which the caller hears of them. */
  readonly log: { error(fields: { readonly [key: string]: unknown }, message: string): void };
}

/** Audit entry of this call with the facts known so far. */
export function trailEntry(
  trail: Trail,
  at: number,
  kind: string,
  content: { readonly [key: string]: Json },
): AuditEntry {
  const intent = trail.intent;
  return {
    at: new Date(at).toISOString(),
    tenant: trail.tenant ?? '-',
    kind,
    ...(trail.human === undefined ? {} : { human: trail.human }),
    ...(trail.session === undefined ? {} : { session: trail.session }),
    ...(trail.agent === undefined ? {} : { agent: trail.agent }),
    ...(intent === undefined ? {} : { tool: intent.tool, intent: intent.id }),
    content: {
      ...trail.facts,
      ...(intent === undefined
        ? {}
        : { digest: intent.digest, effect: intent.effect, target: intent.target.devices, purpose: intent.purpose }),
      ...(trail.decision === undefined
        ? {}
        : {
            decision: trail.decision.effect,
            policies: trail.decision.policies,
            policyRevision: trail.decision.revision,
          }),
      ...content,
    },
  };
}

/** The caller of a failed write gets no answer before the log has it; if the log fails, the answer is that failure. */
export const record =
  (deps: RecordDeps): Stage<ReceivedCall> =>
  async (context, next) => {
    let answer: Answer;
    try {
      answer = await next(context);
    } catch (error) {
      const refusal = toWayleaveError(deps, error);
      noteRisk(deps.risk, context.trail, refusal);
      const content = { error: refusal.code, reason: context.trail.reason ?? reasonOf(refusal) };
      await deps.audit.append(trailEntry(context.trail, deps.clock.now(), 'refused', content));
      throw refusal;
    }
    noteRisk(deps.risk, context.trail);
    if (answer.status === 'pending' || answer.receipt === undefined) {
      await deps.audit.append(
        trailEntry(
          context.trail,
          deps.clock.now(),
          answer.status === 'pending' ? 'pending' : 'outcome',
          summary(answer),
        ),
      );
    }
    return answer;
  };

/** What the outcome entry says; a change has written its own, with its receipt. */
function summary(answer: Answer): { readonly [key: string]: Json } {
  if (answer.status === 'pending') return { approval: answer.approval };
  return { outcome: 'succeeded', evidence: answer.evidence.length };
}

/** Names outside the tenant and denials are what somebody leaves behind who tries what there is. */
function noteRisk(risk: RiskLedger, trail: Trail, refusal?: WayleaveError): void {
  if (trail.human === undefined || trail.tenant === undefined) return;
  const kind = refusal?.code === 'DENIED' ? 'denied' : refusal?.code === 'NOT_FOUND' ? 'not-found' : 'call';
  risk.record({ human: trail.human, agent: trail.agent, tenant: trail.tenant }, kind);
}

/** An error may carry a reason for the log that its message does not tell the caller. */
function reasonOf(refusal: WayleaveError): string {
  return 'reason' in refusal && typeof refusal.reason === 'string' ? refusal.reason : refusal.message;
}

function toWayleaveError(deps: RecordDeps, error: unknown): WayleaveError {
  if (error instanceof WayleaveError) return error;
  deps.log.error({ err: error }, 'a stage failed unexpectedly');
  return new WayleaveError('INTERNAL');
}
