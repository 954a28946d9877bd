/** Stage 4, authorize: asks the decision point, and turns a denial into the answer its subject may have. */
import type { Tool } from '../../tools/tool.ts';
import type { Effect, Intent, Obligation, Subject } from '../contract.ts';
import { WayleaveError } from '../errors.ts';
import { decideByGrant, type GrantDeps } from '../grants/decide-by-grant.ts';
import { demandStepUp } from '../identity/step-up.ts';
import { asked } from '../policy/asked.ts';
import { recordRequest } from '../policy/recorded-request.ts';
import type { Clock, DecisionRequest } from '../ports.ts';
import type { ActingCall, RiskLedger } from '../risk/risk-ledger.ts';
import type { Stage } from '../stage.ts';
import { withoutChoices } from '../taint/choices.ts';
import { findTaint } from '../taint/find-taint.ts';
import type { UntrustedTexts } from '../taint/untrusted-texts.ts';
import { type ChangeWindows, findWindows } from '../windows/change-window.ts';
import { type AuthorizedCall, type ResolvedCall, writes } from './context.ts';

/**
 * Kinds of obligation this broker keeps, by effect; a permit that carries another one is a denial. Reads and probes wait
 * for nobody, so one that needs an approval cannot be made.
 */
const KEPT: Readonly<Record<Effect, readonly Obligation['kind'][]>> = {
  read: ['limit', 'step-up', 'notify'],
  probe: ['limit', 'step-up', 'notify'],
  change: ['step-up', 'require-approval', 'rehearse', 'confirmed-commit', 'limit', 'change-window', 'notify'],
  contain: ['step-up', 'require-approval', 'rehearse', 'confirmed-commit', 'limit', 'change-window', 'notify'],
};

export interface AuthorizeDeps extends GrantDeps {
  readonly clock: Clock;
  readonly risk: RiskLedger;
  readonly untrusted: UntrustedTexts;
  readonly windows: Pick<ChangeWindows, 'list'>;
  /** Whether the tenant has a channel of that name. */
  readonly notifies: (tenant: string, channel: string) => boolean;
}

export const authorize =
  (deps: AuthorizeDeps): Stage<ResolvedCall, AuthorizedCall> =>
  async (context, next) => {
    const { subject, tool, intent, toolContext, purpose, trail } = context;
    const targets = toolContext.devices.filter((device) => intent.target.devices.includes(device.name));
    const acts = tool.effect !== 'read';
    const taint = acts
      ? findTaint(deps.untrusted, subject.tenant, freeInput(tool, intent.input), context.identifiers)
      : [];
    const { name, domain } = tool;
    const { devices } = intent.target;
    const call = { tool: name, domain, devices, purpose: intent.purpose };
    const unusual = await withoutGranted(deps, subject, call, deps.risk.unusual(subject, call));
    // The log has them: risk and baselines are computed from there.
    if (taint.length > 0) trail.facts['taint'] = Object.fromEntries(taint.map((one) => [one.parameter, one.evidence]));
    if (unusual.length > 0) trail.facts['unusual'] = unusual;
    const risk = deps.risk.assess(subject);
    const now = deps.clock.now();
    const windows = acts ? await findWindows(deps.windows, subject.tenant, devices, now) : [];
    const request: DecisionRequest = {
      subject,
      ...asked(tool, intent.input),
      tenant: subject.tenant,
      targets: targets.map(({ name: device, role, site, ladder, criticality }) => ({
        ...{ device, role, site },
        ...(ladder === undefined ? {} : { ladder }),
        ...(criticality === undefined ? {} : { criticality }),
      })),
      purpose,
      now,
      windows,
      risk: risk.score,
      taint: taint.map(({ parameter }) => parameter),
      unusual,
    };
    const decision = await decideByGrant(deps, request, await deps.decisionPoint.decide(request));
    context.trail.decision = decision;
    context.trail.asked = recordRequest(request, decision);
    // A device on a lower rung keeps what is committed: a duty to let it take it back cannot be kept.
    const keeps = targets.some(({ ladder }) => ladder !== undefined && ladder !== 'confirmed');
    const unkept = decision.obligations.find(
      (one) =>
        !KEPT[tool.effect].includes(one.kind) ||
        (keeps && one.kind === 'confirmed-commit') ||
        (one.kind === 'notify' && !deps.notifies(subject.tenant, one.channel)),
    );
    if (decision.effect === 'permit' && unkept === undefined) {
      // Whoever reads the log for news finds it on the entry before execution.
      const told = decision.obligations.flatMap((one) => (one.kind === 'notify' ? [one.channel] : []));
      if (told.length > 0) trail.facts['notify'] = told;
      demandReach(subject, tool);
      demandWindows(decision.obligations, windows);
      const doubts: readonly Obligation[] = acts && risk.band === 'step-up' ? [{ kind: 'step-up' }] : [];
      demandStepUp(subject, [...decision.obligations, ...doubts], deps.clock.now());
      return next({ ...context, decision, taint });
    }
    context.trail.reason = unkept ? `obligation ${unkept.kind} cannot be kept` : decision.reasons.join('; ');
    if (risk.band === 'suspended') throw new WayleaveError('SUSPENDED');
    if (!(await mayList(deps, subject, tool))) throw new WayleaveError('NOT_FOUND');
    if (decision.effect === 'permit')
      throw new WayleaveError('DENIED', 'The policies ask for something that cannot be kept here.');
    throw new WayleaveError('DENIED', decision.reasons.join(' ') || 'No policy permits this.');
  };

/** A probe changes nothing: what it picks among the few words that the tool itself lists carries no message of others. */
const freeInput = (tool: Tool, input: Intent['input']): Intent['input'] =>
  tool.effect === 'probe' ? withoutChoices(tool, input) : input;

/** A duty to change only in a window is kept by being refused outside of it; what waited for approval is asked again. */
function demandWindows(obligations: readonly Obligation[], open: readonly string[]): void {
  const missing = obligations.find((one) => one.kind === 'change-window' && !open.includes(one.name));
  if (missing?.kind === 'change-window')
    throw new WayleaveError('DENIED', `The change window ${missing.name} is not open for all of the devices.`);
}

/** A tool outside an agent's work is inside it when somebody granted just this use. */
async function withoutGranted(
  deps: AuthorizeDeps,
  { tenant, human, agent }: Subject,
  { tool, devices }: ActingCall,
  unusual: readonly string[],
): Promise<readonly string[]> {
  if (!unusual.includes('tool')) return unusual;
  const use = { tenant, human, tool, devices, now: deps.clock.now(), ...(agent === undefined ? {} : { agent }) };
  return (await deps.grants.find(use)).length === 0 ? unusual : unusual.filter((what) => what !== 'tool');
}

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
    ...asked(tool),
    tenant: subject.tenant,
    targets: tool.targets === 'none' ? [] : [{ device: 'any', role: 'edge', site: 'any' }],
    purpose: { id: '', kind: 'incident', open: true },
    now: deps.clock.now(),
    risk: deps.risk.assess(subject).score,
  };
  return (await decideByGrant(deps, best, await deps.decisionPoint.decide(best))).effect === 'permit';
}
