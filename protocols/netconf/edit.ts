/** Applies an `<edit-config>` to a configuration tree: merge, replace, create, delete and remove (RFC 6241 §7.2), all or nothing. */
import { identify, type ListKeys, stepOf } from './list-keys.ts';
import { BASE_NS, RpcFailure, rpcError } from './messages.ts';
import { el, type XmlNode } from './xml.ts';

export type { ListKeys } from './list-keys.ts';

export const EDIT_OPERATIONS = ['merge', 'replace', 'create', 'delete', 'remove'] as const;
export type EditOperation = (typeof EDIT_OPERATIONS)[number];
export type DefaultOperation = 'merge' | 'replace' | 'none';

/** Key of the attribute that selects the operation on an element. */
export const OPERATION_ATTRIBUTE = `{${BASE_NS}}operation`;
/** Attributes that place an entry of a list ordered by user (RFC 7950 §7.8.6). */
const YANG_NS = 'urn:ietf:params:xml:ns:yang:1';
/** Key of the attribute that places an entry of a list ordered by user (RFC 7950 §7.7.9): `first`, `last`, … */
export const INSERT_ATTRIBUTE = `{${YANG_NS}}insert`;
const ANCHORS = [`{${YANG_NS}}key`, `{${YANG_NS}}value`];

interface Place {
  readonly path: readonly string[];
  /** Instance path for error-path. */
  readonly shown: string;
  readonly skip: ((failure: RpcFailure) => void) | undefined;
}

/**
 * The configuration after the edit; `running` and `config` stay as they are, so a failing edit leaves nothing behind.
 * @param root parent of the top-level nodes, e.g. `<data>`
 * @param config the `<config>` element
 * @param skip told of each node that fails, which then stays as it was while the others are edited; absent: all or nothing
 * @throws {RpcFailure} with the first error, when there is no `skip`
 */
export function editConfig(
  root: XmlNode,
  config: XmlNode,
  keys: ListKeys,
  defaultOperation: DefaultOperation = 'merge',
  skip?: (failure: RpcFailure) => void,
): XmlNode {
  const top: Place = { path: [], shown: '', skip };
  if (defaultOperation === 'replace') return applyChildren({ ...root, children: [] }, config, 'merge', top, keys);
  return applyChildren(root, config, defaultOperation, top, keys);
}

type Inherited = EditOperation | 'none';

function applyChildren(target: XmlNode, edit: XmlNode, inherited: Inherited, parent: Place, keys: ListKeys): XmlNode {
  // A Map keeps order, replaces in place and makes a large list linear.
  const entries = new Map<string, XmlNode>();
  for (const node of target.children) {
    const id = identityOf(node, parent, keys);
    if (entries.has(id)) fail('operation-failed', 'the datastore has one node twice', placeOf(node, parent, keys));
    entries.set(id, node);
  }
  const keyLeaves = parent.path.length === 0 ? undefined : keys(parent.path);
  const seen = new Set<string>();
  const editOne = (node: XmlNode): void => {
    const place = placeOf(node, parent, keys);
    const id = identityOf(node, parent, keys);
    if (seen.has(id)) fail('bad-element', 'the edit has one node twice', place, 'bad-element', node.name);
    seen.add(id);
    const operation = operationOf(node, place) ?? inherited;
    if (keyLeaves?.includes(node.name) === true && (operation === 'delete' || operation === 'remove'))
      fail('bad-attribute', 'a key cannot be deleted', place, 'bad-attribute', 'operation');
    const result = applyNode(entries.get(id), node, operation, place, keys);
    if (result === undefined) entries.delete(id);
    else {
      entries.set(id, result);
      move(entries, id, node, place, keys);
    }
  };
  for (const node of edit.children) {
    try {
      editOne(node);
    } catch (error) {
      if (!(error instanceof RpcFailure) || parent.skip === undefined) throw error;
      parent.skip(error);
    }
  }
  const children = [...entries.values()];
  return { ...target, children, text: children.length > 0 ? '' : target.text };
}

/** What becomes of one node; undefined when it is gone. */
function applyNode(
  existing: XmlNode | undefined,
  node: XmlNode,
  operation: Inherited,
  place: Place,
  keys: ListKeys,
): XmlNode | undefined {
  switch (operation) {
    case 'none':
      if (existing === undefined) return fail('data-missing', 'the node does not exist', place);
      return node.children.length === 0 ? existing : applyChildren(existing, node, 'none', place, keys);
    case 'merge':
      if (existing === undefined || node.children.length === 0) return buildNode(existing, node, 'merge', place, keys);
      return applyChildren(existing, node, 'merge', place, keys);
    case 'replace':
      return buildNode(undefined, node, 'merge', place, keys);
    case 'create':
      if (existing !== undefined) return fail('data-exists', 'the node exists already', place);
      return buildNode(undefined, node, 'create', place, keys);
    case 'delete':
      if (existing === undefined) return fail('data-missing', 'the node does not exist', place);
      return undefined;
    case 'remove':
      return undefined;
  }
}

/** The node of the edit without its edit attributes; an empty element merged into a container changes nothing in it. */
function buildNode(
  existing: XmlNode | undefined,
  node: XmlNode,
  inherited: 'merge' | 'create',
  place: Place,
  keys: ListKeys,
): XmlNode {
  if (existing !== undefined && existing.children.length > 0) return existing;
  const attrs = Object.fromEntries(Object.entries(node.attrs).filter(([name]) => name.startsWith('xmlns:')));
  const empty: XmlNode = { ...node, attrs, children: [] };
  return node.children.length === 0 ? empty : applyChildren(empty, node, inherited, place, keys);
}

function operationOf(node: XmlNode, place: Place): EditOperation | undefined {
  for (const name of Object.keys(node.attrs)) {
    // An `operation` without its namespace must not be taken for a merge.
    if (
      name === OPERATION_ATTRIBUTE ||
      name === INSERT_ATTRIBUTE ||
      ANCHORS.includes(name) ||
      name.startsWith('xmlns:')
    )
      continue;
    fail('unknown-attribute', 'an attribute is not known here', place, 'bad-attribute', name);
  }
  const value = node.attrs[OPERATION_ATTRIBUTE];
  const operation = EDIT_OPERATIONS.find((each) => each === value);
  if (value !== undefined && operation === undefined)
    fail('bad-attribute', 'the operation is not known', place, 'bad-attribute', 'operation');
  return operation;
}

/** Puts an entry where its `insert` attribute says (RFC 7950 §7.7.9, §7.8.6). */
function move(entries: Map<string, XmlNode>, id: string, node: XmlNode, place: Place, keys: ListKeys): void {
  const where = node.attrs[INSERT_ATTRIBUTE];
  if (where === undefined) return;
  const siblings = [...entries].filter(([each]) => each !== id);
  let at: number;
  if (where === 'first') at = 0;
  else if (where === 'last') at = siblings.length;
  else {
    const anchor = anchorOf(node, place, keys);
    const found = siblings.findIndex(([each]) => each === anchor);
    if ((where !== 'before' && where !== 'after') || found < 0)
      fail('bad-attribute', 'there is no such place to insert at', place, 'bad-attribute', 'insert');
    at = where === 'before' ? found : found + 1;
  }
  const moved = entries.get(id);
  if (moved === undefined) return;
  siblings.splice(at, 0, [id, moved]);
  entries.clear();
  for (const [each, value] of siblings) entries.set(each, value);
}

/** Identity of the entry that `key` (`[name='a']`, prefixes ignored) or `value` names. */
function anchorOf(node: XmlNode, place: Place, keys: ListKeys): string | undefined {
  const names = keys(place.path) ?? [];
  if (names.length === 0) return identify({ ...node, text: node.attrs[`{${YANG_NS}}value`] ?? '' }, place.path, keys);
  const predicates = [
    ...(node.attrs[`{${YANG_NS}}key`] ?? '').matchAll(
      /\[\s*(?:[\w.-]+:)?([\w.-]+)\s*=\s*(?:'([^']*)'|"([^"]*)")\s*\]/g,
    ),
  ];
  const leaves = predicates.map(([, name, single, double]) => el(node.ns, name ?? '', single ?? double ?? ''));
  return identify({ ...node, children: leaves }, place.path, keys);
}

function placeOf(node: XmlNode, parent: Place, keys: ListKeys): Place {
  const path = [...parent.path, node.name];
  return { path, shown: `${parent.shown}/${stepOf(node, path, keys)}`, skip: parent.skip };
}

function identityOf(node: XmlNode, parent: Place, keys: ListKeys): string {
  const path = [...parent.path, node.name];
  const id = identify(node, path, keys);
  if (id !== undefined) return id;
  return fail(
    'missing-element',
    'a list entry lacks a key',
    placeOf(node, parent, keys),
    'bad-element',
    keys(path)?.[0],
  );
}

function fail(
  tag: Parameters<typeof rpcError>[0],
  message: string,
  place: Place,
  infoName?: 'bad-element' | 'bad-attribute',
  infoText?: string,
): never {
  const info = infoName !== undefined && infoText !== undefined ? { info: [el(BASE_NS, infoName, infoText)] } : {};
  throw new RpcFailure(rpcError(tag, message, { type: 'application', path: place.shown, ...info }));
}
