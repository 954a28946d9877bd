/** Stage 7, rehearse: a change is tried on the model of the network, and what a human will be shown is computed. */
import type { DeviceConfig } from '../../protocols/device/config.ts';
import { unifiedDiff } from '../../protocols/netconf/diff.ts';
import { editConfig } from '../../protocols/netconf/edit.ts';
import { RpcFailure } from '../../protocols/netconf/messages.ts';
import { parseXml, renderXml, type XmlNode } from '../../protocols/netconf/xml.ts';
import { xmlToConfig } from '../../protocols/yang/config-from-xml.ts';
import { listKeys } from '../../protocols/yang/list-keys.ts';
import type { Operation } from '../contract.ts';
import { sha256 } from '../digest.ts';
import { WayleaveError } from '../errors.ts';
import { canonical } from '../execution/running.ts';
import type { Approvals } from '../ports.ts';
import { compileEdit, type Edit, type Restoration } from '../rehearsal/compile-edit.ts';
import { inverseEdit } from '../rehearsal/inverse-edit.ts';
import type { DeclaredInvariant } from '../rehearsal/load-invariants.ts';
import { type ObserveDeps, type ObservedDevice, observeTenant } from '../rehearsal/observe.ts';
import { rehearseChange } from '../rehearsal/rehearse.ts';
import type { Stage } from '../stage.ts';
import { type AuthorizedCall, type PreparedChange, type PreparedEdit, type RehearsedCall, writes } from './context.ts';

export interface RehearseDeps {
  readonly approvals: Approvals;
  readonly observe: ObserveDeps;
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
function demandEdits({ operations, intent }: AuthorizedCall): readonly (Edit | Restoration)[] {
  const edits = operations.filter(isEdit);
  const { devices } = intent.target;
  const covers = devices.length > 0 && devices.every((device, index) => edits[index]?.device === device);
  if (!covers || operations.length !== devices.length)
    throw new WayleaveError(
      'DENIED',
      'A change must be exactly one NETCONF edit on each device: nothing else can be rehearsed and rolled back.',
    );
  return edits;
}

const isEdit = (one: Operation): one is Edit | Restoration =>
  one.protocol === 'netconf' && (one.kind === 'edit-config' || one.kind === 'restore-config');

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
  declared: readonly (Edit | Restoration)[],
): Promise<PreparedChange> {
  const { tenant } = context.subject;
  const compiled = await Promise.all(declared.map((one) => compileEdit(deps.observe.devices, tenant, one)));
  const observed = await observeTenant(deps.observe, tenant);
  const prepared = compiled.map(({ edit }) => prepareEdit(observed, edit));
  const diff = prepared.map((one) => one.diff).join('');
  return {
    edits: prepared,
    diff,
    stateHash: sha256(prepared.flatMap((one) => [one.before, one.diff, one.edit]).join('\0')),
    ...rehearseChange(
      {
        tenant,
        observed,
        topology: await deps.observe.inventory.topology(tenant),
        changed: new Map(prepared.map((one) => [one.device, one.config])),
        intended: new Map(compiled.flatMap(({ edit, intended }) => (intended ? [[edit.device, intended]] : []))),
      },
      deps.invariants,
    ),
  };
}

/** What the edit makes of one device; throws `INPUT_INVALID` when it does not apply or changes nothing there. */
function prepareEdit(
  observed: readonly ObservedDevice[],
  edit: Edit,
): PreparedEdit & { readonly diff: string; readonly config: DeviceConfig } {
  const running = observed.find((one) => one.name === edit.device)?.running;
  if (running === undefined)
    throw new WayleaveError('DEVICE_UNREACHABLE', `The configuration of ${edit.device} cannot be read.`);
  const config = parseXml(`<config>${edit.config}</config>`);
  const after = apply(running.data, config, edit.device);
  const before = canonical(running.data);
  const expected = canonical(after);
  const diff = unifiedDiff(before, expected, edit.device);
  if (diff === '')
    throw new WayleaveError('INPUT_INVALID', `${edit.device} already has this configuration: nothing would change.`);
  const inverse = inverseEdit(running.data, config)
    .map((node) => renderXml(node))
    .join('');
  // The last resort is tried before it is needed.
  if (canonical(apply(after, parseXml(`<config>${inverse}</config>`), edit.device)) !== before)
    throw new WayleaveError('DENIED', 'There is no edit that would take this change back.');
  return { device: edit.device, edit: edit.config, inverse, before, after: expected, diff, config: typed(after) };
}

function apply(running: XmlNode, config: XmlNode, device: string): XmlNode {
  try {
    return editConfig(running, config, listKeys);
  } catch (error) {
    if (error instanceof RpcFailure)
      throw new WayleaveError('INPUT_INVALID', `The edit does not apply at ${device}: ${error.message}`);
    throw error;
  }
}

function typed(after: XmlNode): DeviceConfig {
  try {
    return xmlToConfig(after.children);
  } catch (error) {
    throw new WayleaveError(
      'INPUT_INVALID',
      `The result is outside the data model: ${error instanceof Error ? error.message : 'invalid'}`,
    );
  }
}
