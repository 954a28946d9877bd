/** Random questions about random policies: attributes from the edges and from the policies' own constants ± 1, some missing, some of another type. */
import type { AskedQuestion } from '../../../../broker/policy/cedar/schema-reader.ts';
import { DATETIMES, DECIMALS, DURATIONS, IPS, LONGS, STRINGS } from './edges.ts';
import { ACTIONS, type Kind, NAMES, UIDS } from './grammar.ts';
import type { Random } from './random.ts';

type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json };
export interface Constants {
  readonly longs: readonly number[];
  readonly strings: readonly string[];
}

/** Every constant that the policies compare with, and the numbers beside them. */
export function findConstants(policies: unknown): Constants {
  const longs = new Set<number>();
  const strings = new Set<string>();
  const visit = (node: unknown): void => {
    if (typeof node === 'number')
      for (const near of [node - 1, node, node + 1]) if (Number.isSafeInteger(near)) longs.add(near);
    if (typeof node === 'string') strings.add(node);
    if (typeof node === 'object' && node !== null) for (const child of Object.values(node)) visit(child);
  };
  visit(policies);
  return { longs: [...longs], strings: [...strings] };
}

const KINDS = Object.keys(NAMES).filter((name): name is Kind => name in NAMES);

function writeValue(kind: Kind, known: Constants, random: Random, depth = 0): Json {
  if (random.chance(0.05)) return writeValue(random.pick(KINDS), known, random, depth + 1);
  switch (kind) {
    case 'Bool':
      return random.chance(0.5);
    case 'Long':
      return random.pick(known.longs.length > 0 && random.chance(0.7) ? known.longs : LONGS);
    case 'String':
      return random.pick(known.strings.length > 0 && random.chance(0.5) ? known.strings : STRINGS);
    case 'Entity':
      return { __entity: random.pick(UIDS) };
    case 'Ip':
    case 'Decimal':
    case 'Datetime':
    case 'Duration':
      return writeExtension(EXTENSIONS[kind], random);
    case 'Set':
      return Array.from({ length: random.below(4) }, () =>
        writeValue(depth > 1 ? 'Long' : random.pick(['Long', 'String', 'Entity', 'Set']), known, random, depth + 1),
      );
    case 'Record':
      return depth > 1 ? {} : writeRecord(known, random, 2);
  }
}

function writeRecord(known: Constants, random: Random, depth: number): { readonly [name: string]: Json } {
  const names = KINDS.flatMap((kind) => NAMES[kind].map((name) => [kind, name] as const));
  const fields = names.flatMap(([kind, name]) =>
    // Cedar's JSON cannot carry this name from JavaScript: it would become the prototype.
    name === '__proto__' || random.chance(depth === 0 ? 0.4 : 0.7)
      ? []
      : [[name, writeValue(kind, known, random, depth)] as const],
  );
  return Object.fromEntries(fields);
}

const EXTENSIONS = {
  Ip: ['ip', IPS.slice(0, 17), IPS],
  Decimal: ['decimal', DECIMALS.slice(0, 9), DECIMALS],
  Datetime: ['datetime', DATETIMES.slice(0, 7), DATETIMES],
  Duration: ['duration', DURATIONS.slice(0, 8), DURATIONS],
} as const;

/** One malformed text refuses the whole question, so nearly all are well-formed. */
function writeExtension([fn, good, all]: (typeof EXTENSIONS)[keyof typeof EXTENSIONS], random: Random): Json {
  return { __extn: { fn, arg: random.pick(random.chance(0.998) ? good : all) } };
}

/** Entities with a hierarchy that, but for a rare mistake, has no cycle. */
export function writeEntities(known: Constants, random: Random): AskedQuestion['entities'] {
  const entities = UIDS.filter(() => random.chance(0.3)).map((uid) => ({
    uid,
    attrs: random.chance(0.6) ? writeRecord(known, random, 1) : {},
    parents: UIDS.slice(UIDS.indexOf(uid) + 1).filter(() => random.chance(0.25)),
    tags: random.chance(0.25) ? writeRecord(known, random, 2) : {},
  }));
  const actions = ACTIONS.slice(0, 2).map((uid) => ({ uid, attrs: {}, parents: ACTIONS.slice(2, 3), tags: {} }));
  const loop = random.chance(0.02)
    ? [{ uid: { type: 'Group', id: 'z' }, attrs: {}, parents: [{ type: 'Group', id: 'z' }] }]
    : [];
  return [...entities, ...actions, ...loop];
}

export function writeQuestion(known: Constants, entities: AskedQuestion['entities'], random: Random): AskedQuestion {
  return {
    principal: random.pick(UIDS),
    action: random.pick(ACTIONS),
    resource: random.pick(UIDS),
    context: writeRecord(known, random, 0),
    entities,
  };
}
