/**
 * Compiles a parsed Cedar expression to a closure. It reads the JSON form of policies and covers all of the language; what
 * it does not know is a `CompileError`. Over 300 lines because it is one language, read as one table of operators. Semantics: https://docs.cedarpolicy.com/policies/syntax-operators.html and
 * https://docs.cedarpolicy.com/policies/json-format.html
 */
import { CompileError } from './compile-error.ts';
import { type Entities, isIn, isInAny } from './entities.ts';
import { EXTENSIONS } from './extensions.ts';
import { add, multiply, negate, subtract } from './long.ts';
import { compilePattern } from './pattern.ts';
import { readEntity, readValue } from './read-value.ts';
import { DateTime, Duration } from './scalars.ts';
import {
  asBoolean,
  asEntity,
  asLong,
  asSet,
  asString,
  Entity,
  EvaluationError,
  equals,
  RecordValue,
  SetValue,
  typeOf,
  type Value,
} from './value.ts';

/** What one question is decided on. */
export interface Scene {
  readonly principal: Entity;
  readonly action: Entity;
  readonly resource: Entity;
  readonly context: RecordValue;
  readonly entities: Entities;
}

/** The value of an expression in a scene. @throws EvaluationError */
export type Expression = (scene: Scene) => Value;

/** Deeper expressions are refused, so that neither compiling nor deciding can exhaust the stack. */
const DEEPEST = 400;

/** Expressions whose value does not depend on the scene. */
const constants = new WeakMap<Expression, { readonly value: Value }>();
const constant = (value: Value): Expression => {
  const expression: Expression = () => value;
  constants.set(expression, { value });
  return expression;
};

/** Parts of an operator: the children are compiled on demand, one level deeper. */
type Parts = { readonly [name: string]: unknown };
type Compile = (est: unknown) => Expression;

export function compileExpression(est: unknown, depth = 0): Expression {
  if (depth > DEEPEST) throw new CompileError(`an expression is nested more than ${DEEPEST} levels deep`);
  const [operator, body, ...others] = Object.entries(asParts(est)).flat();
  if (typeof operator !== 'string' || others.length > 0) throw new CompileError('an expression has no single operator');
  const compile: Compile = (child) => compileExpression(child, depth + 1);
  const extension = Object.hasOwn(EXTENSIONS, operator) ? EXTENSIONS[operator] : undefined;
  if (extension !== undefined) return compileCall(operator, extension, body, compile);
  const build = Object.hasOwn(OPERATORS, operator) ? OPERATORS[operator] : undefined;
  if (build === undefined) throw new CompileError(`the operator ${operator.slice(0, 40)} is not known`);
  return build(body, compile);
}

function asParts(value: unknown): Parts {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new CompileError('a part is no object');
  return value as Parts;
}
function asName(value: unknown): string {
  if (typeof value !== 'string') throw new CompileError('a name is no text');
  return value;
}

function compileCall(
  name: string,
  [arity, call]: (typeof EXTENSIONS)[string],
  body: unknown,
  compile: Compile,
): Expression {
  if (!Array.isArray(body)) throw new CompileError(`the arguments of ${name} are no list`);
  const values = body.map(compile);
  const [first, second] = values;
  if (first === undefined || values.length !== arity) {
    return (scene) => {
      for (const value of values) value(scene);
      throw new EvaluationError(`${name} needs ${arity} arguments, not ${values.length}`);
    };
  }
  const run: Expression = (scene) => call(first(scene), second?.(scene) ?? false);
  return values.every((value) => constants.has(value)) ? foldOnce(run) : run;
}

/** A call with constant arguments is made once; when it fails, it fails at each use and never at activation. */
function foldOnce(run: Expression): Expression {
  try {
    return constant(run(NOWHERE));
  } catch (error) {
    if (!(error instanceof EvaluationError)) throw error;
    return run;
  }
}
const NOBODY = new Entity('', '');
const NOWHERE: Scene = {
  ...{ principal: NOBODY, action: NOBODY, resource: NOBODY },
  context: RecordValue.of([]),
  entities: new Map(),
};

const unary =
  (run: (value: Value) => Value) =>
  (body: unknown, compile: Compile): Expression => {
    const arg = compile(asParts(body)['arg']);
    return (scene) => run(arg(scene));
  };

const binary =
  (run: (left: Value, right: Value) => Value) =>
  (body: unknown, compile: Compile): Expression => {
    const left = compile(asParts(body)['left']);
    const right = compile(asParts(body)['right']);
    return (scene) => run(left(scene), right(scene));
  };

const compare = (run: (left: number | bigint, right: number | bigint) => boolean) =>
  binary((left, right) => {
    if (left instanceof DateTime && right instanceof DateTime) return run(left.amount, right.amount);
    if (left instanceof Duration && right instanceof Duration) return run(left.amount, right.amount);
    return run(asLong(left), asLong(right));
  });

/** What an entity or a record has under a name; `undefined` when it has nothing. */
function look(value: Value, name: string, scene: Scene): Value | undefined {
  if (value instanceof RecordValue) return value.get(name);
  if (value instanceof Entity) return scene.entities.get(value.key)?.attributes.get(name);
  throw new EvaluationError(`a record or an entity is needed, not a ${typeOf(value)}`);
}

function compileHas(body: unknown, compile: Compile): Expression {
  const { left: leftPart, attr } = asParts(body);
  const left = compile(leftPart);
  const path = Array.isArray(attr) ? attr.map(asName) : [asName(attr)];
  if (path.length === 0) throw new CompileError('has needs a name');
  return (scene) => {
    let value: Value | undefined = left(scene);
    for (const name of path) {
      value = look(value, name, scene);
      if (value === undefined) return false;
    }
    return true;
  };
}

function compileIn(left: Expression, right: Expression): Expression {
  return (scene) => {
    const entity = asEntity(left(scene));
    const group = right(scene);
    if (group instanceof Entity) return isIn(entity, group, scene.entities);
    const groups = asSet(group).items.map(asEntity);
    return isInAny(entity, groups, scene.entities);
  };
}

function compileIs(body: unknown, compile: Compile): Expression {
  const { left: leftPart, entity_type: typePart, in: inPart } = asParts(body);
  const left = compile(leftPart);
  const type = asName(typePart);
  if (inPart === undefined) return (scene) => asEntity(left(scene)).type === type;
  const within = compileIn(left, compile(inPart));
  return (scene) => asEntity(left(scene)).type === type && within(scene);
}

/** `&&` and `||`: the right side is not looked at when the left side settles it. */
const settle =
  (settled: boolean) =>
  (body: unknown, compile: Compile): Expression => {
    const left = compile(asParts(body)['left']);
    const right = compile(asParts(body)['right']);
    return (scene) => (asBoolean(left(scene)) === settled ? settled : asBoolean(right(scene)));
  };

function compileIf(body: unknown, compile: Compile): Expression {
  const parts = asParts(body);
  const [condition, then, otherwise] = [compile(parts['if']), compile(parts['then']), compile(parts['else'])];
  return (scene) => (asBoolean(condition(scene)) ? then(scene) : otherwise(scene));
}

function compileSet(body: unknown, compile: Compile): Expression {
  if (!Array.isArray(body)) throw new CompileError('a set is no list');
  const items = body.map(compile);
  const known = items.flatMap((item) => constants.get(item) ?? []);
  if (known.length === items.length) return constant(new SetValue(known.map(({ value }) => value)));
  return (scene) => new SetValue(items.map((item) => item(scene)));
}

function compileRecord(body: unknown, compile: Compile): Expression {
  const fields = Object.entries(asParts(body)).map(([name, field]) => [name, compile(field)] as const);
  const slots = new Map(fields.map(([name], at) => [name, at]));
  return (scene) =>
    new RecordValue(
      slots,
      fields.map(([, field]) => field(scene)),
    );
}

function compileGet(body: unknown, compile: Compile): Expression {
  const left = compile(asParts(body)['left']);
  const name = asName(asParts(body)['attr']);
  return (scene) => {
    const found = look(left(scene), name, scene);
    if (found === undefined) throw new EvaluationError(`there is no attribute ${JSON.stringify(name)}`);
    return found;
  };
}

function compileTag(body: unknown, compile: Compile, found: (value: Value | undefined) => Value): Expression {
  const left = compile(asParts(body)['left']);
  const right = compile(asParts(body)['right']);
  return (scene) => {
    const entity = asEntity(left(scene));
    // The name is evaluated also for an entity that nobody described: it may err.
    const name = asString(right(scene));
    return found(scene.entities.get(entity.key)?.tags.get(name));
  };
}

function compileVariable(body: unknown): Expression {
  switch (body) {
    case 'principal':
      return (scene) => scene.principal;
    case 'action':
      return (scene) => scene.action;
    case 'resource':
      return (scene) => scene.resource;
    case 'context':
      return (scene) => scene.context;
    default:
      throw new CompileError('a variable is not known');
  }
}

function compileEquals(body: unknown, compile: Compile, same: boolean): Expression {
  const left = compile(asParts(body)['left']);
  const right = compile(asParts(body)['right']);
  return (scene) => equals(left(scene), right(scene)) === same;
}

const OPERATORS: { readonly [operator: string]: (body: unknown, compile: Compile) => Expression } = {
  Value: (body) => constant(readConstant(body)),
  Var: compileVariable,
  '!': unary((value) => !asBoolean(value)),
  neg: unary((value) => negate(asLong(value))),
  isEmpty: unary((value) => asSet(value).items.length === 0),
  '==': (body, compile) => compileEquals(body, compile, true),
  '!=': (body, compile) => compileEquals(body, compile, false),
  '<': compare((left, right) => left < right),
  '<=': compare((left, right) => left <= right),
  '>': compare((left, right) => left > right),
  '>=': compare((left, right) => left >= right),
  '+': binary((left, right) => add(asLong(left), asLong(right))),
  '-': binary((left, right) => subtract(asLong(left), asLong(right))),
  '*': binary((left, right) => multiply(asLong(left), asLong(right))),
  '&&': settle(false),
  '||': settle(true),
  'if-then-else': compileIf,
  in: (body, compile) => compileIn(compile(asParts(body)['left']), compile(asParts(body)['right'])),
  is: compileIs,
  has: compileHas,
  '.': compileGet,
  hasTag: (body, compile) => compileTag(body, compile, (value) => value !== undefined),
  getTag: (body, compile) =>
    compileTag(body, compile, (value) => {
      if (value === undefined) throw new EvaluationError('there is no such tag');
      return value;
    }),
  contains: binary((left, right) => asSet(left).has(right)),
  containsAll: binary((left, right) => {
    const all = asSet(left);
    return asSet(right).items.every((item) => all.has(item));
  }),
  containsAny: binary((left, right) => {
    const any = asSet(left);
    return asSet(right).items.some((item) => any.has(item));
  }),
  like: (body, compile) => {
    const left = compile(asParts(body)['left']);
    const matches = compilePattern(asParts(body)['pattern']);
    return (scene) => matches(asString(left(scene)));
  },
  Set: compileSet,
  Record: compileRecord,
};

/** A literal. The parsed form rounds integers beyond 2^53, so those cannot be known and are refused. */
function readConstant(json: unknown): Value {
  try {
    return readValue(json);
  } catch (error) {
    throw new CompileError(error instanceof Error ? error.message : 'a constant cannot be read');
  }
}

/** An entity that a policy names. */
export function compileEntity(json: unknown): Entity {
  const entity = readEntity(json);
  if (entity === undefined) throw new CompileError('an entity has no type and id');
  return entity;
}
