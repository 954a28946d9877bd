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
  | RecordType
  | { readonly kind: 'Entity'; readonly type: string; readonly ids?: ReadonlySet<string> | undefined }
  | { readonly kind: 'Extension'; readonly name: string };

export interface RecordType {
  readonly kind: 'Record';
  readonly fields: readonly { readonly name: string; readonly required: boolean; readonly type: ValueType }[];
  /** Name → place among the fields. */
  readonly slots: ReadonlyMap<string, number>;
}

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
  if (Array.isArray(json)) return readSet(json, readValue);
  if (!isObject(json)) return refuse('a value is missing');
  if ('__entity' in json) return readEntity(json) ?? refuse('an entity has no type and id');
  if ('__extn' in json) return readExtension(json['__extn']);
  return RecordValue.of(Object.entries(json).map(([name, field]) => [readText(name), readValue(field)] as const));
}

/** A hole in the list is a value that is missing, which `map` would pass over. */
function readSet(list: readonly unknown[], read: (item: unknown) => Value): SetValue {
  if (list.length === 0) return EMPTY;
  const items: Value[] = [];
  for (let at = 0; at < list.length; at += 1) items.push(read(list[at]));
  return new SetValue(items);
}
const EMPTY = new SetValue([]);

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
  return entityOf(inner['type'], inner['id']);
}

/** Entities that were read before, by type and id: most requests name the same ones, and a new key is hashed anew. */
const met = new Map<string, Map<string, Entity>>();
const MET = { types: 64, ids: 4_096, length: 200 } as const;

function entityOf(type: string, id: string): Entity {
  const ofType = met.get(type);
  const known = ofType?.get(id);
  if (known !== undefined) return known;
  const entity = new Entity(readText(type), readText(id));
  if (ofType === undefined) {
    if (met.size < MET.types) met.set(type, new Map());
  } else if (ofType.size < MET.ids && entity.key.length <= MET.length) ofType.set(id, entity);
  return entity;
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
      return Array.isArray(json) ? readSet(json, (item) => readTyped(item, type.element)) : refuse('a set is expected');
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
      return readRecord(json, type);
  }
}

function readRecord(json: unknown, { fields, slots }: RecordType): RecordValue {
  if (!isObject(json)) return refuse('a record is expected');
  const values = Array<Value | undefined>(fields.length).fill(undefined);
  let read = 0;
  for (const name of Object.keys(json)) {
    const given = json[name];
    if (given === undefined) continue;
    const at = slots.get(name) ?? -1;
    const field = fields[at] ?? refuse(`there is no attribute ${JSON.stringify(name.slice(0, 40))}`);
    values[at] = readTyped(given, field.type);
    read += 1;
  }
  if (read < fields.length) {
    for (const [at, { name, required }] of fields.entries())
      if (required && values[at] === undefined) refuse(`${name} is missing`);
  }
  return new RecordValue(slots, values);
}
