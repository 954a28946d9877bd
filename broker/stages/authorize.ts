/** Stage 4, authorize: asks the decision point, and turns a denial into the answer its subject may have. */
import type { Tool } from '../../tools/tool.ts';
import type { Effect, Obligation, Subject } from '../contract.ts';
import { WayleaveError } from '../errors.ts';
import { decideByGrant, type GrantDeps } from '../grants/decide-by-grant.ts';
import { demandStepUp } from '../identity/step-up.ts';
import type { RiskLedger } from '../limits/risk-ledger.ts';
import { sampleInput } from '../policy/sample-input.ts';
import type { Clock, DecisionRequest } from '../ports.ts';
import type { Stage } from '../stage.ts';
import { type AuthorizedCall, type ResolvedCall, writes } from './context.ts';

/**
 * Kinds of obligation this broker keeps, by effect; a permit that carries another one is a denial. Reads and probes wait
 * for nobody, so one that needs an approval cannot be made. A containment needs an end that is carried out, which nobody
 * does yet: every duty on it is one too many, and without an approver it is refused like any change.
 */
const KEPT: Readonly<Record<Effect, readonly Obligation['kind'][]>> = {
  read: ['limit', 'step-up'],
  probe: ['limit', 'step-up'],
  change: ['step-up', 'require-approval', 'rehearse', 'confirmed-commit', 'limit'],
  contain: [],
};

export interface AuthorizeDeps extends GrantDeps {
  readonly clock: Clock;
  readonly risk: RiskLedger;
}

export const authorize =
  (deps: AuthorizeDeps): Stage<ResolvedCall, AuthorizedCall> =>
  async (context, next) => {
    const { subject, tool, intent, toolContext, purpose } = context;
    const targets = toolContext.devices.filter((device) => intent.target.devices.includes(device.name));
    const request: DecisionRequest = {
      subject,
      tool: { name: tool.name, domain: tool.domain, effect: tool.effect },
      tenant: subject.tenant,
      targets: targets.map(({ name, role, site, ladder }) => ({
        ...{ device: name, role, site },
        ...(ladder === undefined ? {} : { ladder }),
      })),
      input: intent.input,
      purpose,
      now: deps.clock.now(),
      risk: deps.risk.assess(subject).score,
    };
    const decision = await decideByGrant(deps, request, await deps.decisionPoint.decide(request));
    context.trail.decision = decision;
    // A device on a lower rung keeps what is committed: a duty to let it take it back cannot be kept.
    const keeps = targets.some(({ ladder }) => ladder !== undefined && ladder !== 'confirmed');
    const unkept = decision.obligations.find(
      ({ kind }) => !KEPT[tool.effect].includes(kind) || (keeps && kind === 'confirmed-commit'),
    );
    if (decision.effect === 'permit' && unkept === undefined) {
      demandReach(subject, tool);
      demandStepUp(subject, decision.obligations, deps.clock.now());
      return next({ ...context, decision });
    }
    context.trail.reason = unkept ? `obligation ${unkept.kind} cannot be kept` : decision.reasons.join('; ');
    if (deps.risk.assess(subject).band === 'suspended') throw new WayleaveError('SUSPENDED');
    if (!(await mayList(deps, subject, tool))) throw new WayleaveError('NOT_FOUND');
    if (decision.effect === 'permit')
      throw new WayleaveError('DENIED', 'The policies ask for something that cannot be kept here.');
    throw new WayleaveError('DENIED', decision.reasons.join(' ') || 'No policy permits this.');
  };

/** Who can only look meets the tools that change as what does not exist: they are not listed either. */
function demandReach(subject: Subject, tool: Tool): void {
  if (subject.lookOnly !== undefined && writes(tool.effect)) throw new WayleaveError('NOT_FOUND');
}

/** Whether the subject may know that the tool exists: would any call of it be permitted, in the best case? */
export async function mayList(deps: AuthorizeDeps, subject: Subject, tool: Tool): Promise<boolean> {
  if (subject.lookOnly !== undefined && writes(tool.effect)) return false;
  const best: DecisionRequest = {
    asks: 'listing',
    subject,
    tool: { name: tool.name, domain: tool.domain, effect: tool.effect },
    tenant: subject.tenant,
    targets: tool.targets === 'none' ? [] : [{ device: 'any', role: 'edge', site: 'any' }],
    input: sampleInput(tool),
    purpose: { id: '', kind: 'incident', open: true },
    now: deps.clock.now(),
    risk: deps.risk.assess(subject).score,
  };
  return (await decideByGrant(deps, best, await deps.decisionPoint.decide(best))).effect === 'permit';
}
