/** Stage 5, limit: rate, blast radius and risk, per session and tenant; an empty bucket is a refusal, also for reads. */
import type { Effect, Obligation, Subject } from '../contract.ts';
import { WayleaveError } from '../errors.ts';
import type { Stage } from '../stage.ts';
import type { AuthorizedCall } from './context.ts';

/** Counts what sessions and tenants do; adapters live in `broker/limits`. */
export interface Limits {
  /** Takes one token for a call of this effect; the reason when there is none. */
  admit(subject: Subject, effect: Effect): string | undefined;
  /** Why changing these devices now would exceed the tenant's blast radius, or undefined. */
  exceeds(tenant: string, devices: readonly string[], fleet: number): string | undefined;
}

export interface LimitDeps {
  readonly limits: Limits;
}

export const limit =
  (deps: LimitDeps): Stage<AuthorizedCall> =>
  async (context, next) => {
    const { subject, tool, intent, decision } = context;
    const reason =
      overTargets(decision.obligations, intent.target.devices.length) ??
      deps.limits.admit(subject, tool.effect) ??
      (tool.effect === 'change' || tool.effect === 'contain'
        ? deps.limits.exceeds(subject.tenant, intent.target.devices, context.toolContext.devices.length)
        : undefined);
    if (reason !== undefined) throw new WayleaveError('LIMITED', reason);
    return next(context);
  };

function overTargets(obligations: readonly Obligation[], count: number): string | undefined {
  const most = Math.min(...obligations.flatMap((one) => (one.kind === 'limit' ? [one.devices] : [])));
  return count > most ? `One call may touch at most ${most} devices; this one names ${count}.` : undefined;
}
