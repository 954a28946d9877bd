/** Changes of one circumstance of a request, taken from the constants that conditions hold it against: both sides of each edge. */
import { AGENTS, type Json, ROLES } from '../contract.ts';
import type { DecisionRequest } from '../ports.ts';
import { isTree, type Reading } from './readings.ts';

export interface Edit {
  readonly says: string;
  /** Edits of one place exclude each other. */
  readonly place: string;
  readonly apply: (request: DecisionRequest) => DecisionRequest;
}

/** Circumstances first, then who asks: it is easier to wait for a window than to be somebody else. */
export function listEdits(request: DecisionRequest, readings: readonly Reading[]): readonly Edit[] {
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
    ...editCircumstances(request, readings),
    ...people,
    ...agents,
    ...(request.subject.agent === undefined ? [] : [direct]),
    ...(request.tenant === request.subject.tenant ? [] : [own]),
  ];
}

/** Without those of who asks. */
export function editCircumstances(request: DecisionRequest, readings: readonly Reading[]): readonly Edit[] {
  const edits = new Map<string, Edit>();
  for (const { path, constants } of readings) {
    for (const edit of editPlace(path, constants, request)) edits.set(edit.says, edit);
  }
  return [...edits.values()];
}

type Put = (value: Json) => (asked: DecisionRequest) => DecisionRequest;
const HOUR = 3_600_000;
const onTargets =
  (name: 'device' | 'ladder' | 'role' | 'site' | 'criticality'): Put =>
  (value) =>
  (asked) => ({
    ...asked,
    targets: asked.targets.map((target) => ({ ...target, [name]: value })),
  });
/** So many of them: the last ones are left out, or the first is named again under other names. */
function countTo(targets: DecisionRequest['targets'], count: number): DecisionRequest['targets'] {
  const [first] = targets;
  if (first === undefined || count < 1 || count > 1000) return targets;
  const more = Array.from({ length: Math.max(0, count - targets.length) }, (_, n) => ({
    ...first,
    device: `${first.device}-${n + 2}`,
  }));
  return [...targets.slice(0, count), ...more];
}

/** What of a request a policy's path stands for, and how to write it. */
const PLACES: { readonly [path: string]: Put } = {
  'context.risk': (value) => (asked) => ({ ...asked, risk: Number(value) }),
  'context.now': (value) => (asked) => ({ ...asked, now: Number(value) * 1000 }),
  'context.hour': (value) => (asked) => ({
    ...asked,
    now: asked.now - (asked.now % (24 * HOUR)) + Number(value) * HOUR,
  }),
  'context.weekday': (value) => (asked) => ({
    ...asked,
    now: asked.now + ((Number(value) - (new Date(asked.now).getUTCDay() || 7) + 7) % 7) * 24 * HOUR,
  }),
  'context.targetCount': (value) => (asked) => ({ ...asked, targets: countTo(asked.targets, Number(value)) }),
  'context.purpose.id': (value) => (asked) => ({ ...asked, purpose: { ...asked.purpose, id: textOf(value) } }),
  'context.purpose.kind': (value) => (asked) => ({
    ...asked,
    purpose: { ...asked.purpose, kind: value as 'incident' },
  }),
  'context.purpose.open': (value) => (asked) => ({ ...asked, purpose: { ...asked.purpose, open: value === true } }),
  'resource.name': onTargets('device'),
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
