/**
 * What contains a threat at a device is no drift: it was approved, and goes by itself. It is taken out of a running
 * configuration before that is compared with the intended one; what somebody made of it since stays in, as a difference.
 */
import { z } from 'zod';
import type { OperationReply } from '../broker/contract.ts';
import { childText, type XmlNode } from '../protocols/netconf/xml.ts';
import { jsonOf } from './replies.ts';

const row = z.object({
  id: z.string(),
  until: z.string(),
  device: z.string(),
  /** Name of the entry in each of the lists; a list of the broker's own goes with its last entry. */
  entry: z.string(),
  lists: z.array(z.string()),
  ownList: z.string(),
  measure: z.discriminatedUnion('kind', [
    z.object({
      kind: z.literal('deny-traffic'),
      source: z.string().optional(),
      destination: z.string().optional(),
      destinationPort: z.int().optional(),
    }),
    z.object({ kind: z.literal('disable-account'), account: z.string() }),
  ]),
});
export type Contained = Readonly<z.infer<typeof row>>;

/** By device, out of the broker's own records. */
export function readContained(replies: readonly OperationReply[]): ReadonlyMap<string, readonly Contained[]> {
  const found = replies.flatMap((reply) => z.array(row).safeParse(jsonOf(reply)).data ?? []);
  return new Map(found.map(({ device }) => [device, found.filter((one) => one.device === device)]));
}

/** The top-level nodes without what is in place exactly as it was put there, and what that is. */
export function withoutContained(
  running: readonly XmlNode[],
  contained: readonly Contained[],
): { readonly nodes: readonly XmlNode[]; readonly inPlace: readonly Contained[] } {
  let nodes = running;
  const inPlace: Contained[] = [];
  for (const one of contained) {
    const left = takeOut(nodes, one);
    if (left === undefined) continue;
    nodes = left;
    inPlace.push(one);
  }
  return { nodes, inPlace };
}

/** Undefined when it is not, or not all, in place. */
function takeOut(
  nodes: readonly XmlNode[],
  { measure, entry, lists, ownList }: Contained,
): readonly XmlNode[] | undefined {
  let taken = 0;
  if (measure.kind === 'disable-account') {
    const left = inside(nodes, 'accounts', (account) => {
      if (childText(account, 'name') !== measure.account) return account;
      const others = account.children.filter(({ name, text }) => name !== 'disabled' || text.trim() !== 'true');
      taken += account.children.length - others.length;
      return { ...account, children: others };
    });
    return taken === 1 ? left : undefined;
  }
  const { source, destination, destinationPort } = measure;
  const wanted = [
    ...[`name ${entry}`, 'action deny', 'protocol any'],
    ...(source === undefined ? [] : [`source ${source}`]),
    ...(destination === undefined ? [] : [`destination ${destination}`]),
    ...(destinationPort === undefined ? [] : [`destination-port ${destinationPort}`]),
  ].sort();
  const isOurs = (node: XmlNode): boolean =>
    node.name === 'entry' && sameTexts(node.children.map(({ name, text }) => `${name} ${text.trim()}`).sort(), wanted);
  let emptied = false;
  const left = inside(nodes, 'access-lists', (list) => {
    const name = childText(list, 'name') ?? '';
    if (!lists.includes(name)) return list;
    const others = list.children.filter((node) => !isOurs(node));
    taken += list.children.length - others.length;
    if (name !== ownList || others.some((node) => node.name === 'entry')) return { ...list, children: others };
    emptied = true;
    return undefined;
  });
  if (taken !== lists.length) return undefined;
  if (!emptied) return left;
  return inside(left, 'interfaces', (port) => ({
    ...port,
    children: port.children.filter(({ name, text }) => name !== 'access-list-in' || text.trim() !== ownList),
  }));
}

/** Changes or drops the entries of one top-level container. */
const inside = (
  nodes: readonly XmlNode[],
  container: string,
  change: (entry: XmlNode) => XmlNode | undefined,
): readonly XmlNode[] =>
  nodes.map((node) =>
    node.name === container ? { ...node, children: node.children.flatMap((one) => change(one) ?? []) } : node,
  );

const sameTexts = (a: readonly string[], b: readonly string[]): boolean =>
  a.length === b.length && a.every((text, at) => text === b[at]);
