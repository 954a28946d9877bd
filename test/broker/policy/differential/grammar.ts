/**
 * Writes random policies in Cedar's JSON form: every operator and function, mostly well typed, sometimes not. Names and
 * entities come from small pools, so that what a policy asks for often is, and often is not, in the request.
 */

import { DATETIMES, DECIMALS, DURATIONS, IPS, LONGS, STRINGS } from './edges.ts';
import type { Random } from './random.ts';

export type Est = { readonly [operator: string]: unknown };
export type Kind =
  | 'Bool'
  | 'Long'
  | 'String'
  | 'Entity'
  | 'Set'
  | 'Record'
  | 'Ip'
  | 'Decimal'
  | 'Datetime'
  | 'Duration';
const KINDS: readonly Kind[] = [
  'Bool',
  'Long',
  'String',
  'Entity',
  'Set',
  'Record',
  'Ip',
  'Decimal',
  'Datetime',
  'Duration',
];

export const TYPES = ['User', 'Group', 'App::Thing'] as const;
export const UIDS = [
  ...['a', 'b', 'c'].flatMap((id) => TYPES.map((type) => ({ type, id }))),
  { type: 'User', id: '' },
  { type: 'Unknown', id: 'a' },
];
export const ACTIONS = ['read', 'write', 'all', 'other'].map((id) => ({ type: 'Action', id }));
/** Attributes and tags by the kind of value that they have in most requests. */
export const NAMES: { readonly [kind in Kind]: readonly string[] } = {
  Bool: ['yes', 'b c'],
  Long: ['n', 'count'],
  String: ['s', '__proto__'],
  Entity: ['owner', 'in'],
  Set: ['list', 'tags'],
  Record: ['rec', 'constructor'],
  Ip: ['ip'],
  Decimal: ['dec'],
  Datetime: ['at'],
  Duration: ['span'],
};

const value = (json: unknown): Est => ({ Value: json });
export const entityValue = (random: Random): Est =>
  value({ __entity: random.pick(random.chance(0.15) ? ACTIONS : UIDS) });

function writeLeaf(kind: Kind, random: Random): Est {
  switch (kind) {
    case 'Bool':
      return value(random.chance(0.5));
    case 'Long':
      return value(random.pick(LONGS));
    case 'String':
      return value(random.pick(STRINGS));
    case 'Entity':
      return random.chance(0.5) ? { Var: random.pick(['principal', 'action', 'resource']) } : entityValue(random);
    case 'Set':
      return {
        Set: Array.from({ length: random.below(4) }, () =>
          writeLeaf(random.pick(['Long', 'String', 'Entity']), random),
        ),
      };
    case 'Record':
      return random.chance(0.5) ? { Var: 'context' } : { Record: { n: value(1), s: value('a') } };
    case 'Ip':
      return { ip: [value(random.pick(IPS))] };
    case 'Decimal':
      return { decimal: [value(random.pick(DECIMALS))] };
    case 'Datetime':
      return { datetime: [value(random.pick(DATETIMES))] };
    case 'Duration':
      return { duration: [value(random.pick(DURATIONS))] };
  }
}

/** An expression that mostly has the kind; `depth` is how many operators may still be nested. */
export function writeExpression(kind: Kind, depth: number, random: Random): Est {
  const wanted = random.chance(0.04) ? random.pick(KINDS) : kind;
  if (depth <= 0 || random.chance(0.15)) return writeLeaf(wanted, random);
  const write = (of: Kind): Est => writeExpression(of, depth - 1, random);
  if (random.chance(0.2)) return writeLookup(wanted, write, random);
  if (random.chance(0.08)) return writeChoice(write, wanted);
  if (wanted === 'Bool') return writeTest(write, random);
  if (wanted === 'Long') return writeNumber(write, random);
  if (wanted === 'Set') return { Set: Array.from({ length: random.below(4) }, () => write(random.pick(KINDS))) };
  if (wanted === 'Record')
    return { Record: Object.fromEntries(NAMES[random.pick(KINDS)].map((name) => [name, write(random.pick(KINDS))])) };
  if (wanted === 'Ip') return { ip: [write('String')] };
  if (wanted === 'Decimal') return { decimal: [write('String')] };
  if (wanted === 'Datetime')
    return random.pick([{ offset: [write('Datetime'), write('Duration')] }, { toDate: [write('Datetime')] }]);
  if (wanted === 'Duration')
    return random.pick([{ durationSince: [write('Datetime'), write('Datetime')] }, { toTime: [write('Datetime')] }]);
  return writeLeaf(wanted, random);
}

type Write = (kind: Kind) => Est;

/** By name: an object literal with `then` looks like a promise. */
const writeChoice = (write: Write, kind: Kind): Est => {
  const branches = ['if', 'then', 'else'].map((name) => [name, write(name === 'if' ? 'Bool' : kind)]);
  return { 'if-then-else': Object.fromEntries(branches) };
};

function writeLookup(kind: Kind, write: Write, random: Random): Est {
  const attr = random.pick(NAMES[kind]);
  if (random.chance(0.2)) return { getTag: { left: write('Entity'), right: value(attr) } };
  return { '.': { left: random.chance(0.6) ? { Var: 'context' } : write(random.pick(['Entity', 'Record'])), attr } };
}

function writeNumber(write: Write, random: Random): Est {
  if (random.chance(0.15)) return { neg: { arg: write('Long') } };
  if (random.chance(0.2)) {
    const method = random.pick(['toMilliseconds', 'toSeconds', 'toMinutes', 'toHours', 'toDays']);
    return { [method]: [write('Duration')] };
  }
  return { [random.pick(['+', '-', '*'])]: { left: write('Long'), right: write('Long') } };
}

const METHODS: readonly { readonly name: string; readonly kinds: readonly Kind[] }[] = [
  ...['isIpv4', 'isIpv6', 'isLoopback', 'isMulticast'].map((name) => ({ name, kinds: ['Ip'] as const })),
  { name: 'isInRange', kinds: ['Ip', 'Ip'] },
  ...['lessThan', 'lessThanOrEqual', 'greaterThan', 'greaterThanOrEqual'].map((name) => ({
    name,
    kinds: ['Decimal', 'Decimal'] as const,
  })),
];

const contextNumber = (random: Random): Est => ({ '.': { left: { Var: 'context' }, attr: random.pick(NAMES.Long) } });

function writeTest(write: Write, random: Random): Est {
  const same = random.pick(KINDS);
  const ordered = random.pick(['Long', 'Long', 'Datetime', 'Duration'] as const);
  switch (random.below(13)) {
    case 0:
      return { '!': { arg: write('Bool') } };
    case 1:
    case 2:
      return { [random.pick(['&&', '||'])]: { left: write('Bool'), right: write('Bool') } };
    case 3:
    case 4:
      return { [random.pick(['==', '!='])]: { left: write(same), right: write(same) } };
    case 5: {
      const operator = random.pick(['<', '<=', '>', '>=']);
      if (random.chance(0.5)) return { [operator]: { left: contextNumber(random), right: value(random.pick(LONGS)) } };
      return { [operator]: { left: write(ordered), right: write(ordered) } };
    }
    case 6:
      return {
        in: { left: write('Entity'), right: random.chance(0.5) ? write('Entity') : writeGroups(write, random) },
      };
    case 7:
      return {
        is: {
          left: write('Entity'),
          entity_type: random.pick(TYPES),
          ...(random.chance(0.5) ? { in: write('Entity') } : {}),
        },
      };
    case 8:
      return { has: { left: write(random.pick(['Entity', 'Record'])), attr: writePath(random) } };
    case 9:
      return {
        like: { left: write('String'), pattern: Array.from({ length: random.below(5) }, () => writePiece(random)) },
      };
    case 10:
      return random.chance(0.3)
        ? { isEmpty: { arg: write('Set') } }
        : {
            [random.pick(['contains', 'containsAll', 'containsAny'])]: {
              left: write('Set'),
              right: random.chance(0.7) ? write('Set') : write('Long'),
            },
          };
    case 11:
      return {
        hasTag: {
          left: write('Entity'),
          right: random.chance(0.8) ? value(random.pick(NAMES[same])) : write('String'),
        },
      };
    default: {
      const { name, kinds } = random.pick(METHODS);
      return { [name]: kinds.map(write) };
    }
  }
}

const writeGroups = (write: Write, random: Random): Est => ({
  Set: Array.from({ length: random.below(4) }, () => (random.chance(0.9) ? write('Entity') : write('Long'))),
});
const writePath = (random: Random): string | string[] =>
  random.chance(0.6)
    ? random.pick(NAMES[random.pick<Kind>(['Bool', 'Long', 'String', 'Entity', 'Record'])])
    : ['rec', ...Array.from({ length: 1 + random.below(2) }, () => random.pick(['n', 's', 'rec', 'owner']))];
const writePiece = (random: Random): unknown =>
  random.chance(0.5) ? 'Wildcard' : { Literal: random.pick(['a', 'b', 'ab', '*', '\u{1F600}', 'é']) };

function writeScope(random: Random, pool: readonly { readonly type: string; readonly id: string }[]): Est {
  const entity = random.pick(pool);
  switch (random.below(9)) {
    case 0:
      return { op: '==', entity };
    case 1:
      return { op: 'in', entity };
    case 2:
      return { op: 'is', entity_type: entity.type };
    case 3:
      return { op: 'is', entity_type: entity.type, in: { entity: random.pick(pool) } };
    default:
      return { op: 'All' };
  }
}

function writeAction(random: Random): Est {
  switch (random.below(8)) {
    case 0:
      return { op: '==', entity: random.pick(ACTIONS) };
    case 1:
      return { op: 'in', entity: random.pick(ACTIONS) };
    case 2:
      return { op: 'in', entities: [random.pick(ACTIONS), random.pick(ACTIONS)] };
    default:
      return { op: 'All' };
  }
}

/** One number against one constant: the questions then come at it from both sides. */
const writeBoundary = (random: Random): Est => ({
  [random.pick(['<', '<=', '>', '>='])]: { left: contextNumber(random), right: value(random.pick(LONGS)) },
});

/** A whole policy with up to three conditions. */
export function writePolicy(random: Random): Est {
  return {
    effect: random.chance(0.65) ? 'permit' : 'forbid',
    principal: writeScope(random, UIDS),
    action: writeAction(random),
    resource: writeScope(random, UIDS),
    conditions: Array.from({ length: random.below(3) + (random.chance(0.9) ? 1 : 0) }, () => ({
      kind: random.chance(0.75) ? 'when' : 'unless',
      body: random.chance(0.2)
        ? writeBoundary(random)
        : writeExpression('Bool', 1 + random.below(random.chance(0.6) ? 2 : 5), random),
    })),
  };
}
