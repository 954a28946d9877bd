/**
 * Compares the evaluators over the shipped policies: for every tool a question that fits, then each of its attributes at and
 * beside what a policy compares it with, missing, of another type, and each principal, role and resource exchanged.
 */
import { AGENTS, ROLES } from '../../../../broker/contract.ts';
import { agree, type Closures, compileClosures } from '../../../../broker/policy/closures.ts';
import { DEFAULT_POLICIES, loadPolicies } from '../../../../broker/policy/load-policies.ts';
import { buildQuestions } from '../../../../broker/policy/questions.ts';
import { activate, decide } from '../../../../broker/policy/referee/cedar.ts';
import type { Question } from '../../../../broker/policy/referee/messages.ts';
import { sampleInput } from '../../../../broker/policy/sample-input.ts';
import { buildSchema, type ToolFacts } from '../../../../broker/policy/schema.ts';
import { TOOLS } from '../../../../tools/registry.ts';
import type { Progress } from './generated.ts';
import type { Random } from './random.ts';
import { type Constants, findConstants } from './requests.ts';

type Tree = { [name: string]: unknown };

/** Comes to an end after `requests` comparisons. */
export async function* compareShipped(requests: number, random: Random): AsyncGenerator<Progress> {
  const schema = buildSchema(TOOLS);
  const activated = activate({ policies: await loadPolicies(DEFAULT_POLICIES), schema });
  if (!activated.ok) throw new Error(activated.errors.join('; '));
  const closures = compileClosures(activated.policies, schema);
  const known = findConstants(activated.policies.map(({ parsed }) => parsed));
  for (let compared = 1; compared <= requests; compared += 1) yield compareOne(compared, closures, known, random);
}

function compareOne(compared: number, closures: Closures, known: Constants, random: Random): Progress {
  const question = disturb(writeQuestion(random.pick(TOOLS), known, random), known, random);
  const theirs = decide(question as Parameters<typeof decide>[0]);
  const ours = closures(question);
  const said =
    ours.errors.length > 0 && ours.erring.length === 0
      ? 'refused'
      : `${ours.decision} because of [${ours.policies.join()}]`;
  if (agree(ours, theirs)) return { compared, said };
  const difference = {
    where: 'shipped',
    cedar: JSON.stringify(theirs),
    closures: JSON.stringify(ours),
    question,
    policies: 'shipped',
  };
  return { compared, said, difference };
}

/** A person or an agent of acme who asks for the tool in circumstances around what the policies look at. */
function writeQuestion(tool: ToolFacts, known: Constants, random: Random): Question {
  const agent = random.chance(0.5) ? random.pick(AGENTS) : undefined;
  const questions = buildQuestions({
    subject: {
      ...{ human: 'person@acme', tenant: 'acme', session: 'ses_1', chain: [] },
      roles: ROLES.filter(() => random.chance(0.3)),
      ...(agent === undefined ? {} : { agent }),
    },
    tool,
    tenant: random.chance(0.95) ? 'acme' : 'globex',
    targets:
      tool.targets === 'none'
        ? []
        : [{ device: 'br2_edge', role: random.pick(['edge', 'hub', 'controller']), site: 'br2' }],
    input: sampleInput(tool),
    purpose: { id: 'inc_1', kind: random.pick(['incident', 'schedule', 'chat', 'none']), open: random.chance(0.8) },
    now: random.below(2 ** 41),
    risk: random.chance(0.6)
      ? random.below(60)
      : random.pick(known.longs.filter((value) => value >= 0 && value <= 101)),
  });
  const question = random.pick(questions);
  return structuredClone(question);
}

/** Changes up to three places of the question. */
function disturb(question: Question, known: Constants, random: Random): Question {
  const changed = structuredClone(question) as unknown as Tree;
  for (let left = random.below(4); left > 0; left -= 1) {
    const places = listPlaces(changed, []).filter((path) => path.length > 1 || random.chance(0.1));
    const path = random.pick(places);
    const parent = path.slice(0, -1).reduce<unknown>((node, name) => (node as Tree)[name], changed) as Tree;
    const name = path.at(-1) ?? '';
    if (random.chance(0.1) && path[0] === 'context') delete parent[name];
    else parent[name] = disturbValue(parent[name], known, random);
  }
  return changed as unknown as Question;
}

function listPlaces(node: unknown, path: readonly string[]): (readonly string[])[] {
  if (typeof node !== 'object' || node === null) return [path];
  return [...Object.entries(node).flatMap(([name, child]) => listPlaces(child, [...path, name]))];
}

function disturbValue(value: unknown, known: Constants, random: Random): unknown {
  if (random.chance(0.08)) return random.pick<unknown>([1, 'x', true, [], {}, ['x']]);
  if (typeof value === 'number') return random.pick(known.longs);
  if (typeof value === 'boolean') return !value;
  if (typeof value === 'string') return random.pick(known.strings);
  return value;
}
