/**
 * Canonical text of a configuration: equal configurations give equal bytes and different ones different bytes, so that it
 * can be hashed, compared and shown to an approver.
 *
 * One line a node, two blanks a level: `mtu 1500`, `interface name=ge0/0`, and `{namespace}` where it changes. Leaves come
 * first by name, then containers and lists, list entries by their keys. Values that are not plain words are JSON strings.
 */
import type { ListKeys } from './list-keys.ts';
import { childText, type XmlNode } from './xml.ts';

/** Whether the entries of the list or leaf-list at a path are ordered by user, i.e. their order means something (RFC 7950 §7.7.7). */
export type UserOrdered = (path: readonly string[]) => boolean;

/** @param data parent of the top-level nodes; itself not shown */
export function canonicalConfig(data: XmlNode, keys: ListKeys, userOrdered: UserOrdered = () => false): string {
  const lines: string[] = [];
  writeChildren(lines, data.children, { ns: '', path: [] }, 0, keys, userOrdered);
  return lines.length === 0 ? '' : `${lines.join('\n')}\n`;
}

interface Parent {
  readonly ns: string;
  readonly path: readonly string[];
}

interface Line {
  readonly node: XmlNode;
  readonly head: string;
  readonly keys: readonly string[];
  readonly kind: 0 | 1;
  readonly index: number;
}

function writeChildren(
  lines: string[],
  nodes: readonly XmlNode[],
  parent: Parent,
  level: number,
  keys: ListKeys,
  userOrdered: UserOrdered,
): void {
  const sorted = nodes
    .map((node, index) => describe(node, index, parent, keys))
    .sort((a, b) => {
      const kind = a.kind - b.kind || compareText(a.node.name, b.node.name) || compareText(a.node.ns, b.node.ns);
      if (kind !== 0) return kind;
      return userOrdered([...parent.path, a.node.name]) ? a.index - b.index : compareText(a.head, b.head);
    });
  for (const { node, head, keys: shown } of sorted) {
    lines.push('  '.repeat(level) + head);
    const rest = node.children.filter((each) => each.ns !== node.ns || !shown.includes(each.name));
    writeChildren(lines, rest, { ns: node.ns, path: [...parent.path, node.name] }, level + 1, keys, userOrdered);
  }
}

function describe(node: XmlNode, index: number, parent: Parent, keys: ListKeys): Line {
  const path = [...parent.path, node.name];
  const name = node.ns === parent.ns ? node.name : `${node.name} {${node.ns}}`;
  if (node.children.length === 0) {
    const value = leafValue(node);
    return {
      node,
      head: value === '' ? name : `${name} ${quote(value)}`,
      keys: [],
      kind: keys(path)?.length ? 1 : 0,
      index,
    };
  }
  const names = keys(path) ?? [];
  const shown = names.map((key) => ` ${key}=${quote(childText(node, key, node.ns) ?? '')}`);
  return { node, head: name + shown.join(''), keys: names, kind: 1, index };
}

/** A prefix stands for its namespace: which prefix a device chose is not configuration. */
function leafValue(node: XmlNode): string {
  const text = node.text.trim();
  const [prefix = '', ...rest] = text.split(':');
  const uri = rest.length > 0 ? node.attrs[`xmlns:${prefix}`] : undefined;
  return uri === undefined ? text : `{${uri}}${rest.join(':')}`;
}

function quote(value: string): string {
  return /^[\w.:/+@-]+$/.test(value) ? value : JSON.stringify(value);
}

/** By code unit: locale-independent. */
function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
