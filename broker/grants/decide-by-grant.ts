/**
 * Decides once more what no policy permits, for somebody to whom it was granted: as the granter would be decided now.
 *
 * A grant lifts the default denial only. A forbid stays, whatever it forbids the granter stays forbidden, and every
 * obligation of the granter comes with it.
 */
import type { Decision, Role, Subject } from '../contract.ts';
import type { DecisionPoint, DecisionRequest } from '../ports.ts';
import type { Grant, Grants } from './grant.ts';

export interface GrantDeps {
  readonly grants: Grants;
  readonly decisionPoint: DecisionPoint;
  /** The human's roles in the tenant now; undefined when disabled or unknown. */
  readonly rolesNow: (human: string, tenant: string) => Promise<readonly Role[] | undefined>;
}

/** A permit by a grant, or the denial as it was. An error here is the denial. */
export async function decideByGrant(deps: GrantDeps, request: DecisionRequest, denied: Decision): Promise<Decision> {
  if (denied.effect !== 'deny' || denied.byDefault !== true) return denied;
  const { subject, tool, targets, now } = request;
  const use = {
    ...{ tenant: subject.tenant, human: subject.human, tool: tool.name, now },
    ...(subject.agent === undefined ? {} : { agent: subject.agent }),
    ...(request.asks === 'listing' ? {} : { devices: targets.map(({ device }) => device) }),
  };
  try {
    for (const grant of await deps.grants.find(use)) {
      const decision = await decideAsGranter(deps, request, grant);
      if (decision?.effect === 'permit') return decision;
    }
  } catch {
    return denied;
  }
  return denied;
}

async function decideAsGranter(
  { decisionPoint, rolesNow }: GrantDeps,
  request: DecisionRequest,
  grant: Grant,
): Promise<Decision | undefined> {
  const roles = await rolesNow(grant.grantedBy, grant.tenant);
  if (roles === undefined) return undefined;
  const { session, tenant } = request.subject;
  const granter: Subject = { human: grant.grantedBy, roles, tenant, session, chain: [grant.grantedBy] };
  const decision = await decisionPoint.decide({ ...request, subject: granter });
  if (decision.effect !== 'permit') return undefined;
  return {
    ...decision,
    policies: [...decision.policies, grant.id],
    reasons: [...decision.reasons, `${grant.grantedBy} granted this until ${grant.until}: ${grant.reason}`],
  };
}
