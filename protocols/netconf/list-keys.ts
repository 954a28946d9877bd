/** Identity of configuration nodes: which of a parent's children is the same entry as another (RFC 7950 §7.8.2). */
import { childText, type XmlNode } from './xml.ts';

/**
 * Key leaf names of the list at a path of local names (the top-level node first); `[]` for a leaf-list, whose entries are
 * their values; undefined for everything that can be there once.
 */
export type ListKeys = (path: readonly string[]) => readonly string[] | undefined;

/**
 * A text that is equal for two siblings exactly when they are the same node: name, namespace and keys.
 * Undefined when a list entry lacks a key leaf.
 */
export function identify(node: XmlNode, path: readonly string[], keys: ListKeys): string | undefined {
  const names = keys(path);
  if (names === undefined) return JSON.stringify([node.ns, node.name]);
  const values = names.length === 0 ? [node.text.trim()] : names.map((name) => childText(node, name, node.ns));
  return values.includes(undefined) ? undefined : JSON.stringify([node.ns, node.name, ...values]);
}

/** One step of an error path: `interface[name='ge0/0']`. */
export function stepOf(node: XmlNode, path: readonly string[], keys: ListKeys): string {
  const predicates = (keys(path) ?? []).flatMap((name) => {
    const value = childText(node, name, node.ns);
    return value === undefined ? [] : [`[${name}='${value}']`];
  });
  return node.name + predicates.join('');
}
