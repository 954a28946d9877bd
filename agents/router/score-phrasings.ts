/** Scores the router on phrasings from outside: JSON lines of a text, the talk before it, and what must come of it. Pure. */
import { z } from 'zod';
import type { AgentName } from '../../broker/contract.ts';
import { AGENTS } from '../../broker/contract.ts';
import type { Inventory } from '../inventory.ts';
import { APPLICATIONS } from './lexicon-names.ts';
import type { Entity, NameIndex } from './name-index.ts';
import { indexNames, lastPart } from './name-index.ts';
import type { Reading } from './reading.ts';
import { routeText } from './route.ts';
import { toKey } from './words.ts';

const MAX_ENTITIES = 200;
const MAX_TURNS = 50;

/** Other spellings and the names of the roles in plain words. */
const AGENT_WORDS: { readonly [word: string]: AgentName } = {
  ...Object.fromEntries(AGENTS.map((name) => [toKey(name), name])),
  none: 'router',
  clarify: 'router',
  health: 'health-monitor',
  threat: 'threat-watcher',
  security: 'threat-watcher',
  experience: 'experience-optimizer',
  experienceoptimiser: 'experience-optimizer',
  compliance: 'compliance-auditor',
};

const agent = z.string().transform((text, context): AgentName => {
  const found = AGENT_WORDS[toKey(text)];
  if (found !== undefined) return found;
  context.addIssue({
    code: 'custom',
    message: `${JSON.stringify(text.slice(0, 40))} is no agent: give one of ${AGENTS.join(', ')}`,
  });
  return z.NEVER;
});
const name = z.union([z.string().max(300), z.number().transform(String)]);
const named = z.looseObject({
  name: name.optional(),
  id: name.optional(),
  value: name.optional(),
  resource: name.optional(),
});
/** `["br2", "application/erp"]`, `[{"kind": "site", "name": "br2"}]` or `{"site": "br2", "applications": ["erp"]}`. */
const entities = z
  .union([
    z
      .array(z.union([name, named]))
      .max(MAX_ENTITIES)
      .transform((all) =>
        all.map((one) => (typeof one === 'string' ? one : (one.name ?? one.resource ?? one.id ?? one.value ?? ''))),
      ),
    z
      .record(z.string(), z.union([name, z.array(name).max(MAX_ENTITIES), z.null()]))
      .transform((table) => Object.values(table).flatMap((one) => (one === null ? [] : one))),
  ])
  .default([]);
const expectation = z.object({ agent, entities, ask: z.boolean().optional() });

const turn = z.union([
  z.string(),
  z.looseObject({
    text: z.string().optional(),
    content: z.string().optional(),
    question: z.string().optional(),
    role: z.string().optional(),
  }),
]);
const context = z
  .union([
    turn,
    z.array(turn).max(MAX_TURNS),
    z.looseObject({ turns: z.array(turn).max(MAX_TURNS) }),
    z.looseObject({ history: z.array(turn).max(MAX_TURNS) }),
    z.null(),
  ])
  .optional()
  .transform((given) => {
    if (given === undefined || given === null) return [];
    const inner =
      typeof given === 'object' && 'turns' in given
        ? given.turns
        : typeof given === 'object' && 'history' in given
          ? given.history
          : given;
    const parsed = z.array(turn).safeParse(Array.isArray(inner) ? inner : [inner]);
    return (parsed.data ?? []).flatMap((one) => {
      if (typeof one === 'string') return [one];
      // What was answered is no question.
      if (one.role !== undefined && !['user', 'human', 'operator'].includes(one.role)) return [];
      return [one.text ?? one.content ?? one.question ?? ''];
    });
  });

const phrasing = z.object({
  id: z.string().optional(),
  text: z.string(),
  context,
  /** Network that the text speaks of; the one of the run when it is not said. */
  network: z.string().optional(),
  expect: z.union([expectation.transform((one) => [one]), z.array(expectation).min(1).max(5)]),
});
export type Phrasing = z.infer<typeof phrasing>;

export interface LineError {
  readonly line: number;
  readonly message: string;
}

/** Longest file and line that are read. */
export const MAX_BYTES = 20_000_000;
const MAX_LINE = 2_000_000;

/** Parses JSON lines; empty ones are skipped, each bad one is named. */
export function parsePhrasings(text: string): {
  readonly phrasings: readonly (Phrasing & { readonly line: number })[];
  readonly errors: readonly LineError[];
} {
  const phrasings: (Phrasing & { line: number })[] = [];
  const errors: LineError[] = [];
  text.split(/\r?\n/).forEach((content, at) => {
    const line = at + 1;
    if (content.trim() === '') return;
    if (content.length > MAX_LINE) {
      errors.push({ line, message: `longer than ${MAX_LINE} characters` });
      return;
    }
    let json: unknown;
    try {
      json = JSON.parse(content);
    } catch (error) {
      errors.push({ line, message: `is no JSON: ${error instanceof Error ? error.message.slice(0, 120) : ''}` });
      return;
    }
    const parsed = phrasing.safeParse(json);
    if (parsed.success) phrasings.push({ line, ...parsed.data });
    else {
      const issue = parsed.error.issues[0];
      errors.push({ line, message: `${issue?.path.join('.') || 'the line'}: ${describe(issue)}` });
    }
  });
  return { phrasings, errors };
}

/** The first complaint inside of a union says more than "invalid input". */
function describe(issue: z.core.$ZodIssue | undefined): string {
  if (issue?.code === 'invalid_union') {
    const inner = issue.errors.flat().find((one) => one.code === 'custom') ?? issue.errors.flat()[0];
    if (inner) return `${inner.path.join('.')}${inner.path.length > 0 ? ': ' : ''}${inner.message}`;
  }
  return issue?.message ?? 'is not understood';
}

/** One thing in the form in which things are compared: a device that is alone at its site is that site. */
function canonical(text: string, index: NameIndex): { readonly kind: string; readonly name: string } {
  const [, prefix, rest] = /^([a-z]+)[/:](.+)$/i.exec(text) ?? [undefined, '', text];
  const raw = rest ?? text;
  const kind = prefix?.toLowerCase() ?? '';
  if (['tunnel', 'interface', 'circuit', 'session', 'transport', 'user', 'record'].includes(kind))
    return { kind, name: toKey(raw) };
  const application = Object.entries(APPLICATIONS).find(
    ([own, words]) => toKey(own) === toKey(raw) || words.some((word) => toKey(word) === toKey(raw)),
  );
  if (application && kind !== 'site' && kind !== 'node') return { kind: 'application', name: application[0] };
  const [found] = index.find(toKey(raw));
  if (found === undefined) return { kind: KINDS[kind] ?? kind, name: toKey(raw) };
  if (found.kind === 'device') {
    const own = lastPart(found.name);
    const site = index.inventory.devices.find((one) => one.name === own)?.site ?? '';
    const alone = (index.sites.get(site) ?? []).length === 1 && index.sites.get(site)?.[0] === own;
    return alone ? { kind: 'place', name: site } : { kind: 'place', name: own };
  }
  return { kind: found.kind === 'site' ? 'place' : found.kind, name: toKey(lastPart(found.name)) };
}
const KINDS: { readonly [kind: string]: string } = {
  site: 'place',
  device: 'place',
  node: 'place',
  app: 'application',
  service: 'application',
};

/**
 * True when all that is expected was found, and nothing else of the kinds that are expected. Where something leads to, and
 * what only follows from what was said, may be expected or not. An empty expectation means that no place was named.
 */
function sameEntities(expected: readonly string[], found: readonly Entity[], index: NameIndex): boolean {
  const want = expected.map((one) => canonical(one, index));
  const got = found.map((one) => ({ ...canonical(one.name, index), part: one.part }));
  const kinds = new Set(want.length === 0 ? ['place'] : want.map(({ kind }) => kind));
  // A circuit or a tunnel of a colour is also that colour.
  for (const one of found) {
    const color = /^(?:circuit\/[^/]+\/|transport\/|tunnel\/[^:]+:)([a-z-]+?)(?:--|$)/.exec(one.name)?.[1];
    if (color !== undefined) got.push({ kind: 'transport', name: toKey(color), part: 'implied' });
  }
  const has = (list: readonly { readonly name: string }[], own: string): boolean =>
    list.some((one) => one.name === own);
  return (
    want.every((one) => has(got, one.name)) &&
    got.every((one) => one.part !== 'subject' || !kinds.has(one.kind) || has(want, one.name))
  );
}

export interface ScoredCase {
  readonly line: number;
  readonly id?: string | undefined;
  readonly text: string;
  readonly expect: Phrasing['expect'];
  readonly got: readonly {
    readonly agent: AgentName;
    readonly entities: readonly string[];
    readonly ask?: string | undefined;
    readonly because: readonly string[];
  }[];
  readonly agent: boolean;
  readonly entities: boolean;
  readonly right: boolean;
}

/** Routes a phrasing after its context and compares. `now` is epoch milliseconds. */
export function scorePhrasing(
  one: Phrasing & { readonly line: number },
  inventory: Inventory,
  now: number,
): ScoredCase {
  let before: Reading | undefined;
  for (const text of one.context) before = routeText(text, inventory, { before, now }).at(-1);
  const got = routeText(one.text, inventory, { before, now });
  const index = indexNames(inventory);
  const single = one.expect.length === 1 ? one.expect[0] : undefined;
  // One expectation speaks of the text as a whole.
  const isAgent = single
    ? got.every((reading) => reading.agent === single.agent)
    : got.length === one.expect.length && got.every((reading, at) => reading.agent === one.expect[at]?.agent);
  const isEntities = single
    ? sameEntities(
        single.entities,
        got.flatMap(({ entities: some }) => some),
        index,
      )
    : one.expect.every(({ entities: some }, at) => sameEntities(some, got[at]?.entities ?? [], index));
  const isAsk = one.expect.every(({ ask }, at) => ask === undefined || (got[at]?.ask !== undefined) === ask);
  // Which place was not understood is not compared when nothing is done with it.
  const silent = got.every((reading) => reading.agent === 'router');
  const isRight = isAgent && isAsk && (isEntities || (silent && (single?.entities.length ?? 0) === 0));
  return {
    line: one.line,
    ...(one.id === undefined ? {} : { id: one.id }),
    text: one.text,
    expect: one.expect,
    got: got.map(({ agent: who, entities: some, ask, because }) => ({
      agent: who,
      entities: some.map(({ name: own }) => own),
      ...(ask === undefined ? {} : { ask }),
      because,
    })),
    agent: isAgent,
    entities: isEntities,
    right: isRight,
  };
}

const share = (some: number, all: number): number => (all === 0 ? 1 : Math.round((10_000 * some) / all) / 10_000);

/** Accuracy of the run. */
export function summarisePhrasings(cases: readonly ScoredCase[]) {
  const byAgent = Object.fromEntries(
    AGENTS.flatMap((who) => {
      const some = cases.filter(({ expect }) => expect[0]?.agent === who);
      return some.length === 0
        ? []
        : [[who, { cases: some.length, accuracy: share(some.filter(({ right }) => right).length, some.length) }]];
    }),
  );
  const count = (test: (one: ScoredCase) => boolean): number => share(cases.filter(test).length, cases.length);
  return {
    cases: cases.length,
    accuracy: count(({ right }) => right),
    agent_accuracy: count(({ agent: ok }) => ok),
    entity_accuracy: count(({ entities: ok }) => ok),
    by_agent: byAgent,
  };
}
