/**
 * Explains a decision: the policies behind it, the attributes they look at with the values they had, and the smallest change
 * that would permit. Changes are taken from the constants of the conditions, and each is checked by deciding again.
 */
import { AGENTS, type Json, ROLES } from '../contract.ts';
import type { DecisionRequest } from '../ports.ts';
import { createJudge, type Judge, type Verdict } from './decision-point.ts';
import { buildQuestions } from './questions.ts';
import type { ActivePolicy, PolicyBundle } from './referee/messages.ts';

export interface Explanation extends Verdict {
  /** `context.risk` → 61: what the policies for this tool look at, as far as the request has it. */
  readonly attributes: readonly { readonly name: string; readonly value: Json }[];
  /** The smallest changes that would permit, each a list of steps; empty for a permit and where none was found. */
  readonly permitted: readonly (readonly string[])[];
}

/** A place that a condition reads, with the constants it is held against. */
interface Reading {
  readonly path: string;
  readonly constants: readonly Json[];
}

interface Edit {
  readonly says: string;
  /** Edits of one place exclude each other. */
  readonly place: string;
  readonly apply: (request: DecisionRequest) => DecisionRequest;
}

/** More than this many changes at once are no explanation. */
const MOST_STEPS = 3;
const MOST_TRIED = 60_000;
const MOST_SHOWN = 5;

export function explainDecision(
  request: DecisionRequest,
  policies: readonly ActivePolicy[],
  schema: PolicyBundle['schema'],
): Explanation {
  const judge = createJudge(policies, schema);
  const verdict = judge(request);
  const readings = policies.flatMap(({ parsed }) => readNode(parsed));
  return {
    ...verdict,
    attributes: valuesOf(readings, request),
    permitted: verdict.effect === 'permit' ? [] : findChanges(request, readings, judge),
  };
}

type Tree = { readonly [name: string]: Json };
const isTree = (json: Json | undefined): json is Tree =>
  typeof json === 'object' && json !== null && !Array.isArray(json);

function readNode(node: Json): readonly Reading[] {
  if (typeof node !== 'object' || node === null) return [];
  const path = pathOf(node);
  if (path !== undefined) return [{ path, constants: [] }];
  const { left, right } = isTree(node)
    ? ((Object.values(node).find((body) => isTree(body) && 'left' in body) as Tree | undefined) ?? {})
    : {};
  const compared = [
    [left, right],
    [right, left],
  ].flatMap(([place, other]) => {
    const read = place === undefined ? undefined : pathOf(place);
    return read === undefined || other === undefined ? [] : [{ path: read, constants: constantsOf(other) }];
  });
  return [...compared, ...Object.values(node as Tree).flatMap(readNode)];
}

/** `context.purpose.open` for the parsed form of it. */
function pathOf(node: Json): string | undefined {
  const get = isTree(node) ? node['.'] : undefined;
  if (!isTree(get) || typeof get['attr'] !== 'string') return undefined;
  const left = get['left'];
  const inner =
    isTree(left) && typeof left['Var'] === 'string' ? left['Var'] : left === undefined ? undefined : pathOf(left);
  return inner === undefined ? undefined : `${inner}.${get['attr']}`;
}

function constantsOf(node: Json): readonly Json[] {
  if (!isTree(node)) return [];
  if (Array.isArray(node['Set'])) return (node['Set'] as readonly Json[]).flatMap(constantsOf);
  const value = node['Value'];
  return value === undefined || isTree(value) ? [] : [value];
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

function findChanges(request: DecisionRequest, readings: readonly Reading[], judge: Judge): Explanation['permitted'] {
  const edits = listEdits(request, readings);
  let tried = 0;
  for (let steps = 1; steps <= MOST_STEPS; steps += 1) {
    const found: (readonly string[])[] = [];
    for (const chosen of choose(edits, steps)) {
      tried += 1;
      if (tried > MOST_TRIED) return found;
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

/** Circumstances first, then who asks: it is easier to wait for a window than to be somebody else. */
function listEdits(request: DecisionRequest, readings: readonly Reading[]): readonly Edit[] {
  const edits = new Map<string, Edit>();
  for (const { path, constants } of readings) {
    for (const edit of editPlace(path, constants, request)) edits.set(edit.says, edit);
  }
  const people: Edit[] = ROLES.filter((role) => !request.subject.roles.includes(role)).map((role) => ({
    ...{ says: `the person is ${role}`, place: 'role' },
    apply: (asked) => ({ ...asked, subject: { ...asked.subject, roles: [role] } }),
  }));
  const agents: Edit[] = AGENTS.filter(
    (agent) => request.subject.agent !== undefined && agent !== request.subject.agent,
  ).map((agent) => ({
    ...{ says: `the agent is ${agent}`, place: 'agent' },
    apply: (asked) => ({ ...asked, subject: { ...asked.subject, agent, chain: [agent, asked.subject.human] } }),
  }));
  const direct: Edit = {
    ...{ says: 'the person asks without an agent', place: 'agent' },
    apply: (asked) => {
      const { agent: _, ...subject } = asked.subject;
      return { ...asked, subject: { ...subject, chain: [subject.human] } };
    },
  };
  const own: Edit = {
    says: 'the target is of their own tenant',
    place: 'tenant',
    apply: (asked) => ({ ...asked, tenant: asked.subject.tenant }),
  };
  return [
    ...edits.values(),
    ...people,
    ...agents,
    ...(request.subject.agent === undefined ? [] : [direct]),
    ...(request.tenant === request.subject.tenant ? [] : [own]),
  ];
}

type Put = (value: Json) => (asked: DecisionRequest) => DecisionRequest;
const HOUR = 3_600_000;
const onTargets =
  (name: 'ladder' | 'role' | 'site' | 'criticality'): Put =>
  (value) =>
  (asked) => ({
    ...asked,
    targets: asked.targets.map((target) => ({ ...target, [name]: value })),
  });
/** What of a request a policy's path stands for, and how to write it. */
const PLACES: { readonly [path: string]: Put } = {
  'context.risk': (value) => (asked) => ({ ...asked, risk: Number(value) }),
  'context.now': (value) => (asked) => ({ ...asked, now: Number(value) * 1000 }),
  'context.hour': (value) => (asked) => ({
    ...asked,
    now: asked.now - (asked.now % (24 * HOUR)) + Number(value) * HOUR,
  }),
  'context.purpose.kind': (value) => (asked) => ({
    ...asked,
    purpose: { ...asked.purpose, kind: value as 'incident' },
  }),
  'context.purpose.open': (value) => (asked) => ({ ...asked, purpose: { ...asked.purpose, open: value === true } }),
  'resource.ladder': onTargets('ladder'),
  'resource.role': onTargets('role'),
  'resource.site': onTargets('site'),
  'resource.criticality': onTargets('criticality'),
};
const SETS = { 'context.taint': 'taint', 'context.windows': 'windows', 'context.unusual': 'unusual' } as const;

const textOf = (value: Json): string => (typeof value === 'string' ? value : JSON.stringify(value));

function editPlace(path: string, constants: readonly Json[], request: DecisionRequest): readonly Edit[] {
  const set = path in SETS ? SETS[path as keyof typeof SETS] : undefined;
  if (set !== undefined) {
    const given = request[set] ?? [];
    const empty: Edit = { says: `${path} is empty`, place: path, apply: (asked) => ({ ...asked, [set]: [] }) };
    const withOne = constants.map(
      (value): Edit => ({
        says: `${path} has ${textOf(value)}`,
        place: path,
        apply: (asked) => ({ ...asked, [set]: [...given, textOf(value)] }),
      }),
    );
    return [...(given.length > 0 ? [empty] : []), ...withOne];
  }
  const put = PLACES[path] ?? putInput(path);
  if (put === undefined) return [];
  const values = constants.flatMap((value): readonly Json[] =>
    typeof value === 'number' ? [value - 1, value, value + 1] : [value],
  );
  const all =
    path === 'context.purpose.open' ? [true] : path === 'resource.criticality' ? ['normal', ...values] : values;
  return all.map((value) => ({ says: `${path} is ${JSON.stringify(value)}`, place: path, apply: put(value) }));
}

/** `context.input.neighbor.asn`, at any depth. */
function putInput(path: string): Put | undefined {
  const [root, input, ...names] = path.split('.');
  if (root !== 'context' || input !== 'input' || names.length === 0) return undefined;
  const set = (node: Json | undefined, [name, ...rest]: readonly string[], value: Json): Json =>
    name === undefined
      ? value
      : { ...(isTree(node) ? node : {}), [name]: set(isTree(node) ? node[name] : undefined, rest, value) };
  return (value) => (asked) => {
    const written = set(asked.input, names, value);
    return isTree(written) ? { ...asked, input: written } : asked;
  };
}
