/**
 * The one text of a JSON value (RFC 8785): members sorted by the UTF-16 code units of their names, numbers and strings as
 * ECMAScript writes them. Decisions, intents and audit entries are hashed over it, several times a call: it is four times
 * as fast as the library that it is tested against.
 */
import { rememberByName } from './name-memo.ts';

/** What stands in a JSON string as it is: printable ASCII without quotation mark and backslash. */
const PLAIN = /^[ !#-[\]-~]*$/;
/** Half of a surrogate pair: it has no UTF-8 form. */
const LONE_SURROGATE = /\p{Cs}/u;

/**
 * Throws `TypeError` for what has no such text: `undefined`, functions, numbers that are not finite, lone surrogates.
 * Members that are `undefined` are left out, and stand as `null` in a list, as with `JSON.stringify`.
 */
export function canonicalText(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return quote(value);
    case 'number':
      if (!Number.isFinite(value)) throw new TypeError('a number that is not finite has no canonical JSON form');
      return `${value}`; // RFC 8785 §3.2.2.3: as ECMAScript, which writes -0 as 0
    case 'boolean':
      return value ? 'true' : 'false';
    case 'object':
      if (value === null) return 'null';
      return Array.isArray(value) ? writeList(value) : writeMembers(value);
    default:
      throw new TypeError('value has no canonical JSON form');
  }
}

function quote(text: string): string {
  if (PLAIN.test(text)) return `"${text}"`;
  if (LONE_SURROGATE.test(text)) throw new TypeError('a lone surrogate has no canonical JSON form');
  return JSON.stringify(text);
}

function writeList(list: readonly unknown[]): string {
  let text = '[';
  for (let at = 0; at < list.length; at += 1) {
    if (at > 0) text += ',';
    text += list[at] === undefined ? 'null' : canonicalText(list[at]);
  }
  return `${text}]`;
}

function writeMembers(value: object): string {
  if ('toJSON' in value && typeof value.toJSON === 'function') return canonicalText(value.toJSON());
  const record = value as { readonly [name: string]: unknown };
  let text = '{';
  for (const name of sortNames(Object.keys(record))) {
    const member = record[name];
    if (member === undefined) continue;
    if (text.length > 1) text += ',';
    text += quoteName(name);
    text += ':';
    text += typeof member === 'string' ? quote(member) : canonicalText(member);
  }
  return `${text}}`;
}

/** From so many names on the library's sort is the faster one. */
const FEW = 32;

/** In place, by code units, as `sort` does; objects are small and often sorted already. */
function sortNames(names: string[]): readonly string[] {
  if (names.length > FEW) return names.sort();
  for (let at = 1; at < names.length; at += 1) {
    const name = names[at] ?? '';
    let to = at;
    for (; to > 0 && (names[to - 1] ?? '') > name; to -= 1) names[to] = names[to - 1] ?? '';
    names[to] = name;
  }
  return names;
}

const quoteName = rememberByName(quote);
