/** Leaf-by-leaf difference of two configurations, for any YANG model: a walk over both trees with the keys of its lists. */
import { identify, type ListKeys } from '../protocols/netconf/list-keys.ts';
import { childText, type XmlNode } from '../protocols/netconf/xml.ts';

export interface LeafDifference {
  /** Names from the top; list entries by their keys: `access-lists/acl-control-in/e90`. */
  readonly path: string;
  /** `absent` when missing, `present (its leaves)` for a whole list entry. */
  readonly running: string;
  readonly intended: string;
}

export interface Modelled {
  readonly keys: ListKeys;
  /** Whether the order of the entries at a path means something. */
  readonly userOrdered: (path: readonly string[]) => boolean;
}

interface Place {
  readonly names: readonly string[];
  readonly shown: readonly string[];
}

/** Differences of two sets of top-level nodes, in the order of the intended configuration, foreign nodes last. */
export function compareConfigs(
  running: readonly XmlNode[],
  intended: readonly XmlNode[],
  model: Modelled,
): readonly LeafDifference[] {
  return compareSiblings(running, intended, { names: [], shown: [] }, model);
}

function compareSiblings(
  running: readonly XmlNode[],
  intended: readonly XmlNode[],
  parent: Place,
  model: Modelled,
): readonly LeafDifference[] {
  const ours = indexNodes(running, parent, model);
  const theirs = indexNodes(intended, parent, model);
  const ids = [...new Set([...theirs.keys(), ...ours.keys()])];
  return [
    ...ids.flatMap((id) => comparePair(ours.get(id), theirs.get(id), parent, model)),
    ...compareOrder(running, intended, parent, model),
  ];
}

function indexNodes(nodes: readonly XmlNode[], { names }: Place, { keys }: Modelled): ReadonlyMap<string, XmlNode> {
  return new Map(
    nodes.flatMap((node) => {
      const id = identify(node, [...names, node.name], keys);
      return id === undefined ? [] : [[id, node]];
    }),
  );
}

function comparePair(
  ours: XmlNode | undefined,
  theirs: XmlNode | undefined,
  parent: Place,
  model: Modelled,
): readonly LeafDifference[] {
  const node = ours ?? theirs;
  if (node === undefined) return [];
  const names = [...parent.names, node.name];
  const keys = model.keys(names);
  const shown = [...parent.shown, ...stepsOf(node, keys)];
  const path = shown.join('/');
  const isEntry = keys !== undefined;
  if (isEntry && (ours === undefined || theirs === undefined))
    return [{ path, running: tellEntry(ours), intended: tellEntry(theirs) }];
  const inner = [...(ours?.children ?? []), ...(theirs?.children ?? [])];
  if (inner.length > 0) return compareSiblings(ours?.children ?? [], theirs?.children ?? [], { names, shown }, model);
  const [here, there] = [ours, theirs].map((each) => (each === undefined ? 'absent' : each.text.trim()));
  // An empty container is the same as none (RFC 7950 §7.5.1); a leaf has text.
  if (here === there || (here ?? '') + (there ?? '') === 'absent') return [];
  return [{ path, running: here ?? 'absent', intended: there ?? 'absent' }];
}

/** Leaves of an entry that are shown: enough to know what it does. */
const MAX_LEAVES = 12;

/** `present (action deny, protocol tcp)`: a foreign entry is known by what it says, not by its name. */
function tellEntry(node: XmlNode | undefined): string {
  if (node === undefined) return 'absent';
  const leaves = node.children.filter((each) => each.children.length === 0 && each.text.trim() !== '');
  if (leaves.length === 0) return 'present';
  return `present (${leaves
    .slice(0, MAX_LEAVES)
    .map((each) => `${each.name} ${each.text.trim()}`)
    .join(', ')})`;
}

/** List entries are shown by their keys, entries of a leaf-list by name and value, everything else by name. */
export function stepsOf(node: XmlNode, keys: readonly string[] | undefined): readonly string[] {
  if (keys === undefined) return [node.name];
  if (keys.length === 0) return [node.name, node.text.trim()];
  return [keys.map((key) => childText(node, key, node.ns) ?? '').join(',')];
}

/** One line for entries that are the same on both sides but in another order that means something. */
function compareOrder(
  running: readonly XmlNode[],
  intended: readonly XmlNode[],
  { names, shown }: Place,
  model: Modelled,
): readonly LeafDifference[] {
  const ordered = new Set(intended.map(({ name }) => name).filter((name) => model.userOrdered([...names, name])));
  return [...ordered].flatMap((name) => {
    const listOf = (nodes: readonly XmlNode[]): readonly string[] =>
      nodes.filter((each) => each.name === name).map((each) => stepsOf(each, model.keys([...names, name])).join('/'));
    const [ours, theirs] = [listOf(running), listOf(intended)];
    const shared = (list: readonly string[], other: readonly string[]): string =>
      list.filter((each) => other.includes(each)).join('>');
    const [here, there] = [shared(ours, theirs), shared(theirs, ours)];
    return here === there ? [] : [{ path: [...shown, name, 'order'].join('/'), running: here, intended: there }];
  });
}
