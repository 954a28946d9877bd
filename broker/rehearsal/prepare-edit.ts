/** What an edit makes of one device: its configuration before and after, the difference, and the edit that takes it back. */
import type { DeviceConfig } from '../../protocols/device/config.ts';
import { unifiedDiff } from '../../protocols/netconf/diff.ts';
import { editConfig } from '../../protocols/netconf/edit.ts';
import { RpcFailure } from '../../protocols/netconf/messages.ts';
import { parseXml, renderXml, type XmlNode } from '../../protocols/netconf/xml.ts';
import { listKeys } from '../../protocols/yang/list-keys.ts';
import { WayleaveError } from '../errors.ts';
import { canonical, typed } from '../execution/running.ts';
import type { PreparedEdit } from '../stages/context.ts';
import type { Edit } from './compile-edit.ts';
import { inverseEdit } from './inverse-edit.ts';

type Prepared = PreparedEdit & { readonly diff: string; readonly config: DeviceConfig };

/** The last edit of a configuration: it is prepared again whenever somebody asks what became of the change. Trees do not change. */
const last = new WeakMap<XmlNode, Prepared>();

/** What the edit makes of one device; throws `INPUT_INVALID` when it does not apply or changes nothing there. */
export function prepareEdit(running: XmlNode, edit: Edit): Prepared {
  const known = last.get(running);
  if (known?.edit === edit.config && known.device === edit.device) return known;
  const prepared = prepare(running, edit);
  last.set(running, prepared);
  return prepared;
}

function prepare(running: XmlNode, edit: Edit): Prepared {
  const config = parseXml(`<config>${edit.config}</config>`);
  const after = apply(running, config, edit.device);
  const before = canonical(running);
  const expected = canonical(after);
  const diff = unifiedDiff(before, expected, edit.device);
  if (diff === '')
    throw new WayleaveError('INPUT_INVALID', `${edit.device} already has this configuration: nothing would change.`);
  const inverse = inverseEdit(running, config)
    .map((node) => renderXml(node))
    .join('');
  // The last resort is tried before it is needed.
  if (canonical(apply(after, parseXml(`<config>${inverse}</config>`), edit.device)) !== before)
    throw new WayleaveError('DENIED', 'There is no edit that would take this change back.');
  return { device: edit.device, edit: edit.config, inverse, before, after: expected, diff, config: configOf(after) };
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

function configOf(after: XmlNode): DeviceConfig {
  try {
    return typed(after);
  } catch (error) {
    throw new WayleaveError(
      'INPUT_INVALID',
      `The result is outside the data model: ${error instanceof Error ? error.message : 'invalid'}`,
    );
  }
}
