/** Selects parts of a tree by a subtree filter (RFC 6241 §6). */
import type { ListKeys } from './list-keys.ts';
import type { XmlNode } from './xml.ts';

/**
 * Children of `data` that the children of `filter` select; an empty filter selects nothing (§6.4.2). Key leaves of list
 * entries that are selected in part come along, so that an entry can be told from its neighbours.
 */
export function filterSubtree(data: XmlNode, filter: XmlNode, keys: ListKeys): XmlNode {
  const whole = new Set<XmlNode>();
  const partial = new Set<XmlNode>();
  for (const node of data.children)
    for (const pattern of filter.children) if (matchesNode(node, pattern)) select(node, pattern, whole, partial);
  return { ...data, children: data.children.flatMap((node) => prune(node, [node.name], whole, partial, keys)) };
}

/** Marks what `pattern` selects at and below `node`; false when that is nothing. */
function select(node: XmlNode, pattern: XmlNode, whole: Set<XmlNode>, partial: Set<XmlNode>): boolean {
  const conditions = pattern.children.filter(isContentMatch);
  // §6.2.5: the content matches of a sibling set must all be true, else nothing of it is selected.
  const met = conditions.map((condition) =>
    node.children.filter((each) => matchesNode(each, condition) && sameText(each, condition)),
  );
  if (met.some((found) => found.length === 0)) return false;
  const patterns = pattern.children.filter((each) => !isContentMatch(each));
  if (patterns.length === 0) {
    whole.add(node);
    return true;
  }
  let any = false;
  for (const each of node.children)
    for (const inner of patterns) if (matchesNode(each, inner) && select(each, inner, whole, partial)) any = true;
  if (!any && conditions.length === 0) return false;
  for (const found of met.flat()) whole.add(found);
  partial.add(node);
  return true;
}

function prune(
  node: XmlNode,
  path: readonly string[],
  whole: ReadonlySet<XmlNode>,
  partial: ReadonlySet<XmlNode>,
  keys: ListKeys,
): readonly XmlNode[] {
  if (whole.has(node)) return [node];
  if (!partial.has(node)) return [];
  const names = keys(path) ?? [];
  const kept = node.children.flatMap((each) =>
    names.includes(each.name) ? [each] : prune(each, [...path, each.name], whole, partial, keys),
  );
  return [{ ...node, children: kept }];
}

/** Name, namespace ('' selects any) and the attributes that the pattern asks for (§6.2.1, §6.2.2). */
function matchesNode(node: XmlNode, pattern: XmlNode): boolean {
  return (
    node.name === pattern.name &&
    (pattern.ns === '' || pattern.ns === node.ns) &&
    Object.entries(pattern.attrs).every(([name, value]) => name.startsWith('xmlns:') || node.attrs[name] === value)
  );
}

function isContentMatch(pattern: XmlNode): boolean {
  return pattern.children.length === 0 && pattern.text.trim() !== '';
}

function sameText(node: XmlNode, pattern: XmlNode): boolean {
  return node.children.length === 0 && node.text.trim() === pattern.text.trim();
}
