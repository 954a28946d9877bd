/**
 * JSON Schema (2020-12) as far as the schemas of other people's tools are believed: a fixed set of keywords, interpreted.
 *
 * Validators that compile trust a schema like code of their own, and evaluate its regular expressions; these schemas are
 * written by strangers. So nothing is compiled or fetched: a schema with a keyword that would change what is valid and that
 * is not understood here is refused as a whole, and a `pattern` is never run (whose value it would narrow is data anyway).
 */
import type { Json } from '../contract.ts';

type Schema = { readonly [keyword: string]: Json };

/** They say something about values without deciding about them, or decide by somebody else's regular expression. */
const SILENT = new Set(
  '$schema $id $comment $defs definitions title description default examples deprecated readOnly writeOnly format pattern contentMediaType contentEncoding'.split(
    ' ',
  ),
);
const UNDERSTOOD = new Set(
  '$ref type enum const properties required additionalProperties items minItems maxItems minLength maxLength minimum maximum exclusiveMinimum exclusiveMaximum multipleOf uniqueItems anyOf oneOf allOf not minProperties maxProperties propertyNames prefixItems'.split(
    ' ',
  ),
);
const TYPES = ['string', 'number', 'integer', 'boolean', 'null', 'array', 'object'];
/** Most schema nodes of one definition, how deep they lie, and steps of one validation: a small schema can ask for endless work. */
const MAX_NODES = 2000;
const MAX_DEPTH = 24;
const MAX_STEPS = 200_000;
const MAX_CHECK_DEPTH = 200;
const TOO_LONG = 'to check it takes too long';

/** Code points (JSON Schema 2020-12, validation §6.3). */
const countLetters = (value: string): number => Array.from(value).length;

const isObject = (value: Json | undefined): value is Schema =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isList = (value: Json | undefined): value is readonly Json[] => Array.isArray(value);

/** Why a schema is not used; undefined when every part of it is understood. */
export function whyUnusable(schema: Json): string | undefined {
  let nodes = 0;
  const look = (node: Json, where: string, depth: number): string | undefined => {
    if (typeof node === 'boolean') return undefined;
    if (!isObject(node)) return `${where} is no schema`;
    nodes += 1;
    if (nodes > MAX_NODES || depth > MAX_DEPTH) return 'the schema is too large or too deep';
    const strange = Object.keys(node).find((keyword) => !SILENT.has(keyword) && !UNDERSTOOD.has(keyword));
    if (strange !== undefined) return `${where} has the keyword ${strange}, which is not understood here`;
    const ref = node['$ref'];
    // Only what the schema brings itself: a reference to elsewhere is neither fetched nor skipped.
    if (ref !== undefined && (typeof ref !== 'string' || resolve(schema, ref) === undefined))
      return `${where} refers to something outside itself`;
    const types = isList(node['type']) ? node['type'] : [node['type'] ?? 'object'];
    if (!types.every((type) => typeof type === 'string' && TYPES.includes(type))) return `${where} has a strange type`;
    for (const [keyword, child, name] of childrenOf(node)) {
      const why = look(child, `${where}/${keyword}${name}`, depth + 1);
      if (why !== undefined) return why;
    }
    return undefined;
  };
  return look(schema, '#', 0);
}

function* childrenOf(node: Schema): Iterable<readonly [string, Json, string]> {
  for (const keyword of ['properties', '$defs', 'definitions']) {
    const named = node[keyword];
    if (named === undefined) continue;
    if (!isObject(named)) yield [keyword, null, ''];
    else for (const [name, child] of Object.entries(named)) yield [keyword, child, `/${name}`];
  }
  for (const keyword of ['anyOf', 'oneOf', 'allOf', 'prefixItems']) {
    const list = node[keyword];
    if (list === undefined) continue;
    if (!isList(list)) yield [keyword, null, ''];
    else for (const [at, child] of list.entries()) yield [keyword, child, `/${at}`];
  }
  for (const keyword of ['additionalProperties', 'items', 'not', 'propertyNames'])
    if (node[keyword] !== undefined) yield [keyword, node[keyword] ?? null, ''];
}

/** The node that `#/a/b` names (RFC 6901); undefined for anything else. */
function resolve(root: Json, ref: string): Json | undefined {
  if (ref !== '#' && !ref.startsWith('#/')) return undefined;
  let node: Json | undefined = root;
  for (const part of ref.split('/').slice(1)) {
    const key = part.replaceAll('~1', '/').replaceAll('~0', '~');
    if (isList(node)) node = node[Number(key)];
    else node = isObject(node) && Object.hasOwn(node, key) ? node[key] : undefined;
  }
  return isObject(node) || typeof node === 'boolean' ? node : undefined;
}

/** Where `value` does not fit, as a sentence; undefined when it does. `schema` must have passed `whyUnusable`. */
export function findMismatch(schema: Json, value: Json): string | undefined {
  let steps = 0;
  let depth = 0;
  let overrun = false;
  const check = (node: Json | undefined, one: Json, where: string): string | undefined => {
    steps += 1;
    // A reference to itself has no end, and neither has a value that is not there.
    overrun ||= steps > MAX_STEPS || depth > MAX_CHECK_DEPTH;
    if (overrun) return TOO_LONG;
    if (typeof node === 'boolean') return node ? undefined : `${where} is not expected`;
    if (!isObject(node)) return undefined;
    depth += 1;
    try {
      return first(Object.entries(node), ([keyword, rule]) => apply(keyword, rule, one, where, node));
    } finally {
      depth -= 1;
    }
  };
  const isOneOf = (list: readonly Json[], one: Json): boolean => {
    steps += list.length;
    return steps <= MAX_STEPS && list.some((each) => equal(each, one));
  };
  const fits = (node: Json, one: Json): boolean => check(node, one, '') === undefined;

  function apply(keyword: string, rule: Json, one: Json, where: string, node: Schema): string | undefined {
    const say = (holds: boolean, what: string): string | undefined => (holds ? undefined : `${where || 'it'} ${what}`);
    switch (keyword) {
      case '$ref':
        return check(typeof rule === 'string' ? resolve(schema, rule) : undefined, one, where);
      case 'type':
        return say(
          (isList(rule) ? rule : [rule]).some((type) => isOfType(one, type)),
          `is not ${JSON.stringify(rule)}`,
        );
      case 'enum':
        return say(isList(rule) && isOneOf(rule, one), 'is none of what it may be');
      case 'const':
        return say(equal(rule, one), 'is not what it must be');
      case 'allOf':
        return isList(rule) ? first(rule, (each) => check(each, one, where)) : undefined;
      case 'anyOf':
        return say(isList(rule) && rule.some((each) => fits(each, one)), 'fits nowhere');
      case 'oneOf':
        return say(isList(rule) && rule.filter((each) => fits(each, one)).length === 1, 'does not fit just once');
      case 'not':
        return say(!fits(rule, one), 'is what it must not be');
      default:
    }
    if (typeof one === 'number') return say(numberHolds(keyword, rule, one), `breaks ${keyword}`);
    if (typeof one === 'string')
      return say(lengthHolds(keyword, rule, countLetters(one), 'Length'), `breaks ${keyword}`);
    if (isList(one)) return inList(keyword, rule, one, where, node);
    return isObject(one) ? inObject(keyword, rule, one, where, node) : undefined;
  }

  function inList(keyword: string, rule: Json, list: readonly Json[], where: string, node: Schema): string | undefined {
    if (keyword === 'prefixItems' && isList(rule))
      return first(rule.slice(0, list.length), (each, at) => check(each, list[at] ?? null, `${where}/${at}`));
    const begun = isList(node['prefixItems']) ? node['prefixItems'].length : 0;
    if (keyword === 'items') return first(list.slice(begun), (each, at) => check(rule, each, `${where}/${begun + at}`));
    if (keyword === 'uniqueItems' && rule === true)
      return new Set(list.map(text)).size === list.length ? undefined : `${where} repeats itself`;
    return lengthHolds(keyword, rule, list.length, 'Items') ? undefined : `${where} breaks ${keyword}`;
  }

  function inObject(keyword: string, rule: Json, object: Schema, where: string, node: Schema): string | undefined {
    const names = Object.keys(object);
    const at = (name: string): string => `${where}/${name.slice(0, 60)}`;
    if (keyword === 'required' && isList(rule))
      return first(rule, (name) =>
        typeof name !== 'string' || Object.hasOwn(object, name) ? undefined : `${at(name)} is missing`,
      );
    if (keyword === 'properties' && isObject(rule))
      return first(names, (name) =>
        Object.hasOwn(rule, name) ? check(rule[name], object[name] ?? null, at(name)) : undefined,
      );
    if (keyword === 'additionalProperties') {
      const known = isObject(node['properties']) ? node['properties'] : {};
      return first(names, (name) =>
        Object.hasOwn(known, name) ? undefined : check(rule, object[name] ?? null, at(name)),
      );
    }
    if (keyword === 'propertyNames') return first(names, (name) => check(rule, name, at(name)));
    return lengthHolds(keyword, rule, names.length, 'Properties') ? undefined : `${where} breaks ${keyword}`;
  }

  const mismatch = check(schema, value, '');
  // Inside a `not`, what could not be checked would count as checked.
  return mismatch ?? (overrun || steps > MAX_STEPS ? TOO_LONG : undefined);
}

function first<T>(list: readonly T[], look: (one: T, at: number) => string | undefined): string | undefined {
  for (const [at, one] of list.entries()) {
    const why = look(one, at);
    if (why !== undefined) return why;
  }
  return undefined;
}

function isOfType(value: Json, type: Json): boolean {
  if (type === 'null') return value === null;
  if (type === 'array') return isList(value);
  if (type === 'object') return isObject(value);
  if (type === 'integer') return Number.isInteger(value);
  return typeof value === type;
}

function numberHolds(keyword: string, rule: Json, value: number): boolean {
  if (typeof rule !== 'number') return true;
  if (keyword === 'minimum') return value >= rule;
  if (keyword === 'maximum') return value <= rule;
  if (keyword === 'exclusiveMinimum') return value > rule;
  if (keyword === 'exclusiveMaximum') return value < rule;
  return keyword !== 'multipleOf' || Number.isInteger(value / rule);
}

function lengthHolds(keyword: string, rule: Json, length: number, of: string): boolean {
  if (typeof rule !== 'number') return true;
  return keyword === `min${of}` ? length >= rule : keyword !== `max${of}` || length <= rule;
}

/** The same for the same value, whatever the order of its keys. */
const text = (value: Json): string =>
  JSON.stringify(value, (_, one: Json) =>
    isObject(one) ? Object.fromEntries(Object.entries(one).toSorted(([a], [b]) => (a < b ? -1 : 1))) : one,
  );
const equal = (a: Json, b: Json): boolean => a === b || text(a) === text(b);
