/** A human has looked at why changes are stopped, and lets them go on: the log has who and why before anything is permitted. */
import type { Role, Subject } from '../contract.ts';
import { WayleaveError } from '../errors.ts';
import type { AuditLog, Clock } from '../ports.ts';
import type { Brake } from './brake.ts';

export interface BrakeDeps {
  readonly brake: Brake;
  readonly audit: Pick<AuditLog, 'append'>;
  readonly clock: Clock;
}

/** The brake stops every tenant, so it takes an administrator of all of them to release it. */
const RELEASERS: readonly Role[] = ['provider-admin'];

/** Resolves with what changes were stopped for. Throws `DENIED` without a role for it, `NOT_FOUND` when nothing is stopped. */
export async function releaseBrake(
  { brake, audit, clock }: BrakeDeps,
  subject: Subject,
  reason: string,
): Promise<string> {
  if (!subject.roles.some((role) => RELEASERS.includes(role)))
    throw new WayleaveError('DENIED', 'Letting changes go on needs the role provider-admin.');
  const why = brake.reason();
  if (why === undefined) throw new WayleaveError('NOT_FOUND', 'Changes are not stopped.');
  await audit.append({
    at: new Date(clock.now()).toISOString(),
    tenant: subject.tenant,
    kind: 'policy.resumed',
    human: subject.human,
    session: subject.session,
    content: { why, reason },
  });
  brake.release();
  return why;
}
