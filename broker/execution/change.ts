/** Executes an approved change, on one device as a transaction, on several in waves, with the tool's post-conditions as its test, and writes its end. */
import type { PostCondition } from '../../tools/tool.ts';
import { keepContainment, type PlaceDeps, settleContainment } from '../containment/place.ts';
import type { Approval, DeviceOutcome, Outcome, Receipt } from '../contract.ts';
import { sha256 } from '../digest.ts';
import { WayleaveError } from '../errors.ts';
import type { Approvals, AuditLog, Ids } from '../ports.ts';
import type { ObserveDeps } from '../rehearsal/observe.ts';
import { comparePrediction } from '../rehearsal/prediction.ts';
import type { ApprovedCall, PreparedChange, PreparedEdit } from '../stages/context.ts';
import { trailEntry } from '../stages/record.ts';
import { type CertifyDeps, certifyDevice } from './certify.ts';
import { keepChange } from './keep-change.ts';
import { type PageDeps, pageHuman } from './page-human.ts';
import { runTransaction, type TransactionPlan, type TransactionResult } from './transaction.ts';
import { runWaves, type WavesResult } from './waves.ts';

export interface ChangeDeps extends CertifyDeps, PageDeps, PlaceDeps {
  readonly observe: ObserveDeps;
  readonly approvals: Approvals;
  readonly audit: AuditLog;
  readonly ids: Ids;
  /** How much faster than ours the network's clock runs: 1, but in simulations. */
  readonly networkSpeed: number;
}

/** Confirm timeout when no policy names one (RFC 6241 §8.4.5.1 has 600 s; a branch must not wait that long). */
const DEFAULT_CONFIRM_SECONDS = 120;
/** Part of the confirm timeout that is kept for reading back and confirming. */
const MARGIN_SECONDS = 20;
const POLL_MS = 500;
/** Devices of a wave after the canary: few enough that a wave that goes wrong is repaired by hand. */
const WAVE_SIZE = 10;

/**
 * The caller holds the devices. The transactions stay open in the journal until log and receipt have the outcome: a crash
 * in between is found out by `recover`, and never ends in a record that contradicts a device.
 */
export async function executeChange(
  deps: ChangeDeps,
  context: ApprovedCall,
  change: PreparedChange,
  approval: Approval,
): Promise<Receipt> {
  const { intent, decision, subject } = context;
  await deps.journal.setState(intent, 'executing');
  // Single use: whoever flips the status executes.
  if (!(await deps.approvals.update({ ...approval, status: 'consumed' }, 'approved')))
    throw new WayleaveError('APPROVAL_CLOSED');
  // Before anything is sent: from here on its end comes by itself.
  const containment =
    change.containment === undefined ? undefined : await keepContainment(deps, context, change.containment);
  const { outcome, detail, devices } = await transact(deps, context, change);
  const results = [...devices.values()];
  const code = results.find((one) => one.code !== undefined)?.code;
  const ends = change.edits.flatMap((edit) => endOf(edit, devices.get(edit.device)));
  const prediction =
    outcome === 'succeeded'
      ? await comparePrediction(deps.observe, subject.tenant, change.rehearsal.blastRadius.devices, change.expected)
      : undefined;
  // The log must not have an end of which another broker finds out that it is not so.
  await deps.journal.demandLease(subject.tenant, intent.target.devices);
  const auditIndex = await deps.audit.append(
    trailEntry(context.trail, deps.clock.now(), 'outcome', {
      outcome,
      detail,
      ...(prediction === undefined ? {} : { prediction: { ...prediction } }),
      ...(code === undefined ? {} : { code }),
      ...(containment === undefined ? {} : { containment: containment.id, until: containment.until }),
      ...(ends.length < 2 ? {} : { devices: Object.fromEntries(ends.map((one) => [one.device, one.outcome])) }),
    }),
  );
  const receipt: Receipt = {
    intent,
    decision,
    rehearsal: change.rehearsal,
    approvals: approval.votes,
    operations: context.operations,
    steps: results.flatMap(({ steps }) => steps),
    devices: ends,
    ...(prediction === undefined ? {} : { prediction }),
    outcome,
    detail,
    auditIndex,
  };
  await deps.journal.finish(intent.id, receipt);
  if (containment !== undefined) await settleContainment(deps, containment, receipt);
  for (const [device, result] of devices) {
    if (result.outcome !== 'unknown')
      await deps.journal.closeTransaction({ intent: intent.id, tenant: subject.tenant, device });
    await pageHuman(deps, { tenant: subject.tenant, intent: intent.id, device }, result);
  }
  return receipt;
}

function endOf({ device, before }: PreparedEdit, result: TransactionResult | undefined): readonly DeviceOutcome[] {
  if (result === undefined) return [];
  const { outcome, detail, after } = result;
  return [{ device, outcome, detail, before, ...(after === undefined ? {} : { after }) }];
}

async function transact(deps: ChangeDeps, context: ApprovedCall, change: PreparedChange): Promise<WavesResult> {
  const { intent, decision } = context;
  const commit = decision.obligations.find((one) => one.kind === 'confirmed-commit');
  const seconds = commit?.kind === 'confirmed-commit' ? commit.seconds : DEFAULT_CONFIRM_SECONDS;
  try {
    const plans = await Promise.all(change.edits.map((edit) => planOf(deps, context, edit, seconds)));
    const [first, ...others] = plans;
    if (first === undefined) throw new Error('a change without an edit');
    if (others.length === 0) {
      const result = await runOne(deps, context, first);
      return { ...result, devices: new Map([[first.record.device, result]]) };
    }
    const kept = plans.find(({ record }) => record.ladder !== undefined && record.ladder !== 'confirmed');
    if (kept !== undefined) {
      const detail = `${kept.record.device} keeps what it is given, so that several devices cannot be changed all or none`;
      return { outcome: 'failed', detail: `${detail}; nothing was sent to a device`, devices: new Map() };
    }
    return await runWaves(deps, {
      devices: plans,
      waveSize: WAVE_SIZE,
      waveSeconds: seconds,
      marginSeconds: MARGIN_SECONDS,
      toleratedShare: 0,
    });
  } catch (error) {
    // With an open transaction recovery finds out what the device holds; without one nothing was sent.
    if ((await deps.journal.unfinished()).some((one) => one.intent === intent.id)) throw error;
    deps.log.error({ err: error }, 'a transaction could not be opened');
    const outcome: Outcome = 'failed';
    return { outcome, detail: 'an internal failure; nothing was sent to a device', devices: new Map() };
  }
}

/** By the rung of the device: a lower one was approved as such, or the obligations would have refused it. */
function runOne(deps: ChangeDeps, { tool, subject }: ApprovedCall, plan: TransactionPlan): Promise<TransactionResult> {
  const { ladder = 'confirmed' } = plan.record;
  if (tool.certifies === true) return certifyDevice(deps, plan.record, subject.human);
  return ladder === 'confirmed' ? runTransaction(deps, plan) : keepChange(deps, plan, ladder);
}

async function planOf(
  deps: ChangeDeps,
  context: ApprovedCall,
  edit: PreparedEdit,
  confirmSeconds: number,
): Promise<TransactionPlan> {
  const { intent, subject, toolContext } = context;
  // The rung that policy decided on.
  const ladder = toolContext.devices.find(({ name }) => name === edit.device)?.ladder;
  const certificate = await deps.certificates.get(subject.tenant, edit.device);
  return {
    record: {
      intent: intent.id,
      tenant: subject.tenant,
      device: edit.device,
      persistId: deps.ids.id('wl'),
      edit: edit.edit,
      inverse: edit.inverse,
      before: edit.before,
      beforeHash: sha256(edit.before),
      expected: edit.after,
      ...(ladder === undefined ? {} : { ladder }),
      steps: [],
      state: 'open',
    },
    confirmSeconds,
    ...(certificate?.quirks.keepsValidatedCandidate === false ? { leavesValidationToCommit: true } : {}),
    verify: () => verify(deps, context, edit.device, confirmSeconds - MARGIN_SECONDS),
  };
}

/** Verify: polls what the tool says must hold of this device until all of it holds, or the time for it is over. */
async function verify(
  deps: ChangeDeps,
  { tool, input, toolContext, subject }: ApprovedCall,
  device: string,
  maxSeconds: number,
): Promise<{ readonly ok: boolean; readonly detail: string }> {
  const conditions = tool.postConditions?.(input, { devices: [device] }, toolContext) ?? [];
  const holds = async (condition: PostCondition): Promise<boolean> => {
    const replies = await Promise.all(condition.operations.map((one) => deps.devices.read(subject.tenant, one)));
    return replies.length > 0 && condition.holds(replies, toolContext);
  };
  // Convergence takes the network's time; the confirm timeout runs in ours.
  const wanted = Math.max(0, ...conditions.map((one) => one.withinSeconds));
  const seconds = Math.min(maxSeconds * deps.networkSpeed, wanted);
  const deadline = deps.clock.now() + (seconds * 1000) / deps.networkSpeed;
  for (;;) {
    const held = await Promise.all(conditions.map(holds));
    const missing = conditions.filter((_, index) => held[index] !== true).map((condition) => condition.says);
    if (missing.length === 0) return { ok: true, detail: conditions.map((one) => one.says).join('; ') };
    if (deps.clock.now() >= deadline) return { ok: false, detail: `not so within ${seconds} s: ${missing.join('; ')}` };
    await deps.wait(POLL_MS);
  }
}
