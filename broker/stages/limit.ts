/** Stage 5, limit: targets a call may name, rates, cost of a read, changes an hour and blast radius; what does not fit is refused, also for reads. */
import type { Answer, Obligation } from '../contract.ts';
import { WayleaveError } from '../errors.ts';
import type { LimitedCall, Limits } from '../limits/limits.ts';
import type { Stage } from '../stage.ts';
import type { AuthorizedCall } from './context.ts';

export interface LimitDeps {
  readonly limits: Limits;
}

export const limit =
  (deps: LimitDeps): Stage<AuthorizedCall> =>
  async (context, next) => {
    const { subject, tool, intent, decision, toolContext, operations } = context;
    const tooMany = overTargets(decision.obligations, intent.target.devices.length);
    if (tooMany !== undefined) throw new WayleaveError('LIMITED', tooMany);
    let fleet: LimitedCall['fleet'] | undefined;
    const call: LimitedCall = {
      tenant: subject.tenant,
      session: subject.session,
      tool: tool.name,
      effect: tool.effect,
      intent: intent.id,
      devices: intent.target.devices,
      operations,
      // Of thousands of devices perhaps, and most reads do not ask.
      get fleet() {
        fleet ??= new Map(toolContext.devices.map(({ name, site, role }) => [name, { site, role }]));
        return fleet;
      },
    };
    const verdict = deps.limits.admit(call);
    if (!verdict.ok) throw new WayleaveError(verdict.code, verdict.reason, verdict.retryAfterMs);
    const { estimate, ticket } = verdict;
    let answer: Answer | undefined;
    try {
      answer = await next(context);
      if (estimate !== undefined && answer.status === 'done') deps.limits.settle(call, estimate, truthOf(answer));
      return answer;
    } finally {
      if (ticket !== undefined) deps.limits.release(ticket, answer?.status === 'pending');
    }
  };

function overTargets(obligations: readonly Obligation[], count: number): string | undefined {
  const most = Math.min(...obligations.flatMap((one) => (one.kind === 'limit' ? [one.devices] : [])));
  return count > most ? `One call may touch at most ${most} devices; this one names ${count}.` : undefined;
}

/** Bytes of a record beside its texts: ids, times, names of fields. */
const RECORD_BYTES = 160;

function truthOf({ evidence }: Extract<Answer, { readonly status: 'done' }>): {
  readonly rows: number;
  readonly bytes: number;
} {
  const bytes = evidence.reduce(
    (sum, { resource, value }) => sum + RECORD_BYTES + resource.length + String(value).length,
    0,
  );
  return { rows: evidence.length, bytes };
}
