/** What is known of the entities of one request: attributes, tags, and everything each of them is in. */
import { type Entity, EvaluationError, type RecordValue } from './value.ts';

export interface EntityFacts {
  readonly entity: Entity;
  readonly attributes: RecordValue;
  readonly tags: RecordValue;
  readonly parents: readonly Entity[];
}

type Related = EntityFacts & { readonly ancestors: ReadonlySet<string> };

/** By entity key. `ancestors` has every entity above, directly or through others. */
export interface Entities {
  get(key: string): Related | undefined;
}

const NONE: ReadonlySet<string> = new Set();

/** The entities of one request, and behind them those that every request has beside its own. */
class RelatedEntities implements Entities {
  readonly #own: ReadonlyMap<string, Related>;
  readonly #known: Entities | undefined;
  constructor(own: ReadonlyMap<string, Related>, known: Entities | undefined) {
    this.#own = own;
    this.#known = known;
  }
  get(key: string): Related | undefined {
    return this.#own.get(key) ?? this.#known?.get(key);
  }
}

/**
 * Computes what is above each entity. `known` are entities that every request has beside its own; they are not copied.
 * @throws EvaluationError when an entity is above itself, as Cedar refuses such a hierarchy.
 */
export function relateEntities(all: readonly EntityFacts[], known?: Entities): Entities {
  const own = new Map<string, Related>();
  for (const one of all) own.set(one.entity.key, relate(one, NONE));
  for (const one of all)
    if (one.parents.length > 0) own.set(one.entity.key, relate(one, collectAncestors(one, own, known)));
  return new RelatedEntities(own, known);
}

const relate = ({ entity, attributes, tags, parents }: EntityFacts, ancestors: ReadonlySet<string>): Related => ({
  entity,
  attributes,
  tags,
  parents,
  ancestors,
});

function collectAncestors(
  start: EntityFacts,
  facts: ReadonlyMap<string, Related>,
  known: Entities | undefined,
): ReadonlySet<string> {
  const above = new Set<string>();
  const open = [...start.parents];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (above.has(next.key)) continue;
    above.add(next.key);
    open.push(...((facts.get(next.key) ?? known?.get(next.key))?.parents ?? []));
  }
  if (above.has(start.entity.key)) throw new EvaluationError(`${start.entity.type} is above itself`);
  return above;
}

/** Whether an entity is another one or below it. An entity that nobody described is only in itself. */
export const isIn = (entity: Entity, group: Entity, entities: Entities): boolean =>
  entity.key === group.key || (entities.get(entity.key)?.ancestors.has(group.key) ?? false);

/** The same for several groups, looked up once. */
export function isInAny(entity: Entity, groups: readonly Entity[], entities: Entities): boolean {
  let above: ReadonlySet<string> | undefined;
  for (const group of groups) {
    if (entity.key === group.key) return true;
    above ??= entities.get(entity.key)?.ancestors ?? NONE;
    if (above.has(group.key)) return true;
  }
  return false;
}
