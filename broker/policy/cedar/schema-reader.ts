/**
 * Reads questions as a Cedar schema types them: what does not fit the schema is no question, and its answer is deny. The
 * same checks that Cedar makes with `validateRequest`, done once for each action and type ahead of time.
 * Source: https://docs.cedarpolicy.com/schema/json-schema.html
 */
import { type Entities, type EntityFacts, relateEntities } from './entities.ts';
import type { Scene } from './expression.ts';
import { readEntity, readTyped, readValue, type ValueType } from './read-value.ts';
import { type Entity, EvaluationError, entityKey, RecordValue } from './value.ts';

/** A question in Cedar's JSON form. */
export interface AskedQuestion {
  readonly principal: unknown;
  readonly action: unknown;
  readonly resource: unknown;
  readonly context: unknown;
  readonly entities: readonly {
    readonly uid: unknown;
    readonly attrs?: unknown;
    readonly parents?: readonly unknown[];
    readonly tags?: unknown;
  }[];
}

/** What the questions of one request share, read once: contexts and lists of entities by identity. For one request only. */
export interface SharedReading {
  readonly contexts: Map<unknown, readonly [type: ValueType, read: RecordValue]>;
  readonly entities: Map<unknown, Entities>;
}
export const startReading = (): SharedReading => ({ contexts: new Map(), entities: new Map() });

/** @throws EvaluationError with what does not fit. */
export type SceneReader = (question: AskedQuestion, shared?: SharedReading) => Scene;

const refuse = (why: string): never => {
  throw new EvaluationError(why);
};
const uid = (json: unknown): Entity => readEntity(json) ?? refuse('an entity has no type and id');

const recordOf = (json: unknown): RecordValue => {
  const value = readValue(json ?? {});
  return value instanceof RecordValue ? value : refuse('attributes are no record');
};

/** Without a schema: every value says itself what it is. */
export function readUntyped(question: AskedQuestion): Scene {
  const facts = question.entities.map((entity) => ({
    entity: uid(entity.uid),
    attributes: recordOf(entity.attrs),
    tags: recordOf(entity.tags),
    parents: (entity.parents ?? []).map(uid),
  }));
  return {
    ...{ principal: uid(question.principal), action: uid(question.action), resource: uid(question.resource) },
    context: recordOf(question.context),
    entities: relateEntities(facts),
  };
}

const NOTHING = RecordValue.of([]);

type Parts = { readonly [name: string]: Json };
type Json = string | boolean | number | null | readonly Json[] | { readonly [name: string]: Json };
const partsOf = (json: Json | undefined): Parts => (typeof json === 'object' && json !== null ? (json as Parts) : {});
const textOf = (json: Json | undefined): string => (typeof json === 'string' ? json : '');
const listOf = (json: Json | undefined): readonly Json[] => (Array.isArray(json) ? (json as readonly Json[]) : []);
const namesOf = (json: Json | undefined): ReadonlySet<string> => new Set(listOf(json).map(textOf));

interface EntityType {
  readonly ids: ReadonlySet<string> | undefined;
  readonly shape: ValueType;
  readonly tags: ValueType | undefined;
  readonly parents: ReadonlySet<string>;
}
interface ActionType {
  readonly principals: ReadonlySet<string>;
  readonly resources: ReadonlySet<string>;
  readonly context: ValueType;
}

/** A reader for the schema in its JSON form, in the one namespace without a name and without common types. */
export function createSceneReader(schema: unknown): SceneReader {
  const { entityTypes, actions } = partsOf(partsOf(schema as Json)['']);
  const enums = new Map(
    Object.entries(partsOf(entityTypes)).flatMap(([name, type]) => {
      const ids = partsOf(type)['enum'];
      return ids === undefined ? [] : [[name, namesOf(ids)] as const];
    }),
  );
  const readType = (json: Json | undefined): ValueType => readValueType(json, enums);
  const types = new Map(
    Object.entries(partsOf(entityTypes)).map(([name, type]): [string, EntityType] => {
      const { shape, tags, memberOfTypes } = partsOf(type);
      return [
        name,
        {
          ids: enums.get(name),
          shape: readType(shape),
          tags: tags === undefined ? undefined : readType(tags),
          parents: namesOf(memberOfTypes),
        },
      ];
    }),
  );
  const known = relateEntities(
    Object.entries(partsOf(actions)).map(([id, action]) => ({
      entity: uid({ type: 'Action', id }),
      attributes: NOTHING,
      tags: NOTHING,
      parents: listOf(partsOf(action)['memberOf']).map((parent) => uid({ type: 'Action', ...partsOf(parent) })),
    })),
  );
  const questions = new Map(
    Object.entries(partsOf(actions)).map(([id, action]): [string, ActionType] => {
      const { principalTypes, resourceTypes, context } = partsOf(partsOf(action)['appliesTo']);
      return [
        entityKey('Action', id),
        { principals: namesOf(principalTypes), resources: namesOf(resourceTypes), context: readType(context) },
      ];
    }),
  );
  return (question, shared) => readScene(question, types, questions, known, shared);
}

function readScene(
  question: AskedQuestion,
  types: ReadonlyMap<string, EntityType>,
  questions: ReadonlyMap<string, ActionType>,
  known: Entities,
  shared?: SharedReading,
): Scene {
  const [principal, action, resource] = [uid(question.principal), uid(question.action), uid(question.resource)];
  const asked = questions.get(action.key) ?? refuse(`there is no action ${action.id.slice(0, 60)}`);
  if (!asked.principals.has(principal.type)) refuse(`${action.id} is not for a ${principal.type}`);
  if (!asked.resources.has(resource.type)) refuse(`${action.id} is not for a ${resource.type}`);
  for (const entity of [principal, resource]) demandListed(entity, types);
  const context = readContext(question.context, asked.context, shared);
  const entities = readEntities(question.entities, types, known, shared);
  return { principal, action, resource, context, entities };
}

function readEntities(
  given: AskedQuestion['entities'],
  types: ReadonlyMap<string, EntityType>,
  known: Entities,
  shared: SharedReading | undefined,
): Entities {
  const before = shared?.entities.get(given);
  if (before !== undefined) return before;
  const read = relateEntities(
    given.map((entity) => readFacts(entity, types)),
    known,
  );
  shared?.entities.set(given, read);
  return read;
}

function readContext(json: unknown, type: ValueType, shared: SharedReading | undefined): RecordValue {
  const before = shared?.contexts.get(json);
  if (before !== undefined && before[0] === type) return before[1];
  const read = readTyped(json, type);
  const context = read instanceof RecordValue ? read : refuse('the context is no record');
  shared?.contexts.set(json, [type, context]);
  return context;
}

function demandListed(entity: Entity, types: ReadonlyMap<string, EntityType>): EntityType {
  const type = types.get(entity.type) ?? refuse(`there is no entity type ${entity.type.slice(0, 60)}`);
  return type.ids === undefined || type.ids.has(entity.id) ? type : refuse(`there is no such ${entity.type}`);
}

function readFacts(given: AskedQuestion['entities'][number], types: ReadonlyMap<string, EntityType>): EntityFacts {
  const entity = uid(given.uid);
  const type = demandListed(entity, types);
  const parents = (given.parents ?? []).map(uid);
  for (const parent of parents) {
    demandListed(parent, types);
    if (!type.parents.has(parent.type)) refuse(`a ${entity.type} is in no ${parent.type}`);
  }
  const attributes = readTyped(given.attrs ?? {}, type.shape);
  const tags = Object.entries(given.tags ?? {}).map(
    ([name, tag]) => [name, readTyped(tag, type.tags ?? refuse(`a ${entity.type} has no tags`))] as const,
  );
  return {
    entity,
    parents,
    attributes: attributes instanceof RecordValue ? attributes : NOTHING,
    tags: tags.length === 0 ? NOTHING : RecordValue.of(tags),
  };
}

function readValueType(json: Json | undefined, enums: ReadonlyMap<string, ReadonlySet<string>>): ValueType {
  const { type = 'Record', element, attributes, name } = partsOf(json);
  switch (type) {
    case 'String':
    case 'Long':
    case 'Boolean':
      return { kind: type };
    case 'Set':
      return { kind: 'Set', element: readValueType(element, enums) };
    case 'Entity':
      return { kind: 'Entity', type: textOf(name), ids: enums.get(textOf(name)) };
    // The short names that Cedar uses when it turns a schema's text into JSON.
    case 'Bool':
      return { kind: 'Boolean' };
    case 'ipaddr':
    case 'decimal':
    case 'datetime':
    case 'duration':
      return { kind: 'Extension', name: type };
    case 'Extension':
      return { kind: 'Extension', name: textOf(name) };
    case 'Record': {
      const fields = Object.entries(partsOf(attributes)).map(([key, field]) => ({
        name: key,
        required: partsOf(field)['required'] !== false,
        type: readValueType(field, enums),
      }));
      return { kind: 'Record', fields, slots: new Map(fields.map((field, at) => [field.name, at])) };
    }
    default:
      return refuse(`the schema has a type that is not known: ${textOf(type)}`);
  }
}
