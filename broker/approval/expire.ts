/** The end of an approval that nobody gave in time: in the log, so that whoever was asked hears that it is over. */
import type { Approval } from '../contract.ts';
import type { Approvals, AuditLog, Clock } from '../ports.ts';

export interface ExpireDeps {
  readonly approvals: Approvals;
  readonly audit: AuditLog;
  readonly clock: Clock;
}

export const isExpired = (approval: Approval, now: number): boolean => !(Date.parse(approval.expiresAt) > now);

/** Marks it expired, from whatever it was; the log has it first. */
export async function expireApproval(deps: ExpireDeps, approval: Approval): Promise<void> {
  if (approval.status === 'expired') return;
  const { intent, requester, id, expiresAt } = approval;
  await deps.audit.append({
    at: new Date(deps.clock.now()).toISOString(),
    tenant: intent.tenant,
    kind: 'approval.expired',
    tool: intent.tool,
    intent: intent.id,
    content: { approval: id, digest: intent.digest, requester: requester.human, was: approval.status, expiresAt },
  });
  await deps.approvals.update({ ...approval, status: 'expired' }, approval.status);
}

/** Ends all that wait too long, of all tenants: nobody may ever come back to them. */
export async function expireApprovals(deps: ExpireDeps): Promise<void> {
  const now = deps.clock.now();
  for (const approval of await deps.approvals.pending()) {
    if (isExpired(approval, now)) await expireApproval(deps, approval);
  }
}
