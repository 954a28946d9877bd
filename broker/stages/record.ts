/** Stage 1, record: wraps all others, so that every call leaves an outcome in the audit log, also when a stage throws. */
import { sayAway } from '../away.ts';
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
  const { intent, decision, asked } = trail;
  trail.asked = undefined; // once a call
  const kept: { [key: string]: Json } = {};
  keepBounded(kept, trail.facts);
  if (intent !== undefined) {
    const { digest, effect, target, purpose } = intent;
    keepBounded(kept, { digest, effect, target: target.devices, purpose });
  }
  if (decision !== undefined) {
    const { effect, policies, revision } = decision;
    keepBounded(kept, { decision: effect, policies, policyRevision: revision });
  }
  if (asked !== undefined) keepBounded(kept, asked);
  keepBounded(kept, content);
  return {
    at: new Date(at).toISOString(),
    tenant: trail.tenant ?? '-',
    kind,
    ...(trail.human === undefined ? {} : { human: trail.human }),
    ...(trail.session === undefined ? {} : { session: trail.session }),
    ...(trail.agent === undefined ? {} : { agent: trail.agent }),
    ...(intent === undefined ? {} : { tool: intent.tool, intent: intent.id }),
    content: kept,
  };
}

/** A field of an entry is at most so long; the sum stays far below the size at which the log refuses an entry. */
const MAX_FIELD = 3000;

/** Callers choose names, purposes and texts: a long one must not keep its own call out of the log. */
function keepBounded(kept: { [key: string]: Json }, content: { readonly [key: string]: Json }): void {
  for (const key of Object.keys(content)) {
    const value = content[key];
    if (value !== undefined) kept[key] = longest(value) <= MAX_FIELD ? value : cut(value);
  }
}

/** No shorter than the JSON of the value, and cheap: most fields are short whatever stands in them. */
function longest(value: Json): number {
  if (typeof value === 'string') return 2 + 6 * value.length; // `\u0000`
  if (typeof value !== 'object' || value === null) return 24;
  let sum = 2;
  if (isList(value)) {
    for (const inner of value) {
      sum += 4 + longest(inner);
      if (sum > MAX_FIELD) break;
    }
    return sum;
  }
  for (const key of Object.keys(value)) {
    sum += 4 + 6 * key.length + longest(value[key] ?? null);
    if (sum > MAX_FIELD) break;
  }
  return sum;
}

const isList = (value: Json): value is readonly Json[] => Array.isArray(value);

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
      const begun = context.trail.executionIndex !== undefined || context.trail.unlogged !== undefined;
      const outcome = writes(context.trail.intent?.effect ?? 'read') ? 'unknown' : 'failed';
      await (begun
        ? append(deps, context.trail, 'failed', { ...content, outcome })
        : append(deps, context.trail, 'refused', content));
      throw refusal;
    }
    const entry = summarize(answer, context.trail);
    if (entry !== undefined) await append(deps, context.trail, entry.kind, entry.content);
    return answer;
  };

/** Resolves when the log has this last entry of the call, and the one before it where that has waited for it. */
async function append(
  { audit, clock }: RecordDeps,
  trail: Trail,
  kind: string,
  content: { readonly [key: string]: Json },
): Promise<void> {
  const last = trailEntry(trail, clock.now(), kind, content);
  // Queued together they are durable together; entries stand in the order of their times.
  const first = trail.unlogged === undefined ? [] : [{ ...trail.unlogged, at: last.at }];
  await Promise.all([...first, last].map((entry) => audit.append(entry)));
}

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
  const away = sayAway(error);
  deps.log.error({ err: error }, away === undefined ? 'a stage failed unexpectedly' : 'the database does not answer');
  if (away !== undefined) return away;
  return new WayleaveError('INTERNAL');
}
