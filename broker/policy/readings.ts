/** What the conditions of a parsed policy read (`context.purpose.open`), and the constants they hold it against. */
import type { Json } from '../contract.ts';

/** A place that a condition reads, with the constants it is held against. */
export interface Reading {
  readonly path: string;
  readonly constants: readonly Json[];
}

export type Tree = { readonly [name: string]: Json };
export const isTree = (json: Json | undefined): json is Tree =>
  typeof json === 'object' && json !== null && !Array.isArray(json);

export function readNode(node: Json): readonly Reading[] {
  if (typeof node !== 'object' || node === null) return [];
  const path = pathOf(node);
  if (path !== undefined) return [{ path, constants: [] }];
  const { left, right } = isTree(node)
    ? ((Object.values(node).find((body) => isTree(body) && 'left' in body) as Tree | undefined) ?? {})
    : {};
  const compared = [
    [left, right],
    [right, left],
  ].flatMap(([place, other]) => {
    const read = place === undefined ? undefined : pathOf(place);
    return read === undefined || other === undefined ? [] : [{ path: read, constants: constantsOf(other) }];
  });
  return [...compared, ...Object.values(node as Tree).flatMap(readNode)];
}

/** `context.purpose.open` for the parsed form of it. */
export function pathOf(node: Json): string | undefined {
  const get = isTree(node) ? node['.'] : undefined;
  if (!isTree(get) || typeof get['attr'] !== 'string') return undefined;
  const left = get['left'];
  const inner =
    isTree(left) && typeof left['Var'] === 'string' ? left['Var'] : left === undefined ? undefined : pathOf(left);
  return inner === undefined ? undefined : `${inner}.${get['attr']}`;
}

function constantsOf(node: Json): readonly Json[] {
  if (!isTree(node)) return [];
  if (Array.isArray(node['Set'])) return (node['Set'] as readonly Json[]).flatMap(constantsOf);
  const value = node['Value'];
  return value === undefined || isTree(value) ? [] : [value];
}
