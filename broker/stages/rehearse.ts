/** Stage 7, rehearse: a change is tried on the model of the network, and what a human will be shown is computed. */

import { type Containments, isOpen, type Trace } from '../containment/containment.ts';
import { sayTakeBack } from '../containment/measure.ts';
import { sha256 } from '../digest.ts';
import { WayleaveError } from '../errors.ts';
import type { Approvals } from '../ports.ts';
import {
  type CompiledEdit,
  type Containing,
  compileEdit,
  compileMeasure,
  type Edit,
  isChange,
  type Restoration,
} from '../rehearsal/compile-edit.ts';
import type { DeclaredInvariant } from '../rehearsal/load-invariants.ts';
import { type ObserveDeps, type ObservedDevice, observeTenant } from '../rehearsal/observe.ts';
import { prepareEdit } from '../rehearsal/prepare-edit.ts';
import { rehearseChange } from '../rehearsal/rehearse.ts';
import type { Stage } from '../stage.ts';
import { type AuthorizedCall, type PreparedChange, type RehearsedCall, writes } from './context.ts';

export interface RehearseDeps {
  readonly approvals: Approvals;
  readonly observe: ObserveDeps;
  readonly containments: Pick<Containments, 'open'>;
  /** What every change must leave true. */
  readonly invariants: readonly DeclaredInvariant[];
}

export const rehearse =
  (deps: RehearseDeps): Stage<AuthorizedCall, RehearsedCall> =>
  async (context, next) => {
    if (!writes(context.tool.effect)) return next(context);
    const declared = demandEdits(context);
    const change = await prepare(deps, context, declared).catch((error: unknown) => refuseStale(deps, context, error));
    context.trail.facts['stateHash'] = change.stateHash;
    const broken = change.rehearsal.invariants.filter((one) => !one.holds && one.breaks === 'deny');
    if (broken.length > 0 || change.rehearsal.verdict !== 'pass') {
      const why = broken.map((one) => `${one.name}: ${one.detail}`).join('; ');
      throw new WayleaveError('DENIED', `The rehearsal on the network model failed (${why}).`);
    }
    return next({ ...context, change });
  };

/** One NETCONF edit for each target, in their order. */
function demandEdits({ operations, intent, tool }: AuthorizedCall): readonly (Edit | Restoration | Containing)[] {
  const edits = operations.filter(isChange);
  const { devices } = intent.target;
  const covers = devices.length > 0 && devices.every((device, index) => edits[index]?.device === device);
  if (!covers || operations.length !== devices.length)
    throw new WayleaveError(
      'DENIED',
      'A change must be exactly one NETCONF edit on each device: nothing else can be rehearsed and rolled back.',
    );
  // What contains has an end and leaves nothing else behind; a change has none.
  const contains = tool.effect === 'contain' && tool.lasts !== undefined;
  if (edits.some(({ kind }) => (kind === 'contain') !== contains) || contains !== (tool.effect === 'contain'))
    throw new WayleaveError('DENIED', 'What contains must have an end, and nothing else has one.');
  return edits;
}

/** An edit that made sense when it was approved and makes none now: the device has moved on, and the approval is void. */
async function refuseStale(deps: RehearseDeps, context: AuthorizedCall, error: unknown): Promise<never> {
  if (!(error instanceof WayleaveError) || error.code !== 'INPUT_INVALID') throw error;
  const approval = await deps.approvals.findByIntent(context.subject.tenant, context.intent.id);
  if (approval === undefined) throw error;
  if (approval.status === 'pending' || approval.status === 'approved')
    await deps.approvals.update({ ...approval, status: 'void' }, approval.status);
  throw new WayleaveError('DRIFT', `The device changed since the approval was shown. ${error.message}`);
}

async function prepare(
  deps: RehearseDeps,
  context: AuthorizedCall,
  declared: readonly (Edit | Restoration | Containing)[],
): Promise<PreparedChange> {
  const { tenant } = context.subject;
  const edits = await Promise.all(
    declared.map(async (one) => (one.kind === 'contain' ? one : compileEdit(deps.observe.devices, tenant, one))),
  );
  const observed = await observeTenant(deps.observe, tenant);
  const compiled = edits.map(
    (one): CompiledEdit =>
      'edit' in one ? one : compileMeasure(runningOf(observed, one.device).config, one, context.intent.id),
  );
  const containment = containmentOf(context, compiled);
  const prepared = compiled.map(({ edit }) => prepareEdit(runningOf(observed, edit.device).data, edit));
  const diff = prepared.map((one) => one.diff).join('');
  return {
    edits: prepared,
    diff,
    stateHash: sha256(
      [
        ...prepared.flatMap((one) => [one.before, one.diff, one.edit]),
        ...(containment === undefined ? [] : [JSON.stringify(containment)]),
      ].join('\0'),
    ),
    ...(containment === undefined ? {} : { containment }),
    ...rehearseChange(
      {
        tenant,
        observed,
        topology: await deps.observe.inventory.topology(tenant),
        changed: new Map(prepared.map((one) => [one.device, one.config])),
        intended: new Map(compiled.flatMap(({ edit, intended }) => (intended ? [[edit.device, intended]] : []))),
        contained: await contained(deps, tenant, context.intent.id),
      },
      deps.invariants,
    ),
  };
}

/** What a containment leaves at its devices, and what of it the broker takes back when; part of what is approved. */
function containmentOf(
  { tool, input }: AuthorizedCall,
  compiled: readonly CompiledEdit[],
): PreparedChange['containment'] {
  const traces = compiled.flatMap(({ trace }) => trace ?? []);
  if (tool.lasts === undefined || traces.length === 0) return undefined;
  return { traces, reversal: { afterSeconds: tool.lasts(input), does: traces.map(sayTakeBack) } };
}

/** What contains a threat at the tenant's devices now, but for the intent itself. */
async function contained(deps: RehearseDeps, tenant: string, intent: string): Promise<readonly Trace[]> {
  const open = await deps.containments.open();
  return open.flatMap((one) => (one.tenant === tenant && one.intent !== intent && isOpen(one) ? one.traces : []));
}

function runningOf(observed: readonly ObservedDevice[], device: string): NonNullable<ObservedDevice['running']> {
  const running = observed.find((one) => one.name === device)?.running;
  if (running === undefined)
    throw new WayleaveError('DEVICE_UNREACHABLE', `The configuration of ${device} cannot be read.`);
  return running;
}
