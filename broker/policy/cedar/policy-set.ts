/**
 * Compiled policies: every policy is one closure, found by the action asked about. Decides as Cedar does: a forbid overrides
 * every permit, without a permit the answer is deny, and a policy that errs is named among the errors.
 * Source: https://docs.cedarpolicy.com/auth/authorization.html
 */
import { CompileError } from './compile-error.ts';
import { isInAny } from './entities.ts';
import { compileEntity, compileExpression, type Expression, type Scene } from './expression.ts';
import { asBoolean, type Entity, EvaluationError } from './value.ts';

/** A policy in Cedar's JSON form, under its id. */
export interface ParsedPolicy {
  readonly id: string;
  readonly json: unknown;
}

export interface Answer {
  readonly decision: 'permit' | 'deny';
  /** Ids of the determining policies, in the order of the set. */
  readonly policies: readonly string[];
  /** Policies that could not be evaluated; a caller that wants none of them to be skipped denies when there are any. */
  readonly errors: readonly { readonly policy: string; readonly message: string }[];
}

export interface PolicySet {
  decide(scene: Scene): Answer;
}

type Test = (scene: Scene) => boolean;
interface CompiledPolicy {
  readonly id: string;
  readonly effect: 'permit' | 'forbid';
  readonly action: Test;
  /** Everything but the action. @throws EvaluationError */
  readonly applies: Test;
}

/** Actions are few and their hierarchy is fixed by the schema; more than this many different ones are not remembered. */
const REMEMBERED_ACTIONS = 4_096;

/**
 * Compiles all policies. The action's hierarchy must be the same in every scene that the set decides.
 * @throws CompileError naming the policy, for any construct that is not covered.
 */
export function compilePolicySet(policies: readonly ParsedPolicy[]): PolicySet {
  const compiled = policies.map(compilePolicy);
  const byAction = new Map<string, readonly CompiledPolicy[]>();

  function find(scene: Scene): readonly CompiledPolicy[] {
    const known = byAction.get(scene.action.key);
    if (known !== undefined) return known;
    const found = compiled.filter((policy) => policy.action(scene));
    if (byAction.size < REMEMBERED_ACTIONS) byAction.set(scene.action.key, found);
    return found;
  }

  return { decide: (scene) => decideAmong(find(scene), scene) };
}

function decideAmong(policies: readonly CompiledPolicy[], scene: Scene): Answer {
  const permits: string[] = [];
  const forbids: string[] = [];
  const errors: { policy: string; message: string }[] = [];
  for (const policy of policies) {
    try {
      if (!policy.applies(scene)) continue;
      (policy.effect === 'permit' ? permits : forbids).push(policy.id);
    } catch (error) {
      if (!(error instanceof EvaluationError)) throw error;
      errors.push({ policy: policy.id, message: error.message });
    }
  }
  const isPermitted = permits.length > 0 && forbids.length === 0;
  return { decision: isPermitted ? 'permit' : 'deny', policies: forbids.length > 0 ? forbids : permits, errors };
}

function compilePolicy({ id, json }: ParsedPolicy): CompiledPolicy {
  try {
    const { effect, principal, action, resource, conditions = [] } = json as { readonly [part: string]: unknown };
    if (effect !== 'permit' && effect !== 'forbid') throw new CompileError('it has no effect');
    const scope = [
      compileScope(principal, (scene) => scene.principal),
      compileScope(resource, (scene) => scene.resource),
    ].filter((test) => test !== always);
    const clauses = (conditions as readonly unknown[]).map(compileClause);
    const tests: readonly Test[] = [...scope, ...clauses];
    return { id, effect, action: compileScope(action, (scene) => scene.action), applies: joinTests(tests) };
  } catch (error) {
    throw new CompileError(`policy ${id}: ${error instanceof Error ? error.message : 'it cannot be compiled'}`);
  }
}

const always: Test = () => true;

/** Two and three tests, the usual numbers, without a loop. */
function joinTests(tests: readonly Test[]): Test {
  const [first = always, second, third, ...more] = tests;
  if (second === undefined) return first;
  if (third === undefined) return (scene) => first(scene) && second(scene);
  if (more.length === 0) return (scene) => first(scene) && second(scene) && third(scene);
  return (scene) => tests.every((test) => test(scene));
}

/** A condition on the principal, the action or the resource; none of them can err. */
function compileScope(json: unknown, pick: (scene: Scene) => Entity): Test {
  const scope = json as { readonly [part: string]: unknown };
  if (scope['slot'] !== undefined) throw new CompileError('a template is not linked');
  switch (scope['op']) {
    case 'All':
      return always;
    case '==': {
      const { key } = compileEntity(scope['entity']);
      return (scene) => pick(scene).key === key;
    }
    case 'in': {
      const groups = Array.isArray(scope['entities'])
        ? scope['entities'].map(compileEntity)
        : [compileEntity(scope['entity'])];
      return (scene) => isInAny(pick(scene), groups, scene.entities);
    }
    case 'is': {
      const type = scope['entity_type'];
      const within = scope['in'] === undefined ? always : compileScope({ op: 'in', ...(scope['in'] as object) }, pick);
      if (typeof type !== 'string') throw new CompileError('an entity type is missing');
      return (scene) => pick(scene).type === type && within(scene);
    }
    default:
      throw new CompileError('a scope is not known');
  }
}

function compileClause(json: unknown): Test {
  const { kind, body } = json as { readonly [part: string]: unknown };
  if (kind !== 'when' && kind !== 'unless') throw new CompileError('a condition is neither when nor unless');
  const expression: Expression = compileExpression(body);
  return kind === 'when' ? (scene) => asBoolean(expression(scene)) : (scene) => !asBoolean(expression(scene));
}
