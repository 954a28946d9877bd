/** Stage 5, limit: targets a call may name, rate, changes an hour and blast radius; an empty bucket is a refusal, also for reads. */
import type { Obligation } from '../contract.ts';
import { WayleaveError } from '../errors.ts';
import type { Limits } from '../limits/limits.ts';
import type { Stage } from '../stage.ts';
import type { AuthorizedCall } from './context.ts';

export interface LimitDeps {
  readonly limits: Limits;
}

export const limit =
  (deps: LimitDeps): Stage<AuthorizedCall> =>
  async (context, next) => {
    const { subject, tool, intent, decision, toolContext } = context;
    const tooMany = overTargets(decision.obligations, intent.target.devices.length);
    if (tooMany !== undefined) throw new WayleaveError('LIMITED', tooMany);
    const verdict = deps.limits.admit({
      tenant: subject.tenant,
      session: subject.session,
      effect: tool.effect,
      intent: intent.id,
      devices: intent.target.devices,
      fleetSize: toolContext.devices.length,
    });
    if (!verdict.ok) throw new WayleaveError('LIMITED', verdict.reason);
    return next(context);
  };

function overTargets(obligations: readonly Obligation[], count: number): string | undefined {
  const most = Math.min(...obligations.flatMap((one) => (one.kind === 'limit' ? [one.devices] : [])));
  return count > most ? `One call may touch at most ${most} devices; this one names ${count}.` : undefined;
}
