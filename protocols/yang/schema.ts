/**
 * Describes YANG data nodes once, for both directions: the same description writes a value as XML and reads it back.
 *
 * Reading never throws. It reports what is wrong as RFC 6241 errors and leaves that part out; who wants a whole
 * configuration refuses when there is an error, who reads from an untrusted device keeps what is right.
 */
import { BASE_NS, type RpcErrorFields, type RpcErrorTag, rpcError } from '../netconf/messages.ts';
import { el, type XmlNode } from '../netconf/xml.ts';
import { type LeafType, oneOf } from './leaf-types.ts';

/** A data node of one parent: a leaf, a container, or all entries of a list. */
export interface Field<T = unknown, Optional extends boolean = boolean> {
  readonly ns: string;
  readonly name: string;
  readonly optional: Optional;
  /** Key leaves of a list, `[]` of a leaf-list, undefined of what is there once. */
  readonly keys: readonly string[] | undefined;
  /** Whether the order of entries means something (RFC 7950 §7.7.7). */
  readonly userOrdered: boolean;
  /** Value when no element is there: no entries of a list; undefined of what would be missing. */
  readonly absent: T | undefined;
  /** Data nodes inside. */
  readonly inner: readonly Field[];
  write(value: T): readonly XmlNode[];
  /** @param nodes all elements of this name; `undefined` when there is no right value among them */
  read(nodes: readonly XmlNode[], path: string, problems: Problems): T | undefined;
}

type Shape = { readonly [key: string]: Field };
type OptionalKeys<S extends Shape> = { [K in keyof S]: S[K]['optional'] extends true ? K : never }[keyof S];
type ValueOf<F> = F extends { write(value: infer T): unknown } ? T : never;
/** The object that a group of fields stands for. */
export type GroupOf<S extends Shape> = { readonly [K in Exclude<keyof S, OptionalKeys<S>>]: ValueOf<S[K]> } & {
  readonly [K in OptionalKeys<S>]?: ValueOf<S[K]>;
};

/** Errors found while reading; no more than a reader can use. */
export interface Problems {
  readonly list: RpcErrorFields[];
}

const MAX_PROBLEMS = 20;

export function report(
  problems: Problems,
  tag: RpcErrorTag,
  message: string,
  path: string,
  info: readonly XmlNode[] = [],
): undefined {
  if (problems.list.length < MAX_PROBLEMS)
    problems.list.push(rpcError(tag, message, { type: 'application', path, ...(info.length > 0 && { info }) }));
  return undefined;
}

const badElement = (name: string): readonly XmlNode[] => [el(BASE_NS, 'bad-element', name)];

/** Builders of fields whose elements are in one namespace. */
export function inNamespace(ns: string) {
  const once = (name: string, nodes: readonly XmlNode[], path: string, problems: Problems): XmlNode | undefined => {
    if (nodes.length > 1) return report(problems, 'bad-element', 'there twice', `${path}/${name}`, badElement(name));
    return nodes[0];
  };

  const leaf = <T>(name: string, type: LeafType<T>): Field<T, false> => ({
    ns,
    name,
    optional: false,
    keys: undefined,
    userOrdered: false,
    absent: undefined,
    inner: [],
    write: (value) => [el(ns, name, type.print(value))],
    read: (nodes, path, problems) => {
      const node = once(name, nodes, path, problems);
      return node === undefined ? undefined : readLeaf(node, type, `${path}/${name}`, problems);
    },
  });

  /** A leaf of type identityref; the value is the identity's name (RFC 7950 §9.10.3). */
  const identityLeaf = <const Names extends readonly string[]>(
    name: string,
    base: { readonly ns: string; readonly prefix: string },
    ...names: Names
  ): Field<Names[number], false> => ({
    ...leaf(name, oneOf(...names)),
    write: (value) => [el(ns, name, `${base.prefix}:${value}`, { [`xmlns:${base.prefix}`]: base.ns })],
    read: (nodes, path, problems) => {
      const node = once(name, nodes, path, problems);
      const [prefix = '', identity] = node?.text.trim().split(':') ?? [];
      const found = node?.attrs[`xmlns:${prefix}`] === base.ns ? names.find((each) => each === identity) : undefined;
      return found ?? (node && report(problems, 'invalid-value', 'not an identity known here', `${path}/${name}`));
    },
  });

  const leafList = <T>(name: string, type: LeafType<T>, userOrdered = false): Field<readonly T[], false> => ({
    ns,
    name,
    optional: false,
    keys: [],
    userOrdered,
    absent: [],
    inner: [],
    write: (values) => values.map((value) => el(ns, name, type.print(value))),
    read: (nodes, path, problems) => {
      refuseTwins(
        nodes.map((node) => node.text.trim()),
        name,
        path,
        problems,
      );
      return nodes.flatMap((node) => readLeaf(node, type, `${path}/${name}`, problems) ?? []);
    },
  });

  const container = <S extends Shape>(name: string, shape: S): Field<GroupOf<S>, false> => ({
    ns,
    name,
    optional: false,
    keys: undefined,
    userOrdered: false,
    absent: undefined,
    inner: Object.values(shape),
    write: (value) => [el(ns, name, writeGroup(shape, value))],
    read: (nodes, path, problems) => {
      const node = once(name, nodes, path, problems);
      return node && readGroup(shape, node, `${path}/${name}`, problems);
    },
  });

  const list = <S extends Shape>(
    name: string,
    keys: readonly string[],
    shape: S,
    userOrdered = false,
  ): Field<readonly GroupOf<S>[], false> => ({
    ns,
    name,
    optional: false,
    keys,
    userOrdered,
    absent: [],
    inner: Object.values(shape),
    write: (values) => values.map((value) => el(ns, name, writeGroup(shape, value))),
    read: (nodes, path, problems) => {
      const idOf = (node: XmlNode): readonly string[] =>
        keys.map((key) => node.children.find((each) => each.name === key)?.text.trim() ?? '');
      refuseTwins(
        nodes.map((node) => JSON.stringify(idOf(node))),
        name,
        path,
        problems,
      );
      return nodes.flatMap((node) => {
        const predicates = keys.map((key, index) => `[${key}='${idOf(node)[index]}']`).join('');
        return readGroup(shape, node, `${path}/${name}${predicates}`, problems) ?? [];
      });
    },
  });

  /** A list of state whose entries have no key (RFC 7950 §7.8.2): entries may be equal. */
  const keyless = <S extends Shape>(name: string, shape: S): Field<readonly GroupOf<S>[], false> => ({
    ...list(name, [], shape),
    keys: undefined,
    read: (nodes, path, problems) => nodes.flatMap((node) => readGroup(shape, node, `${path}/${name}`, problems) ?? []),
  });

  /** A container that is there for its one child only. */
  const wrapper = <T, O extends boolean>(name: string, only: Field<T, O>): Field<T, O> => ({
    ...only,
    ns,
    name,
    keys: undefined,
    userOrdered: false,
    inner: [only],
    write: (value) => [el(ns, name, only.write(value))],
    read: (found, path, problems) => {
      const node = once(name, found, path, problems);
      if (node === undefined) return undefined;
      for (const each of node.children)
        if (each.name !== only.name || each.ns !== only.ns) refuseUnknown(each, `${path}/${name}`, problems);
      const nodes = node.children.filter((each) => each.name === only.name && each.ns === only.ns);
      if (nodes.length > 0) return only.read(nodes, `${path}/${name}`, problems);
      return (
        only.absent ??
        report(problems, 'missing-element', 'is mandatory', `${path}/${name}/${only.name}`, badElement(only.name))
      );
    },
  });

  return { leaf, identityLeaf, leafList, container, list, keyless, wrapper };
}

/** May be absent. */
export function optional<T>(field: Field<T>): Field<T, true> {
  return { ...field, optional: true, absent: undefined };
}

/** A list of at most one entry, as that entry. */
export function single<T>(field: Field<readonly T[]>): Field<T, false> {
  return {
    ...field,
    optional: false,
    absent: undefined,
    write: (value) => field.write([value]),
    read: (nodes, path, problems) => {
      if (nodes.length > 1)
        return report(problems, 'bad-element', 'one entry only', `${path}/${field.name}`, badElement(field.name));
      return field.read(nodes, path, problems)?.[0];
    },
  };
}

function readLeaf<T>(node: XmlNode, type: LeafType<T>, path: string, problems: Problems): T | undefined {
  const value = node.children.length > 0 ? undefined : type.parse(node.text);
  return value === undefined ? report(problems, 'invalid-value', 'not a value of its type', path) : value;
}

function refuseUnknown({ name }: XmlNode, path: string, problems: Problems): void {
  report(problems, 'unknown-element', 'not known here', `${path}/${name}`, badElement(name));
}

function refuseTwins(ids: readonly string[], name: string, path: string, problems: Problems): void {
  if (new Set(ids).size < ids.length)
    report(problems, 'bad-element', 'an entry is there twice', `${path}/${name}`, badElement(name));
}

/** Children of an element for a value; what is undefined is left out. */
export function writeGroup<S extends Shape>(shape: S, value: GroupOf<S>): readonly XmlNode[] {
  // The type of `shape` and the type of `value` are one and the same; TypeScript cannot follow it through the entries.
  const values = value as { readonly [key: string]: unknown };
  return Object.entries(shape).flatMap(([key, field]: [string, Field]) =>
    values[key] === undefined ? [] : field.write(values[key]),
  );
}

/** Reads the children of an element; undefined when something mandatory is missing or wrong. */
export function readGroup<S extends Shape>(
  shape: S,
  parent: Pick<XmlNode, 'children'>,
  path: string,
  problems: Problems,
): GroupOf<S> | undefined {
  const fields: readonly (readonly [string, Field])[] = Object.entries(shape);
  const found = new Map<Field, XmlNode[]>();
  for (const node of parent.children) {
    const field = fields.find(([, each]) => each.name === node.name && each.ns === node.ns)?.[1];
    if (field !== undefined) found.set(field, [...(found.get(field) ?? []), node]);
    else refuseUnknown(node, path, problems);
  }
  const value: { [key: string]: unknown } = {};
  let whole = true;
  for (const [key, field] of fields) {
    const nodes = found.get(field) ?? [];
    const read = nodes.length === 0 ? field.absent : field.read(nodes, path, problems);
    if (read !== undefined) value[key] = read;
    else if (!field.optional) {
      whole = false;
      if (nodes.length === 0)
        report(problems, 'missing-element', 'is mandatory', `${path}/${field.name}`, badElement(field.name));
    }
  }
  return whole ? (value as GroupOf<S>) : undefined;
}
