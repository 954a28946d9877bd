/** Stage 1, record: wraps all others, so that every call leaves an outcome in the audit log, also when a stage throws. */
import type { Answer, Json } from '../contract.ts';
import { sha256 } from '../digest.ts';
import { WayleaveError } from '../errors.ts';
import { AuthenticationFailure } from '../identity/authenticate.ts';
import type { RefusalTally } from '../identity/refusal-tally.ts';
import type { AuditEntry, AuditLog, Clock } from '../ports.ts';
import type { Stage } from '../stage.ts';
import { audienceOf } from './authenticate.ts';
import { type ReceivedCall, type Trail, writes } from './context.ts';

export interface RecordDeps {
  readonly audit: AuditLog;
  readonly clock: Clock;
  /** Counts credentials that establish nobody, which anybody can send in any number. */
  readonly refusals: Pick<RefusalTally, 'note'>;
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
  const { asked = {} } = trail;
  trail.asked = undefined; // once a call
  return {
    at: new Date(at).toISOString(),
    tenant: trail.tenant ?? '-',
    kind,
    ...(trail.human === undefined ? {} : { human: trail.human }),
    ...(trail.session === undefined ? {} : { session: trail.session }),
    ...(trail.agent === undefined ? {} : { agent: trail.agent }),
    ...(intent === undefined ? {} : { tool: intent.tool, intent: intent.id }),
    content: bound({
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
      ...asked,
      ...content,
    }),
  };
}

/** A field of an entry is at most so long; the sum stays far below the size at which the log refuses an entry. */
const MAX_FIELD = 3000;

/** Callers choose names, purposes and texts: a long one must not keep its own call out of the log. */
function bound(content: { readonly [key: string]: Json }): { readonly [key: string]: Json } {
  const kept: { [key: string]: Json } = {};
  for (const [key, value] of Object.entries(content)) kept[key] = longest(value) <= MAX_FIELD ? value : cut(value);
  return kept;
}

/** No shorter than the JSON of the value, and cheap: most fields are short whatever stands in them. */
function longest(value: Json): number {
  if (typeof value === 'string') return 2 + 6 * value.length; // `\u0000`
  if (typeof value !== 'object' || value === null) return 24;
  let sum = 2;
  for (const [key, inner] of Object.entries(value)) {
    sum += 4 + 6 * key.length + longest(inner);
    if (sum > MAX_FIELD) break;
  }
  return sum;
}

function cut(value: Json): Json {
  const text = JSON.stringify(value);
  if (text.length <= MAX_FIELD) return value;
  return {
    ...{ cut: text.slice(0, 200), digest: sha256(text) },
    ...(Array.isArray(value) ? { count: value.length } : {}),
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
      if (refusal instanceof AuthenticationFailure) {
        const { credential, domain } = context;
        const audience = audienceOf(domain);
        const { reason } = refusal;
        await deps.refusals.note({ source: credential.source ?? 'local', audience, reason }, refusal);
        throw refusal;
      }
      const content = { error: refusal.code, reason: context.trail.reason ?? reasonOf(refusal) };
      // After the execution began this is no refusal, and of a change nobody knows yet what the device holds.
      const begun = context.trail.executionIndex !== undefined;
      const outcome = writes(context.trail.intent?.effect ?? 'read') ? 'unknown' : 'failed';
      await deps.audit.append(
        begun
          ? trailEntry(context.trail, deps.clock.now(), 'failed', { ...content, outcome })
          : trailEntry(context.trail, deps.clock.now(), 'refused', content),
      );
      throw refusal;
    }
    const entry = summarize(answer, context.trail);
    if (entry !== undefined)
      await deps.audit.append(trailEntry(context.trail, deps.clock.now(), entry.kind, entry.content));
    return answer;
  };

/** The last entry of a call; a change that was executed by this call has written its own, with its receipt. */
function summarize(
  answer: Answer,
  trail: Trail,
): { readonly kind: string; readonly content: { readonly [key: string]: Json } } | undefined {
  if (answer.status === 'pending') return { kind: 'pending', content: { approval: answer.approval } };
  if (answer.receipt === undefined)
    return { kind: 'outcome', content: { outcome: 'succeeded', evidence: answer.evidence.length } };
  if (trail.executionIndex !== undefined) return undefined;
  return { kind: 'repeated', content: { receipt: answer.receipt.auditIndex } };
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
