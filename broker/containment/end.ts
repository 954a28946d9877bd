/** What people see of containments, and how one of them ends one before its time. */
import type { Role, Subject } from '../contract.ts';
import { WayleaveError } from '../errors.ts';
import type { AuditLog, Clock } from '../ports.ts';
import { type Containment, type Containments, isOpen } from './containment.ts';

export interface EndDeps {
  readonly containments: Containments;
  readonly audit: AuditLog;
  readonly clock: Clock;
}

/** Roles that may let a contained threat loose. */
const ENDERS: readonly Role[] = ['provider-admin', 'tenant-admin', 'security-analyst'];
/** Of a listing, the latest. */
const MOST_LISTED = 500;

/** Those of the tenant, also those that ended. */
export const seeContainments = ({ containments }: EndDeps, { tenant }: Subject): Promise<readonly Containment[]> =>
  containments.list(tenant, MOST_LISTED);

export async function seeContainment({ containments }: EndDeps, { tenant }: Subject, id: string): Promise<Containment> {
  const found = await containments.get(tenant, id);
  if (found === undefined) throw new WayleaveError('NOT_FOUND');
  return found;
}

/**
 * Asks for its end now; the broker carries it out like one whose time came. One that is over already is answered as it is.
 * Throws `NOT_FOUND`, and `DENIED` without a role for it.
 */
export async function endContainment(
  deps: EndDeps,
  subject: Subject,
  id: string,
  reason: string,
): Promise<Containment> {
  const { tenant, human, session, roles } = subject;
  const found = await seeContainment(deps, subject, id);
  if (!roles.some((role) => ENDERS.includes(role)))
    throw new WayleaveError(
      'DENIED',
      'Ending a containment needs the role tenant-admin, security-analyst or provider-admin.',
    );
  if (!isOpen(found) || found.endedBy !== undefined) return found;
  const at = new Date(deps.clock.now()).toISOString();
  // In the log before it counts.
  await deps.audit.append({
    ...{ at, tenant, kind: 'containment.end-requested', human, session, tool: found.tool, intent: found.intent },
    content: { containment: id, until: found.until, reason },
  });
  return deps.containments.update(tenant, id, (before) => {
    if (!isOpen(before) || before.endedBy !== undefined) return before;
    const { nextAt: _, ...rest } = before;
    return { ...rest, endedBy: { human, at, reason } };
  });
}
