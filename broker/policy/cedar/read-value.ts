/**
 * Reads Cedar's JSON form of values, with or without a type that says what is expected.
 * Source: https://docs.cedarpolicy.com/auth/entities-syntax.html
 */
import { EXTENSIONS } from './extensions.ts';
import { Entity, EvaluationError, RecordValue, SetValue, type Value } from './value.ts';

/** The type of a value, as a schema gives it. Records are closed unless they are `open`. */
export type ValueType =
  | { readonly kind: 'String' | 'Long' | 'Boolean' }
  | { readonly kind: 'Set'; readonly element: ValueType }
  | { readonly kind: 'Record'; readonly fields: ReadonlyMap<string, ValueType & { readonly required: boolean }> }
  | { readonly kind: 'Entity'; readonly type: string; readonly ids?: ReadonlySet<string> | undefined }
  | { readonly kind: 'Extension'; readonly name: string };

const refuse = (why: string): never => {
  throw new EvaluationError(why);
};

const isObject = (json: unknown): json is { readonly [name: string]: unknown } =>
  typeof json === 'object' && json !== null && !Array.isArray(json);

/** A value without a type: entities and extension values are marked as such. @throws EvaluationError */
export function readValue(json: unknown): Value {
  if (typeof json === 'boolean') return json;
  if (typeof json === 'string') return readText(json);
  if (typeof json === 'number') return readLong(json);
  if (Array.isArray(json)) return new SetValue(Array.from(json, (item: unknown) => readValue(item)));
  if (!isObject(json)) return refuse('a value is missing');
  if ('__entity' in json) return readEntity(json) ?? refuse('an entity has no type and id');
  if ('__extn' in json) return readExtension(json['__extn']);
  return new RecordValue(new Map(Object.entries(json).map(([name, field]) => [readText(name), readValue(field)])));
}

/** A lone surrogate is no character: Cedar cannot hold it, so nothing is decided on it. */
const readText = (text: string): string => (isWellFormed(text) ? text : refuse('a text is not well-formed Unicode'));
/** The pattern is only run on a text that has code units of the surrogate range at all. */
const isWellFormed = (text: string): boolean => !/[\ud800-\udfff]/.test(text) || !/\p{Surrogate}/u.test(text);

/** JSON numbers are exact up to 2^53 − 1 only. */
const readLong = (value: number): number =>
  Number.isSafeInteger(value) ? value + 0 : refuse(`${value} is not an integer that is known exactly`);

/** `{type, id}`, also within `{__entity}`. */
export function readEntity(json: unknown): Entity | undefined {
  const inner = isObject(json) && '__entity' in json ? json['__entity'] : json;
  if (!isObject(inner) || typeof inner['type'] !== 'string' || typeof inner['id'] !== 'string') return undefined;
  return new Entity(readText(inner['type']), readText(inner['id']));
}

function readExtension(json: unknown): Value {
  const { fn, arg, args = [arg] } = isObject(json) ? json : {};
  const known = typeof fn === 'string' && Object.hasOwn(EXTENSIONS, fn) ? EXTENSIONS[fn] : undefined;
  if (known === undefined || !Array.isArray(args) || args.length !== known[0])
    return refuse('an extension value is not known');
  const [first, second] = args.map(readValue);
  return known[1](first ?? false, second ?? false);
}

const CONSTRUCTORS: { readonly [type: string]: string } = { ipaddr: 'ip' };

/** A value of the expected type; the marks of entities and extension values may be left out. @throws EvaluationError */
export function readTyped(json: unknown, type: ValueType): Value {
  switch (type.kind) {
    case 'String':
      return typeof json === 'string' ? readText(json) : refuse('a string is expected');
    case 'Long':
      return typeof json === 'number' ? readLong(json) : refuse('a long is expected');
    case 'Boolean':
      return typeof json === 'boolean' ? json : refuse('a boolean is expected');
    case 'Set':
      return Array.isArray(json)
        ? new SetValue(Array.from(json, (item) => readTyped(item, type.element)))
        : refuse('a set is expected');
    case 'Entity': {
      const entity = readEntity(json);
      if (entity?.type !== type.type) return refuse(`an entity of type ${type.type} is expected`);
      return type.ids === undefined || type.ids.has(entity.id) ? entity : refuse(`there is no such ${type.type}`);
    }
    case 'Extension': {
      const name = CONSTRUCTORS[type.name] ?? type.name;
      const value = isObject(json)
        ? readValue('fn' in json ? { __extn: json } : json)
        : readExtension({ fn: name, arg: json });
      return typeof value === 'object' && 'kind' in value && value.kind === type.name
        ? value
        : refuse(`a ${type.name} is expected`);
    }
    case 'Record':
      return readRecord(json, type.fields);
  }
}

function readRecord(json: unknown, fields: Extract<ValueType, { kind: 'Record' }>['fields']): RecordValue {
  if (!isObject(json) || '__entity' in json || '__extn' in json) return refuse('a record is expected');
  const read = new Map<string, Value>();
  for (const name of Object.keys(json)) {
    if (json[name] === undefined) continue;
    const type = fields.get(name) ?? refuse(`there is no attribute ${JSON.stringify(name.slice(0, 40))}`);
    read.set(name, readTyped(json[name], type));
  }
  if (read.size < fields.size) {
    for (const [name, { required }] of fields) if (required && !read.has(name)) refuse(`${name} is missing`);
  }
  return read.size === 0 ? EMPTY : new RecordValue(read);
}
const EMPTY = new RecordValue(new Map());
