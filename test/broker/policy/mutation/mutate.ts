/** Every single mistake that could be made in a policy: its effect, scope, conditions, constants and obligations, one at a time. */
import type { ActivePolicy } from '../../../../broker/policy/referee/messages.ts';

export interface Mutant {
  readonly policy: string;
  readonly says: string;
  /** The whole set with the one mistake. */
  readonly policies: readonly ActivePolicy[];
}

type Json = ActivePolicy['parsed'];
type Tree = { readonly [name: string]: Json };
interface Change {
  readonly says: string;
  readonly to: Json;
}
const isTree = (json: Json | undefined): json is Tree =>
  typeof json === 'object' && json !== null && !Array.isArray(json);

export function* mutatePolicies(policies: readonly ActivePolicy[]): Generator<Mutant> {
  for (const [n, policy] of policies.entries()) {
    const put = (says: string, changed: ActivePolicy): Mutant => ({
      policy: policy.id,
      says,
      policies: policies.with(n, changed),
    });
    yield { policy: policy.id, says: 'is left out', policies: policies.filter((one) => one !== policy) };
    const effect = policy.effect === 'permit' ? 'forbid' : 'permit';
    const parsed = isTree(policy.parsed) ? { ...policy.parsed, effect } : policy.parsed;
    yield put(`${effect}s instead`, { ...policy, effect, parsed });
    for (const { says, to } of mutateNode(policy.parsed, [])) yield put(says, { ...policy, parsed: to });
    for (const obligations of mutateObligations(policy.obligations)) {
      const { obligations: _, ...bare } = policy;
      yield put(
        `obliges to ${obligations ?? 'nothing'}`,
        obligations === undefined ? bare : { ...policy, obligations },
      );
    }
  }
}

function* mutateObligations(text: string | undefined): Generator<string | undefined> {
  if (text === undefined) return;
  const phrases = text.split(', ');
  for (const phrase of phrases) {
    const rest = phrases.filter((one) => one !== phrase);
    yield rest.length === 0 ? undefined : rest.join(', ');
    const number = /\d+/.exec(phrase)?.[0];
    if (number !== undefined) yield text.replace(phrase, phrase.replace(number, String(Number(number) + 1)));
  }
}

const SWAPS: { readonly [operator: string]: readonly string[] } = {
  '==': ['!='],
  '!=': ['=='],
  '<': ['<=', '>='],
  '<=': ['<', '>'],
  '>': ['>=', '<='],
  '>=': ['>', '<'],
  '&&': ['||'],
  '||': ['&&'],
  containsAny: ['containsAll'],
  containsAll: ['containsAny'],
};

/** Every mistake within a part of a policy, each as the whole part with the mistake in it. */
function* mutateNode(node: Json, path: readonly string[]): Generator<Change> {
  const where = path.join('.') || 'policy';
  if (Array.isArray(node)) {
    const list = node as readonly Json[];
    for (const [n, child] of list.entries()) {
      yield { says: `${where} without its part ${n + 1}`, to: list.toSpliced(n, 1) };
      for (const { says, to } of mutateNode(child, [...path, String(n)])) yield { says, to: list.with(n, to) };
    }
    return;
  }
  if (!isTree(node)) return;
  yield* mutateOperator(node, where);
  for (const [name, child] of Object.entries(node)) {
    if (name === 'annotations' || name === '__entity') continue;
    for (const { says, to } of mutateNode(child, [...path, name])) yield { says, to: { ...node, [name]: to } };
  }
}

function* mutateOperator(node: Tree, where: string): Generator<Change> {
  const [[operator, body] = ['', null], ...others] = Object.entries(node);
  if ('op' in node) {
    if (node['op'] !== 'All') yield { says: `${where} takes all`, to: { op: 'All' } };
    return;
  }
  if (node['kind'] === 'when') yield { says: `${where} is unless`, to: { ...node, kind: 'unless' } };
  if (node['kind'] === 'unless') yield { says: `${where} is when`, to: { ...node, kind: 'when' } };
  if (others.length > 0) return;
  for (const swap of SWAPS[operator] ?? [])
    yield { says: `${where} has ${swap} for ${operator}`, to: { [swap]: body } };
  if (operator === 'Value' && typeof body === 'boolean')
    yield { says: `${where} is ${String(!body)}`, to: { Value: !body } };
  if (operator === 'Value' && typeof body === 'number')
    for (const beside of [body - 1, body + 1]) yield { says: `${where} is ${beside}`, to: { Value: beside } };
  if (operator === 'Value' && typeof body === 'string')
    yield { says: `${where} is another text`, to: { Value: `${body}?` } };
  if ((operator === '&&' || operator === '||') && isTree(body))
    for (const [side, other] of [
      ['left', 'right'],
      ['right', 'left'],
    ] as const)
      yield { says: `${where} without its ${side} side`, to: body[other] ?? null };
  if (operator === '!' && isTree(body)) yield { says: `${where} without !`, to: body['arg'] ?? null };
}
