/**
 * The values of the Cedar language as this broker holds them, and when two of them are equal.
 * Source: https://docs.cedarpolicy.com/policies/syntax-datatypes.html
 */
import type { IpAddress } from './ip-address.ts';
import type { DateTime, Decimal, Duration } from './scalars.ts';

/** `bigint` is only used outside ±(2^53 − 1), so that one number has one representation and `===` compares. */
export type Value =
  | boolean
  | string
  | number
  | bigint
  | Entity
  | SetValue
  | RecordValue
  | IpAddress
  | Decimal
  | DateTime
  | Duration;

/** An evaluation that has no value: a type, an attribute, an entity or a number is not as the policy needs it. */
export class EvaluationError extends Error {
  override readonly name = 'EvaluationError';
}

/** A reference to an entity; what is known of it is in the request's entities. */
export class Entity {
  readonly key: string;
  readonly type: string;
  readonly id: string;
  constructor(type: string, id: string) {
    this.type = type;
    this.id = id;
    this.key = entityKey(type, id);
  }
}

/** A type has no `"`, so this names one entity only. */
export const entityKey = (type: string, id: string): string => `${type}"${id}`;

export class RecordValue {
  readonly #slots: ReadonlyMap<string, number>;
  readonly #values: readonly (Value | undefined)[];
  /** `slots` says where each name has its value, and is shared by all records of a type: a map each would be most of the reading. */
  constructor(slots: ReadonlyMap<string, number>, values: readonly (Value | undefined)[]) {
    this.#slots = slots;
    this.#values = values;
  }

  static of(fields: readonly (readonly [name: string, value: Value])[]): RecordValue {
    const last = new Map(fields); // of a name that occurs twice the last one counts
    return new RecordValue(new Map([...last.keys()].map((name, at) => [name, at])), [...last.values()]);
  }

  get(name: string): Value | undefined {
    const at = this.#slots.get(name);
    return at === undefined ? undefined : this.#values[at];
  }

  entries(): readonly (readonly [name: string, value: Value])[] {
    return [...this.#slots].flatMap(([name, at]) => {
      const value = this.#values[at];
      return value === undefined ? [] : [[name, value] as const];
    });
  }
}

/** Below this many members comparing one by one is faster than building an index. */
const FEW = 8;

export class SetValue {
  readonly items: readonly Value[];
  #keys: Set<string> | undefined;
  constructor(items: readonly Value[]) {
    this.items = items;
  }

  has(value: Value): boolean {
    if (this.items.length <= FEW && typeof value !== 'object') return this.items.includes(value);
    this.#keys ??= new Set(this.items.map(keyOf));
    return this.#keys.has(keyOf(value));
  }
}

/** Whether two values are the same; values of different types are not, which is no error. */
export function equals(a: Value, b: Value): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object') return false;
  return a instanceof Entity && b instanceof Entity ? a.key === b.key : keyOf(a) === keyOf(b);
}

/** A text that two values share exactly when they are equal: members of sets and names of records are sorted. */
export function keyOf(value: Value): string {
  switch (typeof value) {
    case 'boolean':
      return value ? 't' : 'f';
    case 'string':
      return `s${JSON.stringify(value)}`;
    case 'number':
    case 'bigint':
      return `n${value}`;
    default:
  }
  if (value instanceof Entity) return `e${JSON.stringify([value.type, value.id])}`;
  if (value instanceof SetValue) return `[${[...new Set(value.items.map(keyOf))].sort().join()}]`;
  if (value instanceof RecordValue) {
    const fields = value.entries().map(([name, field]) => `${JSON.stringify(name)}:${keyOf(field)}`);
    return `{${fields.sort().join()}}`;
  }
  return value.key;
}

/** What a value is called in an error message. */
export function typeOf(value: Value): string {
  if (typeof value === 'number' || typeof value === 'bigint') return 'long';
  if (typeof value !== 'object') return typeof value === 'boolean' ? 'bool' : 'string';
  if (value instanceof Entity) return `entity of type ${value.type}`;
  if (value instanceof SetValue) return 'set';
  return value instanceof RecordValue ? 'record' : value.kind;
}

const wrong = (wanted: string, value: Value): never => {
  throw new EvaluationError(`a ${wanted} is needed, not a ${typeOf(value)}`);
};

export const asBoolean = (value: Value): boolean => (typeof value === 'boolean' ? value : wrong('bool', value));
export const asString = (value: Value): string => (typeof value === 'string' ? value : wrong('string', value));
export const asSet = (value: Value): SetValue => (value instanceof SetValue ? value : wrong('set', value));
export const asEntity = (value: Value): Entity => (value instanceof Entity ? value : wrong('entity', value));
export const asLong = (value: Value): number | bigint =>
  typeof value === 'number' || typeof value === 'bigint' ? value : wrong('long', value);
