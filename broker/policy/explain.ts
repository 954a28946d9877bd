/**
 * Explains a decision: the policies behind it, the attributes they look at with the values they had, and the smallest change
 * that would permit. Changes are taken from the constants of the conditions, and each is checked by deciding again.
 */
import type { Json } from '../contract.ts';
import type { DecisionRequest } from '../ports.ts';
import { type Edit, listEdits } from './edits.ts';
import { createJudge, type Judge, type Verdict } from './judge.ts';
import { buildQuestions } from './questions.ts';
import { isTree, type Reading, readNode, type Tree } from './readings.ts';
import type { ActivePolicy, PolicyBundle } from './referee/messages.ts';

export interface Explanation extends Verdict {
  /** `context.risk` → 61: what the policies for this tool look at, as far as the request has it. */
  readonly attributes: readonly { readonly name: string; readonly value: Json }[];
  /** The smallest changes that would permit, each a list of steps; empty for a permit and where none was found. */
  readonly permitted: readonly (readonly string[])[];
}

/** More than this many changes at once are no explanation. */
const MOST_STEPS = 3;
const MOST_TRIED = 60_000;
const MOST_SHOWN = 5;

/** `judge` where more decides than the policies alone; `mostTried` cases at most are tried for a change that would permit. */
export function explainDecision(
  request: DecisionRequest,
  policies: readonly ActivePolicy[],
  schema: PolicyBundle['schema'],
  more: { readonly judge?: Judge; readonly mostTried?: number } = {},
): Explanation {
  const { judge = createJudge(policies, schema), mostTried = MOST_TRIED } = more;
  const verdict = judge(request);
  const readings = policies.flatMap(({ parsed }) => readNode(parsed));
  return {
    ...verdict,
    attributes: valuesOf(readings, request),
    permitted: verdict.effect === 'permit' ? [] : findChanges(request, readings, judge, mostTried),
  };
}

function valuesOf(readings: readonly Reading[], request: DecisionRequest): Explanation['attributes'] {
  const [question] = buildQuestions(request);
  if (question === undefined) return [];
  const resource = question.entities.find(({ uid }) => uid.id === question.resource.id)?.attrs ?? {};
  const root: Tree = { context: question.context, resource };
  const names = [...new Set(readings.map(({ path }) => path))].sort();
  return names.flatMap((name) => {
    const value = name
      .split('.')
      .reduce<Json | undefined>((node, part) => (isTree(node) ? node[part] : undefined), root);
    return value === undefined ? [] : [{ name, value }];
  });
}

function findChanges(
  request: DecisionRequest,
  readings: readonly Reading[],
  judge: Judge,
  mostTried: number,
): Explanation['permitted'] {
  const edits = listEdits(request, readings);
  let tried = 0;
  for (let steps = 1; steps <= MOST_STEPS; steps += 1) {
    const found: (readonly string[])[] = [];
    for (const chosen of choose(edits, steps)) {
      tried += 1;
      if (tried > mostTried) return found;
      if (judge(chosen.reduce((asked, edit) => edit.apply(asked), request)).effect === 'permit')
        found.push(chosen.map(({ says }) => says));
      if (found.length >= MOST_SHOWN) return found;
    }
    if (found.length > 0) return found;
  }
  return [];
}

/** Every choice of so many edits of different places. */
function* choose(edits: readonly Edit[], count: number, from = 0): Generator<readonly Edit[]> {
  if (count === 0) {
    yield [];
    return;
  }
  for (let n = from; n < edits.length; n += 1) {
    const edit = edits[n];
    if (edit === undefined) continue;
    for (const rest of choose(edits, count - 1, n + 1))
      if (rest.every(({ place }) => place !== edit.place)) yield [edit, ...rest];
  }
}
